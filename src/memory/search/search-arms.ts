import { namedTimes } from "../../text/dates.ts";
import { EmbedderError } from "../../text/embedder.ts";
import type { StoreContext } from "../entries/context.ts";
import { fileHits } from "./file-words.ts";
import { fuse, type Arms, type FusedHit } from "./fusion.ts";
import { conditionOf, type Group, type Selection } from "../entries/selection.ts";
import type { SlotFilter, WordAnswer } from "../words/word-scorer.ts";
import type { VectorView } from "../vectors/vector-view.ts";
import type { WordView } from "../words/word-mirror.ts";
import type { Readable } from "../words/word-statistics.ts";
import { REACH } from "../words/session-order.ts";

/** Hits that each arm is asked for: more change hardly any order. */
const CANDIDATES = 100;

/** What a text found, and why vectors were not asked where they were to be. */
export interface TextHits {
  readonly found: FusedHit[];
  readonly vectorError?: string;
}

/**
 * The entries that a text is about, best first. While the embedder does not answer those that are to be
 * found by both are found by their words.
 * @throws {EmbedderError} while it does not, where vectors alone are asked
 */
export async function textHits(
  context: StoreContext,
  query: string,
  selection: Selection,
  limit: number,
  mode: "lexical" | "semantic" | "hybrid",
): Promise<TextHits> {
  if (mode === "lexical") return { found: await armHits(context, query, selection, limit, mode) };
  let [vectors, vector]: [VectorView?, Float32Array?] = [];
  try {
    // One that never answered has to, before it is known how long the vectors are.
    if (context.embedder.dim === 0) await context.asked.embed(context.embedder, [query]);
    vectors = await context.mirror.view();
    vector = await context.asked.embed(vectors.embedder, [query]);
  } catch (error) {
    if (mode === "semantic" || !(error instanceof EmbedderError)) throw error;
    const found = await armHits(context, query, selection, limit, "lexical");
    return { found, vectorError: error.message };
  }
  await context.late.some();
  return { found: await armHits(context, query, selection, limit, mode, { vectors, vector }) };
}

/** The query's vector, and what it is compared with. */
interface VectorArm {
  readonly vectors: VectorView;
  readonly vector: Float32Array;
}

async function armHits(
  context: StoreContext,
  query: string,
  selection: Selection,
  limit: number,
  mode: "lexical" | "semantic" | "hybrid",
  { vectors, vector }: Partial<VectorArm> = {},
): Promise<FusedHit[]> {
  const { ranking } = context;
  const k = Math.max(limit, CANDIDATES);
  const ids = narrows(selection) ? selectedIds(context, selection) : undefined;
  const group = groupOf(context, selection);

  // A text without anything to embed, as "!!", is close to nothing.
  const isEmbedded = vector !== undefined && vector.some((value) => value !== 0);
  const near = vectors && isEmbedded ? await vectors.search(vector, k, group, ids) : [];
  const cosines = new Map(near.map(({ id, cosine }) => [id, cosine]));

  const wordMirror = await context.wordMirror.get();
  let view = await wordMirror.current();
  if (view === undefined) {
    await wordMirror.giveTurn();
    view = await wordMirror.current();
  }
  if (view === undefined) {
    return fileHits(context, query, selection, k, mode, vector === undefined ? undefined : cosines);
  }
  // From here to the end of `search` nothing else runs: the scorer is one for all searches.
  const isAllowed = slotFilter(view, group, ids);
  view.scorer.weighBy(readableBy(context));
  const words =
    mode === "semantic"
      ? undefined
      : view.scorer.search(query, ranking, k, isAllowed, [...cosines.keys()]);

  // What was found by its words is scored by its vector too, however far it is.
  if (vectors && isEmbedded) {
    const missing = missingVectors(view, words, cosines, isAllowed);
    if (missing.size > 0) {
      const rest = await vectors.search(vector, missing.size, undefined, missing);
      for (const { id, cosine } of rest) cosines.set(id, cosine);
    }
  }
  const arms: Arms = {
    words,
    cosines: vector === undefined ? undefined : cosines,
    floor: context.embedder.floor ?? 0,
    coverageOf: (id) => (words === undefined ? 0 : view.scorer.coverageOf(id, words.query)),
    lent: lender(context, view, cosines, isAllowed),
    isInTime: timeFilter(view, query),
  };
  return fuse(arms, ranking);
}

