import {
  checkCount,
  checkMoment,
  checkNamespace,
  checkQuery,
  checkRequest,
  checkTags,
  LIMITS,
} from "../security/limits.ts";
import { StigmergyError } from "../errors.ts";
import { embedTexts, type Embedder } from "../text/embedder.ts";
import type { StoreContext } from "./context.ts";
import { ENTRY_COLUMNS, type Entry, type Provenance } from "./entry.ts";
import { byVector, byWords, fuse, type FusedHit, type Why } from "./fusion.ts";
import { searchWords, type LexicalHit } from "./lexical.ts";
import { checkProvenance } from "./requests.ts";
import { conditionOf, isKeyPattern, type Selection } from "./selection.ts";
import type { Group } from "./vector-mirror.ts";

/** How a search looks. `auto` is `glob` for a key pattern and `hybrid` for any other text. */
export type SearchMode = "auto" | "glob" | "lexical" | "semantic" | "hybrid";

/** What a search asks for. */
export interface SearchRequest {
  /** Text to look for, or a key pattern; up to 4,096 characters. */
  readonly query: string;
  /** Where to look; default everywhere. */
  readonly namespace?: string | undefined;
  /** Most hits, 1 to 1,000; default 10. */
  readonly limit?: number | undefined;
  /** Default `auto`. */
  readonly mode?: SearchMode | undefined;
  /** Only entries that have all of these tags. */
  readonly tags?: readonly string[] | undefined;
  /** Only entries said at this moment or later, in milliseconds since 1970. */
  readonly since?: number | undefined;
  /** Only entries of one of these origins. */
  readonly provenance?: readonly Provenance[] | undefined;
  /** Only hits with at least this score, 0 to 1; default 0. */
  readonly threshold?: number | undefined;
}

/** An entry that a search found. */
export interface MemoryHit extends Entry {
  /** 0 to 1; comparable within one search. */
  readonly score: number;
  readonly why: Why;
}

/** What a search found, best first, and how it looked. */
export interface SearchResult {
  readonly hits: MemoryHit[];
  readonly mode: Exclude<SearchMode, "auto">;
  /** What turned texts into vectors: `kind` says whether closeness means letters or meaning. */
  readonly embedder: { readonly id: string; readonly kind: Embedder["kind"] };
}

const MODES: readonly SearchMode[] = ["auto", "glob", "lexical", "semantic", "hybrid"];
const CANDIDATES = 100; // of each arm

/**
 * The entries that a request asks for.
 * @throws {StigmergyError} INVALID_INPUT or TOO_LARGE for the request; EMBEDDER_MISMATCH
 */
export async function searchMemory(
  context: StoreContext,
  request: SearchRequest,
): Promise<SearchResult> {
  const { query, limit, mode, threshold, ...asked } = checkFields(checkRequest("search", request));
  const { state, audit } = context;
  state.refresh();
  const { namespace } = asked;
  const selection: Selection = { ...asked, readable: readableIn(context, namespace) };
  const { id, kind } = context.embedder;
  const found =
    mode === "glob"
      ? globHits(context, query, selection, limit)
      : await textHits(context, query, selection, Math.max(limit, CANDIDATES), mode);
  const hits = readEntries(
    context,
    found.filter(({ score }) => score >= threshold),
    limit,
  );
  // What came back of sealed namespaces was read; so was one that was named.
  const namespaces = new Set(hits.map((hit) => hit.namespace));
  if (namespace !== undefined) namespaces.add(namespace);
  for (const each of namespaces) {
    const count = hits.filter((hit) => hit.namespace === each).length;
    audit.note({ action: "search", outcome: "done", namespace: each, detail: `${count} hits` });
  }
  return { hits, mode, embedder: { id, kind } };
}

/** The patterns of namespaces to look through; undefined where nothing is forbidden. */
function readableIn({ state, audit }: StoreContext, namespace: string | undefined) {
  const { access } = state;
  if (namespace === undefined) return access.patterns("read");
  try {
    access.assert("read", namespace);
  } catch (error) {
    audit.note({ action: "search", outcome: "refused", namespace });
    throw error;
  }
  return undefined;
}

function checkFields(request: SearchRequest) {
  const { namespace, tags, since, provenance } = request;
  const { limit = 10, mode = "auto", threshold = 0 } = request;
  const query = checkQuery(request.query);
  if (!MODES.includes(mode)) {
    throw new StigmergyError(
      "INVALID_INPUT",
      `mode: expected ${MODES.join(", ")}, received ${String(mode)}`,
    );
  }
  if (!(threshold >= 0 && threshold <= 1)) {
    throw new StigmergyError(
      "INVALID_INPUT",
      `threshold: expected a number from 0 to 1, received ${String(threshold)}`,
    );
  }
  const chosen: SearchResult["mode"] =
    mode === "auto" ? (isKeyPattern(query) ? "glob" : "hybrid") : mode;
  return {
    query,
    threshold,
    mode: chosen,
    limit: checkCount("limit", limit, 1, LIMITS.searchHits),
    namespace: namespace === undefined ? undefined : checkNamespace(namespace),
    tags: tags === undefined ? undefined : checkTags(tags),
    since: since === undefined ? undefined : checkMoment("since", since),
    provenance: provenance === undefined ? undefined : checkProvenances(provenance),
  };
}

