// What networks are made of, in f64: slow, obvious, and what the operations of a program are held to.

/** Σₖ left[i][k] · right[k][j] of row-major matrices, and Σₖ of the sizes of what was added. */
export function productReference(
  left: ArrayLike<number>,
  right: ArrayLike<number>,
  [rows, cols, depth]: readonly [number, number, number],
): { sums: Float64Array; sizes: Float64Array } {
  const sums = new Float64Array(rows * cols);
  const sizes = new Float64Array(rows * cols);
  for (let i = 0; i < rows; i++) {
    for (let k = 0; k < depth; k++) {
      for (let j = 0; j < cols; j++) {
        const term = left[i * depth + k] * right[k * cols + j];
        sums[i * cols + j] += term;
        sizes[i * cols + j] += Math.abs(term);
      }
    }
  }
  return { sums, sizes };
}

/** The transposed of a row-major matrix. */
export function transposed(values: ArrayLike<number>, rows: number, cols: number): Float64Array {
  return Float64Array.from({ length: rows * cols }, (_, at) => {
    return values[(at % rows) * cols + Math.floor(at / rows)];
  });
}

/** The logistic function. */
export function sigmoidReference(x: number): number {
  return 1 / (1 + Math.exp(-x));
}

/** What layers are bent by, by kind. */
export const BENDS: readonly ((x: number) => number)[] = [
  (x) => x,
  (x) => Math.max(x, 0),
  (x) => (x / 2) * (1 + Math.tanh(Math.sqrt(2 / Math.PI) * (x + 0.044715 * x ** 3))),
  Math.tanh,
];

/** A row to mean 0 and variance 1, scaled and shifted. */
export function layerNormReference(
  row: ArrayLike<number>,
  gain: ArrayLike<number>,
  bias: ArrayLike<number>,
): number[] {
  const values = Array.from(row);
  const mean = average(values);
  const variance = average(values.map((value) => (value - mean) ** 2));
  return values.map(
    (value, j) => ((value - mean) / Math.sqrt(variance + 1e-5)) * gain[j] + bias[j],
  );
}

/** A state after one step of a gated recurrent unit. */
export function gruReference(
  inputs: ArrayLike<number>,
  recurrent: ArrayLike<number>,
  state: ArrayLike<number>,
): { gates: number[]; out: number[] } {
  const width = state.length;
  const each = Array.from(state);
  const r = each.map((_, j) => sigmoidReference(inputs[j] + recurrent[j]));
  const z = each.map((_, j) => sigmoidReference(inputs[width + j] + recurrent[width + j]));
  const n = each.map((_, j) => Math.tanh(inputs[2 * width + j] + r[j] * recurrent[2 * width + j]));
  return {
    gates: [...r, ...z, ...n],
    out: each.map((held, j) => (1 - z[j]) * n[j] + z[j] * held),
  };
}

/** Cross entropy of a softmax against a label whose weight is smoothed over all classes. */
export function softmaxReference(
  logits: ArrayLike<number>,
  label: number,
  smoothing: number,
): number {
  const values = Array.from(logits);
  const top = Math.max(...values);
  const total = Math.log(sumOf(values.map((logit) => Math.exp(logit - top)))) + top;
  return sumOf(
    values.map((logit, j) => {
      const expected = (j === label ? 1 - smoothing : 0) + smoothing / values.length;
      return expected * (total - logit);
    }),
  );
}

/** Cross entropy of independent outputs, each against a target from 0 to 1. */
export function binaryReference(outputs: ArrayLike<number>, targets: ArrayLike<number>): number {
  return sumOf(Array.from(outputs, (x, j) => softplus(x) - targets[j] * x));
}

/** Squared error, linear beyond `knee`. */
export function squaredReference(
  outputs: ArrayLike<number>,
  targets: ArrayLike<number>,
  knee: number,
): number {
  return sumOf(
    Array.from(outputs, (x, j) => {
      const size = Math.abs(x - targets[j]);
      return size <= knee ? size ** 2 / 2 : knee * (size - knee / 2);
    }),
  );
}

/** How wrong it is that the first of two should score higher. */
export function pairReference(better: number, worse: number): number {
  return softplus(worse - better);
}

/** Central finite differences of a function of many values. */
export function differences(
  measure: (values: Float64Array) => number,
  at: ArrayLike<number>,
  step = 1e-5,
): number[] {
  const values = Float64Array.from(at);
  return Array.from(values, (value, i) => {
    values[i] = value + step;
    const above = measure(values);
    values[i] = value - step;
    const below = measure(values);
    values[i] = value;
    return (above - below) / (2 * step);
  });
}

/** Σᵢ a[i] · b[i]. */
export function inner(a: ArrayLike<number>, b: ArrayLike<number>): number {
  return sumOf(Array.from(a, (value, i) => value * b[i]));
}

/** Σᵢ values[i]. */
export function sumOf(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

function average(values: readonly number[]): number {
  return sumOf(values) / values.length;
}

/** ln(1 + eˣ). */
function softplus(x: number): number {
  return Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x)));
}

/**
 * Of each pair the mean of two cross entropies: that a first text finds its second among all, and the
 * other way round.
 * @param scores pairs × pairs, row-major
 */
export function contrastReference(
  scores: ArrayLike<number>,
  pairs: number,
  sharpness: number,
): number[] {
  const at = (i: number, j: number): number => Math.exp(scores[i * pairs + j] * sharpness);
  return Array.from({ length: pairs }, (_, i) => {
    let across = 0;
    let down = 0;
    for (let j = 0; j < pairs; j++) {
      across += at(i, j);
      down += at(j, i);
    }
    return (Math.log(across) + Math.log(down)) / 2 - Math.log(at(i, i));
  });
}
