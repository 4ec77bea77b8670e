// Steps downhill.

import { sumF32x4 } from "../base/lanes";

const BETA1: f32 = 0.9;
const BETA2: f32 = 0.999;
const EPSILON: f32 = 1e-8;

/**
 * One step of Adam with decoupled weight decay over `count` values.
 *
 *     g = clip · gradients     m ← β₁ m + (1 − β₁) g     v ← β₂ v + (1 − β₂) g²
 *     values ← values − rate · m / (√v · correction + ε) − decay · values
 *
 * with β₁ = 0.9, β₂ = 0.999, ε = 1e-8.
 *
 * @param count       a multiple of 4
 * @param rate        learning rate / (1 − β₁ᵗ)
 * @param correction  1 / √(1 − β₂ᵗ)
 * @param decay       learning rate · weight decay
 *
 * Source: Kingma and Ba, Adam, 2015; Loshchilov and Hutter, Decoupled weight decay, 2019.
 */
export function adam(
  values: usize,
  gradients: usize,
  first: usize,
  second: usize,
  count: u32,
  rate: f32,
  correction: f32,
  decay: f32,
  clip: f32,
): void {
  const end = values + ((<usize>count) << 2);
  const epsilon = f32x4.splat(EPSILON);
  for (; values < end; values += 16, gradients += 16, first += 16, second += 16) {
    const gradient = f32x4.mul(v128.load(gradients), f32x4.splat(clip));
    const mean = f32x4.add(
      f32x4.mul(v128.load(first), f32x4.splat(BETA1)),
      f32x4.mul(gradient, f32x4.splat(1 - BETA1)),
    );
    const square = f32x4.add(
      f32x4.mul(v128.load(second), f32x4.splat(BETA2)),
      f32x4.mul(f32x4.mul(gradient, gradient), f32x4.splat(1 - BETA2)),
    );
    v128.store(first, mean);
    v128.store(second, square);
    const length = f32x4.add(f32x4.mul(f32x4.sqrt(square), f32x4.splat(correction)), epsilon);
    const value = v128.load(values);
    const step = f32x4.add(
      f32x4.div(f32x4.mul(mean, f32x4.splat(rate)), length),
      f32x4.mul(value, f32x4.splat(decay)),
    );
    v128.store(values, f32x4.sub(value, step));
  }
}

/** Sum of the squares of `count` values, a multiple of 4. */
export function squares(values: usize, count: u32): f32 {
  let sum0 = f32x4.splat(0);
  const end = values + ((<usize>count) << 2);
  for (; values < end; values += 16) {
    const value = v128.load(values);
    sum0 = f32x4.add(sum0, f32x4.mul(value, value));
  }
  return sumF32x4(sum0);
}

/**
 * Sums down the columns: out[j] = Σᵢ rows[i][j], or Σᵢ rows[i][j] · others[i][j] when `others` is not 0.
 *
 * @param cols  a multiple of 4
 */
export function columnSums(
  rows: usize,
  others: usize,
  count: u32,
  cols: u32,
  stride: u32,
  out: usize,
): void {
  const bytes = (<usize>stride) << 2;
  for (let j: usize = 0; j < (<usize>cols) << 2; j += 16) {
    let sum = f32x4.splat(0);
    let at = rows + j;
    let other = others + j;
    for (let i: u32 = 0; i < count; i++, at += bytes, other += bytes) {
      let value = v128.load(at);
      if (others != 0) value = f32x4.mul(value, v128.load(other));
      sum = f32x4.add(sum, value);
    }
    v128.store(out + j, sum);
  }
}
