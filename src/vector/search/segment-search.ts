import { scanCells } from "../../wasm/vectors/cell-jobs.ts";
import { cellCount } from "../../wasm/vectors/cells.ts";
import { flat } from "../../wasm/vectors/codes.ts";
import { takeWork, type GraphScratch } from "../../wasm/vectors/graph.ts";
import { searchGraph } from "../../wasm/vectors/graph-jobs.ts";
import type { Job } from "../../wasm/abi/kernels.ts";
import { normalize } from "../../wasm/vectors/normalize.ts";
import { rowWordsI8 } from "../../wasm/vectors/rows-i8.ts";
import { scan, type Asked, type ScanScratch } from "../../wasm/vectors/scan.ts";
import type { Hits, SearchWork } from "../engine/engine.ts";
import type { SlotBits } from "./filter.ts";
import { rowDim, type RowLayout } from "../segment/layout.ts";
import type { Plan } from "./planner.ts";
import type { Segment } from "../segment/segment.ts";

/** How sure a code is trusted: a row as far as the k-th nearest is missed in one of 740 cases. */
export const SIGMAS = 3;
/** The same where codes of a part of the cells are to find 99 %: margins are measured with it, see calibration.ts. */
export const PART_SIGMAS = 2;

const SCANS_F32 = { l2sq: "scan_l2sq_f32", dot: "scan_dot_f32" } as const;
const SCANS_I8 = { l2sq: "scan_l2sq_i8", dot: "scan_dot_i8" } as const;

/** A search of one range of a segment's rows, by the thread that has the scratches. */
export interface RangeSearch extends Asked {
  readonly segment: Segment;
  readonly plan: Plan;
  /** On the heap: a bit for each slot. */
  readonly visible: Uint32Array;
  readonly firstSlot: number;
  readonly endSlot: number;
  /** Slots that there were in the segment when this was asked: by now it may have more. */
  readonly end: number;
  readonly graphScratch: GraphScratch | undefined;
}

/** The job that finds the nearest of one range of rows. */
export function jobOf(layout: RowLayout, search: RangeSearch): Job {
  const { segment, plan, visible, firstSlot, endSlot, graphScratch } = search;
  const { heap, rows, dim, stride, isI8, graph, codes } = segment;
  const isInner = layout.metric === "dot";
  if (plan.by !== "rows" && graph !== undefined && graphScratch !== undefined) {
    const searched = { graph, graphScratch, visible };
    if (plan.by === "codes") {
      const { margin } = plan;
      const sigmas = margin < Infinity ? PART_SIGMAS : SIGMAS;
      const name = isInner ? "cells_dot_f32" : "cells_l2sq_f32";
      return scanCells(heap, name, searched, search, { cells: cellsOf(search), sigmas, margin });
    }
    const name = isInner ? "graph_dot_f32" : "graph_l2sq_f32";
    return searchGraph(heap, name, searched, search, plan.ef, plan.isWithin);
  }
  const range = { rows, visible, firstSlot, endSlot, dim, stride, factorsAt: segment.factorsAt };
  if (plan.by === "codes" && codes !== undefined) {
    return flat(heap, range, codes, search, SIGMAS, isI8);
  }
  // Under cosine rows and queries have unit length, where ‖a − b‖² = 2 (1 − cos): exact for
  // close vectors, where 1 − a·b would be lost to cancellation.
  const kernel = isI8 ? SCANS_I8 : SCANS_F32;
  return scan(heap, isInner ? kernel.dot : kernel.l2sq, range, search);
}

/** The bits of a moment where kernels see them, one for every slot, also of those that links lead to by now. */
export function visibleOnHeap({ heap, live }: Segment, visible: SlotBits): Uint32Array {
  const copy = heap.u32(live.length);
  copy.fill(0).set(visible);
  return copy;
}

