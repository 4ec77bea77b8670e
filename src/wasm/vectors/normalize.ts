import { paddedDim } from "./distance.ts";
import type { Heap } from "../heap.ts";
import type { Job } from "../abi/kernels.ts";
import { exactly } from "../lengths.ts";

/**
 * The job that scales every row to unit length in place and writes the lengths they had.
 * A zero row stays as it is.
 *
 * @param rows  f32[count × dim] on the heap, row-major, padded to `paddedDim`
 * @param dim   values per row
 * @param norms f32[count] on the heap
 * @throws {DimensionError} when the lengths do not agree
 * @throws {StigmergyError} OFF_HEAP when an array is not on the heap
 */
export function normalize(
  heap: Heap,
  rows: Float32Array,
  dim: number,
  norms: Float32Array,
): Job<"normalize_f32"> {
  exactly("row length", paddedDim(dim), dim);
  exactly("rows length", norms.length * dim, rows.length);
  return {
    kernel: "normalize_f32",
    args: [heap.addressOf(rows), norms.length, dim, heap.addressOf(norms)],
  };
}
