import { NETWORK, uniform } from "#dist/measure/labeled-rows.js";

export { NETWORK, labeledRows, uniform, type LabeledRows } from "#dist/measure/labeled-rows.js";

/** Of Adam, as TensorFlow has them by default. */
export const ADAM = { rate: 1e-3, beta1: 0.9, beta2: 0.999, epsilon: 1e-7 } as const;

/** What training starts from; biases start at 0. */
export interface FirstWeights {
  /** f32[inputs × hidden] */
  readonly hidden: Float32Array;
  /** f32[hidden × classes] */
  readonly classes: Float32Array;
}

/** Seeded weights: uniform, as wide as keeps the variance of what goes through. */
export function firstWeights(): FirstWeights {
  const { inputs, hidden, classes } = NETWORK;
  return {
    hidden: uniform(inputs * hidden, Math.sqrt(6 / inputs), 4),
    classes: uniform(hidden * classes, Math.sqrt(6 / (hidden + classes)), 5),
  };
}
