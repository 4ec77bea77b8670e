import type { Pool } from "../../pool/pool.ts";
import { flat } from "../../wasm/vectors/codes.ts";
import { layOutScratch, type ScanScratch } from "../../wasm/vectors/scan.ts";
import { scaleFor } from "../segment/augmentation.ts";
import { LONGEST_DEFAULT } from "./calibration.ts";
import {
  flatMicroseconds,
  scanMicroseconds,
  walkMicroseconds,
  type FlatWork,
} from "../search/costs.ts";
import { slotsOf, type SlotBits } from "../search/filter.ts";
import { scratchSizes, type RowLayout } from "../segment/layout.ts";
import type { Plan } from "../search/planner.ts";
import { jobOf, SIGMAS, visibleOnHeap } from "../search/segment-search.ts";
import type { Segment } from "../segment/segment.ts";
import { spread } from "../segment/spread.ts";

const QUERIES = 64;
const AT_ONCE = 16; // queries of one job: searches on threads wait so long
const K = 10;
/** Nearest that a row's surroundings are told by. */
const SURROUNDINGS = 2048;

// How long a beam is wanted: as many keys as there are rows that codes can't tell from the tenth nearest, which are those
// not farther than that by some standard deviations of a code of one bit (2.6 of 1.5 / √dim of a squared distance, or by
// 0.27 of it where values are few and lists have four). Of a beam for all the harder rows want more, so both their mean and
// what nine of ten want count. Where few rows belong together, lists of cells hold them all, and a part of those is enough.
// Fitted to the beams that find .9925 of the ten nearest in 16 data sets: it was 0.7 to 2 times as long.
const NEAR = 3.9;
const MOST_NEAR = 0.27;
const KEYS_PER_MEAN = 0.6;
const KEYS_PER_HARD = 0.4;
const HARD = 0.9;
const SURROUNDING = 1; // times the tenth nearest's square farther than that
const KEYS_PER_SURROUNDING = 0.25;
const SHORTEST = 16;

/** Rows of a growing segment of one moment. */
export interface ForecastPlace {
  readonly segment: Segment;
  readonly visible: SlotBits;
  readonly end: number;
}

/** What a search for ten is expected to take, in microseconds of one thread. */
export interface Forecast {
  /** By the codes of all rows. */
  readonly flatUs: number;
  /** By links, if there were any. */
  readonly graphUs: number;
}

/** What a forecast is made with. */
export interface ForecastOptions {
  readonly pool: Pool;
  readonly layout: RowLayout;
  readonly signal?: AbortSignal | undefined;
  /** Under inner products the length that rows would have in a graph, see augmentation.ts. */
  readonly radius: number;
  /** Runs alone what needs the room that a segment has for searches on threads. */
  alone<Result>(work: () => Promise<Result>): Promise<Result>;
}

/**
 * Foresees what searches of some rows take by their codes and would take by links, from 64 of the rows as queries.
 * What codes are asked is counted. What links would take is told by the distances of the nearest. The same rows give
 * the same answer on any number of threads, whatever else these do.
 *
 * @param places whose live rows nobody writes anew meanwhile, one at least
 * @throws the reason of `signal`, and whatever a job threw
 */
export async function forecast(
  places: readonly ForecastPlace[],
  options: ForecastOptions,
): Promise<Forecast> {
  const queries = sampleOf(places);
  const near = queries.map((): number[] => []);
  let flatUs = 0;
  for (const place of places) {
    const work = { codes: 0, nibbles: 0, rows: 0 };
    for (let first = 0; first < queries.length; first += AT_ONCE) {
      const some = queries.slice(first, first + AT_ONCE);
      const found = await options.alone(() => ask(place, some, work, options));
      found.forEach((distances, i) => near[first + i].push(...distances));
    }
    flatUs += microsecondsOf(place, work, queries.length);
  }
  const { dim } = places[0].segment;
  const surroundings = near.map((distances, i) => surroundingsOf(distances, queries[i], options));
  return { flatUs, graphUs: walkMicroseconds(dim, beamFor(dim, surroundings)) };
}

/** Rows from all over, as they are kept. */
function sampleOf(places: readonly ForecastPlace[]): Float32Array[] {
  const slots = places.map(({ visible }) => slotsOf(visible));
  const rows = slots.reduce((sum, { length }) => sum + length, 0);
  return Array.from(spread(rows, Math.min(QUERIES, rows)), (at) => {
    let place = 0;
    while (at >= slots[place].length) at -= slots[place++].length;
    return places[place].segment.row(slots[place][at]).slice();
  });
}

