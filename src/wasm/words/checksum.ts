import { Heap } from "../heap.ts";
import type { Job } from "../abi/kernels.ts";
import { exactly } from "../lengths.ts";

const LANES = 16;
const BLOCK_BYTES = 64;
const STAGE_BYTES = 65_536; // stays in the cache between being copied and being added

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

/**
 * The checksum of bytes that arrive in pieces, wherever they stand: 64 bytes as hexadecimal digits,
 * whatever the pieces were. Zeros fill up the last block, so lengths must be compared apart.
 */
export class Checksum {
  readonly #state = Uint32Array.from({ length: LANES }, (_, i) => Math.imul(i + 1, 0x9e3779b1));
  readonly #rest = new Uint8Array(BLOCK_BYTES);
  #restBytes = 0;

  update(bytes: Uint8Array): void {
    let from = 0;
    if (this.#restBytes > 0) {
      from = Math.min(bytes.length, BLOCK_BYTES - this.#restBytes);
      this.#rest.set(bytes.subarray(0, from), this.#restBytes);
      this.#restBytes += from;
      if (this.#restBytes < BLOCK_BYTES) return;
      this.#add(this.#rest);
      this.#restBytes = 0;
    }
    const end = from + Math.floor((bytes.length - from) / BLOCK_BYTES) * BLOCK_BYTES;
    this.#add(bytes.subarray(from, end));
    this.#rest.set(bytes.subarray(end));
    this.#restBytes = bytes.length - end;
  }

  /** The checksum of all that came; nothing may come any more. */
  digest(): string {
    if (this.#restBytes > 0) this.#add(this.#rest.fill(0, this.#restBytes));
    return Array.from(this.#state, (lane) => lane.toString(16).padStart(8, "0")).join("");
  }

  /** Adds whole blocks. */
  #add(bytes: Uint8Array): void {
    stage ??= makeStage();
    const { heap, state, words, room } = stage;
    state.set(this.#state);
    for (let from = 0; from < bytes.length; from += STAGE_BYTES) {
      const piece = bytes.subarray(from, from + STAGE_BYTES);
      room.set(piece);
      heap.run(addToChecksum(heap, state, words.subarray(0, piece.length / 4)));
    }
    this.#state.set(state);
  }
}

let stage: ReturnType<typeof makeStage> | undefined;

/** Where bytes are copied to for the kernel, one for all checksums of this process. */
function makeStage() {
  const heap = new Heap(STAGE_BYTES + 1024);
  const words = heap.u32(STAGE_BYTES / 4);
  const room = new Uint8Array(words.buffer, words.byteOffset, STAGE_BYTES);
  return { heap, state: heap.u32(LANES), words, room };
}
