import { largest, softmax } from "./calibration.ts";
import type { ModelParts } from "../model/model-parts.ts";
import type { Prediction } from "../model/prediction.ts";
import type { Samples } from "../features/samples.ts";

/** Labels told unless more or fewer are asked for: the best and five more. */
export const MOST_ANSWERS = 6;

/**
 * The answers to samples.
 * @param outputs f32[samples × labels], row-major
 * @param most    labels told, the best among them
 */
export function predictionsOf(
  samples: Samples,
  outputs: Float32Array,
  labels: readonly string[],
  { temperature, threshold }: Pick<ModelParts, "temperature" | "threshold">,
  most = MOST_ANSWERS,
): Prediction[] {
  const width = labels.length;
  return Array.from({ length: samples.count }, (_, i) => {
    const chances = softmax(outputs.subarray(i * width, (i + 1) * width), temperature);
    const best = largest(chances);
    return {
      label: labels[best],
      probability: chances[best],
      outOfScope: chances[best] < threshold || isEmpty(samples, i),
      alternatives: nextBest(chances, best, most - 1).map((label) => ({
        label: labels[label],
        probability: chances[label],
      })),
    };
  });
}

/** Whether there is nothing in an input to tell labels by: the answer is how common they are. */
function isEmpty({ dense, sparse }: Samples, i: number): boolean {
  return dense === undefined && sparse !== undefined && sparse.starts[i] === sparse.starts[i + 1];
}

/** The numbers of the best labels but one, best first. */
function nextBest(chances: Float64Array, best: number, most: number): number[] {
  const found: number[] = [];
  const count = Math.min(most, chances.length - 1);
  while (found.length < count) {
    let next = -1;
    for (let i = 0; i < chances.length; i++) {
      if (i === best || found.includes(i)) continue;
      if (next === -1 || chances[i] > chances[next]) next = i;
    }
    found.push(next);
  }
  return found;
}