/** Asks one segment for what is near to some queries, and adds up what searches for ten look at there. */
async function ask(
  { segment, visible, end }: ForecastPlace,
  queries: readonly Float32Array[],
  work: { -readonly [Field in keyof FlatWork]: FlatWork[Field] },
  { pool, layout, signal }: ForecastOptions,
): Promise<number[][]> {
  const { heap, dim, codes, rows, stride, isI8 } = segment;
  const mark = heap.usedBytes;
  const k = Math.min(SURROUNDINGS, end);
  const most = Math.min(K + 1, k); // the nearest is the row itself
  const queryCount = queries.length;
  try {
    const scratch = layOutScratch(heap, { ...scratchSizes(layout), queries: AT_ONCE, k });
    const seen = visibleOnHeap(segment, visible);
    queries.forEach((query, i) => scratch.queries.set(query, i * dim));
    const plan: Plan = codes === undefined ? { by: "rows" } : { by: "codes", margin: Infinity };
    const places = { visible: seen, firstSlot: 0, endSlot: end, end, scratch };
    const range = { segment, plan, ...places, graphScratch: undefined, queryCount };
    if (codes !== undefined) {
      work.codes += queryCount * end;
      work.rows += Number(await pool.run(heap, jobOf(layout, { ...range, k: most }), signal));
    }
    if (codes?.nibbles !== undefined && codes.nibbles.length > 0) {
      // What is asked by four bits is what one bit lets through: rows that are read where there are no others.
      const { centroid, blocks, inner } = codes;
      const its = { ...places, rows, dim, stride };
      const single = { centroid, blocks, inner };
      const job = flat(heap, its, single, { scratch, queryCount, k: most }, SIGMAS, isI8);
      work.nibbles += Number(await pool.run(heap, job, signal));
    }
    await pool.run(heap, jobOf(layout, { ...range, k }), signal);
    return queries.map((_, i) => answersOf(scratch, i, k));
  } finally {
    heap.release(mark);
  }
}

function answersOf({ distances, counts }: ScanScratch, query: number, k: number): number[] {
  return Array.from(distances.subarray(query * k, query * k + counts[query]));
}

function microsecondsOf(
  { segment: { dim, isI8, codes }, end }: ForecastPlace,
  work: FlatWork,
  queries: number,
): number {
  if (codes === undefined) return scanMicroseconds(dim, end, isI8);
  const each = {
    codes: work.codes / queries,
    nibbles: work.nibbles / queries,
    rows: work.rows / queries,
  };
  return flatMicroseconds(dim, each, isI8);
}

/** What is near to a row that is asked for. */
interface Surroundings {
  /** Squared distances of the nearest, itself left out, ascending. */
  readonly squares: readonly number[];
  /** How far, in squares, what a link's code may err by lifts the tenth of them: by nothing, or by as much again. */
  readonly scale: number;
}

function surroundingsOf(
  distances: readonly number[],
  query: Float32Array,
  { layout, radius }: ForecastOptions,
): Surroundings {
  const near = distances.toSorted((a, b) => a - b).slice(1, SURROUNDINGS);
  const tenth = near[Math.min(K, near.length) - 1] ?? 0;
  if (layout.metric !== "dot") return { squares: near, scale: tenth };
  // A link's code errs by how far the query is from one row, times how far that is from the other. Of rows that were
  // given one length a query, of about the same, is far from all, and they are as near to each other as they are.
  const square = query.reduce((sum, value) => sum + value * value, 0);
  const times = scaleFor(square, radius);
  const own = radius ** 2 + times ** 2 * square;
  const between = 2 * square + 2 * tenth;
  const squares = near.map((distance) => own + 2 * times * distance);
  const away = own + 2 * times * tenth;
  return { squares, scale: Math.sqrt(Math.max(0, away) * Math.max(0, between)) };
}

function beamFor(dim: number, surroundings: readonly Surroundings[]): number {
  const within = (times: number): { mean: number; hard: number } => {
    const counts = surroundings.map(({ squares, scale }) => {
      const limit = squares[Math.min(K, squares.length) - 1] + times * scale;
      return squares.filter((square) => square <= limit).length;
    });
    const mean = counts.reduce((sum, count) => sum + count, 0) / counts.length;
    return { mean, hard: counts.toSorted((a, b) => a - b)[Math.floor(HARD * counts.length)] };
  };
  const near = within(Math.min(MOST_NEAR, NEAR / Math.sqrt(dim)));
  const wanted = Math.min(
    KEYS_PER_MEAN * near.mean + KEYS_PER_HARD * near.hard,
    KEYS_PER_SURROUNDING * within(SURROUNDING).mean,
  );
  return Math.max(SHORTEST, Math.min(LONGEST_DEFAULT, wanted));
}
