import { place, real, ROW_GRAIN, share, word, type Turn } from "./turn.ts";

// Steps downhill and the sums they need, as in assembly/network/adam.ts.

const CLIP = 11; // word of the program
const SQUARE_PARTS = 16; // as in assembly/network/operations.ts

// Rounded to f32 as the kernel's are: 1 − β₂ differs in the fifth digit.
const BETA1 = Math.fround(0.9);
const BETA2 = Math.fround(0.999);
const EPSILON = Math.fround(1e-8);

/** One step of Adam over this thread's share of some values. */
export function adam(turn: Turn): void {
  const total = word(turn, 4);
  const stride = word(turn, 7);
  const grain = stride === 0 ? 16 : ROW_GRAIN * stride;
  const from = share(total, grain, turn.thread, turn.threads);
  const count = share(total, grain, turn.thread + 1, turn.threads) - from;
  const values = place(turn, 0) + from;
  const gradients = place(turn, 1) + from;
  const first = place(turn, 2) + from;
  const second = place(turn, 3) + from;
  adamOf(turn, values, gradients, first, second, count, real(turn, 5), real(turn, 6));
}

/** As `adam`, of the table rows that the batch met. */
export function adamSparse(turn: Turn): void {
  const { words, thread, threads } = turn;
  const values = place(turn, 0);
  const gradients = place(turn, 1);
  const first = place(turn, 2);
  const second = place(turn, 3);
  const met = place(turn, 4);
  const width = word(turn, 6);
  const start = share(width, 16, thread, threads);
  const cols = share(width, 16, thread + 1, threads) - start;
  for (let i = 0; i < words[place(turn, 5)]; i++) {
    const row = words[met + i] * width + start;
    const from = gradients + i * width + start;
    adamOf(turn, values + row, from, first + row, second + row, cols, real(turn, 7), real(turn, 8));
  }
}

function adamOf(
  { floats, words, program, step }: Turn,
  values: number,
  gradients: number,
  first: number,
  second: number,
  count: number,
  rateScale: number,
  decayScale: number,
): void {
  const schedule = (words[program + 6] >>> 2) + 4 * step;
  const rate = floats[schedule] * rateScale;
  const correction = floats[schedule + 1];
  const decay = floats[schedule + 2] * decayScale;
  const clip = floats[program + CLIP];
  for (let i = 0; i < count; i++) {
    const gradient = clip * floats[gradients + i];
    const mean = BETA1 * floats[first + i] + (1 - BETA1) * gradient;
    const square = BETA2 * floats[second + i] + (1 - BETA2) * gradient * gradient;
    floats[first + i] = mean;
    floats[second + i] = square;
    const value = floats[values + i];
    const stride = (rate * mean) / (Math.sqrt(square) * correction + EPSILON);
    floats[values + i] = value - stride - decay * value;
  }
}

/** Sums of squares, in as many parts whatever the threads. */
export function squares(turn: Turn): void {
  const { floats, words, thread, threads } = turn;
  const values = place(turn, 0);
  const each = word(turn, 1);
  const out = place(turn, 2);
  const total = word(turn, 3) === 0 ? each : words[place(turn, 3)] * each;
  const last = share(SQUARE_PARTS, 1, thread + 1, threads);
  for (let part = share(SQUARE_PARTS, 1, thread, threads); part < last; part++) {
    const end = share(total, 16, part + 1, SQUARE_PARTS);
    let sum = 0;
    for (let i = share(total, 16, part, SQUARE_PARTS); i < end; i++) sum += floats[values + i] ** 2;
    floats[out + part] = sum;
  }
}

/** What gradients are scaled by, so that together they are not too long; work of the first thread. */
export function clip(turn: Turn): void {
  if (turn.thread !== 0) return;
  const { floats, program } = turn;
  const parts = place(turn, 0);
  const count = word(turn, 1) * SQUARE_PARTS;
  const most = real(turn, 2);
  let sum = 0;
  for (let i = 0; i < count; i++) sum += floats[parts + i];
  floats[program + CLIP] = sum > most * most ? most / Math.sqrt(sum) : 1;
}

/** Sums down the columns, of products when there are others: row by row, as they lie. */
export function columnSums(turn: Turn): void {
  const { floats, rows, thread, threads } = turn;
  const values = place(turn, 0);
  const others = place(turn, 1);
  const cols = word(turn, 2);
  const stride = word(turn, 3);
  const out = place(turn, 4);
  const from = share(cols, 16, thread, threads);
  const end = share(cols, 16, thread + 1, threads);
  floats.fill(0, out + from, out + end);
  for (let i = 0; i < rows; i++) {
    const row = values + i * stride;
    const other = others + i * stride;
    if (others === 0) for (let j = from; j < end; j++) floats[out + j] += floats[row + j];
    else {
      for (let j = from; j < end; j++) floats[out + j] += floats[row + j] * floats[other + j];
    }
  }
}
