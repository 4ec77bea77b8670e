import { drain } from "../pool/drain.ts";
import type { Pool } from "../pool/pool.ts";
import { arrayBytes } from "../wasm/heap.ts";
import { BLOCK_SLOTS, scan, scanScratchBytes, type ScanScratch } from "../wasm/scan.ts";
import type { Hits } from "./engine.ts";
import { mergeHits } from "./merge.ts";
import { layOutScratch, type Segment } from "./segment.ts";

const MOST_QUERIES = 32; // of one job: enough to read rows from cache for all but the first
const MOST_VISITS = 2 ** 19; // rows × queries of one job, tens of milliseconds: an abort waits so long
const LEAST_ROWS = 4096; // of one job, so that handing it over costs little beside it
const PARTS_PER_LANE = 4; // so that no thread waits long for the last

/** A search of many queries over segments, by threads. */
export interface PoolScan {
  readonly pool: Pool;
  readonly lanes: number;
  readonly segments: readonly Segment[];
  /** f32[count × dim], row-major. */
  readonly queries: Float32Array;
  readonly dim: number;
  readonly k: number;
  readonly kernel: "scan_l2sq_f32" | "scan_dot_f32";
  readonly signal: AbortSignal | undefined;
  visibleOf(segment: Segment): Uint32Array;
  place(segment: Segment, scratch: ScanScratch, queries: Float32Array): void;
  hitsOf(segment: Segment, scratch: ScanScratch, query: number, k: number): Hits;
}

/** One job: some queries against a range of one segment's slots. */
interface Part {
  readonly place: Place;
  readonly firstQuery: number;
  readonly endQuery: number;
  readonly firstSlot: number;
  readonly endSlot: number;
  /** Which of the answers of each of its queries this part gives, in slot order. */
  readonly answer: number;
}

/** What a search lays out in a segment's heap while it runs. */
interface Place {
  readonly segment: Segment;
  readonly visible: Uint32Array;
  readonly lanes: readonly ScanScratch[];
}

/** Answers every query. The visible bits are copied first: later writes do not reach this search. */
export async function scanOnPool(search: PoolScan): Promise<Hits[]> {
  const { segments, queries, dim, k, kernel, pool, signal } = search;
  const count = queries.length / dim;
  const marks = segments.map(({ heap }) => heap.usedBytes);
  const { places, perJob } = layOut(search, count);
  const answers: Hits[][] = Array.from({ length: count }, () => []);

  async function work(part: Part, lane: number): Promise<void> {
    const { segment, visible, lanes } = part.place;
    const { heap, rows, stride } = segment;
    const scratch = lanes[lane];
    const { firstQuery, endQuery, firstSlot, endSlot } = part;
    const most = Math.min(k, segment.end);
    search.place(segment, scratch, queries.subarray(firstQuery * dim, endQuery * dim));
    const range = { rows, visible, firstSlot, endSlot, dim: stride };
    await pool.run(heap, scan(heap, kernel, range, scratch, endQuery - firstQuery, most), signal);
    for (let q = firstQuery; q < endQuery; q++) {
      answers[q][part.answer] = search.hitsOf(segment, scratch, q - firstQuery, most);
    }
  }

  try {
    const lanes = places[0]?.lanes.length ?? 1;
    await drain(partsOf(places, count, perJob, lanes), lanes, work, signal);
  } finally {
    segments.forEach(({ heap }, i) => heap.release(marks[i]));
  }
  return answers.map((each) => mergeHits(each, k));
}

/** Copies the visible bits, and gives each lane scratch for as many queries as there is room for. */
function layOut(search: PoolScan, count: number): { places: Place[]; perJob: number } {
  const { segments, k } = search;
  const visible = segments.map((segment) => {
    const words = Math.ceil(segment.end / BLOCK_SLOTS);
    const copy = segment.heap.u32(words);
    copy.set(search.visibleOf(segment).subarray(0, words));
    return copy;
  });
  const fits = (lanes: number, queries: number): boolean =>
    segments.every(({ heap, stride, end }) => {
      const bytes = scanScratchBytes(queries, stride, Math.min(k, end));
      return lanes * (bytes + arrayBytes(1)) <= heap.freeBytes;
    });
  // Fewer queries a job before fewer lanes; one of each always fits, see segment.ts.
  let lanes = search.lanes;
  let perJob = Math.min(MOST_QUERIES, Math.max(1, Math.ceil(count / (2 * lanes))));
  while (perJob > 1 && !fits(lanes, perJob)) perJob = Math.ceil(perJob / 2);
  while (lanes > 1 && !fits(lanes, perJob)) lanes--;
  const places = segments.map((segment, i) => ({
    segment,
    visible: visible[i],
    lanes: Array.from({ length: lanes }, () =>
      layOutScratch(segment.heap, perJob, segment.stride, Math.min(k, segment.end)),
    ),
  }));
  return { places, perJob };
}

function* partsOf(
  places: readonly Place[],
  count: number,
  perJob: number,
  lanes: number,
): Generator<Part> {
  const batches = Math.ceil(count / perJob);
  const ranges = Math.ceil((PARTS_PER_LANE * lanes) / Math.max(1, batches * places.length));
  for (let firstQuery = 0; firstQuery < count; firstQuery += perJob) {
    const endQuery = Math.min(firstQuery + perJob, count);
    let answer = 0;
    for (const place of places) {
      const { end } = place.segment;
      const even = Math.max(Math.ceil(end / ranges), LEAST_ROWS);
      const most = Math.max(LEAST_ROWS, Math.floor(MOST_VISITS / perJob));
      const rows = Math.ceil(Math.min(even, most) / BLOCK_SLOTS) * BLOCK_SLOTS;
      for (let firstSlot = 0; firstSlot < end; firstSlot += rows) {
        const endSlot = Math.min(firstSlot + rows, end);
        yield { place, firstQuery, endQuery, firstSlot, endSlot, answer: answer++ };
      }
    }
  }
}
