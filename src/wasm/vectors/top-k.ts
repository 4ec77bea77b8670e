import type { Heap } from "../heap.ts";
import type { Job } from "../abi/kernels.ts";
import { exactly } from "../lengths.ts";

/**
 * The job that finds the k smallest values and where they stood, ascending, equal values by
 * position. It returns how many it wrote: min(k, count).
 *
 * @param values    f32[count] on the heap; NaN counts as +Infinity
 * @param nearest   f32[k] on the heap
 * @param positions u32[k] on the heap
 * @throws {DimensionError} when `nearest` and `positions` differ in length
 * @throws {StigmergyError} OFF_HEAP when an array is not on the heap
 */
export function topK(
  heap: Heap,
  values: Float32Array,
  nearest: Float32Array,
  positions: Uint32Array,
): Job<"top_k_f32"> {
  const k = nearest.length;
  exactly("positions length", k, positions.length);
  return {
    kernel: "top_k_f32",
    args: [
      heap.addressOf(values),
      values.length,
      k,
      heap.addressOf(nearest),
      heap.addressOf(positions),
    ],
  };
}
