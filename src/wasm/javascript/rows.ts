import type { Views } from "./turn.ts";

// The twins of assembly/rows/rotate.ts and assembly/rows/rows-i8.ts. Distances of rows of 8 bits are the kernels', bit for
// bit: sums of whole numbers, put together in f64.

const ROUNDS = 4;
const MOST_CODE = 127;
const MOST_WHOLE = 8128;
const LARGEST = Math.fround(3.4028234663852886e38);
// Added and taken off again, it leaves the nearest whole number, of two the even one.
const TO_WHOLE = 1.5 * 2 ** 52;

/** Rotates rows in place. */
export function rotateRows(
  { floats, words }: Views,
  ...[rows, count, dim, signs]: [rows: number, count: number, dim: number, signs: number]
): void {
  const size = 2 ** (31 - Math.clz32(dim));
  const scale = Math.fround(1 / Math.sqrt(size));
  for (let i = 0; i < count; i++) {
    const row = floats.subarray(rows / 4 + i * dim, rows / 4 + (i + 1) * dim);
    for (let round = 0; round < ROUNDS; round++) {
      const roundSigns = signs / 4 + round * dim;
      const from = (round & 1) === 1 ? dim - size : 0;
      for (let j = 0; j < dim; j++) {
        const sign = words[roundSigns + j] === 0 ? 1 : -1;
        row[j] *= sign * (j >= from && j < from + size ? scale : 1);
      }
      transform(row.subarray(from, from + size));
      if (size !== dim) mixHalves(row);
    }
  }
}

/** The Hadamard transform of a power of two of values. */
function transform(values: Float32Array): void {
  for (let half = 1; half < values.length; half *= 2) {
    for (let group = 0; group < values.length; group += 2 * half) {
      for (let at = group; at < group + half; at++) {
        const a = values[at];
        const b = values[at + half];
        values[at] = a + b;
        values[at + half] = a - b;
      }
    }
  }
}

function mixHalves(row: Float32Array): void {
  const half = row.length / 2;
  for (let j = 0; j < half; j++) {
    const a = row[j];
    const b = row[j + half];
    row[j] = (a + b) * Math.SQRT1_2;
    row[j + half] = (a - b) * Math.SQRT1_2;
  }
}

/** Brings rows to 8 bits. */
export function quantizeRows(
  { floats, words, bytes }: Views,
  ...[rows, count, dim, out, stride]: number[]
): void {
  for (let i = 0; i < count; i++) {
    const codes = out + i * stride;
    const scale = wholes(floats, rows / 4 + i * dim, dim, MOST_CODE, bytes, codes);
    let square = 0;
    for (let j = 0; j < dim; j++) square += bytes[codes + j] ** 2;
    words[(codes + dim) / 4] = square * 4;
    floats[(codes + dim) / 4 + 1] = scale;
  }
}

/** Writes values as whole numbers of at most `most`, and returns what one of them is worth. */
function wholes(
  floats: Float32Array,
  from: number,
  dim: number,
  most: number,
  out: Int8Array | Float64Array,
  to: number,
): number {
  let top = 0;
  for (let j = from; j < from + dim; j++) top = Math.max(top, Math.abs(floats[j]));
  const step = Math.fround(Math.min(top, LARGEST) / most);
  for (let j = 0; j < dim; j++) {
    const whole = Math.fround(floats[from + j] / (step > 0 ? step : 1)) + TO_WHOLE - TO_WHOLE;
    out[to + j] = Math.max(-most, Math.min(most, whole));
  }
  return step;
}

/** What measures one query, f32[dim], against rows of 8 bits at their addresses. */
export function measureI8(
  { floats, words, bytes }: Views,
  isL2sq: boolean,
  query: number,
  dim: number,
  factorsAt: number,
): (row: number) => number {
  const whole = new Float64Array(dim);
  const step = wholes(floats, query / 4, dim, MOST_WHOLE, whole, 0);
  const square = step * step * whole.reduce((sum, each) => sum + each * each, 0);
  return (row) => {
    let sum = 0;
    for (let j = 0; j < dim; j++) sum += whole[j] * bytes[row + j];
    const scale = floats[(row + factorsAt) / 4 + 1];
    const dot = step * scale * sum;
    if (!isL2sq) return -dot;
    const rowSquare = scale * scale * (words[(row + factorsAt) / 4] >>> 2);
    return Math.max(0, square + rowSquare - 2 * dot);
  };
}

/** How many rows there are before the first with NaN, an infinity, or zeros alone. */
export function soundRows(floats: Float32Array, first: number, count: number, dim: number): number {
  for (let i = 0; i < count; i++) {
    const row = floats.subarray(first + i * dim, first + (i + 1) * dim);
    if (!row.every(Number.isFinite) || row.every((value) => value === 0)) return i;
  }
  return count;
}
