// Search over the codes of all cells: what a graph's walk may miss is looked for here. The nearest cells come first, and
// their rows are looked at before other cells are: then hardly any row of those is as near by the upper bit of its code, and
// no more is looked up of it.

import { bitsBelow } from "./bits";
import {
  bitsOf,
  cellCount,
  firstBlockOf,
  listBlockBytes,
  listBlockOf,
  listSlotsAt,
  nextBlockOf,
} from "./cells";
import {
  awayOf,
  beginCandidates,
  isFull,
  listCandidates,
  lookAtCandidates,
  lookedAt,
  nearestFirst,
  nearOf,
  worstOf,
} from "./cells-candidates";
import { ERROR, farSquaredOf, listSpread, upperSpread } from "./certainty";
import { rowL2sq, subtract } from "./distance";
import { refineTables, tableBytes, tables_b1 } from "./fastscan";
import { boundUpper, estimatePlanes, refinePlanes } from "./fastscan-planes";
import { noteWalk, noteWork } from "./explore-scratch";
import { cellsOf, dimOf, linksAt, NONE, recordOf, rootOf } from "./graph";
import { prepareQuery, queryDistance } from "./graph-rows";
import { isL2sq, L2sq, NegatedDot } from "./metric";
import { multiply, scaleFor } from "./query-scale";
import { distanceOf, keyAt, slotOf } from "./sorted";
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
 * @returns how many rows were looked at exactly, over all queries; how many codes were looked up is noted in the
 *          scratch: those of which the upper bit was, and whole ones
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
  const away = awayOf(scratch);
  const near = nearOf(scratch);
  const end = min(endCell, cellCount(cells));
  const first = min(firstCell, end);
  let exact: u32 = 0;
  for (let q: u32 = 0; q < queryCount; q++, queries += rowBytes) {
    const scale: f32 = isL2sq<Metric>() ? 1 : scaleFor(graph, queries);
    if (scale != 1) multiply(queries, rowBytes, scale);
    prepareQuery(graph, scratch, queries);
    subtract(queries, rootOf(graph), rowBytes, difference);
    tables_b1(difference, dim, tables);
    const rootDistance = rowL2sq(queries, rootOf(graph), rowBytes);
    const nearest = nearestFirst(cells, queries, rowBytes, first, end, k, scratch);
    beginCandidates(scratch);
    let isFine = false;
    let uppers: u32 = 0;
    let wholes: u32 = 0;
    for (let turn: u32 = 0; turn < nearest + end - first; turn++) {
      if (turn == nearest) lookAtCandidates(graph, scratch, queries, visible, k, distances, slots);
      let cell = first + turn - nearest;
      let distance: f32;
      if (turn < nearest) {
        cell = slotOf(keyAt(near, turn));
        distance = distanceOf(keyAt(near, turn));
      } else {
        distance = load<f32>(away + ((<usize>(turn - nearest)) << 2));
        if (distance < 0) continue;
      }
      const isNear = distance * farSquaredOf(planes) < rootDistance;
      if (isNear && !isFine) {
        refineTables(difference, dim, tables, fineTables);
        isFine = true;
      }
      const spread = listSpread(distance, isNear ? fineTables : tables, dim, planes);
      const slack = sigmas * ERROR * <f32>Math.sqrt(<f64>spread);
      const upper = upperSpread(distance, rootDistance, tables, dim, planes);
      const upperSlack = sigmas * <f32>Math.sqrt(<f64>upper);
      for (let number = firstBlockOf(cells, cell); number != NONE;) {
        const block = listBlockOf(cells, number, dim);
        const listed = block + listSlotsAt(cells, dim);
        number = nextBlockOf(listed);
        const worst = worstOf(scratch, k, distances);
        if (turn >= nearest) {
          uppers++;
          boundUpper(block, tables, dim, planes, distance, upperSlack, estimates);
          if (bitsBelow(estimates, worst) == 0) continue;
        }
        wholes++;
        estimatePlanes(block, tables, dim, planes, distance, f32.POSITIVE_INFINITY, estimates);
        if (isNear) refinePlanes(block, fineTables, dim, planes, estimates);
        listCandidates(graph, scratch, visible, k, listed, estimates, slack, worst);
        if (isFull(scratch)) {
          lookAtCandidates(graph, scratch, queries, visible, k, distances, slots);
        }
      }
    }
    const filled = lookAtCandidates(graph, scratch, queries, visible, k, distances, slots);
    exact += lookedAt(scratch);
    const looked = <usize>lookedAt(scratch) * linksAt(graph) + <usize>(end - first) * rowBytes;
    const read = <usize>uppers * rowBytes + <usize>wholes * listBlockBytes(cells, dim) + looked;
    noteWalk(scratch, lookedAt(scratch), (uppers + wholes) << 5, read);
    noteWork(scratch);
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
