import { arrayBytes, type Heap } from "./heap.ts";
import type { Job } from "./kernels.ts";

/** In `columnOf` and `rowOf`: none. */
export const UNMATCHED = 0xffff_ffff;

/** A matching on a heap, as drawn in assembly/matching.ts. */
export interface MatchingOnHeap {
  readonly rows: number;
  /** u32 words of a row's bits, an even number. */
  readonly words: number;
  /** u32[rows][words], bit j of a row's when it may have column j. */
  readonly bits: Uint32Array;
  /** u32[rows], the column of each row, or `UNMATCHED`. */
  readonly columnOf: Uint32Array;
  /** u32[32 · words], the row of each column, or `UNMATCHED`. */
  readonly rowOf: Uint32Array;
  readonly place: Uint32Array;
}

/** Bytes of heap that `layOutMatching` takes. */
export function matchingBytes(rows: number, columns: number): number {
  const words = wordsOf(columns);
  const inColumns = arrayBytes(32 * words) + 2 * arrayBytes(words);
  return arrayBytes(rows * words) + 3 * arrayBytes(rows + 1) + inColumns + 128;
}

/**
 * Lays out a matching where nobody may have anybody, and nobody has.
 * @throws {StigmergyError} OUT_OF_HEAP when it does not fit
 */
export function layOutMatching(heap: Heap, rows: number, columns: number): MatchingOnHeap {
  const words = wordsOf(columns);
  const place = heap.u32(9);
  const bits = heap.u32(rows * words).fill(0);
  const columnOf = heap.u32(rows).fill(UNMATCHED);
  const rowOf = heap.u32(32 * words).fill(UNMATCHED);
  const free = heap.u32(words);
  const unseen = heap.u32(words);
  const path = heap.u32(rows + 1);
  const places = heap.u32(rows + 1);
  const arrays = [bits, columnOf, rowOf, free, unseen, path, places];
  place.set([rows, words / 2, ...arrays.map((array) => heap.addressOf(array))]);
  return { rows, words, bits, columnOf, rowOf, place };
}

/** The job that makes a matching as large as can be, and returns how many rows have a column. */
export function matchBits(heap: Heap, { place }: MatchingOnHeap): Job<"match_bits"> {
  return { kernel: "match_bits", args: [heap.addressOf(place)] };
}

function wordsOf(columns: number): number {
  return 2 * Math.ceil(columns / 64);
}
