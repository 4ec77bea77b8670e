import type { Heap } from "./heap.ts";
import type { Job } from "./kernels.ts";
import { exactly } from "./lengths.ts";

/**
 * The job that reads every byte of an array once, in order, and returns the exclusive or of its
 * 32-bit words: what reading costs on this machine.
 *
 * @param array on the heap; a multiple of 64 bytes
 * @throws {DimensionError} for any other length
 * @throws {StigmergyError} OFF_HEAP when it is not on the heap
 */
export function readBytes(heap: Heap, array: ArrayBufferView): Job<"read_bytes"> {
  const whole = Math.ceil(array.byteLength / 64) * 64;
  exactly("bytes", whole, array.byteLength);
  return { kernel: "read_bytes", args: [heap.addressOf(array), array.byteLength] };
}

/**
 * The job that multiplies and adds f32 values in registers, and returns a sum of them: what arithmetic
 * costs on this machine. It does `operations`, rounded up to whole steps of 96.
 */
export function peakArithmetic(operations: number): Job<"peak_f32"> {
  return { kernel: "peak_f32", args: [Math.max(1, Math.ceil(operations / 96)), 0.5] };
}
