import * as tf from "@tensorflow/tfjs-core";
import { ADAM } from "../support/neural-data.js";
import { hiddenOf, logitsOf, type Batch, type Network } from "./network.js";

/** Trains on one batch after another. */
export type Step = (batch: Batch) => void;

/** As most would write it: automatic gradients and the optimizer that comes with it. */
export function plainStep({ hidden, hiddenBias, classes, classesBias }: Network): Step {
  const { rate, beta1, beta2, epsilon } = ADAM;
  const optimizer = tf.train.adam(rate, beta1, beta2, epsilon);
  return (batch) => {
    optimizer.minimize(() => {
      const values = tf.relu(tf.add(tf.matMul(batch.rows, hidden), hiddenBias));
      const logits = tf.add(tf.matMul(values, classes), classesBias);
      return tf.losses.softmaxCrossEntropy<tf.Tensor, tf.Scalar>(batch.classes, logits);
    });
  };
}

/**
 * The fastest way found. Automatic gradients ask for transposed products, for which the backend has
 * a scalar loop, ten times slower and more; to transpose first and then multiply takes its fast
 * kernel. Layers are fused, the loss itself is not computed, and Adam is written with fewer kernels.
 */
export function fastStep(network: Network): Step {
  const { hidden, hiddenBias, classes, classesBias } = network;
  const adam = new Adam([hidden, hiddenBias, classes, classesBias]);
  return ({ rows, classes: wanted }) => {
    tf.tidy(() => {
      const count = rows.shape[0];
      const values = hiddenOf(network, rows);
      const shares = tf.softmax(logitsOf(network, values));
      const error = tf.mul<tf.Tensor2D>(tf.sub(shares, wanted), 1 / count);
      const through = tf.matMul(error, tf.transpose(classes));
      const hiddenError = tf.mul<tf.Tensor2D>(through, tf.step(values));
      // Sums of columns as a product, since its right side has been packed for the one before.
      const ones = tf.ones<tf.Rank.R2>([1, count]);
      adam.apply([
        tf.matMul(tf.transpose(rows), hiddenError),
        tf.reshape(tf.matMul(ones, hiddenError), hiddenBias.shape),
        tf.matMul(tf.transpose(values), error),
        tf.reshape(tf.matMul(ones, error), classesBias.shape),
      ]);
    });
  };
}

/** The same steps as `tf.train.adam`, with what is constant within a step gathered into scalars. */
class Adam {
  readonly #variables: readonly tf.Variable[];
  /** Sums of gradients, decayed: the moments without their factors (1 - beta). */
  readonly #firsts: readonly tf.Variable[];
  readonly #seconds: readonly tf.Variable[];
  #steps = 0;

  constructor(variables: readonly tf.Variable[]) {
    this.#variables = variables;
    this.#firsts = variables.map((each) => tf.variable(tf.zerosLike(each), false));
    this.#seconds = variables.map((each) => tf.variable(tf.zerosLike(each), false));
  }

  apply(gradients: readonly tf.Tensor[]): void {
    const { rate, beta1, beta2, epsilon } = ADAM;
    this.#steps++;
    const firstScale = (1 - beta1) / (1 - beta1 ** this.#steps);
    const rootScale = Math.sqrt((1 - beta2) / (1 - beta2 ** this.#steps));
    const factor = (rate * firstScale) / rootScale;
    for (const [i, gradient] of gradients.entries()) {
      const first = tf.add(tf.mul(this.#firsts[i], beta1), gradient);
      const second = tf.add(tf.mul(this.#seconds[i], beta2), tf.square(gradient));
      this.#firsts[i].assign(first);
      this.#seconds[i].assign(second);
      const divisor = tf.add(tf.sqrt(second), epsilon / rootScale);
      const change = tf.div(tf.mul(first, factor), divisor);
      this.#variables[i].assign(tf.sub(this.#variables[i], change));
    }
  }
}
