import { seededRandom } from "#dist/util/random.js";

/** The network that every contender trains: one hidden layer with ReLU, softmax cross entropy. */
export const NETWORK = { inputs: 256, hidden: 256, classes: 150 } as const;

/** Of Adam, as TensorFlow has them by default. */
export const ADAM = { rate: 1e-3, beta1: 0.9, beta2: 0.999, epsilon: 1e-7 } as const;

/** What a network is trained on. */
export interface LabeledRows {
  /** f32[count × inputs] */
  readonly rows: Float32Array;
  /** The class of each row. */
  readonly labels: Int32Array;
}

/** What training starts from; biases start at 0. */
export interface FirstWeights {
  /** f32[inputs × hidden] */
  readonly hidden: Float32Array;
  /** f32[hidden × classes] */
  readonly classes: Float32Array;
}

/** Seeded rows about one center for each class, with more noise than distance. */
export function labeledRows(count: number): LabeledRows {
  const { inputs, classes } = NETWORK;
  const random = seededRandom(1);
  const labels = Int32Array.from({ length: count }, () => Math.floor(classes * random()));
  const centers = uniform(classes * inputs, 1, 2);
  const rows = uniform(count * inputs, 2, 3);
  for (let i = 0; i < rows.length; i++) {
    const row = Math.floor(i / inputs);
    rows[i] += centers[labels[row] * inputs + (i % inputs)];
  }
  return { rows, labels };
}

/** Seeded weights: uniform, as wide as keeps the variance of what goes through. */
export function firstWeights(): FirstWeights {
  const { inputs, hidden, classes } = NETWORK;
  return {
    hidden: uniform(inputs * hidden, Math.sqrt(6 / inputs), 4),
    classes: uniform(hidden * classes, Math.sqrt(6 / (hidden + classes)), 5),
  };
}

/** Seeded values in [-limit, limit). */
export function uniform(count: number, limit: number, seed: number): Float32Array {
  const random = seededRandom(seed);
  return Float32Array.from({ length: count }, () => limit * (2 * random() - 1));
}
