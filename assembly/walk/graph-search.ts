// Search of a graph: the door of `explore`.

import { explore } from "./explore";
import { noteWork, poolOf, reachOf, visitedOf } from "../graph/explore-scratch";
import { dimOf, NONE, recordOf } from "../graph/graph";
import { prepareQuery, queryDistance } from "../graph/graph-rows";
import { isL2sq, L2sq, NegatedDot } from "../rows/metric";
import { multiply, scaleFor } from "../graph/query-scale";
import { distanceOf, keyAt, slotOf } from "../base/sorted";
import { keepOne, sortQueue } from "../base/top-k";

// A walk ends where rows seem surely beyond those found. Of a few it ends soon, and would miss the nearest more often
// than the ten nearest are missed, which beams are measured by: of mnist-784 4 % instead of 1. So some more are looked for.
const SOUGHT_BESIDE: u32 = 4;
const MOST_SOUGHT: u32 = 10;

/**
 * The `k` visible rows nearest to each query by squared Euclidean distance, as far as the graph leads
 * there, ascending; equal distances by slot. Distances as in `l2sq_f32`, bit for bit, or where rows are of
 * 8 bits as in `scan_l2sq_i8`.
 *
 * @param graph       u32[16], drawn in graph.ts
 * @param scratch     u32[24], drawn in explore-scratch.ts; its pool holds u64[k + 4]
 * @param queries     f32[queryCount][dim], rotated
 * @param visible     bits, as in `scan_l2sq_f32`
 * @param queryCount  queries; 0 does nothing
 * @param ef          beam: more is slower and finds more; positive
 * @param k           most rows to keep for each query; positive
 * @param isWithin    1 where only answers count that the beam has reached: where few rows are visible, or others than
 *                    the nearest, those that were met beyond may not be the nearest; else 0
 * @param distances   f32[queryCount][k], the answers
 * @param slots       u32[queryCount][k], beside `distances`
 * @param counts      u32[queryCount], how many of each query's k were found
 * @returns how many rows were looked at, over all queries
 */
export function graph_l2sq_f32(
  graph: usize,
  scratch: usize,
  queries: usize,
  visible: usize,
  queryCount: u32,
  ef: u32,
  k: u32,
  isWithin: u32,
  distances: usize,
  slots: usize,
  counts: usize,
): u32 {
  return search<L2sq>(
    graph,
    scratch,
    queries,
    0,
    visible,
    queryCount,
    ef,
    k,
    isWithin,
    distances,
    slots,
    counts,
  );
}

/**
 * As `graph_l2sq_f32`, by negated inner product as in `dot_f32`, where rows have one length and
 * queries no part in what makes it so: there both metrics have the same order.
 */
export function graph_dot_f32(
  graph: usize,
  scratch: usize,
  queries: usize,
  visible: usize,
  queryCount: u32,
  ef: u32,
  k: u32,
  isWithin: u32,
  distances: usize,
  slots: usize,
  counts: usize,
): u32 {
  return search<NegatedDot>(
    graph,
    scratch,
    queries,
    0,
    visible,
    queryCount,
    ef,
    k,
    isWithin,
    distances,
    slots,
    counts,
  );
}

/**
 * As `graph_l2sq_f32`, for queries that are rows of the graph: each walk passes over one row, as if it were not
 * there.
 *
 * @param selves  u32[queryCount], the slots to pass over, or NONE
 */
export function graph_others_f32(
  graph: usize,
  scratch: usize,
  queries: usize,
  selves: usize,
  visible: usize,
  queryCount: u32,
  ef: u32,
  k: u32,
  distances: usize,
  slots: usize,
  counts: usize,
): u32 {
  return search<L2sq>(
    graph,
    scratch,
    queries,
    selves,
    visible,
    queryCount,
    ef,
    k,
    0,
    distances,
    slots,
    counts,
  );
}

function search<Metric>(
  graph: usize,
  scratch: usize,
  queries: usize,
  selves: usize,
  visible: usize,
  queryCount: u32,
  ef: u32,
  k: u32,
  isWithin: u32,
  distances: usize,
  slots: usize,
  counts: usize,
): u32 {
  const rowBytes = (<usize>dimOf(graph)) << 2;
  const pool = poolOf(scratch);
  let visited: u32 = 0;
  for (let q: u32 = 0; q < queryCount; q++, queries += rowBytes) {
    const scale: f32 = isL2sq<Metric>() ? 1 : scaleFor(graph, queries);
    if (scale != 1) multiply(queries, rowBytes, scale);
    prepareQuery(graph, scratch, queries);
    const self = selves == 0 ? NONE : load<u32>(selves + ((<usize>q) << 2));
    const most = max(k, min(k + SOUGHT_BESIDE, MOST_SOUGHT));
    let found = min(explore(graph, scratch, queries, ef, visible, most, self), k);
    const reach = reachOf(scratch);
    while (isWithin != 0 && found > 0 && distanceOf(keyAt(pool, found - 1)) > reach) found--;
    for (let i: u32 = 0; i < found; i++) {
      const key = keyAt(pool, i);
      if (isL2sq<Metric>()) {
        store<f32>(distances + ((<usize>i) << 2), distanceOf(key));
        store<u32>(slots + ((<usize>i) << 2), slotOf(key));
      } else {
        const record = recordOf(graph, slotOf(key));
        const distance = queryDistance<Metric>(graph, scratch, queries, record) / scale;
        keepOne(distance, slotOf(key), k, distances, slots, i);
      }
    }
    if (!isL2sq<Metric>()) sortQueue(distances, slots, found);
    if (scale != 1) multiply(queries, rowBytes, 1 / scale);
    store<u32>(counts + ((<usize>q) << 2), found);
    visited += visitedOf(scratch);
    noteWork(scratch);
    distances += (<usize>k) << 2;
    slots += (<usize>k) << 2;
  }
  return visited;
}
