import type { Kernels } from "../wasm/abi/kernels.ts";

// The distances as anyone writes them in JavaScript: the loop that the formula says. What users
// replace when they come to the kernels, and so what those are compared with first.

/** The distance kernels over one memory, as plain loops. */
export function plainKernels(
  memory: WebAssembly.Memory,
): Pick<Kernels, "l2sq_f32" | "dot_f32" | "cosine_f32"> {
  const floats = new Float32Array(memory.buffer);
  return {
    l2sq_f32(query, rows, count, dim, out) {
      for (let i = 0; i < count; i++) {
        const row = rows / 4 + i * dim;
        let sum = 0;
        for (let j = 0; j < dim; j++) {
          const diff = floats[query / 4 + j] - floats[row + j];
          sum += diff * diff;
        }
        floats[out / 4 + i] = sum;
      }
    },
    dot_f32(query, rows, count, dim, out) {
      for (let i = 0; i < count; i++) {
        const row = rows / 4 + i * dim;
        let sum = 0;
        for (let j = 0; j < dim; j++) sum += floats[query / 4 + j] * floats[row + j];
        floats[out / 4 + i] = -sum;
      }
    },
    cosine_f32(query, rows, count, dim, out) {
      let querySquare = 0;
      for (let j = 0; j < dim; j++) querySquare += floats[query / 4 + j] ** 2;
      for (let i = 0; i < count; i++) {
        const row = rows / 4 + i * dim;
        let dot = 0;
        let square = 0;
        for (let j = 0; j < dim; j++) {
          dot += floats[query / 4 + j] * floats[row + j];
          square += floats[row + j] * floats[row + j];
        }
        floats[out / 4 + i] = 1 - dot / Math.sqrt(querySquare * square);
      }
    },
  };
}
