import type { Heap } from "../heap.ts";
import type { Job } from "../abi/kernels.ts";
import { atLeast, exactly } from "../lengths.ts";

/** Labels that one job solves for. */
export const LABELS_AT_ONCE = 4;

/** What support vector machines are solved from; arrays on the heap. */
export interface SupportVectorInput {
  /** u32[samples + 1], ids and values of each sample from one to the next. */
  readonly starts: Uint32Array;
  readonly ids: Uint32Array;
  readonly values: Float32Array;
  /** u32[samples]. */
  readonly labels: Uint32Array;
  /** f32[samples], above 0. */
  readonly costs: Float32Array;
  /** How many features there are; ids are below. */
  readonly features: number;
}

/** What one job needs for itself; arrays on the heap. */
export interface SupportVectorRoom {
  /** u32[count], the samples to learn from; reordered. */
  readonly samples: Uint32Array;
  /** f32[(features + 1) × 4], zeros; weights of four labels by feature, biases last. */
  readonly weights: Float32Array;
  /** f32[features × 4], above 0: how easily the weight of each feature moves for each of the four labels. */
  readonly eases: Float32Array;
  /** f32[samples of the input × 4], zeros. */
  readonly alphas: Float32Array;
  /** f32[samples of the input × 4], written. */
  readonly squares: Float32Array;
}

/**
 * The job that solves for four labels from `firstLabel` on: see assembly/network/support-vectors.ts. It returns
 * the passes made.
 * @throws {DimensionError} when lengths do not agree
 * @throws {StigmergyError} OFF_HEAP when an array is not on the heap
 */
export function supportVectors(
  heap: Heap,
  input: SupportVectorInput,
  room: SupportVectorRoom,
  firstLabel: number,
  passes: number,
  tolerance: number,
  seed: number,
): Job<"support_vectors_f32"> {
  const count = input.starts.length - 1;
  atLeast("labels length", count, input.labels.length);
  atLeast("costs length", count, input.costs.length);
  exactly("values length", input.ids.length, input.values.length);
  exactly("weights length", (input.features + 1) * LABELS_AT_ONCE, room.weights.length);
  exactly("eases length", input.features * LABELS_AT_ONCE, room.eases.length);
  atLeast("squares length", count * LABELS_AT_ONCE, room.squares.length);
  atLeast("alphas length", count * LABELS_AT_ONCE, room.alphas.length);
  return {
    kernel: "support_vectors_f32",
    args: [
      heap.addressOf(input.starts),
      heap.addressOf(input.ids),
      heap.addressOf(input.values),
      heap.addressOf(room.samples),
      room.samples.length,
      heap.addressOf(input.labels),
      heap.addressOf(input.costs),
      firstLabel,
      input.features,
      heap.addressOf(room.eases),
      passes,
      tolerance,
      seed,
      heap.addressOf(room.weights),
      heap.addressOf(room.alphas),
      heap.addressOf(room.squares),
    ],
  };
}
