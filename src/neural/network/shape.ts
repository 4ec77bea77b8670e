import { paddedDim } from "../../wasm/vectors/distance.ts";

/** What bends between layers. All of them leave 0 at 0, which padding relies on. */
export type Activation = "relu" | "gelu" | "tanh";

/**
 * A multilayer perceptron over dense values, sparse features, or both at once. Sparse features reach
 * the first hidden layer through a table with a row for each, and with `wide` the outputs as well.
 *
 * Source: Cheng et al., Wide and deep learning for recommender systems, 2016.
 */
export interface NetworkShape {
  /** Dense values of an input; 0 for none. */
  readonly dense: number;
  /** Sparse features that can be; 0 for none. */
  readonly features: number;
  /** Values of each hidden layer; none makes a linear model. */
  readonly hidden: readonly number[];
  readonly outputs: number;
  readonly activation: Activation;
  /** Whether each hidden layer's sums are brought to even scale before they bend. */
  readonly normalize: boolean;
  /** Whether sparse features also reach the outputs directly. */
  readonly wide: boolean;
}

/** One array of learned values: f32[lines][stride], zero from `cols` and from `rows` on. */
export interface TensorShape {
  readonly name: string;
  readonly rows: number;
  /** Rows that are stored. */
  readonly lines: number;
  readonly cols: number;
  readonly stride: number;
  /** How it begins: values within ±√(6 / (inputs + outputs)), zeros or ones. */
  readonly start: "random" | "zeros" | "ones";
  /** A row for each sparse feature: only rows that a batch met are learned from it. */
  readonly isTable: boolean;
  /** Whether weight decay pulls at it. */
  readonly decays: boolean;
}

/** Every tensor of a network, in the order that files keep them. */
export function tensorsOf(shape: NetworkShape): readonly TensorShape[] {
  const { dense, features, hidden, outputs, normalize } = shape;
  const tensors: TensorShape[] = [];
  let inputs = dense;
  hidden.forEach((width, layer) => {
    if (layer === 0 && features > 0) tensors.push(table("table", features, width));
    if (inputs > 0) tensors.push(matrix(`weights.${layer}`, inputs, width, layer > 0));
    tensors.push(row(`bias.${layer}`, width, "zeros"));
    if (normalize) {
      tensors.push(row(`gain.${layer}`, width, "ones"), row(`shift.${layer}`, width, "zeros"));
    }
    inputs = width;
  });
  if (hasWide(shape)) tensors.push(table("wide", features, outputs));
  if (inputs > 0) tensors.push(matrix("output", inputs, outputs, hidden.length > 0));
  tensors.push(row("outputBias", outputs, "zeros"));
  return tensors;
}

/** Whether sparse features reach the outputs directly: asked for, or the only way there is. */
export function hasWide({ features, hidden, wide }: NetworkShape): boolean {
  return features > 0 && (wide || hidden.length === 0);
}

/** Values that outputs are made of beside sparse features: those of the last hidden layer, or else dense ones. */
export function outputRows({ dense, hidden }: NetworkShape): number {
  return hidden.at(-1) ?? dense;
}

/** Values of a tensor, its padding included. */
export function lengthOf({ lines, stride }: TensorShape): number {
  return lines * stride;
}

/** Learned values of a network, padding not counted. */
export function parameterCount(shape: NetworkShape): number {
  return tensorsOf(shape).reduce((sum, { rows, cols }) => sum + rows * cols, 0);
}

/**
 * Weights of a layer: a row for each input, stored by eights, to be read transposed on the way back.
 * @param isInner whether there is a layer before it; else there is no way back, and one row may stand alone
 */
export function matrix(name: string, rows: number, cols: number, isInner = true): TensorShape {
  const stride = paddedDim(cols);
  const lines = rows === 1 && !isInner ? 1 : Math.ceil(rows / 8) * 8;
  return { name, rows, lines, cols, stride, start: "random", isTable: false, decays: true };
}

/** A row of values for each sparse feature. */
export function table(name: string, rows: number, cols: number): TensorShape {
  const stride = paddedDim(cols);
  // Zeros for the wide path: a feature says nothing about a class until it has been seen with it.
  const start = name === "wide" ? "zeros" : "random";
  return { name, rows, lines: rows, cols, stride, start, isTable: true, decays: true };
}

/** A value for each column, such as a bias. */
export function row(name: string, cols: number, start: "zeros" | "ones"): TensorShape {
  const stride = paddedDim(cols);
  return { name, rows: 1, lines: 1, cols, stride, start, isTable: false, decays: false };
}
