// How wrong an output is, and which way is better. Each loss writes the gradient of its mean over the
// rows, so that a step does not depend on how many rows a batch has.

import { expF32x4, ln } from "../base/functions";
import { sumF32x4 } from "../base/lanes";

const SOFTMAX: u32 = 0;
const BINARY: u32 = 1;
const SQUARED: u32 = 2;

/**
 * The losses of rows [first, end) of a step, their gradients, and whether each was right. For pairs
 * the rows go two by two, the better one first.
 *
 * Parameters, words: 0 kind: softmax, binary, squared, pairs · 1 outputs f32[rows][stride] · 2 outputs
 * of a row · 3 stride · 4 labels u32[samples] or targets f32[samples][targetStride] · 5 targetStride ·
 * 6 weights f32[samples] · 7 f32, smoothing of a softmax or knee of squares · 8 gradients
 * f32[rows][stride] · 9 outcomes f32[rows][2]
 */
export function lossOf(words: usize, order: usize, first: u32, end: u32, rows: u32): void {
  const kind = load<u32>(words);
  const count = load<u32>(words, 8);
  const width = load<u32>(words, 12);
  const bytes = (<usize>width) << 2;
  const targets = <usize>load<u32>(words, 16);
  const targetBytes = (<usize>load<u32>(words, 20)) << 2;
  const extra = load<f32>(words, 28);
  const scale = <f32>1 / <f32>rows;
  for (let row = first; row < end; row++) {
    const sample = <usize>load<u32>(order + ((<usize>row) << 2));
    const weight = load<f32>(<usize>load<u32>(words, 24) + (sample << 2));
    const outputs = <usize>load<u32>(words, 4) + <usize>row * bytes;
    const gradients = <usize>load<u32>(words, 32) + <usize>row * bytes;
    const outcome = <usize>load<u32>(words, 36) + ((<usize>row) << 3);
    const target = targets + sample * targetBytes;
    if (kind == SOFTMAX) {
      softmaxLoss(
        outputs,
        count,
        width,
        load<u32>(target),
        weight,
        extra,
        scale,
        gradients,
        outcome,
      );
      continue;
    }
    let loss: f32 = 0;
    let right: f32 = 0;
    if (kind == BINARY) {
      right = load<f32>(outputs) >= 0 == load<f32>(target) >= 0.5 ? 1 : 0;
      loss = binaryLoss(outputs, count, width, target, weight, scale, gradients);
    } else if (kind == SQUARED) {
      loss = squaredLoss(outputs, count, width, target, weight, extra, scale, gradients);
    } else if ((row & 1) == 0) {
      right = load<f32>(outputs) > load<f32>(outputs + bytes) ? 2 : 0;
      loss = pairLoss(
        outputs,
        outputs + bytes,
        width,
        weight,
        2 * scale,
        gradients,
        gradients + bytes,
      );
    }
    store<f32>(outcome, loss);
    store<f32>(outcome, right, 4);
  }
}

/** The sum of the outcomes f32[rows][2] of a step: its losses, and how many were right. */
export function sumLosses(outcomes: usize, rows: u32, out: usize): void {
  let loss: f64 = 0;
  let right: f32 = 0;
  for (const end = outcomes + ((<usize>rows) << 3); outcomes < end; outcomes += 8) {
    loss += load<f32>(outcomes);
    right += load<f32>(outcomes, 4);
  }
  store<f32>(out, <f32>loss);
  store<f32>(out, right, 4);
}

/**
 * Softmax with cross entropy of one row.
 *
 *     loss = −weight · Σⱼ tⱼ · ln pⱼ,  p = softmax(logits),  tⱼ = (1 − smoothing) · [j = label] + smoothing / classes
 *     gradients[j] = scale · weight · (pⱼ − tⱼ)
 *
 * Largest logit taken off first, so nothing overflows.
 *
 * @param logits     f32[classes rounded up to 4]; what is beyond `classes` is overwritten
 * @param classes    2 or more
 * @param gradients  f32[width]; 0 from `classes` to `width`; may be `logits`
 * @param outcome    f32[2]: the loss, and 1 when the label had the largest logit, else 0
 *
 * Source: Szegedy et al., Rethinking the Inception architecture, 2016 (smoothing).
 */
