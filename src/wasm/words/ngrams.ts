import { arrayBytes, type Heap } from "../heap.ts";
import type { Job } from "../abi/kernels.ts";
import { atMost } from "../lengths.ts";

/** Which parts of a text are hashed. */
export interface NgramKinds {
  /** Words themselves. */
  readonly words: boolean;
  /** Each two neighboring words. */
  readonly bigrams: boolean;
  /** Units of the shortest run of letters, 2 to 8, a word's borders included. */
  readonly shortest: number;
  /** Units of the longest, 2 to 8; one less than `shortest` leaves runs out. */
  readonly longest: number;
}

/** What stands before and after a word, and in no word. */
export const WORD_BORDER = " ";

/**
 * Arrays on a heap for the hashes of one text at a time. A text is written into `text`, a
 * job is run, and `counts` and `hashes` hold what it found until the next.
 */
export class NgramRoom {
  /** Longest text, in characters. */
  readonly mostBytes: number;
  /** u8[mostBytes] for an ASCII text. */
  readonly text: Uint8Array;
  /** u32[3]: words, neighbors and runs that were found. */
  readonly counts: Uint32Array;
  /** Hashes in this order. */
  readonly hashes: Uint32Array;
  readonly #units: number;
  readonly #masks: number;
  readonly #spans: number;

  /** @throws {StigmergyError} OUT_OF_HEAP when the arrays do not fit; see `ngramRoomBytes` */
  constructor(heap: Heap, mostBytes: number) {
    const words = roomWords(mostBytes);
    const text = heap.u32(words.text);
    this.mostBytes = mostBytes;
    this.text = new Uint8Array(text.buffer, text.byteOffset, mostBytes);
    this.counts = heap.u32(3);
    this.hashes = heap.u32(words.hashes);
    this.#units = heap.addressOf(heap.u32(words.units));
    this.#masks = heap.addressOf(heap.u32(words.masks));
    this.#spans = heap.addressOf(heap.u32(words.spans));
  }

  /**
   * The job that hashes the first `bytes` characters of `text`, all of them ASCII, and returns how
   * many hashes there are.
   * @throws {DimensionError} for more than `mostBytes`
   */
  ofText(bytes: number, kinds: NgramKinds): Job<"ngrams_u8"> {
    atMost("characters", this.mostBytes, bytes);
    return {
      kernel: "ngrams_u8",
      args: [
        this.text.byteOffset,
        bytes,
        bitsOf(kinds),
        kinds.shortest,
        kinds.longest,
        this.#masks,
        this.#units,
        this.#spans,
        this.counts.byteOffset,
        this.hashes.byteOffset,
      ],
    };
  }
}

/** Bytes that a room takes on a heap. */
export function ngramRoomBytes(mostBytes: number): number {
  const { text, masks, units, spans, hashes } = roomWords(mostBytes);
  return [text, masks, units, spans, 3, hashes].reduce((sum, each) => sum + arrayBytes(each), 0);
}

/**
 * Lengths of the arrays in 4-byte words. A text of n characters has at most 3n / 2 words, which have 2n
 * units. Of runs there are seven lengths, and of none more than one above a word's units.
 */
function roomWords(mostBytes: number) {
  const n = Math.ceil(mostBytes / 16) * 16;
  return {
    text: n / 4 + 4,
    masks: Math.ceil((3 * (n / 8 + 16)) / 4),
    units: (9 * n) / 4 + 24,
    spans: 3 * n + 2,
    hashes: 3 * n + 7 * ((7 * n) / 2) + 16,
  };
}

function bitsOf({ words, bigrams }: NgramKinds): number {
  return Number(words) | (Number(bigrams) << 1);
}
