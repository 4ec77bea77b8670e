import type { Network } from "./network.ts";

/**
 * How much of the logarithm of a label's share is taken back. Of 0 to 1 in steps of 0.1 or 0.2, on folds of four
 * sets of texts with labels of uneven number: from 0.2 to 0.6 more answers are right on three of them, at 0.4 on
 * all four, and the rarer labels are found more often the more is taken.
 */
const TAKEN_BACK = 0.4;

/**
 * Takes from each label's output what it has for being common alone: a model that was kept from fitting its
 * samples closely gives too many doubtful texts to labels that have many.
 *
 *     bias[j] −= scale · 0.4 · ln(labels · (count[j] + 1) / Σᵢ (count[i] + 1))
 *
 * Where labels are as many each, nothing changes.
 *
 * Source: Menon et al., Long-tail learning via logit adjustment, 2021, with less than all of it.
 *
 * @param labels  label of each sample
 * @param weights how much each sample counts
 * @param scale   outputs that this network's are added to
 */
export function takeBackPriors(
  network: Network,
  labels: Uint32Array,
  weights: Float32Array,
  learning: Uint32Array,
  scale: number,
): void {
  const { outputs } = network.shape;
  const counts = new Float64Array(outputs).fill(1);
  for (const sample of learning) counts[labels[sample]] += weights[sample];
  const usual = counts.reduce((sum, count) => sum + count, 0) / outputs;
  const bias = network.tensors.values("outputBias");
  for (let label = 0; label < outputs; label++) {
    bias[label] -= scale * TAKEN_BACK * Math.log(counts[label] / usual);
  }
}
