import type { Heap } from "./heap.ts";
import type { Job } from "./kernels.ts";
import { exactly } from "./lengths.ts";

const LANES = 16;

/**
 * The job that adds an array to a checksum of 512 bits, which tells damage and nothing else: whoever
 * means to can make two arrays with the same one.
 *
 * @param state u32[16] on the heap, changed in place
 * @param words u32[…] on the heap, a multiple of 16 of them
 * @throws {DimensionError} when a length is not so
 * @throws {StigmergyError} OFF_HEAP when an array is not on the heap
 */
export function addToChecksum(
  heap: Heap,
  state: Uint32Array,
  words: Uint32Array,
): Job<"checksum_u32"> {
  exactly("state length", LANES, state.length);
  exactly("words", Math.ceil(words.length / LANES) * LANES, words.length);
  return {
    kernel: "checksum_u32",
    args: [heap.addressOf(state), heap.addressOf(words), words.byteLength],
  };
}
