import { place, share, word, type Turn } from "./turn.ts";

// Layers whose inputs are few of many, as in assembly/network/sparse.ts.

/** The sum of a sample's rows of the table, weighted. */
export function sumSparse(turn: Turn): void {
  const { floats, words, first, end } = turn;
  const counts = place(turn, 0);
  const ids = place(turn, 1);
  const values = place(turn, 2);
  const most = word(turn, 3);
  const table = place(turn, 4);
  const width = word(turn, 5);
  const bias = word(turn, 6);
  const out = place(turn, 7);
  const outStride = word(turn, 8);
  for (let row = first; row < end; row++) {
    const to = out + row * outStride;
    if (bias > 1) floats.copyWithin(to, bias >>> 2, (bias >>> 2) + width);
    else if (bias === 0) floats.fill(0, to, to + width);
    const count = words[counts + row];
    const id = ids + row * most;
    const value = values + row * most;
    let k = 0;
    // Four rows at a time: a quarter of the traffic of the sums.
    for (; k + 4 <= count; k += 4) {
      const a = table + words[id + k] * width;
      const b = table + words[id + k + 1] * width;
      const c = table + words[id + k + 2] * width;
      const d = table + words[id + k + 3] * width;
      const scaleA = floats[value + k];
      const scaleB = floats[value + k + 1];
      const scaleC = floats[value + k + 2];
      const scaleD = floats[value + k + 3];
      for (let j = 0; j < width; j++) {
        floats[to + j] +=
          scaleA * floats[a + j] +
          scaleB * floats[b + j] +
          (scaleC * floats[c + j] + scaleD * floats[d + j]);
      }
    }
    for (; k < count; k++) {
      const a = table + words[id + k] * width;
      const scale = floats[value + k];
      for (let j = 0; j < width; j++) floats[to + j] += scale * floats[a + j];
    }
  }
}

/** Numbers the features that the batch has, in the order met; work of the first thread. */
export function numberSparse(turn: Turn): void {
  if (turn.thread !== 0) return;
  const { words, rows } = turn;
  const counts = place(turn, 0);
  const ids = place(turn, 1);
  const slots = place(turn, 2);
  const most = word(turn, 3);
  const places = place(turn, 4);
  const met = place(turn, 5);
  let count = 0;
  for (let row = 0; row < rows; row++) {
    const end = row * most + words[counts + row];
    for (let at = row * most; at < end; at++) {
      const id = words[ids + at];
      let number = words[places + id];
      if (number === 0) {
        words[met + count] = id;
        number = ++count;
        words[places + id] = number;
      }
      words[slots + at] = number - 1;
    }
  }
  for (let i = 0; i < count; i++) words[places + words[met + i]] = 0;
  words[place(turn, 6)] = count;
}

/** Gradients of the table rows that the batch met; threads share the columns. */
export function sumSparseBack(turn: Turn): void {
  const { floats, words, rows, thread, threads } = turn;
  const counts = place(turn, 0);
  const slots = place(turn, 1);
  const values = place(turn, 2);
  const most = word(turn, 3);
  const gradients = place(turn, 4);
  const gradientStride = word(turn, 5);
  const met = words[place(turn, 6)];
  const width = word(turn, 7);
  const out = place(turn, 8);
  const from = share(width, 16, thread, threads);
  const length = share(width, 16, thread + 1, threads) - from;
  for (let i = 0; i < met; i++) {
    const target = out + i * width + from;
    floats.fill(0, target, target + length);
  }
  for (let row = 0; row < rows; row++) {
    const gradient = gradients + row * gradientStride + from;
    const end = row * most + words[counts + row];
    for (let k = row * most; k < end; k++) {
      const target = out + words[slots + k] * width + from;
      const scale = floats[values + k];
      for (let j = 0; j < length; j++) floats[target + j] += scale * floats[gradient + j];
    }
  }
}
