// Metrics, and how rows are kept, as empty types: named at compile time, so that no inner loop holds a branch
// on them.

import { rowDot, rowL2sq } from "./distance";
import { fourI8, l2sqI8, negatedDotI8, queryBytesI8, scaleOf } from "./rows-i8";

/** Squared Euclidean distance. */
export class L2sq {}
/** Negated inner product. */
export class NegatedDot {}

/** Whether the metric is `L2sq`; the compiler decides. */
export function isL2sq<Metric>(): bool {
  return idof<Metric>() == idof<L2sq>();
}

/** Distance between two rows of `bytes` bytes of f32, a positive multiple of 64. */
export function rowDistance<Metric>(a: usize, b: usize, bytes: usize): f32 {
  if (isL2sq<Metric>()) return rowL2sq(a, b, bytes);
  return -rowDot(a, b, bytes);
}

/** Rows of f32. */
export class RowsF32 {}
/** Rows of 8 bits, drawn in rows-i8.ts. */
export class RowsI8 {}

/** Whether rows are of 8 bits; the compiler decides. */
export function isI8<Rows>(): bool {
  return idof<Rows>() == idof<RowsI8>();
}

/** Bytes of a query, as rows of its kind are compared with it. */
export function queryBytes<Rows>(dim: u32): usize {
  return isI8<Rows>() ? queryBytesI8(dim) : (<usize>dim) << 2;
}

/** Distance of a query from a row; of 8 bits, whose factors stand `factorsAt` bytes from its start. */
export function distanceTo<Metric, Rows>(
  query: usize,
  row: usize,
  dim: u32,
  factorsAt: usize,
): f32 {
  if (!isI8<Rows>()) return rowDistance<Metric>(query, row, (<usize>dim) << 2);
  if (isL2sq<Metric>()) return l2sqI8(query, row, row + factorsAt, dim, 0);
  return negatedDotI8(query, row, row + factorsAt, dim, 0);
}

/** What the codes of a row whose factors these are mean, in each lane; nothing where rows are f32. */
export function scalesOf<Rows>(factors: usize): v128 {
  return isI8<Rows>() ? f32x4.splat(scaleOf(factors)) : f32x4.splat(0);
}

/** Four values of a row, those that stand `offset` bytes from the start of one of f32. */
export function four<Rows>(row: usize, offset: usize, scales: v128): v128 {
  return isI8<Rows>() ? fourI8(row, offset, scales) : v128.load(row + offset);
}
