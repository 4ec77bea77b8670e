import type { Heap } from "../heap.ts";
import type { Job } from "../abi/kernels.ts";
import { layoutBytes, type Layout } from "../layout.ts";

/** In `columnOf` and `rowOf`: none. */
export const UNMATCHED = 0xffff_ffff;

const PLACE_WORDS = 9;

/** A matching on a heap, as drawn in assembly/assignment/matching.ts. */
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
  return layoutBytes((layout) => void placeAll(layout, rows, columns));
}

/**
 * Lays out a matching where nobody may have anybody, and nobody has.
 * @throws {StigmergyError} OUT_OF_HEAP when it does not fit
 */
export function layOutMatching(heap: Heap, rows: number, columns: number): MatchingOnHeap {
  const words = wordsOf(columns);
  const { place, ...arrays } = placeAll(heap, rows, columns);
  const { bits, columnOf, rowOf } = arrays;
  bits.fill(0);
  columnOf.fill(UNMATCHED);
  rowOf.fill(UNMATCHED);
  const addresses = Object.values(arrays).map((array) => heap.addressOf(array));
  place.set([rows, words / 2, ...addresses]);
  return { rows, words, bits, columnOf, rowOf, place };
}

/** Behind `place`, arrays are in the order of their addresses there. */
function placeAll(layout: Layout, rows: number, columns: number) {
  const words = wordsOf(columns);
  return {
    place: layout.u32(PLACE_WORDS),
    bits: layout.u32(rows * words),
    columnOf: layout.u32(rows),
    rowOf: layout.u32(32 * words),
    free: layout.u32(words),
    unseen: layout.u32(words),
    path: layout.u32(rows + 1),
    places: layout.u32(rows + 1),
  };
}

/** The job that makes a matching as large as can be, and returns how many rows have a column. */
export function matchBits(heap: Heap, { place }: MatchingOnHeap): Job<"match_bits"> {
  return { kernel: "match_bits", args: [heap.addressOf(place)] };
}

function wordsOf(columns: number): number {
  return 2 * Math.ceil(columns / 64);
}
