// How the rows of a graph are read and compared, of f32 or of 8 bits.

import { rowDot, rowL2sq } from "../rows/distance";
import { axisOf, dimOf, factorsOf, hasI8, radiusSquareOf } from "./graph";
import { mulAddF32x4 } from "../base/lanes";
import { isI8, isL2sq, rowDistance, RowsI8 } from "../rows/metric";
import {
  fourI8,
  isSameI8,
  l2sqI8,
  liftOf,
  liftQuery,
  negatedDotI8,
  quantizeQuery,
  rowAsQuery,
  rowsL2sqI8,
  scaleOf,
  squareOfI8,
} from "../rows/rows-i8";

// A query has a part along the axis that no row has only when it is itself a row, lifted; others have its
// rounding.
const LEAST_PART: f32 = 1e-3;

/** Where the scratch of a search has a query as whole numbers. */
export function wholeOf(scratch: usize): usize {
  return <usize>load<u32>(scratch, 48);
}

/** Makes a query ready to be compared with rows of 8 bits. */
export function prepareQuery(graph: usize, scratch: usize, query: usize): void {
  if (!hasI8(graph)) return;
  const dim = dimOf(graph);
  const whole = wholeOf(scratch);
  if (radiusSquareOf(graph) == 0) {
    quantizeQuery(query, dim, whole);
    return;
  }
  const rowBytes = (<usize>dim) << 2;
  const axis = axisOf(graph);
  const along = rowDot(query, axis, rowBytes);
  if (<f64>along * <f64>along < LEAST_PART * LEAST_PART * rowDot(query, query, rowBytes)) {
    quantizeQuery(query, dim, whole);
    return;
  }
  const rest = <usize>load<u32>(scratch, 52);
  const part = f32x4.splat(-along);
  for (let at: usize = 0; at < rowBytes; at += 16) {
    v128.store(rest + at, mulAddF32x4(v128.load(axis + at), part, v128.load(query + at)));
  }
  quantizeQuery(rest, dim, whole);
  liftQuery(whole, along);
}

/** A row of the graph as a query, f32[dim]; it is ready to be compared with rows. */
export function rowQuery(graph: usize, scratch: usize, record: usize): usize {
  if (!hasI8(graph)) return record;
  const dim = dimOf(graph);
  const out = <usize>load<u32>(scratch, 52);
  const factors = factorsOf(graph, record);
  const lift = <f32>liftOf(squareOfI8(factors), radiusSquareOf(graph));
  rowAsQuery(record, factors, dim, lift, wholeOf(scratch));
  const scales = scalesIn<RowsI8>(graph, record);
  const lifts = f32x4.splat(lift);
  for (let at: usize = 0; at < (<usize>dim) << 2; at += 16) {
    v128.store(out + at, fourIn<RowsI8>(record, at, scales, lifts, axisOf(graph)));
  }
  return out;
}

/** Squared distance of a query that is ready from a record's row. */
export function queryL2sq(graph: usize, scratch: usize, query: usize, record: usize): f32 {
  const dim = dimOf(graph);
  if (!hasI8(graph)) return rowL2sq(query, record, (<usize>dim) << 2);
  const factors = factorsOf(graph, record);
  return l2sqI8(wholeOf(scratch), record, factors, dim, radiusSquareOf(graph));
}

/** Distance of a query that is ready from a record's row, by the metric of what is answered. */
export function queryDistance<Metric>(
  graph: usize,
  scratch: usize,
  query: usize,
  record: usize,
): f32 {
  if (isL2sq<Metric>()) return queryL2sq(graph, scratch, query, record);
  const dim = dimOf(graph);
  if (!hasI8(graph)) return rowDistance<Metric>(query, record, (<usize>dim) << 2);
  const factors = factorsOf(graph, record);
  return negatedDotI8(wholeOf(scratch), record, factors, dim, radiusSquareOf(graph));
}

/** Squared distance between the rows of two records; of equal ones exactly 0. */
export function rowsL2sq(graph: usize, a: usize, b: usize): f32 {
  const dim = dimOf(graph);
  if (!hasI8(graph)) return rowL2sq(a, b, (<usize>dim) << 2);
  const aFactors = factorsOf(graph, a);
  return rowsL2sqI8(a, aFactors, b, factorsOf(graph, b), dim, radiusSquareOf(graph));
}

/** Whether the rows of two records are the same, to the last bit. */
export function isSameRow(graph: usize, a: usize, b: usize): bool {
  const dim = dimOf(graph);
  if (hasI8(graph)) return isSameI8(a, factorsOf(graph, a), b, factorsOf(graph, b), dim);
  for (let at: usize = 0; at < (<usize>dim) << 2; at += 16) {
    if (v128.any_true(v128.xor(v128.load(a + at), v128.load(b + at)))) return false;
  }
  return true;
}

/** What a row's codes mean, in each lane. */
export function scalesIn<Rows>(graph: usize, record: usize): v128 {
  return isI8<Rows>() ? f32x4.splat(scaleOf(factorsOf(graph, record))) : f32x4.splat(0);
}

/** What lifts a row along the axis, in each lane. */
export function liftsIn<Rows>(graph: usize, record: usize): v128 {
  if (!isI8<Rows>()) return f32x4.splat(0);
  return f32x4.splat(<f32>liftOf(squareOfI8(factorsOf(graph, record)), radiusSquareOf(graph)));
}

/** Four values of a row as the graph sees it. */
export function fourIn<Rows>(
  row: usize,
  offset: usize,
  scales: v128,
  lifts: v128,
  axis: usize,
): v128 {
  if (!isI8<Rows>()) return v128.load(row + offset);
  return mulAddF32x4(v128.load(axis + offset), lifts, fourI8(row, offset, scales));
}

/** Adds a row to sums, f32[dim]; or begins them with it. */
export function addRow<Rows>(graph: usize, row: usize, sums: usize, isFirst: bool): void {
  const scales = scalesIn<Rows>(graph, row);
  const lifts = liftsIn<Rows>(graph, row);
  const axis = axisOf(graph);
  const rowBytes = (<usize>dimOf(graph)) << 2;
  for (let at: usize = 0; at < rowBytes; at += 16) {
    const values = fourIn<Rows>(row, at, scales, lifts, axis);
    v128.store(sums + at, isFirst ? values : f32x4.add(v128.load(sums + at), values));
  }
}
