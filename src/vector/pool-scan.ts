import { drain } from "../pool/drain.ts";
import type { Pool } from "../pool/pool.ts";
import { BLOCK_SLOTS, layOutScratch, scratchBytes, type ScanScratch } from "../wasm/scan.ts";
import type { Hits, SearchWork } from "./engine.ts";
import type { SlotBits } from "./filter.ts";
import { isI8, LANES_PER_THREAD, rowDim, tableWordsOf, type RowLayout } from "./layout.ts";
import { mergeHits } from "./merge.ts";
import { widerPlans, type Plan } from "./planner.ts";
import type { Segment } from "./segment.ts";
import { hitsOf, jobOf, placeQueries, workOf, type RangeSearch } from "./segment-search.ts";

const MOST_QUERIES = 64; // of one job: enough to read rows from cache for all but the first
const LEAST_QUERIES = 8; // of a job along links, which take half a millisecond
const MOST_VISITS = 2 ** 19; // rows × queries of one job, tens of milliseconds: an abort waits so long
const MOST_CODE_VISITS = 2 ** 22; // the same of codes
const LEAST_ROWS = 4096; // of one job, so that handing it over costs little beside it
const PARTS_PER_LANE = 4; // so that no thread waits long for the last

/** Rows of one segment that a search looks at: those of a moment. */
export interface ScanPlace {
  readonly segment: Segment;
  /** The rows that count, a bit for each slot below `end`. */
  readonly visible: SlotBits;
  /** How many bits of `visible` are set. */
  readonly matches: number;
  readonly end: number;
  readonly plan: Plan;
}

/** A search of many queries over segments, by threads. */
export interface PoolScan {
  readonly pool: Pool;
  readonly layout: RowLayout;
  readonly places: readonly ScanPlace[];
  /** f32[count × dim], row-major. */
  readonly queries: Float32Array;
  readonly k: number;
  readonly signal: AbortSignal | undefined;
  /** Is told what each job has looked at. */
  note(work: SearchWork): void;
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
  const { places, queries, layout, k, pool, signal } = search;
  const { dim } = layout;
  const count = queries.length / dim;
  const answers: Hits[][] = Array.from({ length: count }, () => []);

  async function work(part: Part, lane: number): Promise<void> {
    const { segment, visible, matches, lanes, plan, k: most } = part.stage;
    const { firstQuery, endQuery, firstSlot, endSlot } = part;
    const scratch = lanes[lane];
    const queryCount = endQuery - firstQuery;
    placeQueries(layout, segment, scratch, queries.subarray(firstQuery * dim, endQuery * dim));
    const graphScratch = segment.graphScratches[1 + lane];
    const range = { segment, visible, firstSlot, endSlot, scratch, graphScratch };
    const run = async (asked: RangeSearch): Promise<void> => {
      const result = await pool.run(segment.heap, jobOf(layout, asked), signal);
      const share = (endSlot - firstSlot) / part.stage.end;
      search.note(workOf(asked, result, matches * share));
    };
    await run({ ...range, plan, queryCount, k: most });
    const short: number[] = [];
    for (let q = 0; q < queryCount; q++) {
      answers[firstQuery + q][part.answer] = hitsOf(layout, segment, scratch, q, most);
      if (plan.by === "graph" && scratch.counts[q] < most) short.push(firstQuery + q);
    }
    for (const q of short) {
      placeQueries(layout, segment, scratch, queries.subarray(q * dim, (q + 1) * dim));
      for (const wider of widerPlans(plan, segment, matches, most)) {
        await run({ ...range, plan: wider, queryCount: 1, k: most });
        if (scratch.counts[0] === most) break;
      }
      answers[q][part.answer] = hitsOf(layout, segment, scratch, 0, most);
    }
  }

  const marks = places.map(({ segment }) => segment.heap.usedBytes);
  try {
    const { stages, perJob, lanes } = layOut(search, count);
    const parts = partsOf(stages, count, perJob, Math.min(lanes, layout.threads));
    await drain(parts, lanes, work, signal);
  } finally {
    places.forEach(({ segment }, i) => segment.heap.release(marks[i]));
  }
  return answers.map((each) => mergeHits(each, k));
}

/** Copies the bits to where kernels see them, and gives each lane as much scratch as fits. */
function layOut(
  { places, layout, k }: PoolScan,
  count: number,
): { stages: Stage[]; perJob: number; lanes: number } {
  const sizes = { dim: rowDim(layout), tableWords: tableWordsOf(layout), isI8: isI8(layout) };
  const onHeap = places.map(({ segment, visible }) => {
    // A bit for every slot, also of those that links lead to by now: the rows of the moment count.
    const copy = segment.heap.u32(segment.live.length);
    copy.fill(0).set(visible);
    return copy;
  });
  const fits = (lanes: number, queries: number): boolean =>
    places.every(({ segment: { heap }, matches }) => {
      const size = { ...sizes, queries, k: Math.min(k, matches) };
      return lanes * scratchBytes(size) <= heap.freeBytes;
    });
  // Fewer queries a job before fewer lanes; one of each always fits, see segment.ts.
  let lanes = LANES_PER_THREAD * layout.threads;
  let perJob = Math.min(MOST_QUERIES, Math.max(1, Math.ceil(count / lanes)));
  while (perJob > 1 && !fits(lanes, perJob)) perJob = Math.ceil(perJob / 2);
  while (lanes > 1 && !fits(lanes, perJob)) lanes--;
  const stages = places.map((place, i) => {
    const most = Math.min(k, place.matches);
    const size = { ...sizes, queries: perJob, k: most };
    return {
      ...place,
      visible: onHeap[i],
      k: most,
      lanes: Array.from({ length: lanes }, () => layOutScratch(place.segment.heap, size)),
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
  // Jobs along links get smaller towards the end, so that no thread waits long for the last one; scans read
  // their rows once for all queries of a job.
  const isByLinks = stages.every(({ plan }) => plan.by === "graph");
  let endQuery = 0;
  for (let firstQuery = 0; firstQuery < count; firstQuery = endQuery) {
    const share = Math.ceil((count - firstQuery) / (2 * LANES_PER_THREAD * lanes));
    const size = isByLinks ? Math.min(perJob, Math.max(LEAST_QUERIES, share)) : perJob;
    endQuery = Math.min(firstQuery + size, count);
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
function rowsOfPart({ end, plan }: Stage, perJob: number, jobs: number, lanes: number): number {
  if (plan.by === "graph") return end;
  const isByRows = plan.by === "rows";
  // Codes tell more the more rows they have behind them, so those are parted for idle threads only.
  const wanted = isByRows ? PARTS_PER_LANE * lanes : lanes;
  const even = Math.ceil(end / Math.max(1, Math.ceil(wanted / jobs)));
  const visits = isByRows ? MOST_VISITS : MOST_CODE_VISITS;
  const rows = Math.max(LEAST_ROWS, Math.min(even, Math.floor(visits / perJob)));
  return Math.ceil(rows / BLOCK_SLOTS) * BLOCK_SLOTS;
}