function softmaxLoss(
  logits: usize,
  classes: u32,
  width: u32,
  label: u32,
  weight: f32,
  smoothing: f32,
  scale: f32,
  gradients: usize,
  outcome: usize,
): void {
  const end = logits + ((<usize>classes) << 2);
  const padded = logits + ((<usize>((classes + 3) & ~3)) << 2);
  for (let at = end; at < padded; at += 4) store<f32>(at, -1e30);
  let largest = v128.load(logits);
  let all = f32x4.splat(0);
  for (let at = logits; at < padded; at += 16) largest = f32x4.max(largest, v128.load(at));
  const top = max(
    max(f32x4.extract_lane(largest, 0), f32x4.extract_lane(largest, 1)),
    max(f32x4.extract_lane(largest, 2), f32x4.extract_lane(largest, 3)),
  );
  const chosen = load<f32>(logits + ((<usize>label) << 2));
  let total: f32 = 0;
  for (let at = logits; at < end; at += 4) total += load<f32>(at) - top;
  let to = gradients;
  for (let at = logits; at < padded; at += 16, to += 16) {
    const power = expF32x4(f32x4.sub(v128.load(at), f32x4.splat(top)));
    all = f32x4.add(all, power);
    v128.store(to, power);
  }
  const sum = sumF32x4(all);
  const spread = smoothing / <f32>classes;
  const factor = f32x4.splat((scale * weight) / sum);
  const shift = f32x4.splat(scale * weight * spread);
  to = gradients;
  for (const last = gradients + (padded - logits); to < last; to += 16) {
    v128.store(to, f32x4.sub(f32x4.mul(v128.load(to), factor), shift));
  }
  const mark = gradients + ((<usize>label) << 2);
  store<f32>(mark, load<f32>(mark) - scale * weight * (1 - smoothing));
  for (let at = gradients + (end - logits); at < gradients + ((<usize>width) << 2); at += 4) {
    store<f32>(at, 0);
  }
  store<f32>(outcome, weight * (ln(sum) - (1 - smoothing) * (chosen - top) - spread * total));
  store<f32>(outcome, chosen == top ? 1 : 0, 4);
}

/**
 * The logistic function with binary cross entropy of one row of independent outputs, each against a
 * target from 0 to 1.
 *
 *     loss = weight · Σⱼ ln(1 + e^xⱼ) − tⱼ xⱼ        gradients[j] = scale · weight · (σ(xⱼ) − tⱼ)
 *
 * Stable: ln(1 + eˣ) = max(x, 0) + ln(1 + e^−|x|).
 */
function binaryLoss(
  outputs: usize,
  count: u32,
  width: u32,
  targets: usize,
  weight: f32,
  scale: f32,
  gradients: usize,
): f32 {
  let loss: f32 = 0;
  for (let j: u32 = 0; j < width; j++) {
    const at = (<usize>j) << 2;
    if (j >= count) {
      store<f32>(gradients + at, 0);
      continue;
    }
    const x = load<f32>(outputs + at);
    const target = load<f32>(targets + at);
    const power = f32x4.extract_lane(expF32x4(f32x4.splat(-abs(x))), 0);
    loss += max<f32>(x, 0) - x * target + ln(1 + power);
    const sigmoid: f32 = (x >= 0 ? <f32>1 : power) / (1 + power);
    store<f32>(gradients + at, scale * weight * (sigmoid - target));
  }
  return weight * loss;
}

/**
 * Squared error of one row, linear beyond `knee` so that a wild target does not rule.
 *
 *     loss = weight · Σⱼ e²/2, or knee · (|e| − knee/2),  e = xⱼ − tⱼ        gradients[j] = scale · weight · clamp(e, ±knee)
 *
 * Source: Huber, Robust estimation of a location parameter, 1964.
 */
function squaredLoss(
  outputs: usize,
  count: u32,
  width: u32,
  targets: usize,
  weight: f32,
  knee: f32,
  scale: f32,
  gradients: usize,
): f32 {
  let loss: f32 = 0;
  for (let j: u32 = 0; j < width; j++) {
    const at = (<usize>j) << 2;
    if (j >= count) {
      store<f32>(gradients + at, 0);
      continue;
    }
    const error = load<f32>(outputs + at) - load<f32>(targets + at);
    const size = abs(error);
    loss += size <= knee ? <f32>0.5 * error * error : knee * (size - <f32>0.5 * knee);
    store<f32>(gradients + at, scale * weight * max<f32>(-knee, min<f32>(knee, error)));
  }
  return weight * loss;
}

/**
 * Pairwise ranking: the first of two rows should score higher.
 *
 *     loss = weight · ln(1 + e^−(a − b))        gradients = ∓ scale · weight · σ(−(a − b))
 *
 * Source: Burges et al., Learning to rank using gradient descent, 2005.
 */
function pairLoss(
  better: usize,
  worse: usize,
  width: u32,
  weight: f32,
  scale: f32,
  betterGradients: usize,
  worseGradients: usize,
): f32 {
  const lead = load<f32>(better) - load<f32>(worse);
  const power = f32x4.extract_lane(expF32x4(f32x4.splat(-abs(lead))), 0);
  const doubt: f32 = (lead >= 0 ? power : <f32>1) / (1 + power);
  for (let j: u32 = 1; j < width; j++) {
    store<f32>(betterGradients + ((<usize>j) << 2), 0);
    store<f32>(worseGradients + ((<usize>j) << 2), 0);
  }
  store<f32>(betterGradients, -scale * weight * doubt);
  store<f32>(worseGradients, scale * weight * doubt);
  return weight * (max<f32>(-lead, 0) + ln(1 + power));
}
