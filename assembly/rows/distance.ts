// Distances between one query and many rows. Lower is closer, always.

import { mulAddF32x4, sumF32x16 } from "../base/lanes";

/**
 * Squared Euclidean distance from `query` to each of `count` rows.
 *
 *     out[i] = Σⱼ (query[j] − rows[i][j])²
 *
 * @param query  f32[dim]
 * @param rows   f32[count][dim], row-major, no gaps
 * @param count  rows to compare; 0 writes nothing
 * @param dim    f32 values per row; a positive multiple of 16
 * @param out    f32[count]; must not overlap `query` or `rows`
 *
 * Aligning `query` and `rows` to 16 bytes is faster, not required.
 * Rounding: 16 running f32 sums, so the relative error is at most (dim / 16 + 8) · 2⁻²⁴, unless
 * a square or their sum leaves the range of f32: differences from about 1e-18 to 1e17 are safe.
 * NaN and ±Infinity follow IEEE 754: one NaN in a row makes that row's distance NaN.
 */
export function l2sq_f32(query: usize, rows: usize, count: u32, dim: u32, out: usize): void {
  const rowBytes = (<usize>dim) << 2;
  const end = out + ((<usize>count) << 2);
  for (; out < end; out += 4, rows += rowBytes) {
    store<f32>(out, rowL2sq(query, rows, rowBytes));
  }
}

/**
 * Negated inner product of `query` with each of `count` rows, so that lower is closer.
 *
 *     out[i] = −Σⱼ query[j] · rows[i][j]
 *
 * Parameters and alignment as in `l2sq_f32`.
 * Rounding: the absolute error is at most (dim / 16 + 8) · 2⁻²⁴ · Σⱼ |query[j] · rows[i][j]|, unless
 * a product or a running sum leaves the range of f32.
 * NaN and ±Infinity follow IEEE 754: products that overflow both ways give NaN.
 */
export function dot_f32(query: usize, rows: usize, count: u32, dim: u32, out: usize): void {
  const rowBytes = (<usize>dim) << 2;
  const end = out + ((<usize>count) << 2);
  for (; out < end; out += 4, rows += rowBytes) {
    store<f32>(out, -rowDot(query, rows, rowBytes));
  }
}

/**
 * Cosine distance from `query` to each of `count` rows, of any lengths.
 *
 *     out[i] = 1 − (query · rows[i]) / (‖query‖ · ‖rows[i]‖)        0 to 2, but for rounding
 *
 * Parameters and alignment as in `l2sq_f32`.
 * Rounding: the absolute error is at most (dim / 8 + 20) · 2⁻²⁴ while no square nor their sum leaves
 * the range of f32. A zero vector on either side gives NaN: it has no direction.
 */
export function cosine_f32(query: usize, rows: usize, count: u32, dim: u32, out: usize): void {
  const rowBytes = (<usize>dim) << 2;
  const end = out + ((<usize>count) << 2);
  const querySquare = <f64>rowDot(query, query, rowBytes);
  for (; out < end; out += 4, rows += rowBytes) {
    store<f32>(out, rowCosine(query, rows, rowBytes, querySquare));
  }
}

/** Σ (a[j] − b[j])² over `bytes` bytes of f32, a positive multiple of 64. */
export function rowL2sq(a: usize, b: usize, bytes: usize): f32 {
  // Four sums, so that no add has to wait for the one before it.
  let sum0 = f32x4.splat(0);
  let sum1 = sum0;
  let sum2 = sum0;
  let sum3 = sum0;
  for (const end = a + bytes; a < end; a += 64, b += 64) {
    const diff0 = f32x4.sub(v128.load(a), v128.load(b));
    const diff1 = f32x4.sub(v128.load(a, 16), v128.load(b, 16));
    const diff2 = f32x4.sub(v128.load(a, 32), v128.load(b, 32));
    const diff3 = f32x4.sub(v128.load(a, 48), v128.load(b, 48));
    sum0 = mulAddF32x4(diff0, diff0, sum0);
    sum1 = mulAddF32x4(diff1, diff1, sum1);
    sum2 = mulAddF32x4(diff2, diff2, sum2);
    sum3 = mulAddF32x4(diff3, diff3, sum3);
  }
  return sumF32x16(sum0, sum1, sum2, sum3);
}

/** Σ a[j] · b[j] over `bytes` bytes of f32, a positive multiple of 64. */
export function rowDot(a: usize, b: usize, bytes: usize): f32 {
  let sum0 = f32x4.splat(0);
  let sum1 = sum0;
  let sum2 = sum0;
  let sum3 = sum0;
  for (const end = a + bytes; a < end; a += 64, b += 64) {
    sum0 = mulAddF32x4(v128.load(a), v128.load(b), sum0);
    sum1 = mulAddF32x4(v128.load(a, 16), v128.load(b, 16), sum1);
    sum2 = mulAddF32x4(v128.load(a, 32), v128.load(b, 32), sum2);
    sum3 = mulAddF32x4(v128.load(a, 48), v128.load(b, 48), sum3);
  }
  return sumF32x16(sum0, sum1, sum2, sum3);
}

/** 1 − cos of the angle between `a` and `b`; `aSquare` is a · a, which every row shares. */
function rowCosine(a: usize, b: usize, bytes: usize, aSquare: f64): f32 {
  let dot0 = f32x4.splat(0);
  let dot1 = dot0;
  let dot2 = dot0;
  let dot3 = dot0;
  let square0 = dot0;
  let square1 = dot0;
  let square2 = dot0;
  let square3 = dot0;
  for (const end = a + bytes; a < end; a += 64, b += 64) {
    const b0 = v128.load(b);
    const b1 = v128.load(b, 16);
    const b2 = v128.load(b, 32);
    const b3 = v128.load(b, 48);
    dot0 = mulAddF32x4(v128.load(a), b0, dot0);
    dot1 = mulAddF32x4(v128.load(a, 16), b1, dot1);
    dot2 = mulAddF32x4(v128.load(a, 32), b2, dot2);
    dot3 = mulAddF32x4(v128.load(a, 48), b3, dot3);
    square0 = mulAddF32x4(b0, b0, square0);
    square1 = mulAddF32x4(b1, b1, square1);
    square2 = mulAddF32x4(b2, b2, square2);
    square3 = mulAddF32x4(b3, b3, square3);
  }
  const dot = <f64>sumF32x16(dot0, dot1, dot2, dot3);
  const bSquare = <f64>sumF32x16(square0, square1, square2, square3);
  return <f32>(1 - dot / Math.sqrt(aSquare * bSquare));
}

/** out = a − b, of `bytes` bytes of f32, a positive multiple of 16. */
export function subtract(a: usize, b: usize, bytes: usize, out: usize): void {
  for (const end = a + bytes; a < end; a += 16, b += 16, out += 16) {
    v128.store(out, f32x4.sub(v128.load(a), v128.load(b)));
  }
}
