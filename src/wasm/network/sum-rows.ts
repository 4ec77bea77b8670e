import type { Heap } from "../heap.ts";
import type { Job } from "../abi/kernels.ts";
import { atMost, exactly } from "../lengths.ts";

/** Values of a row are summed so many at a time: a row's length is a multiple of it. */
export const SUM_ROWS_BLOCK = 32;

/** Rows to be summed, on a heap. */
export interface RowSum {
  /** u32[at least count], each a row of the table. */
  readonly ids: Uint32Array;
  /** f32[at least count], what each row is multiplied by. */
  readonly values: Float32Array;
  readonly count: number;
  /** i8[rows × dim], row-major. */
  readonly rows: Int8Array;
  /** f32[dim]; dim a positive multiple of 32. */
  readonly out: Float32Array;
  /** Adds to what `out` holds, instead of writing over it. */
  readonly add: boolean;
}

/**
 * The job that writes the weighted sum of some rows of an 8-bit table.
 * @throws {DimensionError} when the lengths do not agree
 * @throws {StigmergyError} OFF_HEAP when an array is not on the heap
 */
export function sumRows(
  heap: Heap,
  { ids, values, count, rows, out, add }: RowSum,
): Job<"sum_rows_i8"> {
  const dim = out.length;
  exactly("row length", Math.max(1, Math.ceil(dim / SUM_ROWS_BLOCK)) * SUM_ROWS_BLOCK, dim);
  atMost("count", Math.min(ids.length, values.length), count);
  exactly("rows length", Math.floor(rows.length / dim) * dim, rows.length);
  return {
    kernel: "sum_rows_i8",
    args: [
      heap.addressOf(ids),
      heap.addressOf(values),
      count,
      heap.addressOf(rows),
      dim,
      Number(add),
      heap.addressOf(out),
    ],
  };
}
