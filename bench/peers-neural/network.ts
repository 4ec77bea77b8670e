import * as tf from "@tensorflow/tfjs-core";
import { NETWORK, firstWeights, type LabeledRows } from "../support/neural-data.js";

/** Rows of one step, and their classes as rows with a single 1. */
export interface Batch {
  readonly rows: tf.Tensor2D;
  readonly classes: tf.Tensor2D;
}

/** What is trained. */
export interface Network {
  readonly hidden: tf.Variable<tf.Rank.R2>;
  readonly hiddenBias: tf.Variable<tf.Rank.R1>;
  readonly classes: tf.Variable<tf.Rank.R2>;
  readonly classesBias: tf.Variable<tf.Rank.R1>;
}

/** The network as training starts from it. */
export function newNetwork(): Network {
  const { inputs, hidden, classes } = NETWORK;
  const first = firstWeights();
  return tf.tidy(() => ({
    hidden: tf.variable(tf.tensor2d(first.hidden, [inputs, hidden])),
    hiddenBias: tf.variable(tf.zeros<tf.Rank.R1>([hidden])),
    classes: tf.variable(tf.tensor2d(first.classes, [hidden, classes])),
    classesBias: tf.variable(tf.zeros<tf.Rank.R1>([classes])),
  }));
}

/**
 * All rows, in order, as tensors of `size` rows: slicing a tensor in every step would be slower,
 * as the backend copies the whole tensor for each slice.
 */
export function batchesOf({ rows, labels }: LabeledRows, size: number): Batch[] {
  const { inputs } = NETWORK;
  const batches: Batch[] = [];
  for (let from = 0; from < labels.length; from += size) {
    const some = labels.subarray(from, from + size);
    const values = rows.subarray(from * inputs, (from + some.length) * inputs);
    batches.push({
      rows: tf.tensor2d(values, [some.length, inputs]),
      classes: oneHot(some),
    });
  }
  return batches;
}

/** As f32 by a cast: asked for f32, the backend's kernel writes the bytes of whole numbers. */
function oneHot(labels: Int32Array): tf.Tensor2D {
  return tf.tidy(() => {
    const whole = tf.oneHot(tf.tensor1d(labels, "int32"), NETWORK.classes) as tf.Tensor2D;
    return tf.cast(whole, "float32");
  });
}

/** Values of the hidden layer, computed with bias and ReLU in one kernel. */
export function hiddenOf({ hidden, hiddenBias }: Network, rows: tf.Tensor2D): tf.Tensor2D {
  const values = tf.fused.matMul({ a: rows, b: hidden, bias: hiddenBias, activation: "relu" });
  return values as tf.Tensor2D;
}

/** Logits, from values of the hidden layer. */
export function logitsOf({ classes, classesBias }: Network, hidden: tf.Tensor2D): tf.Tensor2D {
  return tf.fused.matMul({ a: hidden, b: classes, bias: classesBias }) as tf.Tensor2D;
}

/** Mean cross entropy of all rows. */
export function lossOf(network: Network, batches: readonly Batch[]): number {
  let sum = 0;
  let count = 0;
  for (const { rows, classes } of batches) {
    const mean = tf.tidy(() => {
      const logits = logitsOf(network, hiddenOf(network, rows));
      return tf.losses.softmaxCrossEntropy(classes, logits).dataSync()[0];
    });
    sum += mean * rows.shape[0];
    count += rows.shape[0];
  }
  return sum / count;
}
