// Products of matrices as anyone writes them in JavaScript. Both are given, because which is the
// "plain loop" is a matter of who writes it, and one is several times as fast as the other.

/** A product of square matrices, f32[size][size]: out = left · right. */
export type SquareProduct = (
  left: Float32Array,
  right: Float32Array,
  out: Float32Array,
  size: number,
) => void;

/** As the formula says, a sum for each element: i-j-k. Every step of it reads another row of `right`. */
export const productByElements: SquareProduct = (left, right, out, size) => {
  for (let i = 0; i < size; i++) {
    for (let j = 0; j < size; j++) {
      let sum = 0;
      for (let k = 0; k < size; k++) sum += left[i * size + k] * right[k * size + j];
      out[i * size + j] = sum;
    }
  }
};

/** As someone who thinks of caches writes it: whole rows of `right` are added up, i-k-j. */
export const productByRows: SquareProduct = (left, right, out, size) => {
  for (let i = 0; i < size; i++) {
    const to = i * size;
    out.fill(0, to, to + size);
    for (let k = 0; k < size; k++) {
      const factor = left[to + k];
      const from = k * size;
      for (let j = 0; j < size; j++) out[to + j] += factor * right[from + j];
    }
  }
};
