import { place, ROW_GRAIN, share, word, type Turn, type Views } from "./turn.ts";

/** Columns summed at once: 2 KiB of f64, which stay in cache while rows of `right` go by. */
const BLOCK = 256;

/**
 * As in assembly/network/matrix.ts; each sum is f64 and rounded once. Its order depends on k alone, so parts
 * of a product have the same bits here too.
 */
export function product(
  views: Views,
  left: number,
  right: number,
  rows: number,
  cols: number,
  depth: number,
  leftStride: number,
  rightStride: number,
  flags: number,
  bias: number,
  scratch: number,
  out: number,
  outStride: number,
): void {
  const { floats, doubles } = views;
  const leftRow = (flags & 1) !== 0 ? 1 : leftStride;
  const leftStep = (flags & 1) !== 0 ? leftStride : 1;
  const adds = (flags & 4) !== 0;
  const sums = scratch >>> 3;
  for (let col = 0; col < cols; col += BLOCK) {
    const width = Math.min(BLOCK, cols - col);
    for (let i = 0; i < rows; i++) {
      const a = (left >>> 2) + i * leftRow;
      const to = (out >>> 2) + i * outStride + col;
      const start = adds ? to : (bias >>> 2) + col;
      const isFromZero = !adds && bias === 0;
      for (let j = 0; j < width; j++) doubles[sums + j] = isFromZero ? 0 : floats[start + j];
      if ((flags & 2) !== 0) {
        const b = (right >>> 2) + col * rightStride;
        addDots(floats, doubles, a, leftStep, b, rightStride, width, depth, sums);
      } else {
        const b = (right >>> 2) + col;
        addRows(floats, doubles, a, leftStep, b, rightStride, width, depth, sums);
      }
      for (let j = 0; j < width; j++) floats[to + j] = doubles[sums + j];
    }
  }
}

/** sums[j] += Σₖ a[k] · b[k][j], four k at a time. */
function addRows(
  floats: Float32Array,
  doubles: Float64Array,
  a: number,
  step: number,
  b: number,
  stride: number,
  width: number,
  depth: number,
  sums: number,
): void {
  let k = 0;
  for (; k + 4 <= depth; k += 4, a += 4 * step, b += 4 * stride) {
    const a0 = floats[a];
    const a1 = floats[a + step];
    const a2 = floats[a + 2 * step];
    const a3 = floats[a + 3 * step];
    const b1 = b + stride;
    const b2 = b1 + stride;
    const b3 = b2 + stride;
    for (let j = 0; j < width; j++) {
      doubles[sums + j] +=
        a0 * floats[b + j] + a1 * floats[b1 + j] + (a2 * floats[b2 + j] + a3 * floats[b3 + j]);
    }
  }
  for (; k < depth; k++, a += step, b += stride) {
    const a0 = floats[a];
    for (let j = 0; j < width; j++) doubles[sums + j] += a0 * floats[b + j];
  }
}

/** sums[j] += Σₖ a[k] · b[j][k], four j at a time, so that each value of `a` is read once for them. */
function addDots(
  floats: Float32Array,
  doubles: Float64Array,
  a: number,
  step: number,
  b: number,
  stride: number,
  width: number,
  depth: number,
  sums: number,
): void {
  for (let j = 0; j < width; j += 4, b += 4 * stride) {
    const b1 = b + stride;
    const b2 = b1 + stride;
    const b3 = b2 + stride;
    let sum0 = 0;
    let sum1 = 0;
    let sum2 = 0;
    let sum3 = 0;
    for (let k = 0, at = a; k < depth; k++, at += step) {
      const value = floats[at];
      sum0 += value * floats[b + k];
      sum1 += value * floats[b1 + k];
      sum2 += value * floats[b2 + k];
      sum3 += value * floats[b3 + k];
    }
    doubles[sums + j] += sum0;
    doubles[sums + j + 1] += sum1;
    doubles[sums + j + 2] += sum2;
    doubles[sums + j + 3] += sum3;
  }
}

/** A thread's part of a product, as in assembly/network/operations.ts. */
export function multiply(turn: Turn): void {
  const { words, at, stepRows, thread, threads } = turn;
  const flags = words[at + 7];
  const leftStride = words[at + 5];
  const rightStride = words[at + 6];
  const rows = words[at + 2] || stepRows;
  const depth = words[at + 4] || stepRows;
  const cols = words[at + 3];
  const byRows = words[at + 2] === 0 || (flags & 1) !== 0;
  const byCols = !byRows && cols >= 32 * threads;
  const fromCol = byCols ? share(cols, 8, thread, threads) : 0;
  const toCol = byCols ? share(cols, 8, thread + 1, threads) : cols;
  const fromRow = byCols ? 0 : share(rows, ROW_GRAIN, thread, threads);
  const toRow = byCols ? rows : share(rows, ROW_GRAIN, thread + 1, threads);
  const bias = words[at + 8];
  product(
    turn,
    words[at] + 4 * fromRow * ((flags & 1) !== 0 ? 1 : leftStride),
    words[at + 1] + 4 * fromCol * ((flags & 2) !== 0 ? rightStride : 1),
    toRow - fromRow,
    toCol - fromCol,
    depth,
    leftStride,
    rightStride,
    flags,
    bias === 0 ? 0 : bias + 4 * fromCol,
    turn.scratch,
    words[at + 9] + 4 * (fromRow * words[at + 10] + fromCol),
    words[at + 10],
  );
}

/** values += others, row by row. */
export function add(turn: Turn): void {
  const { floats, first, end } = turn;
  const width = word(turn, 2);
  const values = place(turn, 0);
  const others = place(turn, 1);
  for (let i = first * width; i < end * width; i++) floats[values + i] += floats[others + i];
}
