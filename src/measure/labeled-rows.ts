import { seededRandom } from "../util/random.ts";

/** The network that every contender trains: one hidden layer with ReLU, softmax cross entropy. */
export const NETWORK = { inputs: 256, hidden: 256, classes: 150 } as const;

/** What a network is trained on. */
export interface LabeledRows {
  /** f32[count × inputs] */
  readonly rows: Float32Array;
  /** The class of each row. */
  readonly labels: Int32Array;
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

/** Seeded values in [-limit, limit). */
export function uniform(count: number, limit: number, seed: number): Float32Array {
  const random = seededRandom(seed);
  return Float32Array.from({ length: count }, () => limit * (2 * random() - 1));
}
