import type { Network } from "../network/network.ts";

/**
 * Takes from each label's output what it has for being common alone: a model that was kept from fitting its
 * samples closely gives too many doubtful texts to labels that have many.
 *
 *     bias[j] −= taken · ln(labels · (count[j] + 1) / Σᵢ (count[i] + 1))
 *
 * Where labels are as many each, nothing changes.
 *
 * Source: Menon et al., Long-tail learning via logit adjustment, 2021, with less than all of it.
 *
 * @param labels  label of each sample
 * @param weights how much each sample counts
 * @param taken   how much of the logarithm of a label's share
 */
export function takeBackPriors(
  network: Network,
  labels: Uint32Array,
  weights: Float32Array,
  learning: Uint32Array,
  taken: number,
): void {
  const { outputs } = network.shape;
  const counts = new Float64Array(outputs).fill(1);
  for (const sample of learning) counts[labels[sample]] += weights[sample];
  const usual = counts.reduce((sum, count) => sum + count, 0) / outputs;
  const bias = network.tensors.values("outputBias");
  for (let label = 0; label < outputs; label++) {
    bias[label] -= taken * Math.log(counts[label] / usual);
  }
}
