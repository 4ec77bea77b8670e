import type { Embedder } from "../../text/embedder.ts";
import type { StoreContext } from "../entries/context.ts";
import type { FusedHit } from "./fusion.ts";
import type { ReembedProgress } from "../vectors/reembedding.ts";
import { answerHits, type MemoryHit } from "./search-answer.ts";
import { textHits, type TextHits } from "./search-arms.ts";
import { checkSearch, type SearchMode, type SearchRequest } from "./search-request.ts";
import { conditionOf, type Selection } from "../entries/selection.ts";

/** What a search found, best first, and how it looked. */
export interface SearchResult {
  readonly hits: MemoryHit[];
  /** How it looked: what `auto` has come to. */
  readonly mode: Exclude<SearchMode, "auto">;
  /** What turned texts into vectors: `kind` says whether closeness means letters or meaning. */
  readonly embedder: { readonly id: string; readonly kind: Embedder["kind"] };
  /** Tokens of all values, by estimate. */
  readonly tokens: number;
  /** Hits that were left out for not fitting `maxTokens`. */
  readonly omitted: number;
  /**
   * While the store is embedded again: entries that are not done yet are found by their words alone.
   */
  readonly reembedding?: ReembedProgress;
  /**
   * Why vectors were not asked, where they were to be: the embedder does not answer. What is there was
   * found by words alone, and `mode` says so.
   */
  readonly vectorError?: string;
  /** Entries written while it did not answer, which are found by their words alone until it does. */
  readonly unembedded?: number;
}

/**
 * The entries that a request asks for.
 * @throws {StigmergyError} INVALID_INPUT or TOO_LARGE for the request; EMBEDDER_MISMATCH; EMBEDDER_FAILED
 * where vectors alone are asked
 */
export async function searchMemory(
  context: StoreContext,
  request: SearchRequest,
): Promise<SearchResult> {
  const asked = checkSearch(request);
  const { query, mode, limit, threshold } = asked;
  const { state, audit } = context;
  state.refresh();
  const { namespace } = asked.selection;
  const selection = { ...asked.selection, readable: readableIn(context, namespace) };
  const { id, kind } = context.embedder;
  const { found, vectorError }: TextHits =
    mode === "glob"
      ? { found: globHits(context, query, selection, limit) }
      : await textHits(context, query, selection, limit, mode);
  const likely = found.filter(({ score }) => score >= threshold);
  const answer = await answerHits(context, likely, asked);
  // What came back of sealed namespaces was read; so was one that was named.
  const namespaces = new Set(answer.hits.map((hit) => hit.namespace));
  if (namespace !== undefined) namespaces.add(namespace);
  for (const each of namespaces) {
    const count = answer.hits.filter((hit) => hit.namespace === each).length;
    audit.note({ action: "search", outcome: "done", namespace: each, detail: `${count} hits` });
  }
  const reembedding = context.reembedding.progress();
  const usesVectors = vectorError === undefined && (mode === "hybrid" || mode === "semantic");
  const unembedded = usesVectors ? context.late.count() : 0;
  return {
    ...answer,
    mode: vectorError === undefined ? mode : "lexical",
    embedder: { id, kind },
    ...(vectorError === undefined ? {} : { vectorError }),
    ...(unembedded === 0 ? {} : { unembedded }),
    ...(reembedding === undefined ? {} : { reembedding }),
  };
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
  return rows.map(({ id }) => ({ id: id as number, rank: 1, score: 1, why: { key: 1 } }));
}
