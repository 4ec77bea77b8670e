import { drain } from "../pool/drain.ts";
import type { Pool } from "../pool/pool.ts";
import type { Codes } from "../wasm/codes.ts";
import type { Job } from "../wasm/kernels.ts";
import {
  BLOCK_SLOTS,
  layOutScratch,
  scratchBytes,
  type ScanRange,
  type ScanScratch,
} from "../wasm/scan.ts";
import type { Hits } from "./engine.ts";
import type { SlotBits } from "./filter.ts";
import { mergeHits } from "./merge.ts";
import type { Segment } from "./segment.ts";

const MOST_QUERIES = 32; // of one job: enough to read rows from cache for all but the first
const MOST_VISITS = 2 ** 19; // rows × queries of one job, tens of milliseconds: an abort waits so long
const MOST_CODE_VISITS = 2 ** 22; // the same of codes
const LEAST_ROWS = 4096; // of one job, so that handing it over costs little beside it
const PARTS_PER_LANE = 4; // so that no thread waits long for the last

/** Rows of one segment that a search looks at: those of a moment. */
export interface ScanPlace {
  readonly segment: Segment;
  /** The rows that count, a bit for each slot below `end`. */
  readonly visible: SlotBits;
  readonly end: number;
  /** The rows' codes, where they are to be used. */
  readonly codes: Codes | undefined;
}

/** A search of one range of a segment's rows. */
export interface RangeSearch {
  readonly segment: Segment;
  readonly range: ScanRange;
  readonly codes: Codes | undefined;
  readonly scratch: ScanScratch;
  readonly queryCount: number;
  readonly k: number;
}

/** A search of many queries over segments, by threads. */
export interface PoolScan {
  readonly pool: Pool;
  readonly lanes: number;
  readonly places: readonly ScanPlace[];
  /** f32[count × dim], row-major. */
  readonly queries: Float32Array;
  readonly dim: number;
  readonly k: number;
  /** u32 words of a query's tables. */
  readonly tableWords: number;
  readonly signal: AbortSignal | undefined;
  jobOf(search: RangeSearch): Job;
  place(segment: Segment, scratch: ScanScratch, queries: Float32Array): void;
  hitsOf(segment: Segment, scratch: ScanScratch, query: number, k: number): Hits;
}

/** One job: some queries against a range of one segment's slots. */
interface Part {
  readonly stage: Stage;
  readonly firstQuery: number;
  readonly endQuery: number;
  readonly firstSlot: number;
  readonly endSlot: number;
  /** Which of the answers of each of its queries this part gives, in slot order. */
  readonly answer: number;
}

/** A place with what a search lays out in its heap while it runs. */
interface Stage extends ScanPlace {
  /** Most answers of a query here. */
  readonly k: number;
  readonly lanes: readonly ScanScratch[];
}

/** Answers every query. */
export async function scanOnPool(search: PoolScan): Promise<Hits[]> {
  const { places, queries, dim, k, pool, signal } = search;
  const count = queries.length / dim;
  const answers: Hits[][] = Array.from({ length: count }, () => []);

  async function work(part: Part, lane: number): Promise<void> {
    const { segment, visible, lanes, codes, k: most } = part.stage;
    const { heap, rows, stride } = segment;
    const scratch = lanes[lane];
    const { firstQuery, endQuery, firstSlot, endSlot } = part;
    search.place(segment, scratch, queries.subarray(firstQuery * dim, endQuery * dim));
    const range = { rows, visible, firstSlot, endSlot, dim: stride };
    const queryCount = endQuery - firstQuery;
    const job = search.jobOf({ segment, range, codes, scratch, queryCount, k: most });
    await pool.run(heap, job, signal);
    for (let q = firstQuery; q < endQuery; q++) {
      answers[q][part.answer] = search.hitsOf(segment, scratch, q - firstQuery, most);
    }
  }

  const marks = places.map(({ segment }) => segment.heap.usedBytes);
  try {
    const { stages, perJob, lanes } = layOut(search, count);
    await drain(partsOf(stages, count, perJob, lanes), lanes, work, signal);
  } finally {
    places.forEach(({ segment }, i) => segment.heap.release(marks[i]));
  }
  return answers.map((each) => mergeHits(each, k));
}

/** Copies the bits to where kernels see them, and gives each lane as much scratch as fits. */
function layOut(
  { places, lanes: mostLanes, k, tableWords }: PoolScan,
  count: number,
): { stages: Stage[]; perJob: number; lanes: number } {
  const onHeap = places.map(({ segment, visible }) => {
    const copy = segment.heap.u32(visible.length);
    copy.set(visible);
    return copy;
  });
  const fits = (lanes: number, queries: number): boolean =>
    places.every(({ segment: { heap, stride }, end }) => {
      const size = { queries, dim: stride, k: Math.min(k, end), tableWords };
      return lanes * scratchBytes(size) <= heap.freeBytes;
    });
  // Fewer queries a job before fewer lanes; one of each always fits, see segment.ts.
  let lanes = mostLanes;
  let perJob = Math.min(MOST_QUERIES, Math.max(1, Math.ceil(count / (2 * lanes))));
  while (perJob > 1 && !fits(lanes, perJob)) perJob = Math.ceil(perJob / 2);
  while (lanes > 1 && !fits(lanes, perJob)) lanes--;
  const stages = places.map(({ segment, end, codes }, i) => {
    const most = Math.min(k, end);
    const { heap, stride } = segment;
    const size = { queries: perJob, dim: stride, k: most, tableWords };
    return {
      segment,
      end,
      codes,
      visible: onHeap[i],
      k: most,
      lanes: Array.from({ length: lanes }, () => layOutScratch(heap, size)),
    };
  });
  return { stages, perJob, lanes };
}

function* partsOf(
  stages: readonly Stage[],
  count: number,
  perJob: number,
  lanes: number,
): Generator<Part> {
  const batches = Math.ceil(count / perJob);
  for (let firstQuery = 0; firstQuery < count; firstQuery += perJob) {
    const endQuery = Math.min(firstQuery + perJob, count);
    let answer = 0;
    for (const stage of stages) {
      const { end } = stage;
      const rows = rowsOfPart(stage, perJob, batches * stages.length, lanes);
      for (let firstSlot = 0; firstSlot < end; firstSlot += rows) {
        const endSlot = Math.min(firstSlot + rows, end);
        yield { stage, firstQuery, endQuery, firstSlot, endSlot, answer: answer++ };
      }
    }
  }
}

/** Slots of one job, a multiple of 32: all of a stage, unless threads would wait or an abort would. */
function rowsOfPart({ end, codes }: Stage, perJob: number, jobs: number, lanes: number): number {
  // Codes tell more the more rows they have behind them, so those are parted for idle threads only.
  const wanted = codes === undefined ? PARTS_PER_LANE * lanes : lanes;
  const even = Math.ceil(end / Math.max(1, Math.ceil(wanted / jobs)));
  const visits = codes === undefined ? MOST_VISITS : MOST_CODE_VISITS;
  const rows = Math.max(LEAST_ROWS, Math.min(even, Math.floor(visits / perJob)));
  return Math.ceil(rows / BLOCK_SLOTS) * BLOCK_SLOTS;
}
