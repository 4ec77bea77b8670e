import type { Pool } from "../../pool/pool.ts";
import { checkValues } from "../engine/checks.ts";
import type { Hits, SearchWork } from "../engine/engine.ts";
import type { SlotBits } from "./filter.ts";
import type { RowLayout } from "../segment/layout.ts";
import { mergeHits } from "./merge.ts";
import { microsecondsOf, type Plan } from "./planner.ts";
import { searchWider, scanOnPool } from "./pool-scan.ts";
import type { Segment } from "../segment/segment.ts";
import { searchShared } from "./shared-search.ts";

// A query that takes longer is for threads alone: the calling one is to have its turns.
const MOST_SHARED_US = 3000;
// Rows of f32 that do not stay in cache are read once for many queries, which threads do better.
const MOST_SHARED_ROWS_US = 500;

/** Rows of one segment that a search looks at: those of a moment. */
export interface SearchPlace {
  readonly segment: Segment;
  /** The rows that count, a bit for each slot below `end`. */
  readonly visible: SlotBits;
  /** How many bits of `visible` are set. */
  readonly matches: number;
  readonly end: number;
  readonly plan: Plan;
  /** Most answers of a query here. */
  readonly k: number;
}

type Asked = Pick<SearchPlace, "segment" | "plan" | "matches" | "k">;

/** A search of many queries over segments, by this thread and others. */
export interface ManySearch {
  /** The threads, when they have started. */
  readonly pool: Pool | undefined;
  startPool(): Promise<Pool>;
  readonly layout: RowLayout;
  readonly places: readonly SearchPlace[];
  /** f32[count × dim], row-major. */
  readonly queries: Float32Array;
  readonly k: number;
  readonly signal: AbortSignal | undefined;
  /** Is told what was looked at. */
  note(work: SearchWork): void;
}

/** About how many microseconds one query takes on one thread. */
export function queryMicroseconds(places: readonly Asked[]): number {
  return places.reduce((sum, place) => sum + microsecondsAt(place), 0);
}

/** Answers every query. */
export async function searchMany(search: ManySearch): Promise<Hits[]> {
  const { places, k, queries, layout } = search;
  const marks = places.map(({ segment }) => segment.heap.usedBytes);
  const release = (): void => {
    places.forEach(({ segment }, i) => segment.heap.release(marks[i]));
  };
  const answers = new Map<SearchPlace, Hits[]>();
  const shared = places.filter(isShared);
  const others = places.filter((place) => !shared.includes(place));
  try {
    if (shared.length > 0) {
      const { found, short } = await searchShared(search, shared);
      shared.forEach((place, i) => answers.set(place, found[i]));
      release();
      for (const [place, its] of short) {
        if (its.length === 0) continue;
        const wider = await searchWider(search, place, its);
        its.forEach((query, i) => (answers.get(place)![query] = wider[i]));
        release();
      }
    }
    if (others.length > 0) {
      if (shared.length === 0) {
        checkValues(
          "queries",
          queries,
          [0, queries.length / layout.dim],
          layout.dim,
          layout.metric,
        );
      }
      const found = await scanOnPool(search, others);
      others.forEach((place, i) => answers.set(place, found[i]));
    }
  } finally {
    release();
  }
  const inOrder = places.map((place) => answers.get(place) ?? []);
  if (inOrder.length === 1) return inOrder[0];
  const count = queries.length / layout.dim;
  return Array.from({ length: count }, (_, q) =>
    mergeHits(
      inOrder.map((its) => its[q]),
      k,
    ),
  );
}

function isShared(place: SearchPlace): boolean {
  const { by } = place.plan;
  if (by === "graph") return true;
  return microsecondsAt(place) <= (by === "rows" ? MOST_SHARED_ROWS_US : MOST_SHARED_US);
}

function microsecondsAt({ segment, plan, matches, k }: Asked): number {
  return microsecondsOf(segment, plan, matches, k);
}
