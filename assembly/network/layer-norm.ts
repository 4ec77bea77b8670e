// Rows of even scale.

import { sumF32x4 } from "../base/lanes";

const EPSILON: f32 = 1e-5;

/**
 * Rows to mean 0 and variance 1, then scaled and shifted by learned values.
 *
 *     normal[i] = (rows[i] − mean) · inverse[i],  inverse = 1 / √(variance + 1e-5)
 *     out[i][j] = normal[i][j] · gain[j] + bias[j]
 *
 * @param rows     f32[count][stride]
 * @param width    values of a row; what is beyond, to a multiple of 4, must be 0 and stays 0
 * @param normal   f32[count][stride], kept for the way back; must not be `rows`
 * @param inverse  f32[count], likewise
 *
 * Source: Ba, Kiros and Hinton, Layer normalization, 2016.
 */
export function layerNorm(
  rows: usize,
  count: u32,
  width: u32,
  stride: u32,
  gain: usize,
  bias: usize,
  normal: usize,
  inverse: usize,
  out: usize,
): void {
  const bytes = (<usize>stride) << 2;
  const used = (<usize>((width + 3) & ~3)) << 2;
  const whole = (<usize>width) << 2;
  for (let i: u32 = 0; i < count; i++) {
    let sum = f32x4.splat(0);
    for (let at: usize = 0; at < used; at += 16) sum = f32x4.add(sum, v128.load(rows + at));
    const mean = f32x4.splat(sumF32x4(sum) / <f32>width);
    let total = f32x4.splat(0);
    for (let at: usize = 0; at < used; at += 16) {
      v128.store(normal + at, f32x4.sub(v128.load(rows + at), mean));
    }
    for (let at = whole; at < used; at += 4) store<f32>(normal + at, 0);
    for (let at: usize = 0; at < used; at += 16) {
      const value = v128.load(normal + at);
      total = f32x4.add(total, f32x4.mul(value, value));
    }
    const scale = <f32>1 / sqrt<f32>(sumF32x4(total) / <f32>width + EPSILON);
    store<f32>(inverse + ((<usize>i) << 2), scale);
    for (let at: usize = 0; at < used; at += 16) {
      const value = f32x4.mul(v128.load(normal + at), f32x4.splat(scale));
      v128.store(normal + at, value);
      v128.store(out + at, f32x4.add(f32x4.mul(value, v128.load(gain + at)), v128.load(bias + at)));
    }
    rows += bytes;
    normal += bytes;
    out += bytes;
  }
}

/**
 * The way back: gradients of what `layerNorm` wrote to those of what it read. `out` may be `gradients`.
 */
export function layerNormBack(
  gradients: usize,
  count: u32,
  width: u32,
  stride: u32,
  gain: usize,
  normal: usize,
  inverse: usize,
  out: usize,
): void {
  const bytes = (<usize>stride) << 2;
  const used = (<usize>((width + 3) & ~3)) << 2;
  for (let i: u32 = 0; i < count; i++) {
    let sum = f32x4.splat(0);
    let products = f32x4.splat(0);
    for (let at: usize = 0; at < used; at += 16) {
      const gradient = f32x4.mul(v128.load(gradients + at), v128.load(gain + at));
      sum = f32x4.add(sum, gradient);
      products = f32x4.add(products, f32x4.mul(gradient, v128.load(normal + at)));
    }
    const mean = f32x4.splat(sumF32x4(sum) / <f32>width);
    const tilt = f32x4.splat(sumF32x4(products) / <f32>width);
    const scale = v128.load32_splat(inverse + ((<usize>i) << 2));
    for (let at: usize = 0; at < used; at += 16) {
      const gradient = f32x4.mul(v128.load(gradients + at), v128.load(gain + at));
      const rest = f32x4.sub(gradient, mean);
      const value = f32x4.sub(rest, f32x4.mul(v128.load(normal + at), tilt));
      v128.store(out + at, f32x4.mul(value, scale));
    }
    for (let at = (<usize>width) << 2; at < used; at += 4) store<f32>(out + at, 0);
    gradients += bytes;
    normal += bytes;
    out += bytes;
  }
}
