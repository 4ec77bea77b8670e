import { place, real, sigmoid, word, type Turn } from "./turn.ts";

// Losses and their gradients, as in assembly/network/loss.ts. Powers that the kernels hold above 0 may be 0.

const SOFTMAX = 0;
const BINARY = 1;
const SQUARED = 2;

/** The losses of a thread's rows, their gradients, and whether each was right. */
export function lossOf(turn: Turn): void {
  const { floats, words, order, first, end, rows } = turn;
  const kind = word(turn, 0);
  const outputs = place(turn, 1);
  const count = word(turn, 2);
  const stride = word(turn, 3);
  const targets = place(turn, 4);
  const targetStride = word(turn, 5);
  const weights = place(turn, 6);
  const extra = real(turn, 7);
  const gradients = place(turn, 8);
  const outcomes = place(turn, 9);
  for (let row = first; row < end; row++) {
    const sample = words[order + row];
    const weight = floats[weights + sample];
    const scale = weight / rows;
    const from = outputs + row * stride;
    const to = gradients + row * stride;
    const target = targets + sample * targetStride;
    let used = count;
    let loss = 0;
    let right = 0;
    if (kind === SOFTMAX) {
      const top = largest(floats, from, count);
      right = floats[from + words[target]] === top ? 1 : 0;
      loss = softmaxLoss(floats, from, count, top, words[target], extra, scale, to);
    } else if (kind === BINARY) {
      right = floats[from] >= 0 === floats[target] >= 0.5 ? 1 : 0;
      loss = binaryLoss(floats, from, count, target, scale, to);
    } else if (kind === SQUARED) {
      loss = squaredLoss(floats, from, count, target, extra, scale, to);
    } else {
      used = 1;
      if ((row & 1) === 0) {
        right = floats[from] > floats[from + stride] ? 2 : 0;
        loss = pairLoss(floats, from, from + stride, 2 * scale, to, to + stride);
      }
    }
    floats.fill(0, to + used, to + stride);
    floats[outcomes + 2 * row] = weight * loss;
    floats[outcomes + 2 * row + 1] = right;
  }
}

function largest(floats: Float32Array, from: number, count: number): number {
  let top = floats[from];
  for (let j = 1; j < count; j++) top = Math.max(top, floats[from + j]);
  return top;
}

function softmaxLoss(
  floats: Float32Array,
  logits: number,
  classes: number,
  top: number,
  label: number,
  smoothing: number,
  scale: number,
  gradients: number,
): number {
  const lead = floats[logits + label] - top;
  let sum = 0;
  let total = 0;
  for (let j = 0; j < classes; j++) {
    const logit = floats[logits + j] - top;
    const power = Math.exp(logit);
    total += logit;
    sum += power;
    floats[gradients + j] = power;
  }
  const spread = smoothing / classes;
  for (let j = 0; j < classes; j++) {
    const expected = j === label ? 1 - smoothing + spread : spread;
    floats[gradients + j] = scale * (floats[gradients + j] / sum - expected);
  }
  return Math.log(sum) - (1 - smoothing) * lead - spread * total;
}

function binaryLoss(
  floats: Float32Array,
  outputs: number,
  count: number,
  targets: number,
  scale: number,
  gradients: number,
): number {
  let loss = 0;
  for (let j = 0; j < count; j++) {
    const x = floats[outputs + j];
    const target = floats[targets + j];
    loss += Math.max(x, 0) - x * target + Math.log1p(Math.exp(-Math.abs(x)));
    floats[gradients + j] = scale * (sigmoid(x) - target);
  }
  return loss;
}

function squaredLoss(
  floats: Float32Array,
  outputs: number,
  count: number,
  targets: number,
  knee: number,
  scale: number,
  gradients: number,
): number {
  let loss = 0;
  for (let j = 0; j < count; j++) {
    const error = floats[outputs + j] - floats[targets + j];
    const size = Math.abs(error);
    loss += size <= knee ? 0.5 * error * error : knee * (size - 0.5 * knee);
    floats[gradients + j] = scale * Math.max(-knee, Math.min(knee, error));
  }
  return loss;
}

function pairLoss(
  floats: Float32Array,
  better: number,
  worse: number,
  scale: number,
  betterGradient: number,
  worseGradient: number,
): number {
  const lead = floats[better] - floats[worse];
  const doubt = sigmoid(-lead);
  floats[betterGradient] = -scale * doubt;
  floats[worseGradient] = scale * doubt;
  return Math.max(-lead, 0) + Math.log1p(Math.exp(-Math.abs(lead)));
}

/** The losses of a step's rows, and how many were right; work of the first thread. */
export function sumLosses(turn: Turn): void {
  if (turn.thread !== 0) return;
  const { floats, words, program, rows, step } = turn;
  let loss = 0;
  let right = 0;
  const outcomes = place(turn, 0);
  for (let i = 0; i < rows; i++) {
    loss += floats[outcomes + 2 * i];
    right += floats[outcomes + 2 * i + 1];
  }
  const out = (words[program + 7] >>> 2) + 2 * step;
  floats[out] = loss;
  floats[out + 1] = right;
}