/** The cells that stand for a range of slots: all of them for all slots. */
function cellsOf({ segment, firstSlot, endSlot, end }: RangeSearch): readonly [number, number] {
  const { graph } = segment;
  const count = graph === undefined ? 0 : cellCount(graph.cells);
  return [
    Math.round((firstSlot / end) * count),
    endSlot < end ? Math.round((endSlot / end) * count) : count,
  ];
}

/**
 * What a job that is done has looked at.
 * @param result  what its kernel returned
 * @param matches visible rows of its range
 */
export function workOf(search: RangeSearch, result: unknown, matches: number): SearchWork {
  const { segment, plan, firstSlot, endSlot, queryCount, graphScratch } = search;
  const { dim, isI8, graph } = segment;
  const rowBytes = isI8 ? rowWordsI8(dim) * 4 : dim * 4;
  if (plan.by === "graph" && graph !== undefined) {
    const hops = Number(result);
    const { codes, bytes } = graphScratch ? takeWork(graphScratch) : { codes: 0, bytes: 0 };
    return { hops, codes, rows: hops, bytes };
  }
  if (plan.by === "codes") {
    const rows = Number(result);
    if (graph !== undefined && graphScratch !== undefined) {
      return { hops: 0, rows, ...takeWork(graphScratch) };
    }
    const codes = queryCount * (endSlot - firstSlot);
    return { hops: 0, codes, rows, bytes: (codes / 32) * (dim * 4 + 384) + rows * rowBytes };
  }
  const rows = queryCount * matches;
  return { hops: 0, codes: 0, rows, bytes: rows * rowBytes };
}

/** Writes queries into a scratch as rows are kept: padded, under cosine of unit length, rotated. */
export function placeQueries(
  layout: RowLayout,
  segment: Segment,
  scratch: ScanScratch,
  given: Float32Array,
): void {
  const count = copyQueries(layout, scratch, given);
  for (const job of placingJobs(layout, segment, scratch, count)) segment.heap.run(job);
}

/** Writes queries into a scratch padded, from its query `first` on, and returns how many they are. */
export function copyQueries(
  layout: RowLayout,
  { queries }: ScanScratch,
  given: Float32Array,
  first = 0,
): number {
  const { dim } = layout;
  const stored = rowDim(layout);
  const count = given.length / dim;
  if (stored === dim) queries.set(given, first * stored);
  else {
    for (let i = 0; i < count; i++) {
      const at = (first + i) * stored;
      queries.set(given.subarray(i * dim, (i + 1) * dim), at);
      queries.fill(0, at + dim, at + stored);
    }
  }
  return count;
}

/** The jobs that make of the first queries of a scratch what rows are: under cosine of unit length, rotated. */
export function placingJobs(
  layout: RowLayout,
  segment: Segment,
  { queries, distances }: ScanScratch,
  count: number,
): Job[] {
  const stored = rowDim(layout);
  const placed = queries.subarray(0, count * stored);
  const rotation = segment.rotation(placed);
  if (layout.metric !== "cosine") return rotation;
  // Where answers will stand there is room for the lengths that nobody asks for.
  const lengths = distances.subarray(0, count);
  return [normalize(segment.heap, placed, stored, lengths), ...rotation];
}

/** The answers that a job has left in a scratch for one of its queries, at most `most`. */
export function hitsOf(
  layout: RowLayout,
  { keys }: Segment,
  { distances, slots, counts }: ScanScratch,
  query: number,
  most: number,
): Hits {
  const count = counts[query];
  const first = query * most;
  const scale = scaleOf(layout);
  const hits = { keys: new Float64Array(count), distances: new Float32Array(count) };
  for (let i = 0; i < count; i++) {
    hits.keys[i] = keys[slots[first + i]];
    hits.distances[i] = distances[first + i] * scale;
  }
  return hits;
}

/** What a distance is of what kernels tell: under cosine ‖a − b‖² of rows of unit length, which is twice as much. */
export function scaleOf({ metric }: RowLayout): number {
  return metric === "cosine" ? 0.5 : 1;
}
