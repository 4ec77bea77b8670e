import type { Classes } from "./classes.ts";

const BINS = 15;

/** Softmax of one row of logits over a temperature, f64; stable. */
export function softmax(logits: ArrayLike<number>, temperature = 1): Float64Array {
  const powers = new Float64Array(logits.length);
  let top = -Infinity;
  for (let i = 0; i < logits.length; i++) top = Math.max(top, logits[i]);
  let sum = 0;
  for (let i = 0; i < logits.length; i++) {
    powers[i] = Math.exp((logits[i] - top) / temperature);
    sum += powers[i];
  }
  for (let i = 0; i < powers.length; i++) powers[i] /= sum;
  return powers;
}

/**
 * The temperature under which probabilities fit what was held out best (least cross entropy), from
 * 0.05 to 20. It changes no answer, only how sure it sounds. Beside the n samples counts one more whose label may
 * be any: n right answers, and no wrong one, make a model no surer than about 1 − 1 / n.
 *
 * @param logits f32[labels.length × classes]
 *
 * Source: Guo et al., On calibration of modern neural networks, 2017; the one sample more as in Platt,
 * Probabilistic outputs for support vector machines, 1999.
 */
export function fitTemperature(logits: Float32Array, labels: Uint32Array): number {
  if (labels.length === 0) return 1;
  const classes = logits.length / labels.length;
  // Golden section over the logarithm: the loss has one valley.
  const ratio = (Math.sqrt(5) - 1) / 2;
  let low = Math.log(0.05);
  let high = Math.log(20);
  let left = high - ratio * (high - low);
  let right = low + ratio * (high - low);
  const any = 1 / (labels.length + 1);
  const lossAt = (logarithm: number): number =>
    crossEntropy(logits, labels, classes, Math.exp(logarithm), any);
  let leftLoss = lossAt(left);
  let rightLoss = lossAt(right);
  for (let i = 0; i < 30; i++) {
    if (leftLoss < rightLoss) {
      high = right;
      right = left;
      rightLoss = leftLoss;
      left = high - ratio * (high - low);
      leftLoss = lossAt(left);
    } else {
      low = left;
      left = right;
      leftLoss = rightLoss;
      right = low + ratio * (high - low);
      rightLoss = lossAt(right);
    }
  }
  return Math.exp((low + high) / 2);
}

/**
 * Mean of −ln p of the true label, in nats; labels beyond `classes` count as the least sure.
 * @param any share of certainty taken from the true label and spread over all, 0 to 1
 */
export function crossEntropy(
  logits: Float32Array,
  labels: Uint32Array,
  classes: number,
  temperature: number,
  any = 0,
): number {
  let loss = 0;
  for (let i = 0; i < labels.length; i++) {
    const row = logits.subarray(i * classes, (i + 1) * classes);
    let top = -Infinity;
    for (const logit of row) top = Math.max(top, logit);
    let sum = 0;
    let all = 0;
    for (const logit of row) {
      sum += Math.exp((logit - top) / temperature);
      all += logit - top;
    }
    const mean = any === 0 ? 0 : any * (all / classes);
    loss += Math.log(sum) - ((1 - any) * (row[labels[i]] - top) + mean) / temperature;
  }
  return labels.length === 0 ? 0 : loss / labels.length;
}

/** Where the largest value of a row stands; the first of equal ones. */
export function largest(row: ArrayLike<number>): number {
  let best = 0;
  for (let i = 1; i < row.length; i++) if (row[i] > row[best]) best = i;
  return best;
}

/**
 * Expected calibration error: how far confidence is from being right, over 15 bins of equal width,
 * 0 to 1, lower is better.
 *
 * @param confidences probability of each answer
 * @param rights      whether each was right
 *
 * Source: Naeini, Cooper and Hauskrecht, 2015.
 */
export function calibrationError(
  confidences: readonly number[],
  rights: readonly boolean[],
): number {
  const sums = Array.from({ length: BINS }, () => ({ confidence: 0, right: 0, count: 0 }));
  confidences.forEach((confidence, i) => {
    const bin = sums[Math.min(BINS - 1, Math.floor(confidence * BINS))];
    bin.confidence += confidence;
    bin.right += rights[i] ? 1 : 0;
    bin.count++;
  });
  const gap = sums.reduce((sum, bin) => sum + Math.abs(bin.confidence - bin.right), 0);
  return confidences.length === 0 ? 0 : gap / confidences.length;
}

const Z95 = 1.959964; // of a normal distribution, 95 % lie within so many deviations

/**
 * The 95 % interval of a share of which `count` samples drawn at random show `share`: [lowest, highest], 0 to 1. Of six
 * right answers of six it is .61 to 1.
 *
 * Source: Wilson, Probable inference, the law of succession, and statistical inference, 1927.
 */
export function shareRange(share: number, count: number): readonly [number, number] {
  const square = Z95 * Z95;
  const middle = share + square / (2 * count);
  const half = Z95 * Math.sqrt((share * (1 - share)) / count + square / (4 * count * count));
  const scale = 1 + square / count;
  // Of none or all it ends there, which rounding would miss.
  return [
    Math.max(0, Math.min(share, (middle - half) / scale)),
    Math.min(1, Math.max(share, (middle + half) / scale)),
  ];
}

/**
 * The confidence below which an answer is out of scope: `rate` of what was held out is below it. With
 * less than one sample to give it lies between 0 and the least confident one. Without anything held
 * out no answer is out of scope.
 */
export function rejectThreshold(confidences: readonly number[], rate: number): number {
  if (confidences.length === 0 || rate === 0) return 0;
  const sorted = [...confidences].sort((a, b) => a - b);
  const count = rate * sorted.length;
  if (count < 1) return count * sorted[0];
  return sorted[Math.min(sorted.length - 1, Math.floor(count))];
}

/** Labels taken for one another, most often first. */
export interface ConfusionPair {
  /** What it was. */
  readonly label: string;
  /** What it was taken for. */
  readonly taken: string;
  /** How often, among the held-out samples. */
  readonly count: number;
}

/** The pairs most often confused. */
export function confusionPairs(
  truth: Uint32Array,
  answers: Uint32Array,
  classes: Classes,
  most: number,
): ConfusionPair[] {
  const counts = new Map<number, number>();
  truth.forEach((label, i) => {
    if (label === answers[i]) return;
    const pair = label * classes.labels.length + answers[i];
    counts.set(pair, (counts.get(pair) ?? 0) + 1);
  });
  return [...counts]
    .sort(([a, x], [b, y]) => y - x || a - b)
    .slice(0, most)
    .map(([pair, count]) => ({
      label: classes.labels[Math.floor(pair / classes.labels.length)],
      taken: classes.labels[pair % classes.labels.length],
      count,
    }));
}

/** Mean over the labels of 2 · right / (said + true), 0 to 1: every label counts alike. */
export function macroF1(truth: Uint32Array, answers: Uint32Array, classes: number): number {
  const right = new Float64Array(classes);
  const said = new Float64Array(classes);
  const real = new Float64Array(classes);
  truth.forEach((label, i) => {
    real[label]++;
    said[answers[i]]++;
    if (label === answers[i]) right[label]++;
  });
  let sum = 0;
  let met = 0;
  for (let label = 0; label < classes; label++) {
    if (real[label] === 0) continue;
    met++;
    sum += (2 * right[label]) / (said[label] + real[label]);
  }
  return met === 0 ? 0 : sum / met;
}
