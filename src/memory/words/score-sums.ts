import { arrayBytes, Heap } from "../../wasm/heap.ts";
import type { PostingSums } from "../../wasm/words/postings.ts";
import type { WordTable } from "./word-table.ts";

/** Fewer texts are scored before kernels are loaded. */
const LEAST_ON_HEAP = 16_384;

/** What a search adds scores up in, by slot. */
export interface ScoreSums extends PostingSums {
  /** Where they stand beside the table's packed postings, for the kernel; undefined of a small table. */
  readonly heap: Heap | undefined;
}

/** Of no slots. */
export const NO_SUMS: ScoreSums = {
  heap: undefined,
  scores: new Float32Array(0),
  norms: new Float32Array(0),
  touched: new Uint32Array(0),
};

/**
 * Room for the scores of so many slots. The postings of a large table move to the heap with it, in place
 * of those before, so that they do not stand in memory twice.
 */
export function placeSums(table: WordTable, capacity: number): ScoreSums {
  if (table.slots < LEAST_ON_HEAP) {
    return {
      heap: undefined,
      scores: new Float32Array(capacity),
      norms: new Float32Array(capacity),
      touched: new Uint32Array(capacity),
    };
  }
  const { packed } = table;
  const { length } = packed.postings;
  const heap = new Heap(arrayBytes(length) + 3 * arrayBytes(capacity) + 4096);
  const postings = heap.u32(length);
  postings.set(packed.postings);
  table.packed = { ...packed, postings };
  return {
    heap,
    scores: heap.f32(capacity),
    norms: heap.f32(capacity),
    touched: heap.u32(capacity),
  };
}
