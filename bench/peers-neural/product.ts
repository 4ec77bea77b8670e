import * as tf from "@tensorflow/tfjs-core";
import { uniform } from "../support/neural-data.js";
import { samples } from "./samples.js";

const SIZE = 512;

/**
 * Compares products, plain and fused with bias and ReLU, with loops of f64.
 * @throws {Error} when a value is further off than rounding to f32 may be
 */
export function checkProduct(): void {
  const m = 37;
  const k = 53;
  const n = 29; // no multiples of a kernel's tile
  const a = uniform(m * k, 1, 1);
  const b = uniform(k * n, 1, 2);
  const bias = uniform(n, 1, 3);
  tf.tidy(() => {
    const left = tf.tensor2d(a, [m, k]);
    const right = tf.tensor2d(b, [k, n]);
    const plain = tf.matMul(left, right).dataSync();
    const fusedOf = { a: left, b: right, bias: tf.tensor1d(bias), activation: "relu" } as const;
    const fused = tf.fused.matMul(fusedOf).dataSync();
    for (let i = 0; i < m * n; i++) {
      let sum = 0;
      let sizes = 1; // of the bias
      for (let j = 0; j < k; j++) {
        const term = a[Math.floor(i / n) * k + j] * b[j * n + (i % n)];
        sum += term;
        sizes += Math.abs(term);
      }
      const bound = (k + 1) * 2 ** -24 * sizes;
      expect("product", plain[i], sum, bound);
      expect("fused product", fused[i], Math.max(0, sum + bias[i % n]), bound);
    }
  });
}

/** Milliseconds of products of two 512 × 512 matrices. */
export function timeProduct(): number[] {
  const left = tf.tensor2d(uniform(SIZE * SIZE, 1, 4), [SIZE, SIZE]);
  const right = tf.tensor2d(uniform(SIZE * SIZE, 1, 5), [SIZE, SIZE]);
  // The backend is synchronous: what matMul returns has been computed.
  const ms = samples(() => tf.matMul(left, right).dispose());
  tf.dispose([left, right]);
  return ms;
}

function expect(what: string, received: number, wanted: number, bound: number): void {
  if (!(Math.abs(received - wanted) <= bound)) {
    throw new Error(`${what}: expected ${wanted} ± ${bound}, received ${received}`);
  }
}