function checkProvenances(provenances: unknown): Provenance[] {
  if (Array.isArray(provenances)) return provenances.map((each) => checkProvenance(each));
  throw new StigmergyError(
    "INVALID_INPUT",
    `provenance: expected a list, received ${typeof provenances}`,
  );
}

/** Entries whose key matches, the latest written first. */
function globHits(
  { database }: StoreContext,
  pattern: string,
  selection: Selection,
  limit: number,
): FusedHit[] {
  const { text, values } = conditionOf({ ...selection, pattern }, Date.now());
  const rows = database.read(() =>
    database
      .sql(`SELECT id FROM entries WHERE ${text} ORDER BY updated_at DESC, id DESC LIMIT ?`)
      .all(...values, limit),
  );
  return rows.map(({ id }) => ({ id: id as number, score: 1, why: { key: 1 } }));
}

async function textHits(
  context: StoreContext,
  query: string,
  selection: Selection,
  candidates: number,
  mode: "lexical" | "semantic" | "hybrid",
): Promise<FusedHit[]> {
  const { mirror, embedder } = context;
  const words = mode === "semantic" ? [] : await wordHits(context, query, selection, candidates);
  if (mode === "lexical") return byWords(words);

  const vector = await embedTexts(embedder, [query]);
  // A text without anything to embed, as "!!", is close to nothing.
  if (vector.every((value) => value === 0)) return mode === "semantic" ? [] : byWords(words);
  const group = groupOf(context, selection);
  const allowed = narrows(selection) ? selectedIds(context, selection) : undefined;
  const near = await mirror.search(vector, candidates, group, allowed);
  const { floor = 0 } = embedder;
  if (mode === "semantic") return byVector(near, floor);

  // What was found by its words is scored by its vector too, however far it is.
  const nearIds = new Set(near.map(({ id }) => id));
  const missing = new Set(words.map(({ id }) => id).filter((id) => !nearIds.has(id)));
  if (missing.size === 0) return fuse(words, near, floor);
  const rest = await mirror.search(vector, missing.size, group, missing);
  return fuse(words, [...near, ...rest], floor);
}

async function wordHits(
  { database, words, sealedWords, keys }: StoreContext,
  query: string,
  selection: Selection,
  candidates: number,
): Promise<LexicalHit[]> {
  await words.catchUp();
  const hasSealed = await sealedWords.catchUp(keys.ring !== undefined);
  return database.read(() =>
    searchWords(database, query, selection, Date.now(), candidates, hasSealed),
  );
}

/** The part of the memory that is looked through, when it is not all of it. */
function groupOf({ state }: StoreContext, { namespace, readable }: Selection): Group | undefined {
  if (namespace !== undefined) {
    const holds = (other: string): boolean => other === namespace;
    return { name: `=${namespace}`, selection: { namespace }, holds };
  }
  if (readable === undefined) return undefined;
  const { access } = state;
  const holds = (other: string): boolean => access.allows("read", other);
  return { name: `*${readable.join("\0")}`, selection: { readable }, holds };
}

function narrows({ tags = [], since, provenance }: Selection): boolean {
  return tags.length > 0 || since !== undefined || provenance !== undefined;
}

function selectedIds({ database }: StoreContext, selection: Selection): Set<number> {
  const { text, values } = conditionOf(selection, Date.now());
  const rows = database.read(() =>
    database.sql(`SELECT id FROM entries WHERE ${text}`).all(...values),
  );
  return new Set(rows.map(({ id }) => id as number));
}

/** The entries of the best `limit` hits; one that expired or went meanwhile is passed over. */
function readEntries(
  { database, accesses, codec }: StoreContext,
  found: readonly FusedHit[],
  limit: number,
): MemoryHit[] {
  return database.read(() => {
    const statement = database.sql(
      `SELECT ${ENTRY_COLUMNS} FROM entries
       WHERE id = ? AND (expires_at IS NULL OR expires_at > ?)`,
    );
    const now = Date.now();
    const hits: MemoryHit[] = [];
    for (const { id, score, why } of found) {
      if (hits.length === limit) break;
      const row = statement.get(id, now);
      if (row !== undefined) hits.push({ ...accesses.counted(codec.entryOf(row)), score, why });
    }
    return hits;
  });
}
