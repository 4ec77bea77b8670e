import { drain } from "../../pool/drain.ts";
import type { Pool } from "../../pool/pool.ts";
import {
  BLOCK_SLOTS,
  layOutScratch,
  scratchBytes,
  type ScanScratch,
} from "../../wasm/vectors/scan.ts";
import type { Hits } from "../engine/engine.ts";
import { LANES_PER_THREAD, scratchSizes } from "../segment/layout.ts";
import { mergeHits } from "./merge.ts";
import type { ManySearch, SearchPlace } from "./many-search.ts";
import { widerPlans } from "./planner.ts";
import {
  hitsOf,
  jobOf,
  placeQueries,
  visibleOnHeap,
  workOf,
  type RangeSearch,
} from "./segment-search.ts";

const MOST_QUERIES = 64; // of one job: enough to read rows from cache for all but the first
const MOST_VISITS = 2 ** 19; // rows × queries of one job, tens of milliseconds: an abort waits so long
const MOST_CODE_VISITS = 2 ** 22; // the same of codes
const LEAST_ROWS = 4096; // of one job, so that handing it over costs little beside it
const PARTS_PER_LANE = 4; // so that no thread waits long for the last

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
interface Stage extends SearchPlace {
  readonly lanes: readonly ScanScratch[];
}

/** Answers of some places, which are scanned, to every query. */
export async function scanOnPool(
  search: ManySearch,
  places: readonly SearchPlace[],
): Promise<Hits[][]> {
  const { queries, layout, signal } = search;
  const { dim } = layout;
  const count = queries.length / dim;
  const pool = await search.startPool();
  const { stages, perJob, lanes } = layOut(search, places, count);
  const answers = stages.map(() => Array.from({ length: count }, (): Hits[] => []));

  async function work(part: Part, lane: number): Promise<void> {
    const { stage, firstQuery, endQuery } = part;
    const { segment, plan, k } = stage;
    const scratch = stage.lanes[lane];
    const queryCount = endQuery - firstQuery;
    placeQueries(layout, segment, scratch, queries.subarray(firstQuery * dim, endQuery * dim));
    await runRange(search, pool, stage, lane, { ...part, plan, queryCount });
    for (let q = 0; q < queryCount; q++) {
      const its = answers[stages.indexOf(stage)][firstQuery + q];
      its[part.answer] = hitsOf(layout, segment, scratch, q, k);
    }
  }

  const parts = partsOf(stages, count, perJob, Math.min(lanes, layout.threads));
  await drain(parts, lanes, work, signal);
  return answers.map((all, i) => all.map((its) => mergeHits(its, stages[i].k)));
}

/** Answers of a place to queries that its links have led to too few of: by plans that find more. */
export async function searchWider(
  search: ManySearch,
  place: SearchPlace,
  short: readonly number[],
): Promise<Hits[]> {
  const { queries, layout, signal } = search;
  const { dim } = layout;
  const { segment, plan, matches, k, end } = place;
  const pool = await search.startPool();
  const { stages, lanes } = layOut(search, [place], 1);
  const answers: Hits[] = [];
  await drain(
    short.entries(),
    lanes,
    async ([i, query], lane) => {
      const scratch = stages[0].lanes[lane];
      placeQueries(layout, segment, scratch, queries.subarray(query * dim, (query + 1) * dim));
      for (const wider of widerPlans(plan, segment, matches, k)) {
        const range = { firstSlot: 0, endSlot: end, plan: wider, queryCount: 1 };
        await runRange(search, pool, stages[0], lane, range);
        if (scratch.counts[0] === k) break;
      }
      answers[i] = hitsOf(layout, segment, scratch, 0, k);
    },
    signal,
  );
  return answers;
}

/** Asks a range of a place on a thread for what is nearest to the queries that were placed for a lane. */
async function runRange(
  { layout, signal, note }: ManySearch,
  pool: Pool,
  stage: Stage,
  lane: number,
  range: Pick<RangeSearch, "firstSlot" | "endSlot" | "plan" | "queryCount">,
): Promise<void> {
  const { segment, visible, matches, k, end, lanes } = stage;
  const graphScratch = segment.graphScratches[1 + lane];
  const asked = { ...range, end, segment, visible, scratch: lanes[lane], graphScratch, k };
  const result = await pool.run(segment.heap, jobOf(layout, asked), signal);
  note(workOf(asked, result, matches * ((range.endSlot - range.firstSlot) / end)));
}

/** Copies the bits to where kernels see them, and gives each lane as much scratch as fits. */
function layOut(
  { layout }: ManySearch,
  places: readonly SearchPlace[],
  count: number,
): { stages: Stage[]; perJob: number; lanes: number } {
  const sizes = scratchSizes(layout);
  const onHeap = places.map(({ segment, visible }) => visibleOnHeap(segment, visible));
  const fits = (lanes: number, queries: number): boolean =>
    places.every(({ segment: { heap }, k }) => {
      const size = { ...sizes, queries, k };
      return lanes * scratchBytes(size) <= heap.freeBytes;
    });
  // Fewer queries a job before fewer lanes; one of each always fits, see segment.ts.
  let lanes = LANES_PER_THREAD * layout.threads;
  let perJob = Math.min(MOST_QUERIES, Math.max(1, Math.ceil(count / lanes)));
  while (perJob > 1 && !fits(lanes, perJob)) perJob = Math.ceil(perJob / 2);
  while (lanes > 1 && !fits(lanes, perJob)) lanes--;
  const stages = places.map((place, i) => {
    const size = { ...sizes, queries: perJob, k: place.k };
    return {
      ...place,
      visible: onHeap[i],
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
  for (let firstQuery = 0; firstQuery < count; firstQuery += perJob) {
    const endQuery = Math.min(firstQuery + perJob, count);
    for (const stage of stages) {
      let answer = 0;
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
  const isByRows = plan.by === "rows";
  // Codes tell more the more rows they have behind them, so those are parted for idle threads only.
  const wanted = isByRows ? PARTS_PER_LANE * lanes : lanes;
  const even = Math.ceil(end / Math.max(1, Math.ceil(wanted / jobs)));
  const visits = isByRows ? MOST_VISITS : MOST_CODE_VISITS;
  const rows = Math.max(LEAST_ROWS, Math.min(even, Math.floor(visits / perJob)));
  return Math.ceil(rows / BLOCK_SLOTS) * BLOCK_SLOTS;
}
