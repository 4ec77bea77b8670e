import type { TensorSet } from "../network/tensors.ts";
import type { SequenceShape } from "./shape.ts";

/**
 * Values to begin learning with, the same for the same seed. The values of a recurrent unit's state
 * begin by holding what they have, each for another number of events, from one to all looked at.
 *
 * Source: Tallec and Ollivier, Can recurrent neural networks warp time?, 2018 (the biases of gates).
 */
export function startTensors(tensors: TensorSet, shape: SequenceShape, seed: number): void {
  const { family, hidden, times } = shape;
  tensors.randomize(seed);
  // The row of unknown symbols says nothing until something is learned of it.
  tensors.values("table").fill(0, 0, tensors.matrix("table").stride);
  if (family !== "gru") return;
  const update = tensors.values("inputBias").subarray(hidden, 2 * hidden);
  update.forEach((_, j) => (update[j] = Math.log(1 + (j / hidden) * Math.max(0, times - 2))));
}
