import { paddedDim } from "./distance.ts";
import type { Heap } from "../heap.ts";
import type { Job } from "../abi/kernels.ts";
import { exactly } from "../lengths.ts";

/**
 * The job that returns how many rows there are before the first that has NaN or ±Infinity, or zeros alone: all of
 * them when none has.
 *
 * @param rows f32[count × dim] on the heap, row-major, padded to `paddedDim`
 * @param dim  values per row
 * @throws {DimensionError} when the lengths do not agree
 * @throws {StigmergyError} OFF_HEAP when the array is not on the heap
 */
export function soundRows(heap: Heap, rows: Float32Array, dim: number): Job<"sound_rows_f32"> {
  exactly("row length", paddedDim(dim), dim);
  const count = Math.floor(rows.length / dim);
  exactly("rows length", count * dim, rows.length);
  return { kernel: "sound_rows_f32", args: [heap.addressOf(rows), count, dim] };
}
