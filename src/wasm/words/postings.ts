import type { Heap } from "../heap.ts";
import type { Job } from "../abi/kernels.ts";
import { atLeast, exactly } from "../lengths.ts";

/** Arguments of `add_postings_f32`, as drawn in assembly/words/postings.ts. */
export type PostingArguments = [
  postings: number,
  length: number,
  scale: number,
  scores: number,
  norms: number,
  touched: number,
  met: number,
];

/** What a word's postings are added up in, by slot of a text. */
export interface PostingSums {
  /** f32[slots] on the heap, 0 for texts not met yet. */
  readonly scores: Float32Array;
  /** f32[slots] on the heap, above 0. */
  readonly norms: Float32Array;
  /** u32[slots] on the heap: the texts met, in the order in which they were. */
  readonly touched: Uint32Array;
}

/**
 * The job that adds what one word says for each text that has it, and returns how many texts have been met.
 *
 * @param postings u32[n] on the heap, slot · 256 + count · 2, slots below those of `sums`, each once
 * @param scale    above 0
 * @param met      texts met so far: so many of `touched` are written
 * @throws {DimensionError} when the arrays of `sums` differ in length, or are too short for `met`
 * @throws {StigmergyError} OFF_HEAP when an array is not on the heap
 */
export function addPostings(
  heap: Heap,
  postings: Uint32Array,
  scale: number,
  { scores, norms, touched }: PostingSums,
  met: number,
): Job<"add_postings_f32"> {
  exactly("norms length", scores.length, norms.length);
  exactly("touched length", scores.length, touched.length);
  atLeast("touched length", met, touched.length);
  return {
    kernel: "add_postings_f32",
    args: [
      ...([heap.addressOf(postings), postings.length, scale] as const),
      ...([heap.addressOf(scores), heap.addressOf(norms), heap.addressOf(touched), met] as const),
    ],
  };
}
