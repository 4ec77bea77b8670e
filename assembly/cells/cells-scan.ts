// Search over the codes of cells. Those of all cells find what a graph's walk may miss: the nearest cells come first, and
// their rows are looked at before other cells are; then hardly any row of those is as near by the upper bit of its code, and
// no more is looked up of it. Those of a part of the cells find most of many answers sooner than a walk does (IVFADC:
// Jégou, Douze and Schmid, 2011): cells are read until they are too far to hold many rows that are nearer than those found.

import { cellCount } from "./cells";
import { beginCandidates, lookAtCandidates, noteCandidates } from "./cells-candidates";
import { readAll, readPart } from "./cells-read";
import { cellsOf, dimOf, recordOf } from "../graph/graph";
import { prepareQuery, queryDistance } from "../graph/graph-rows";
import { isL2sq, L2sq, NegatedDot } from "../rows/metric";
import { multiply, scaleFor } from "../graph/query-scale";
import { aim } from "../graph/query-tables";
import { keepOne, sortQueue } from "../base/top-k";

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
 * @param margin      cells are passed over whose centroid is more than so many times as far, in squares, as the k-th
 *                    nearest row found so far, by an estimate of it; Infinity for none; positive
 * @param distances   f32[queryCount][k], the answers
 * @param slots       u32[queryCount][k], beside `distances`
 * @param counts      u32[queryCount], how many of each query's k were found
 * @returns how many rows were looked at exactly, over all queries; how many codes were looked up is noted in the
 *          scratch: those of which the upper bit was, and whole ones, and
 *          codes of centroids where cells may be passed over
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
  margin: f32,
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
    margin,
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
  margin: f32,
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
    margin,
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
  margin: f32,
  distances: usize,
  slots: usize,
  counts: usize,
): u32 {
  const rowBytes = (<usize>dimOf(graph)) << 2;
  const end = min(endCell, cellCount(cellsOf(graph)));
  const first = min(firstCell, end);
  let exact: u32 = 0;
  for (let q: u32 = 0; q < queryCount; q++, queries += rowBytes) {
    const scale: f32 = isL2sq<Metric>() ? 1 : scaleFor(graph, queries);
    if (scale != 1) multiply(queries, rowBytes, scale);
    prepareQuery(graph, scratch, queries);
    aim(graph, scratch, queries);
    beginCandidates(graph, scratch, queries, visible, k, distances, slots);
    if (margin < f32.POSITIVE_INFINITY) readPart(first, end, sigmas, margin);
    else readAll(first, end, sigmas);
    const filled = lookAtCandidates();
    exact += noteCandidates();
    if (!isL2sq<Metric>()) {
      // Of rows of one length both metrics have the same order; only the distances are others.
      for (let i: u32 = 0; i < filled; i++) {
        const slot = load<u32>(slots + ((<usize>i) << 2));
        const record = recordOf(graph, slot);
        const distance = queryDistance<Metric>(graph, scratch, queries, record) / scale;
        keepOne(distance, slot, k, distances, slots, i);
      }
    }
    if (scale != 1) multiply(queries, rowBytes, 1 / scale);
    sortQueue(distances, slots, filled);
    store<u32>(counts + ((<usize>q) << 2), filled);
    distances += (<usize>k) << 2;
    slots += (<usize>k) << 2;
  }
  return exact;
}
