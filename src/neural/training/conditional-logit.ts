const MOST_STEPS = 15;
/** Weights that move by less, beside spreads of scores, stand. */
const STILL = 1e-3;
const LEAST_STEP = 1 / 1024;
/** Chances below this say nothing of how the loss bends. */
const LEAST_CHANCE = 1e-6;

/** Scores that several learners give each label of some samples, f32[samples × labels] each. */
export interface LearnerScores {
  readonly scores: readonly Float32Array[];
  /** The label of each sample. */
  readonly labels: Uint32Array;
  readonly classes: number;
}

/**
 * How much each of several learners counts, so that the sum of their scores, weighed, is what a softmax makes the
 * likeliest probabilities of:
 *
 *     minimize −Σᵢ ln softmax(Σₖ weight[k] · scores[k][i])[label[i]] + ridge / 2 · Σₖ (weight[k] · spread[k])²
 *
 * where spread is the deviation of a learner's scores within a sample. Newton's steps, halved where they
 * go too far. Others may have the thread between steps.
 *
 * Source: McFadden, Conditional logit analysis of qualitative choice behavior, 1974.
 */
export function* conditionalLogit(of: LearnerScores, ridge: number): Generator<void, Float64Array> {
  const spreads = of.scores.map((scores) => spreadOf(scores, of.classes));
  const scales = spreads.map((spread) => (spread === 0 ? 0 : 1 / spread));
  let weights = new Float64Array(scales.length);
  let loss = yield* lossOf(of, scales, weights, ridge);
  for (let step = 0; step < MOST_STEPS; step++) {
    const way = yield* newtonStep(of, scales, weights, ridge);
    let share = 1;
    let next = weights;
    for (; share >= LEAST_STEP; share /= 2) {
      next = weights.map((weight, k) => weight - share * way[k]);
      const reached = yield* lossOf(of, scales, next, ridge);
      if (reached > loss) continue;
      loss = reached;
      break;
    }
    if (share < LEAST_STEP) break;
    const moved = Math.max(...next.map((weight, k) => Math.abs(weight - weights[k])));
    weights = next;
    if (moved < STILL) break;
  }
  return weights.map((weight, k) => weight * scales[k]);
}

/** Root of the mean square of scores less the mean of their sample. */
function spreadOf(scores: Float32Array, classes: number): number {
  let squares = 0;
  for (let at = 0; at < scores.length; at += classes) {
    let mean = 0;
    for (let c = 0; c < classes; c++) mean += scores[at + c] / classes;
    for (let c = 0; c < classes; c++) squares += (scores[at + c] - mean) ** 2;
  }
  return Math.sqrt(squares / scores.length);
}

/** Fills in the chances of a sample's labels, and returns the logarithm of the true one's. */
function chancesOf(
  { scores, labels, classes }: LearnerScores,
  factors: readonly number[],
  sample: number,
  chances: Float64Array,
): number {
  chances.fill(0);
  const at = sample * classes;
  factors.forEach((factor, k) => {
    const from = scores[k];
    for (let c = 0; c < classes; c++) chances[c] += factor * from[at + c];
  });
  let top = -Infinity;
  for (let c = 0; c < classes; c++) top = Math.max(top, chances[c]);
  const own = chances[labels[sample]] - top;
  let sum = 0;
  for (let c = 0; c < classes; c++) sum += chances[c] = Math.exp(chances[c] - top);
  for (let c = 0; c < classes; c++) chances[c] /= sum;
  return own - Math.log(sum);
}

function* lossOf(
  of: LearnerScores,
  scales: readonly number[],
  weights: Float64Array,
  ridge: number,
): Generator<void, number> {
  const factors = scales.map((scale, k) => scale * weights[k]);
  const chances = new Float64Array(of.classes);
  let loss = 0;
  for (const weight of weights) loss += (ridge / 2) * weight * weight;
  for (let i = 0; i < of.labels.length; i++) {
    loss -= chancesOf(of, factors, i, chances);
    yield;
  }
  return loss;
}

/** Gradient through the Hessian, of weights of scores that are brought to a spread of 1. */
function* newtonStep(
  of: LearnerScores,
  scales: readonly number[],
  weights: Float64Array,
  ridge: number,
): Generator<void, Float64Array> {
  const { scores, labels, classes } = of;
  const count = scales.length;
  const factors = scales.map((scale, k) => scale * weights[k]);
  const chances = new Float64Array(classes);
  const gradient = weights.map((weight) => ridge * weight);
  const hessian = Array.from({ length: count }, (_, k) => {
    return new Float64Array(count).map((_zero, l) => (k === l ? ridge : 0));
  });
  const apart = new Float64Array(count);
  for (let i = 0; i < labels.length; i++) {
    chancesOf(of, factors, i, chances);
    const means = new Float64Array(count);
    const at = i * classes;
    for (let k = 0; k < count; k++) {
      for (let c = 0; c < classes; c++) means[k] += chances[c] * scales[k] * scores[k][at + c];
      gradient[k] += means[k] - scales[k] * scores[k][at + labels[i]];
    }
    for (let c = 0; c < classes; c++) {
      const chance = chances[c];
      if (chance < LEAST_CHANCE) continue;
      for (let k = 0; k < count; k++) apart[k] = scales[k] * scores[k][at + c] - means[k];
      for (let k = 0; k < count; k++) {
        for (let l = 0; l <= k; l++) hessian[k][l] += chance * apart[k] * apart[l];
      }
    }
    yield;
  }
  return solved(hessian, gradient);
}

/** Solves hessian · x = gradient, of a positive definite lower triangle, by Cholesky's factors. */
function solved(hessian: readonly Float64Array[], gradient: Float64Array): Float64Array {
  const count = gradient.length;
  const factor = hessian.map((row) => Float64Array.from(row));
  const x = Float64Array.from(gradient);
  for (let k = 0; k < count; k++) {
    for (let l = 0; l <= k; l++) {
      let rest = factor[k][l];
      for (let j = 0; j < l; j++) rest -= factor[k][j] * factor[l][j];
      factor[k][l] = k === l ? Math.sqrt(rest) : rest / factor[l][l];
    }
    for (let j = 0; j < k; j++) x[k] -= factor[k][j] * x[j];
    x[k] /= factor[k][k];
  }
  for (let k = count - 1; k >= 0; k--) {
    for (let j = k + 1; j < count; j++) x[k] -= factor[j][k] * x[j];
    x[k] /= factor[k][k];
  }
  return x;
}