/** Entries whose cosine counts and is not known: found by words, or neighbors of what was found. */
function missingVectors(
  { table, scorer }: WordView,
  words: WordAnswer | undefined,
  cosines: ReadonlyMap<number, number>,
  isAllowed: SlotFilter,
): Set<number> {
  const found = [...(words?.hits ?? []).map(({ id }) => id), ...cosines.keys()];
  const missing = new Set(found.filter((id) => !cosines.has(id)));
  for (const id of found) {
    const slot = table.slotOf(id);
    if (slot === undefined) continue;
    scorer.sessions.around(slot, REACH, (neighbor) => {
      const other = table.ids[neighbor];
      if (!cosines.has(other) && isAllowed(neighbor)) missing.add(other);
    });
  }
  return missing;
}

/** What neighbors in a session lend the cosine of an entry. */
function lender(
  { ranking, embedder }: StoreContext,
  { table, scorer }: WordView,
  cosines: ReadonlyMap<number, number>,
  isAllowed: SlotFilter,
): Arms["lent"] {
  const shares = [0, ranking.neighbors, ranking.nextNeighbors];
  const { floor = 0 } = embedder;
  return (id) => {
    const slot = table.slotOf(id);
    if (slot === undefined) return 0;
    let lent = 0;
    scorer.sessions.around(slot, REACH, (neighbor, distance) => {
      const cosine = cosines.get(table.ids[neighbor]) ?? 0;
      if (cosine > floor && isAllowed(neighbor)) lent += shares[Math.abs(distance)] * cosine;
    });
    return lent;
  };
}

function slotFilter(
  { table }: WordView,
  group: Group | undefined,
  ids: ReadonlySet<number> | undefined,
): SlotFilter {
  const now = Date.now();
  const namespaces = Uint8Array.from(table.namespaces.list, (name) =>
    group === undefined || group.holds(name) ? 1 : 0,
  );
  return (slot) =>
    table.isLive[slot] === 1 &&
    namespaces[table.namespaceOf[slot]] === 1 &&
    table.expires[slot] > now &&
    (ids === undefined || ids.has(table.ids[slot]));
}

function timeFilter({ table }: WordView, query: string): Arms["isInTime"] {
  const times = namedTimes(query, Date.now());
  if (times.length === 0) return () => false;
  return (id) => {
    const slot = table.slotOf(id);
    if (slot === undefined) return false;
    const at = table.at[slot];
    return times.some(({ from, to }) => at >= from && at < to);
  };
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

/** What the agent may read, when it is not all of the memory. */
function readableBy({ state: { access } }: StoreContext): Readable | undefined {
  const patterns = access.patterns("read");
  if (patterns === undefined) return undefined;
  return {
    name: `*${patterns.join("\0")}`,
    holds: (namespace) => access.allows("read", namespace),
  };
}

function narrows(selection: Selection): boolean {
  const { tags = [], agent, session, since, until, provenance } = selection;
  return (
    tags.length > 0 || [agent, session, since, until, provenance].some((each) => each !== undefined)
  );
}

function selectedIds({ database }: StoreContext, selection: Selection): Set<number> {
  const { text, values } = conditionOf(selection, Date.now());
  const rows = database.read(() =>
    database.sql(`SELECT id FROM entries WHERE ${text}`).all(...values),
  );
  return new Set(rows.map(({ id }) => id as number));
}
