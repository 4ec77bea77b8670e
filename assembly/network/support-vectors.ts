// Linear classifiers, each label against the rest, solved without a learning rate.

import { randomU32 } from "../base/functions";
import { mulAddF32x4 } from "../base/lanes";

/**
 * Support vector machines with squared hinge loss, for four labels at once, by dual coordinate descent.
 *
 *     minimize  Σⱼ wⱼ² / (2 · ease[j]) + bias² / 2 + Σᵢ costs[i] · max(0, 1 − yᵢ (w · xᵢ + bias))²,
 *               yᵢ = +1 for the label, else −1
 *
 * The bias is the weight of a feature that every sample has with value 1, so it is kept small as well.
 *
 * @param starts     u32[count + 1], where the features of a sample begin in `ids` and `values`
 * @param values     f32, their weights
 * @param samples    u32[count], the samples to learn from; reordered
 * @param labels     u32, the label of each sample
 * @param costs      f32, what an error at each sample costs; above 0
 * @param firstLabel the four are this one and the three after it
 * @param eases      f32[features][4], how easily each weight moves, by label; above 0, 1 is usual
 * @param passes     most times over the samples
 * @param tolerance  stops when no sample pulls harder; 0.1 is usual
 * @param weights    f32[features + 1][4], zeros; the last row becomes the biases
 * @param alphas     f32[count of all samples][4], zeros
 * @param squares    f32[count of all samples][4], written: 1 + Σ values² · ease of each sample
 * @returns passes made
 *
 * Source: Hsieh, Chang, Lin, Keerthi and Sundararajan, A dual coordinate descent method for large-scale
 * linear SVM, 2008, without shrinking: four labels share a pass over the samples.
 */
export function support_vectors_f32(
  starts: usize,
  ids: usize,
  values: usize,
  samples: usize,
  count: u32,
  labels: usize,
  costs: usize,
  firstLabel: u32,
  features: u32,
  eases: usize,
  passes: u32,
  tolerance: f32,
  seed: u32,
  weights: usize,
  alphas: usize,
  squares: usize,
): u32 {
  const biases = weights + ((<usize>features) << 4);
  const lanes = i32x4.add(i32x4.splat(firstLabel), i32x4(0, 1, 2, 3));
  const zero = f32x4.splat(0);
  const one = f32x4.splat(1);
  for (let i: usize = 0; i < count; i++) {
    const sample = <usize>load<u32>(samples + (i << 2));
    const end = (<usize>load<u32>(starts + (sample << 2), 4)) << 2;
    let square = one;
    for (let at = (<usize>load<u32>(starts + (sample << 2))) << 2; at < end; at += 4) {
      const value = load<f32>(values + at);
      const ease = v128.load(eases + ((<usize>load<u32>(ids + at)) << 4));
      square = mulAddF32x4(f32x4.splat(value * value), ease, square);
    }
    v128.store(squares + (sample << 4), square);
  }
  for (let pass: u32 = 0; pass < passes; pass++) {
    shuffle(samples, count, seed + pass);
    let hardest = zero;
    for (let i: usize = 0; i < count; i++) {
      const sample = <usize>load<u32>(samples + (i << 2));
      const first = (<usize>load<u32>(starts + (sample << 2))) << 2;
      const end = (<usize>load<u32>(starts + (sample << 2), 4)) << 2;
      let sum = v128.load(biases);
      for (let at = first; at < end; at += 4) {
        const value = load<f32>(values + at);
        const row = weights + ((<usize>load<u32>(ids + at)) << 4);
        sum = mulAddF32x4(f32x4.splat(value), v128.load(row), sum);
      }
      const isLabel = i32x4.eq(lanes, v128.load32_splat(labels + (sample << 2)));
      const sign = v128.bitselect(one, f32x4.splat(-1), isLabel);
      const softness = f32x4.splat(<f32>0.5 / load<f32>(costs + (sample << 2)));
      const place = alphas + (sample << 4);
      const alpha = v128.load(place);
      const slope = f32x4.add(f32x4.sub(f32x4.mul(sign, sum), one), f32x4.mul(alpha, softness));
      // At its bound an alpha can only be pulled upwards.
      const pull = v128.bitselect(f32x4.min(slope, zero), slope, f32x4.eq(alpha, zero));
      hardest = f32x4.max(hardest, f32x4.abs(pull));
      if (!v128.any_true(f32x4.gt(f32x4.abs(pull), f32x4.splat(1e-12)))) continue;
      const bend = f32x4.add(v128.load(squares + (sample << 4)), softness);
      const next = f32x4.max(f32x4.sub(alpha, f32x4.div(slope, bend)), zero);
      const moved = v128.bitselect(next, alpha, f32x4.gt(f32x4.abs(pull), f32x4.splat(1e-12)));
      v128.store(place, moved);
      const delta = f32x4.mul(f32x4.sub(moved, alpha), sign);
      v128.store(biases, f32x4.add(v128.load(biases), delta));
      for (let at = first; at < end; at += 4) {
        const feature = (<usize>load<u32>(ids + at)) << 4;
        const move = f32x4.mul(delta, v128.load(eases + feature));
        const row = weights + feature;
        v128.store(row, mulAddF32x4(v128.load32_splat(values + at), move, v128.load(row)));
      }
    }
    if (!v128.any_true(f32x4.gt(hardest, f32x4.splat(tolerance)))) return pass + 1;
  }
  return passes;
}

/** Source: Fisher and Yates, 1938. */
function shuffle(values: usize, count: u32, seed: u32): void {
  for (let i = count - 1; i > 0 && i < count; i--) {
    const j = <u32>((<u64>randomU32(seed, i) * <u64>(i + 1)) >> 32);
    const a = values + ((<usize>i) << 2);
    const b = values + ((<usize>j) << 2);
    const held = load<u32>(a);
    store<u32>(a, load<u32>(b));
    store<u32>(b, held);
  }
}
