import { seededRandom } from "../../util/random.ts";
import {
  MOST_BATCH,
  type Graph,
  type GraphBatch,
  type GraphBuildSpace,
} from "../../wasm/vectors/graph.ts";
import {
  applyLinks,
  chooseLinks,
  clearGraph,
  connectGraph,
  rootGraph,
} from "../../wasm/vectors/graph-jobs.ts";
import type { Job } from "../../wasm/abi/kernels.ts";
import { listSlots, tidy, trainCells } from "./cell-builder.ts";
import type { RowLayout } from "../segment/layout.ts";
import { buildScratchOf, jobRunner, type JobRunner, type LinkOptions } from "./link-jobs.ts";
import type { Segment } from "../segment/segment.ts";

const FIRST_BATCH = 64; // rows that can't find each other by links yet; each batch is twice as large
const CHOOSE_ROWS = 16; // of one job, some milliseconds: an abort or a search waits so long
const PARTS_PER_LANE = 4;

/** What is done before the last rows are linked, which till then are not in the graph. */
export interface LinkRowsOptions extends LinkOptions {
  /** Their slots; others than those that get their links are passed over. */
  readonly last: Uint32Array;
  readonly beforeLast: () => Promise<void>;
}

/**
 * Links the rows of a segment that have none yet, `linkedEnd` up to `end`, which nobody changes
 * meanwhile. The same rows in the same slots get the same links on any number of threads.
 *
 * @throws the reason of `signal`, and whatever a job threw; then `reconnect` is to be called
 */
export async function linkRows(segment: Segment, options: LinkRowsOptions): Promise<void> {
  const { graph, space, linkedEnd: first, end } = segment;
  if (graph === undefined || space === undefined || first === end) return;
  const held = new Set(options.last);
  const all = shuffled(first, end, options.layout.seed);
  const order = all.filter((slot) => !held.has(slot));
  const run = jobRunner(segment, options);
  if (first === 0) {
    segment.placeMean(graph.root.subarray(0, segment.dim));
    await trainCells(segment, graph, run, options.layout, end);
    const slots = space.slots.subarray(0, Math.min(order.length, MOST_BATCH));
    slots.set(order.subarray(0, slots.length));
    segment.heap.run(rootGraph(segment.heap, graph, slots));
  }
  let size = FIRST_BATCH;
  let done = 0;
  for (const some of [order, all.filter((slot) => held.has(slot))]) {
    if (some !== order) await options.beforeLast();
    for (let from = 0; from < some.length; size = Math.min(2 * size, MOST_BATCH)) {
      const slots = space.slots.subarray(0, Math.min(size, some.length - from));
      slots.set(some.subarray(from, from + slots.length));
      await linkBatch(segment, graph, { slots, choices: space.choices }, run, options);
      from += slots.length;
      done += slots.length;
      options.onProgress?.(done);
      if (options.isPauseWanted?.() === true) {
        // Whoever waits finds every row that is in the graph where links lead to it.
        await connect(segment, graph, space, options);
        await options.pause?.();
      }
    }
  }
  await connect(segment, graph, space, options);
  // Nobody looks for a row of it yet.
  if (first === 0) await tidy(segment, graph, run, options.layout);
  segment.linkedEnd = end;
}

async function linkBatch(
  segment: Segment,
  graph: Graph,
  batch: GraphBatch,
  run: JobRunner,
  options: LinkOptions,
): Promise<void> {
  const { layout, lanes } = options;
  const { heap } = segment;
  const ef = efOf(layout);
  await run(rangesOf(0, batch.slots.length, CHOOSE_ROWS), (range, lane) =>
    chooseLinks(heap, graph, buildScratchOf(segment, layout, lane), batch, range, ef),
  );
  const parts = lanes() * PARTS_PER_LANE;
  await run(rangesOf(0, parts, 1), ([part], lane) =>
    applyLinks(heap, graph, buildScratchOf(segment, layout, lane), batch, part, parts),
  );
  await listSlots(segment, graph, batch.slots, run, layout);
}

/** Makes an empty record of a slot whose row was written. */
export function clearLinks({ heap, graph }: Segment, slot: number): void {
  if (graph !== undefined) heap.run(clearGraph(heap, graph, slot, slot + 1));
}

/** After a build that was cut short: what has its links stays, and can be reached. Here, at once. */
export function reconnect(segment: Segment, layout: RowLayout): void {
  const { graph, space, heap } = segment;
  if (graph === undefined || space === undefined) return;
  heap.run(connectJob(segment, graph, space, layout));
}

async function connect(
  segment: Segment,
  graph: Graph,
  space: GraphBuildSpace,
  { pool, layout, signal }: LinkOptions,
): Promise<void> {
  await pool.run(segment.heap, connectJob(segment, graph, space, layout), signal);
}

function connectJob(
  segment: Segment,
  graph: Graph,
  { reached, queue }: GraphBuildSpace,
  layout: RowLayout,
): Job<"graph_connect_f32"> {
  const scratch = buildScratchOf(segment, layout, 0);
  const { heap, end } = segment;
  return connectGraph(heap, graph, scratch, end, reached, queue, efOf(layout));
}

function efOf({ graph }: RowLayout): number {
  return graph?.efConstruction ?? 0;
}

function* rangesOf(first: number, end: number, size: number): Generator<[number, number]> {
  for (let from = first; from < end; from += size) yield [from, Math.min(from + size, end)];
}

/** Slots in an order that has nothing to do with how they came (Fisher and Yates, 1938). */
function shuffled(first: number, end: number, seed: number): Uint32Array {
  const random = seededRandom(seed);
  const order = Uint32Array.from({ length: end - first }, (_, i) => first + i);
  for (let i = order.length - 1; i > 0; i--) {
    const j = Math.floor(random() * (i + 1));
    [order[i], order[j]] = [order[j], order[i]];
  }
  return order;
}
