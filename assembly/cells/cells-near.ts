// Finds the cells whose centroids are nearest to a query or to a row: of many centroids those in the blocks that are
// nearest to it.

import { touch, touchPages } from "../base/ahead";
import { bitsBelow } from "../base/bits";
import { cellCount, centroidCodes, centroidOf, groupsOf } from "./cells";
import { rowL2sq } from "../rows/distance";
import { boundOf } from "./explore-lists";
import { poolOf } from "../graph/explore-scratch";
import { boundLinks, Estimate } from "../codes/fastscan";
import { cellsOf, linkBlockBytes, recordOf } from "../graph/graph";
import { rowQuery } from "../graph/graph-rows";
import { aim, dim, estimates, rootDistance, rowBytes, tables } from "../graph/query-tables";
import { distanceOf, insertSorted, keyAt, keyOf, slotOf } from "../base/sorted";

/** Estimates tell which centroids may be the nearest; so many times as many are looked at exactly. */
export const CONSIDERED: u32 = 2;
// Of a row that is put into the cell of the nearest.
const NEAR_CENTROIDS: u32 = 2;
// Blocks of centroids that are looked at where there are more. About 2,000 random centers, which is the worst there
// is, with 2,848 cells of 1,000,000 rows a search found .9961 of the nearest by 32 of them, .9979 by 44 and .9980 by all.
const NEAR_GROUPS: u32 = 48;

/**
 * Finds the cells whose centroids are nearest to a query that `aim` was told of, ascending; returns how many, at most
 * `most`. Their distances and numbers are keys of the pool then, and the codes that were looked up are noted.
 *
 * @param scratch  u32[24], drawn in explore-scratch.ts
 * @param query    f32[dim], rotated
 */
export function nearestCells(graph: usize, scratch: usize, query: usize, most: u32): u32 {
  const list = poolOf(scratch);
  const cells = cellsOf(graph);
  const count = cellCount(cells);
  const rough = list + ((<usize>most) << 3);
  const considered = CONSIDERED * most;
  const ranks = estimates + 128;
  const bound = rankGroups(cells, ranks);
  let codes: u32 = bound < f32.POSITIVE_INFINITY ? count >> 5 : 0;
  let size: u32 = 0;
  let block = centroidCodes(cells);
  for (let first: u32 = 0; first < count; first += 32, block += linkBlockBytes(dim)) {
    if (bound < f32.POSITIVE_INFINITY && load<f32>(ranks + (first >> 3)) >= bound) continue;
    codes += 32;
    boundLinks<Estimate>(block, tables, dim, rootDistance, estimates);
    let worst: f32 = f32.POSITIVE_INFINITY;
    if (size == considered) worst = distanceOf(keyAt(rough, size - 1));
    for (let bits = bitsBelow(estimates, worst); bits != 0; bits &= bits - 1) {
      const i = <u32>ctz(bits);
      const key = keyOf(load<f32>(estimates + ((<usize>i) << 2)), first + i);
      if (insertSorted(rough, size, considered, key) < considered) {
        size = min(size + 1, considered);
      }
    }
  }
  store<u32>(scratch, codes, 32);
  // All centroids are more than near caches hold: these are sent for together.
  for (let i: u32 = 0; i < size; i++) {
    touchPages(centroidOf(cells, slotOf(keyAt(rough, i)), rowBytes), rowBytes);
  }
  for (let i: u32 = 0; i < size; i++) {
    touch(centroidOf(cells, slotOf(keyAt(rough, i)), rowBytes), rowBytes);
  }
  let found: u32 = 0;
  for (let i: u32 = 0; i < size; i++) {
    const cell = slotOf(keyAt(rough, i));
    const exact = rowL2sq(query, centroidOf(cells, cell, rowBytes), rowBytes);
    if (insertSorted(list, found, most, keyOf(exact, cell)) < most) found = min(found + 1, most);
  }
  return found;
}

/**
 * Estimates how far the mean of each block of centroids is; returns a bound that about as many are below as are to
 * be looked at, or Infinity where all are.
 *
 * @param ranks  f32[…][32]
 */
function rankGroups(cells: usize, ranks: usize): f32 {
  let groups = groupsOf(cells);
  const count = cellCount(cells) >> 5;
  if (groups == 0 || count <= NEAR_GROUPS) return f32.POSITIVE_INFINITY;
  let blocks: u32 = 0;
  for (; blocks << 5 < count; blocks++, groups += linkBlockBytes(dim)) {
    boundLinks<Estimate>(groups, tables, dim, rootDistance, ranks + ((<usize>blocks) << 7));
  }
  return boundOf(ranks, blocks, ranks, 0, NEAR_GROUPS, f32.POSITIVE_INFINITY);
}

/**
 * Writes the number of the cell whose centroid is nearest to each row.
 *
 * @param scratch  u32[24], drawn in explore-scratch.ts
 * @param slots    u32[…], whose records hold their rows
 * @param first    first of `slots` to look at
 * @param end      the one after the last
 * @param nearest  u32[…], beside `slots`
 */
export function cells_nearest_f32(
  graph: usize,
  scratch: usize,
  slots: usize,
  first: u32,
  end: u32,
  nearest: usize,
): void {
  const list = poolOf(scratch);
  for (let i = first; i < end; i++) {
    const row = rowQuery(graph, scratch, recordOf(graph, load<u32>(slots + ((<usize>i) << 2))));
    aim(graph, scratch, row);
    const found = nearestCells(graph, scratch, row, NEAR_CENTROIDS);
    // Distances may be beyond f32: then any cell will do.
    store<u32>(nearest + ((<usize>i) << 2), found > 0 ? slotOf(keyAt(list, 0)) : 0);
  }
}
