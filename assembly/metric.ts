// Metrics as empty types: named at compile time, so that no inner loop holds a branch on them.

import { rowDot, rowL2sq } from "./distance";

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
