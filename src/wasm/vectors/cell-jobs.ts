import { cellCount, usedBlocks } from "./cells.ts";
import type { Graph, GraphScratch, SearchedGraph } from "./graph.ts";
import type { Heap } from "../heap.ts";
import type { Job } from "../abi/kernels.ts";
import { atLeast } from "../lengths.ts";
import { checkAsked, type Asked } from "./scan.ts";

/** The job that finds the cells of slots `first` up to `end` of some, and writes them beside. */
export function nearestCells(
  heap: Heap,
  graph: Graph,
  scratch: GraphScratch,
  slots: Uint32Array,
  nearest: Uint32Array,
  [first, end]: readonly [number, number],
): Job<"cells_nearest_f32"> {
  atLeast("slots length", end, slots.length);
  atLeast("nearest length", end, nearest.length);
  return {
    kernel: "cells_nearest_f32",
    args: [
      heap.addressOf(graph.description),
      heap.addressOf(scratch.description),
      heap.addressOf(slots),
      first,
      end,
      heap.addressOf(nearest),
    ],
  };
}

/** The job that moves each centroid to the mean of its rows. */
export function moveCentroids(
  heap: Heap,
  graph: Graph,
  slots: Uint32Array,
  nearest: Uint32Array,
): Job<"cells_means_f32"> {
  atLeast("nearest length", slots.length, nearest.length);
  return {
    kernel: "cells_means_f32",
    args: [
      heap.addressOf(graph.description),
      heap.addressOf(slots),
      slots.length,
      heap.addressOf(nearest),
      heap.addressOf(graph.cells.counts),
    ],
  };
}

/** The job that puts linked rows into the lists of their cells. */
export function listRows(
  heap: Heap,
  graph: Graph,
  slots: Uint32Array,
  nearest: Uint32Array,
): Job<"cells_list_f32"> {
  atLeast("nearest length", slots.length, nearest.length);
  return {
    kernel: "cells_list_f32",
    args: [
      heap.addressOf(graph.description),
      heap.addressOf(slots),
      slots.length,
      heap.addressOf(nearest),
    ],
  };
}

/** The job that puts cells that are near each other into one block of 32. Nobody may search meanwhile. */
export function groupCells(
  heap: Heap,
  graph: Graph,
  scratch: GraphScratch,
): Job<"cells_group_f32"> {
  const { groups, counts, keys } = graph.cells;
  atLeast("keys length", cellCount(graph.cells), keys.length);
  const arrays = [graph.description, scratch.description, groups, counts, keys];
  const [description, its, ...rest] = arrays.map((array) => heap.addressOf(array));
  const [codes, order, sorted] = rest;
  return { kernel: "cells_group_f32", args: [description, its, codes, order, sorted] };
}

/** The job that puts the blocks of each list one behind the other. Nobody may search meanwhile. */
export function tidyLists(
  heap: Heap,
  graph: Graph,
  scratch: GraphScratch,
  order: Uint32Array,
): Job<"cells_tidy_u32"> {
  atLeast("order length", usedBlocks(graph.cells), order.length);
  return {
    kernel: "cells_tidy_u32",
    args: [
      heap.addressOf(graph.description),
      heap.addressOf(scratch.description),
      heap.addressOf(order),
    ],
  };
}

/** Which cells' codes are looked at, and how surely. */
export interface CellScan {
  /** The first cell and the one behind the last. */
  readonly cells: readonly [number, number];
  /** How sure to be, in standard deviations of an estimate. */
  readonly sigmas: number;
  /** How much farther than the nearest a cell may be, as `cells_l2sq_f32` takes it; default any. */
  readonly margin?: number;
}

/**
 * The job that finds the `k` visible rows nearest to each of `queryCount` queries by the codes of cells;
 * it returns how many rows it looked at exactly.
 */
export function scanCells<Name extends "cells_l2sq_f32" | "cells_dot_f32">(
  heap: Heap,
  kernel: Name,
  { graph, graphScratch, visible }: SearchedGraph,
  asked: Asked,
  { cells, sigmas, margin = Infinity }: CellScan,
): Job<Name> {
  const { scratch, queryCount, k } = asked;
  const [first, end] = cells;
  checkAsked(asked, graph.dim);
  const args: Job<"cells_l2sq_f32">["args"] = [
    heap.addressOf(graph.description),
    heap.addressOf(graphScratch.description),
    heap.addressOf(scratch.queries),
    heap.addressOf(visible),
    first,
    end,
    queryCount,
    k,
    sigmas,
    margin,
    heap.addressOf(scratch.distances),
    heap.addressOf(scratch.slots),
    heap.addressOf(scratch.counts),
  ];
  return { kernel, args } as Job<Name>;
}
