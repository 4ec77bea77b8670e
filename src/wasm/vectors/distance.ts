import type { Heap } from "../heap.ts";
import type { Job } from "../abi/kernels.ts";
import { exactly } from "../lengths.ts";

const ROW_MULTIPLE = 16; // f32 values per 64-byte block, the step of every row kernel

/** Length of a stored row: `dim` rounded up, so that no kernel needs a tail loop. */
export function paddedDim(dim: number): number {
  return Math.ceil(Math.max(dim, 1) / ROW_MULTIPLE) * ROW_MULTIPLE;
}

/**
 * The job that writes the squared Euclidean distance from `query` to every row.
 * Lower is closer. To use several threads, make one job per part with `subarray`.
 *
 * @param query f32[dim] on the heap, padded with zeros to `paddedDim`
 * @param rows  f32[count × dim] on the heap, row-major, padded alike
 * @param out   f32[count] on the heap
 * @throws {DimensionError} when the three lengths do not agree
 * @throws {StigmergyError} OFF_HEAP when an array is not on the heap
 */
export function l2sq(
  heap: Heap,
  query: Float32Array,
  rows: Float32Array,
  out: Float32Array,
): Job<"l2sq_f32"> {
  return { kernel: "l2sq_f32", args: rowArguments(heap, query, rows, out) };
}

/** The job that writes the negated inner product of `query` with every row, as `l2sq` does. */
export function dot(
  heap: Heap,
  query: Float32Array,
  rows: Float32Array,
  out: Float32Array,
): Job<"dot_f32"> {
  return { kernel: "dot_f32", args: rowArguments(heap, query, rows, out) };
}

/**
 * The job that writes 1 − cos of the angle between `query` and every row, as `l2sq` does.
 * Rows may have any length; a zero vector gives NaN.
 */
export function cosine(
  heap: Heap,
  query: Float32Array,
  rows: Float32Array,
  out: Float32Array,
): Job<"cosine_f32"> {
  return { kernel: "cosine_f32", args: rowArguments(heap, query, rows, out) };
}

function rowArguments(
  heap: Heap,
  query: Float32Array,
  rows: Float32Array,
  out: Float32Array,
): [query: number, rows: number, count: number, dim: number, out: number] {
  const dim = query.length;
  const count = out.length;
  exactly("query length", paddedDim(dim), dim);
  exactly("rows length", count * dim, rows.length);
  return [heap.addressOf(query), heap.addressOf(rows), count, dim, heap.addressOf(out)];
}
