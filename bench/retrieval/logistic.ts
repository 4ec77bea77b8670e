/** A hit that was judged. */
export interface Sample {
  readonly features: readonly number[];
  readonly isRelevant: boolean;
  /** Whether it is the best of its search. */
  readonly isFirst: boolean;
}

const RIDGE = 0.01;
const MOST_STEPS = 100;

/** What a model says of a sample; features that are not used count nothing. */
export function probability(
  features: readonly number[],
  weights: readonly number[],
  used: readonly boolean[],
): number {
  const logit = features.reduce((sum, x, i) => sum + (used[i] ? x * weights[i] : 0), 0);
  return 1 / (1 + Math.exp(-logit));
}

/** Weights by Newton's method with a small ridge; each set of samples counts alike, however large. */
export function fitLogistic(
  sets: readonly (readonly Sample[])[],
  used: readonly boolean[],
): number[] {
  const width = used.length;
  let weights = Array<number>(width).fill(0);
  for (let step = 0; step < MOST_STEPS; step++) {
    const gradient = Array<number>(width).fill(0);
    const curvature = gradient.map((_, i) => gradient.map((__, j) => (i === j ? RIDGE : 0)));
    for (const samples of sets) {
      const each = 1000 / samples.length;
      for (const { features, isRelevant } of samples) {
        const x = features.map((value, i) => (used[i] ? value : 0));
        const said = probability(x, weights, used);
        addScaled(gradient, each * ((isRelevant ? 1 : 0) - said), x);
        const spread = each * said * (1 - said);
        curvature.forEach((row, i) => addScaled(row, spread * x[i], x));
      }
    }
    const change = solve(curvature, gradient);
    weights = weights.map((weight, i) => weight + change[i]);
    if (Math.max(...change.map(Math.abs)) < 1e-8) break;
  }
  return weights;
}

/** sums[i] += factor · values[i] */
function addScaled(sums: number[], factor: number, values: readonly number[]): void {
  for (let i = 0; i < sums.length; i++) sums[i] += factor * values[i];
}

/** How often, of two best hits of which one is relevant, that one has the greater probability. */
export function rankedRight(
  samples: readonly Sample[],
  weights: readonly number[],
  used: readonly boolean[],
): number {
  const said = samples
    .filter(({ isFirst }) => isFirst)
    .map(({ features, isRelevant }) => ({ p: probability(features, weights, used), isRelevant }));
  const [right, wrong] = [true, false].map((is) => said.filter((each) => each.isRelevant === is));
  let above = 0;
  for (const one of right) {
    for (const other of wrong) above += one.p > other.p ? 1 : one.p === other.p ? 0.5 : 0;
  }
  return above / (right.length * wrong.length);
}

/** Solves a small system of equations by elimination with pivots. */
function solve(matrix: readonly (readonly number[])[], right: readonly number[]): number[] {
  const rows = matrix.map((row, i) => [...row, right[i]]);
  const width = right.length;
  for (let i = 0; i < width; i++) {
    let pivot = i;
    for (let j = i; j < width; j++) if (Math.abs(rows[j][i]) > Math.abs(rows[pivot][i])) pivot = j;
    [rows[i], rows[pivot]] = [rows[pivot], rows[i]];
    for (let j = 0; j < width; j++) {
      if (j === i) continue;
      const factor = rows[j][i] / rows[i][i];
      for (let k = i; k <= width; k++) rows[j][k] -= factor * rows[i][k];
    }
  }
  return rows.map((row, i) => row[width] / row[i]);
}
