// Learning by contrast: of two texts that belong together each should be nearer to the other than to any
// other text of the batch.
//
//     vectors  f32[2 · pairs][dim], unit length: the first texts of all pairs, then the second
//     scores   f32[pairs][pairs], score of a first text (row) with a second (column)

import { expF32x4, ln } from "../base/functions";
import { sumF32x4 } from "../base/lanes";

/**
 * Turns scores of rows [first, end) into powers, in place, and adds each row up.
 *
 *     powers[i][j] = e^((scores[i][j] − 1) · sharpness)        sums[i] = Σⱼ powers[i][j]
 *
 * Scores are cosines, so no power is above 1 but for rounding.
 *
 * @param pairs  a multiple of 8
 */
export function contrast(
  first: u32,
  end: u32,
  scores: usize,
  pairs: u32,
  sharpness: f32,
  sums: usize,
): void {
  const bytes = (<usize>pairs) << 2;
  const one = f32x4.splat(1);
  const scale = f32x4.splat(sharpness);
  for (let row = first; row < end; row++) {
    let at = scores + <usize>row * bytes;
    let sum = f32x4.splat(0);
    for (const stop = at + bytes; at < stop; at += 16) {
      const power = expF32x4(f32x4.mul(f32x4.sub(v128.load(at), one), scale));
      v128.store(at, power);
      sum = f32x4.add(sum, power);
    }
    store<f32>(sums + ((<usize>row) << 2), sumF32x4(sum));
  }
}

/**
 * Losses of rows [first, end), and the gradients of the scores, in place of the powers.
 *
 *     losses[i]  = ½ ln(sums[i] / powers[i][i]) + ½ ln(columnSums[i] / powers[i][i])
 *     scores[i][j] = scale · (powers[i][j] / sums[i] + powers[i][j] / columnSums[j] − 2 [i = j])
 *
 * which, with scale = sharpness / (2 · pairs), is the gradient of the mean loss.
 *
 * @param outcomes  f32[pairs][2]: the loss, and 1 where no second text is nearer to the first than its own
 *
 * Source: van den Oord, Li and Vinyals, Representation learning with contrastive predictive coding, 2018;
 * both ways as in Radford et al., Learning transferable visual models, 2021.
 */
export function contrastBack(
  first: u32,
  end: u32,
  powers: usize,
  pairs: u32,
  scale: f32,
  sums: usize,
  columnSums: usize,
  outcomes: usize,
): void {
  const bytes = (<usize>pairs) << 2;
  const one = f32x4.splat(1);
  const scales = f32x4.splat(scale);
  for (let row = first; row < end; row++) {
    const start = powers + <usize>row * bytes;
    const place = (<usize>row) << 2;
    const own = load<f32>(start + place);
    const sum = load<f32>(sums + place);
    const inverse = f32x4.splat(<f32>1 / sum);
    let most = f32x4.splat(0);
    let column = columnSums;
    for (let at = start; at < start + bytes; at += 16, column += 16) {
      const power = v128.load(at);
      most = f32x4.max(most, power);
      const share = f32x4.add(inverse, f32x4.div(one, v128.load(column)));
      v128.store(at, f32x4.mul(scales, f32x4.mul(power, share)));
    }
    store<f32>(start + place, load<f32>(start + place) - 2 * scale);
    const out = outcomes + (place << 1);
    const both = ln(sum) + ln(load<f32>(columnSums + place));
    store<f32>(out, <f32>0.5 * both - ln(own));
    const isBeaten = v128.any_true(f32x4.gt(most, f32x4.splat(own)));
    store<f32>(out, isBeaten ? <f32>0 : <f32>1, 4);
  }
}

/**
 * Gradients of unit vectors to those of the rows that were scaled to them, in place.
 *
 *     gradients ← (gradients − (gradients · vector) vector) / length        zeros where the length is 0
 *
 * @param width    a multiple of 4
 * @param lengths  f32[rows], what the rows were divided by
 */
export function normalizeBack(
  first: u32,
  end: u32,
  vectors: usize,
  lengths: usize,
  width: u32,
  gradients: usize,
): void {
  const bytes = (<usize>width) << 2;
  for (let row = first; row < end; row++) {
    const offset = <usize>row * bytes;
    const vector = vectors + offset;
    const gradient = gradients + offset;
    const length = load<f32>(lengths + ((<usize>row) << 2));
    if (length == 0) {
      memory.fill(gradient, 0, bytes);
      continue;
    }
    let products = f32x4.splat(0);
    for (let at: usize = 0; at < bytes; at += 16) {
      products = f32x4.add(products, f32x4.mul(v128.load(gradient + at), v128.load(vector + at)));
    }
    const along = f32x4.splat(sumF32x4(products));
    const scale = f32x4.splat(<f32>1 / length);
    for (let at: usize = 0; at < bytes; at += 16) {
      const across = f32x4.sub(v128.load(gradient + at), f32x4.mul(along, v128.load(vector + at)));
      v128.store(gradient + at, f32x4.mul(across, scale));
    }
  }
}

const EPSILON: f32 = 1e-10;

/**
 * One step of Adagrad over `count` values, a multiple of 4.
 *
 *     squares ← squares + gradients²        values ← values − rate · gradients / (√squares + 1e-10)
 *
 * Source: Duchi, Hazan and Singer, Adaptive subgradient methods, 2011.
 */
export function adagrad(
  values: usize,
  gradients: usize,
  squares: usize,
  count: u32,
  rate: f32,
): void {
  const rates = f32x4.splat(rate);
  const epsilon = f32x4.splat(EPSILON);
  const end = values + ((<usize>count) << 2);
  for (; values < end; values += 16, gradients += 16, squares += 16) {
    const gradient = v128.load(gradients);
    const square = f32x4.add(v128.load(squares), f32x4.mul(gradient, gradient));
    v128.store(squares, square);
    const step = f32x4.div(f32x4.mul(rates, gradient), f32x4.add(f32x4.sqrt(square), epsilon));
    v128.store(values, f32x4.sub(v128.load(values), step));
  }
}
