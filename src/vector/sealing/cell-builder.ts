import { seededRandom } from "../../util/random.ts";
import {
  groupCells,
  listRows,
  moveCentroids,
  nearestCells,
  tidyLists,
} from "../../wasm/vectors/cell-jobs.ts";
import { beginCells, cellCount, cellsAhead, isGrouped } from "../../wasm/vectors/cells.ts";
import { MOST_BATCH, type Graph } from "../../wasm/vectors/graph.ts";
import type { RowLayout } from "../segment/layout.ts";
import { buildScratchOf, type JobRunner } from "./link-jobs.ts";
import type { Segment } from "../segment/segment.ts";
import { spread } from "../segment/spread.ts";

const ROWS_PER_CELL = 64; // of the sample that centroids are the means of
const ROUNDS = 4; // after which centroids hardly move any more
const PART_ROWS = 128; // of one job

/**
 * Parts the rows of a segment into cells, whose lists are empty. The same rows give the same cells.
 * @param total rows that it will have
 */
export async function trainCells(
  segment: Segment,
  graph: Graph,
  run: JobRunner,
  layout: RowLayout,
  total: number,
): Promise<void> {
  const { heap, space, end } = segment;
  if (space === undefined) return;
  const { cells } = graph;
  const count = cellsAhead(end, total);
  beginCells(cells, count);
  // Both stand where a check of what can be reached has its queue, which has room for every row.
  const size = Math.min(ROWS_PER_CELL * count, segment.capacity >> 1);
  const slots = space.queue.subarray(0, size);
  const nearest = space.queue.subarray(size, 2 * size);
  slots.set(spread(end, size, seededRandom(layout.seed)));
  for (let i = 0; i < size; i++) nearest[i] = i % count;
  // At first each cell has one row, again from all over.
  const first = Array.from({ length: count }, (_, i) => slots[Math.floor((i * size) / count)]);
  const before = slots.slice(0, count);
  slots.set(first);
  const firsts = slots.subarray(0, count);
  await run([undefined], () => moveCentroids(heap, graph, firsts, nearest.subarray(0, count)));
  slots.set(before);
  for (let round = 0; round < ROUNDS; round++) {
    await findCells(segment, graph, slots, nearest, run, layout);
    await run([undefined], () => moveCentroids(heap, graph, slots, nearest));
  }
  if (!isGrouped(cells)) return;
  const scratch = buildScratchOf(segment, layout, 0);
  await run([undefined], () => groupCells(heap, graph, scratch));
}

/** Puts some slots, of rows that have their links, into lists. */
export async function listSlots(
  segment: Segment,
  graph: Graph,
  slots: Uint32Array,
  run: JobRunner,
  layout: RowLayout,
): Promise<void> {
  const { heap, space } = segment;
  if (space === undefined || cellCount(graph.cells) === 0) return;
  const nearest = space.nearest.subarray(0, slots.length);
  await findCells(segment, graph, slots, nearest, run, layout);
  await run([undefined], () => listRows(heap, graph, slots, nearest));
}

/** Puts what the lists of a segment hold into one piece each, while nobody searches it. */
export async function tidy(
  segment: Segment,
  graph: Graph,
  run: JobRunner,
  layout: RowLayout,
): Promise<void> {
  const { heap, space } = segment;
  if (space === undefined || cellCount(graph.cells) === 0) return;
  const scratch = buildScratchOf(segment, layout, 0);
  await run([undefined], () => tidyLists(heap, graph, scratch, space.queue));
}

/**
 * Puts the rows of a segment that are in its graph, of slots below `linkedEnd`, into new lists.
 * @param total rows that it will have
 */
export async function listAll(
  segment: Segment,
  graph: Graph,
  linkedEnd: number,
  run: JobRunner,
  layout: RowLayout,
  total: number,
): Promise<void> {
  const { space } = segment;
  if (space === undefined) return;
  await trainCells(segment, graph, run, layout, total);
  for (let first = 0; first < linkedEnd; first += MOST_BATCH) {
    const slots = space.slots.subarray(0, Math.min(MOST_BATCH, linkedEnd - first));
    for (let i = 0; i < slots.length; i++) slots[i] = first + i;
    await listSlots(segment, graph, slots, run, layout);
  }
  await tidy(segment, graph, run, layout);
}

function findCells(
  segment: Segment,
  graph: Graph,
  slots: Uint32Array,
  nearest: Uint32Array,
  run: JobRunner,
  layout: RowLayout,
): Promise<number> {
  const { heap } = segment;
  const starts = Array.from(
    { length: Math.ceil(slots.length / PART_ROWS) },
    (_, i) => i * PART_ROWS,
  );
  return run(starts, (from, lane) => {
    const range = [from, Math.min(from + PART_ROWS, slots.length)] as const;
    return nearestCells(heap, graph, buildScratchOf(segment, layout, lane), slots, nearest, range);
  });
}
