// Search over the codes of all cells: what a graph's walk may miss is looked for here.

import { bitsBelow, hasBit } from "./bits";
import {
  bitsOf,
  cellCount,
  centroidOf,
  firstBlockOf,
  LIST_FACTOR_BYTES,
  listBlockOf,
  listSlotsAt,
  nextBlockOf,
} from "./cells";
import { rowL2sq, subtract } from "./distance";
import { ERROR, farSquaredOf, listSpread } from "./certainty";
import { refineTables, tableBytes, tables_b1 } from "./fastscan";
import { estimatePlanes, refinePlanes } from "./fastscan-planes";
import { cellsOf, dimOf, nextTwin, NONE, recordOf, rootOf } from "./graph";
import { prepareQuery, queryDistance, queryL2sq } from "./graph-rows";
import { mulAddF32x4 } from "./lanes";
import { isL2sq, L2sq, NegatedDot } from "./metric";
import { keepOne, sortQueue } from "./top-k";

/**
 * The `k` visible rows nearest to each query among those of some cells, ascending. Only rows are looked
 * at whose estimated distance less `sigmas` standard deviations is below the k-th nearest so far.
 *
 * @param graph       u32[16], drawn in graph.ts
 * @param scratch     u32[24], drawn in explore-scratch.ts
 * @param queries     f32[queryCount][dim], rotated
 * @param visible     bits, as in `scan_l2sq_f32`
 * @param firstCell   first cell to look at
 * @param endCell     the one after the last
 * @param queryCount  queries; 0 does nothing
 * @param k           most rows to keep for each query; positive
 * @param sigmas      how sure to be; 0 and more
 * @param distances   f32[queryCount][k], the answers
 * @param slots       u32[queryCount][k], beside `distances`
 * @param counts      u32[queryCount], how many of each query's k were found
 * @returns how many rows were looked at exactly, over all queries
 */
export function cells_l2sq_f32(
  graph: usize,
  scratch: usize,
  queries: usize,
  visible: usize,
  firstCell: u32,
  endCell: u32,
  queryCount: u32,
  k: u32,
  sigmas: f32,
  distances: usize,
  slots: usize,
  counts: usize,
): u32 {
  return scanCells<L2sq>(
    graph,
    scratch,
    queries,
    visible,
    firstCell,
    endCell,
    queryCount,
    k,
    sigmas,
    distances,
    slots,
    counts,
  );
}

/** As `cells_l2sq_f32`, by negated inner product, under the conditions of `graph_dot_f32`. */
export function cells_dot_f32(
  graph: usize,
  scratch: usize,
  queries: usize,
  visible: usize,
  firstCell: u32,
  endCell: u32,
  queryCount: u32,
  k: u32,
  sigmas: f32,
  distances: usize,
  slots: usize,
  counts: usize,
): u32 {
  return scanCells<NegatedDot>(
    graph,
    scratch,
    queries,
    visible,
    firstCell,
    endCell,
    queryCount,
    k,
    sigmas,
    distances,
    slots,
    counts,
  );
}

function scanCells<Metric>(
  graph: usize,
  scratch: usize,
  queries: usize,
  visible: usize,
  firstCell: u32,
  endCell: u32,
  queryCount: u32,
  k: u32,
  sigmas: f32,
  distances: usize,
  slots: usize,
  counts: usize,
): u32 {
  const cells = cellsOf(graph);
  const planes = bitsOf(cells);
  const dim = dimOf(graph);
  const rowBytes = (<usize>dim) << 2;
  const tables = <usize>load<u32>(scratch, 16);
  const estimates = <usize>load<u32>(scratch, 20);
  const difference = tables + tableBytes(dim);
  const fineTables = difference + rowBytes;
  let exact: u32 = 0;
  for (let q: u32 = 0; q < queryCount; q++, queries += rowBytes) {
    prepareQuery(graph, scratch, queries);
    subtract(queries, rootOf(graph), rowBytes, difference);
    tables_b1(difference, dim, tables);
    const rootDistance = rowL2sq(queries, rootOf(graph), rowBytes);
    let isFine = false;
    let filled: u32 = 0;
    for (let cell = firstCell; cell < min(endCell, cellCount(cells)); cell++) {
      let number = firstBlockOf(cells, cell);
      if (number == NONE) continue;
      const away = rowL2sq(queries, centroidOf(cells, cell, rowBytes), rowBytes);
      const isNear = away * farSquaredOf(planes) < rootDistance;
      if (isNear && !isFine) {
        refineTables(difference, dim, tables, fineTables);
        isFine = true;
      }
      const spread = listSpread(away, isNear ? fineTables : tables, dim, planes);
      const slack = sigmas * ERROR * <f32>Math.sqrt(<f64>spread);
      while (number != NONE) {
        const block = listBlockOf(cells, number, dim);
        const listed = block + listSlotsAt(cells, dim);
        estimatePlanes(block, tables, dim, planes, away, f32.POSITIVE_INFINITY, estimates);
        if (isNear) refinePlanes(block, fineTables, dim, planes, estimates);
        lower(estimates, listed - LIST_FACTOR_BYTES + 128, slack);
        number = nextBlockOf(listed);
        const worst: f32 = filled == k ? load<f32>(distances) : f32.POSITIVE_INFINITY;
        for (let bits = bitsBelow(estimates, worst); bits != 0; bits &= bits - 1) {
          const at = (<usize>ctz(bits)) << 2;
          if (filled == k && load<f32>(estimates + at) >= load<f32>(distances)) continue;
          const slot = load<u32>(listed + at);
          if (slot == NONE || !isAnyVisible(graph, visible, slot)) continue;
          const distance = queryL2sq(graph, scratch, queries, recordOf(graph, slot));
          exact++;
          for (let equal = slot; equal != NONE; equal = nextTwin(graph, equal)) {
            if (filled == k && distance > load<f32>(distances)) break;
            if (!hasBit(visible, equal)) continue;
            filled = keepOne(distance, equal, k, distances, slots, filled);
          }
        }
      }
    }
    if (!isL2sq<Metric>()) {
      // Of rows of one length both metrics have the same order; only the distances are others.
      for (let i: u32 = 0; i < filled; i++) {
        const slot = load<u32>(slots + ((<usize>i) << 2));
        const record = recordOf(graph, slot);
        const distance = queryDistance<Metric>(graph, scratch, queries, record);
        keepOne(distance, slot, k, distances, slots, i);
      }
    }
    sortQueue(distances, slots, filled);
    store<u32>(counts + ((<usize>q) << 2), filled);
    distances += (<usize>k) << 2;
    slots += (<usize>k) << 2;
  }
  return exact;
}

/** Takes from each of 32 estimates what it may err by: `slack` times its factor, which is not positive. */
function lower(estimates: usize, factors: usize, slack: f32): void {
  const slacks = f32x4.splat(slack);
  for (let i: usize = 0; i < 128; i += 16) {
    const estimate = v128.load(estimates + i);
    v128.store(estimates + i, mulAddF32x4(v128.load(factors + i), slacks, estimate));
  }
}

/** Whether a row, or one equal to it, may be answered. */
function isAnyVisible(graph: usize, visible: usize, slot: u32): bool {
  // The record of most that are visible need not be read for this.
  for (let equal = slot; equal != NONE; equal = nextTwin(graph, equal)) {
    if (hasBit(visible, equal)) return true;
  }
  return false;
}
