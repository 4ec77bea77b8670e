import { place, real, share, word, type Turn } from "./turn.ts";

// Learning by contrast, as in assembly/network/contrast.ts.

const EPSILON = Math.fround(1e-10);

/** Rows to unit length, in place, and the lengths that they had. */
export function normalizeRows(turn: Turn): void {
  const { floats, first, end } = turn;
  const rows = place(turn, 0);
  const width = word(turn, 1);
  const lengths = place(turn, 2);
  for (let row = first; row < end; row++) {
    const from = rows + row * width;
    let squares = 0;
    for (let j = from; j < from + width; j++) squares += floats[j] * floats[j];
    const length = Math.sqrt(squares);
    floats[lengths + row] = length;
    if (length === 0) continue;
    for (let j = from; j < from + width; j++) floats[j] /= length;
  }
}

/** Gradients of unit vectors to those of the rows that they were. */
export function normalizeBack(turn: Turn): void {
  const { floats, first, end } = turn;
  const vectors = place(turn, 0);
  const lengths = place(turn, 1);
  const width = word(turn, 2);
  const gradients = place(turn, 3);
  for (let row = first; row < end; row++) {
    const vector = vectors + row * width;
    const gradient = gradients + row * width;
    const length = floats[lengths + row];
    if (length === 0) {
      floats.fill(0, gradient, gradient + width);
      continue;
    }
    let along = 0;
    for (let j = 0; j < width; j++) along += floats[gradient + j] * floats[vector + j];
    for (let j = 0; j < width; j++) {
      floats[gradient + j] = (floats[gradient + j] - along * floats[vector + j]) / length;
    }
  }
}

/** Scores to powers, in place, and their sums by row. */
export function contrast(turn: Turn): void {
  const { floats, first, end } = turn;
  const scores = place(turn, 0);
  const pairs = word(turn, 1);
  const sharpness = real(turn, 2);
  const sums = place(turn, 3);
  for (let row = first; row < end; row++) {
    const from = scores + row * pairs;
    let sum = 0;
    for (let j = from; j < from + pairs; j++) {
      floats[j] = Math.exp((floats[j] - 1) * sharpness);
      sum += floats[j];
    }
    floats[sums + row] = sum;
  }
}

/** Losses, and the gradients of scores in place of their powers. */
export function contrastBack(turn: Turn): void {
  const { floats, first, end } = turn;
  const powers = place(turn, 0);
  const pairs = word(turn, 1);
  const scale = real(turn, 2);
  const sums = place(turn, 3);
  const columnSums = place(turn, 4);
  const outcomes = place(turn, 5);
  for (let row = first; row < end; row++) {
    const from = powers + row * pairs;
    const own = floats[from + row];
    const sum = floats[sums + row];
    let most = 0;
    for (let j = 0; j < pairs; j++) {
      const power = floats[from + j];
      if (power > most) most = power;
      floats[from + j] = scale * power * (1 / sum + 1 / floats[columnSums + j]);
    }
    floats[from + row] -= 2 * scale;
    const both = Math.log(sum) + Math.log(floats[columnSums + row]);
    floats[outcomes + 2 * row] = both / 2 - Math.log(own);
    floats[outcomes + 2 * row + 1] = most > own ? 0 : 1;
  }
}

/** One step of Adagrad of the table rows that the batch met. */
export function adagradSparse(turn: Turn): void {
  const { floats, words, program, step, thread, threads } = turn;
  const values = place(turn, 0);
  const gradients = place(turn, 1);
  const squares = place(turn, 2);
  const met = place(turn, 3);
  const width = word(turn, 5);
  const count = words[place(turn, 4)];
  const rate = floats[(words[program + 6] >>> 2) + 4 * step + 2];
  const last = share(count, 1, thread + 1, threads);
  for (let i = share(count, 1, thread, threads); i < last; i++) {
    const row = words[met + i] * width;
    for (let j = 0; j < width; j++) {
      const gradient = floats[gradients + i * width + j];
      floats[squares + row + j] += gradient * gradient;
      const length = Math.sqrt(floats[squares + row + j]) + EPSILON;
      floats[values + row + j] -= (rate * gradient) / length;
    }
  }
}
