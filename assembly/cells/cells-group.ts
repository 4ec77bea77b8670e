// Puts cells whose centroids are near each other into one block of 32: a search looks at the blocks that are nearest
// to it, and so at as many centroids of many as of a few.

import { cellCount, centroidOf, encodeCentroid } from "./cells";
import { rowDot } from "../rows/distance";
import { poolOf } from "../graph/explore-scratch";
import { storePacked } from "../codes/factors";
import { cellsOf, dimOf, linkBlockBytes, rootOf } from "../graph/graph";
import { encodeLink } from "../graph/graph-links";
import { RowsF32 } from "../rows/metric";
import { keepOne, sortQueue } from "../base/top-k";

const ROUNDS: u32 = 3; // after which halves hardly change any more

/**
 * Orders cells, with their lists, so that each 32 of them are near each other, and encodes the means of each 32: they
 * are halved again and again, across the line between the means of the halves. In whatever order the same cells
 * stood, they come to the same. Nobody may search meanwhile.
 *
 * @param scratch  u32[24], drawn in explore-scratch.ts
 * @param groups   codes of means less the root's row, in blocks as of links, drawn in graph.ts
 * @param order    u32[cells], scratch
 * @param keys     f32[cells], scratch
 */
export function cells_group_f32(
  graph: usize,
  scratch: usize,
  groups: usize,
  order: usize,
  keys: usize,
): void {
  const cells = cellsOf(graph);
  const count = cellCount(cells);
  const rowBytes = (<usize>dimOf(graph)) << 2;
  const rows = poolOf(scratch);
  for (let i: u32 = 0; i < count; i++) store<u32>(order + ((<usize>i) << 2), i);
  // By one value at first, so that it does not matter how they stood.
  memory.fill(rows, 0, rowBytes);
  store<f32>(rows, 1);
  sortAlong(cells, rowBytes, order, keys, count, rows);
  halve(cells, rowBytes, order, keys, count >> 5, rows);
  move(cells, rowBytes, order, rows);
  for (let i: u32 = 0; i < count; i++) encodeCentroid(graph, i);
  encodeGroups(graph, groups, rows);
  store<u32>(cells, <u32>groups, 28);
}

/** Orders some blocks of cells so that the first half of them is near each other, and the second, and so on. */
function halve(
  cells: usize,
  rowBytes: usize,
  order: usize,
  keys: usize,
  blocks: u32,
  rows: usize,
): void {
  if (blocks < 2) return;
  const half = blocks >> 1;
  const second = order + ((<usize>half) << 7);
  const other = rows + rowBytes;
  for (let round: u32 = 0; round < ROUNDS; round++) {
    meanOf(cells, rowBytes, order, half << 5, rows);
    meanOf(cells, rowBytes, second, (blocks - half) << 5, other);
    for (let at: usize = 0; at < rowBytes; at += 16) {
      v128.store(rows + at, f32x4.sub(v128.load(rows + at), v128.load(other + at)));
    }
    sortAlong(cells, rowBytes, order, keys, blocks << 5, rows);
  }
  halve(cells, rowBytes, order, keys, half, rows);
  halve(cells, rowBytes, second, keys, blocks - half, rows);
}

/** Sorts cells by how far they lie in a direction, the farthest first. */
function sortAlong(
  cells: usize,
  rowBytes: usize,
  order: usize,
  keys: usize,
  count: u32,
  direction: usize,
): void {
  for (let i: u32 = 0; i < count; i++) {
    const cell = load<u32>(order + ((<usize>i) << 2));
    const along = rowDot(centroidOf(cells, cell, rowBytes), direction, rowBytes);
    keepOne(-along, cell, count, keys, order, i);
  }
  sortQueue(keys, order, count);
}

function meanOf(cells: usize, rowBytes: usize, order: usize, count: u32, out: usize): void {
  memory.fill(out, 0, rowBytes);
  const share = f32x4.splat(1 / <f32>count);
  for (const end = order + ((<usize>count) << 2); order < end; order += 4) {
    const centroid = centroidOf(cells, load<u32>(order), rowBytes);
    for (let at: usize = 0; at < rowBytes; at += 16) {
      const part = f32x4.mul(v128.load(centroid + at), share);
      v128.store(out + at, f32x4.add(v128.load(out + at), part));
    }
  }
}

/** Moves cell `order[i]` to place `i`, for all of them: along each cycle, with room for one centroid. */
function move(cells: usize, rowBytes: usize, order: usize, spare: usize): void {
  const lists = <usize>load<u32>(cells, 12);
  const count = cellCount(cells);
  for (let start: u32 = 0; start < count; start++) {
    let place = start;
    let from = load<u32>(order + ((<usize>start) << 2));
    if (from == start) continue;
    memory.copy(spare, centroidOf(cells, start, rowBytes), rowBytes);
    const list = load<u64>(lists + ((<usize>start) << 3));
    for (; from != start; from = load<u32>(order + ((<usize>place) << 2))) {
      memory.copy(centroidOf(cells, place, rowBytes), centroidOf(cells, from, rowBytes), rowBytes);
      store<u64>(lists + ((<usize>place) << 3), load<u64>(lists + ((<usize>from) << 3)));
      store<u32>(order + ((<usize>place) << 2), place);
      place = from;
    }
    memory.copy(centroidOf(cells, place, rowBytes), spare, rowBytes);
    store<u64>(lists + ((<usize>place) << 3), list);
    store<u32>(order + ((<usize>place) << 2), place);
  }
}

/** Encodes the mean of each 32 centroids that stand one behind the other; after the last every estimate is infinite. */
function encodeGroups(graph: usize, groups: usize, mean: usize): void {
  const cells = cellsOf(graph);
  const dim = dimOf(graph);
  const rowBytes = (<usize>dim) << 2;
  const order = mean + rowBytes;
  const count = cellCount(cells) >> 5;
  const end = (count + 31) & ~31;
  for (let group: u32 = 0; group < end; group++) {
    const block = groups + <usize>(group >> 5) * linkBlockBytes(dim);
    const place = group & 31;
    if (group >= count) {
      storePacked(block + rowBytes + ((<usize>place) << 2), f32.POSITIVE_INFINITY, 0);
      continue;
    }
    for (let i: u32 = 0; i < 32; i++) store<u32>(order + ((<usize>i) << 2), (group << 5) + i);
    meanOf(cells, rowBytes, order, 32, mean);
    encodeLink<RowsF32, RowsF32>(graph, rootOf(graph), mean, block, place);
  }
}
