import type { Heap } from "./heap.ts";
import type { Job } from "./abi/kernels.ts";
import { atLeast, exactly } from "./lengths.ts";

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

/** Values that `peakArithmetic` reads. */
export const PEAK_OPERANDS = 24;

/**
 * The job that multiplies and adds f32 values that lie at hand, and returns a sum of them: what
 * arithmetic costs on this machine. It does `operations`, rounded up to whole steps of 64.
 *
 * @param operands f32[PEAK_OPERANDS], on the heap
 * @throws {DimensionError} when `operands` is shorter
 * @throws {StigmergyError} OFF_HEAP when it is not on the heap
 */
export function peakArithmetic(
  heap: Heap,
  operands: Float32Array,
  operations: number,
): Job<"peak_f32"> {
  atLeast("operands length", PEAK_OPERANDS, operands.length);
  return {
    kernel: "peak_f32",
    args: [heap.addressOf(operands), Math.max(1, Math.ceil(operations / 64))],
  };
}
