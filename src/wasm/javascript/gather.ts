import { place, real, randomU32, word, type Turn } from "./turn.ts";

// From samples to the rows of a step, and back: as in assembly/network/gather.ts and, of sparse samples, in
// assembly/network/sparse.ts. Values are copied as words, so that every bit of them arrives.

/** Dense rows, in the order drawn. */
export function gatherRows(turn: Turn): void {
  const { words, first, end, order } = turn;
  const from = place(turn, 0);
  const fromStride = word(turn, 1);
  const out = place(turn, 2);
  const outStride = word(turn, 3);
  const width = word(turn, 4);
  for (let row = first; row < end; row++) {
    const at = from + words[order + row] * fromStride;
    words.copyWithin(out + row * outStride, at, at + width);
  }
}

/** What a forward pass found, beside all that it found before. */
export function scatterRows(turn: Turn): void {
  const { words, first, end, start } = turn;
  const rows = place(turn, 0);
  const stride = word(turn, 1);
  const out = place(turn, 2);
  const outStride = word(turn, 3);
  const width = word(turn, 4);
  for (let row = first; row < end; row++) {
    const at = rows + row * stride;
    words.copyWithin(out + (start + row) * outStride, at, at + width);
  }
}

/** Sparse samples, their features dropped at random. */
export function gatherSparse(turn: Turn): void {
  const { floats, words, first, end, order } = turn;
  const starts = place(turn, 0);
  const ids = place(turn, 1);
  const values = place(turn, 2);
  const most = word(turn, 3);
  const drop = word(turn, 4);
  const keep = real(turn, 6);
  const seed = turn.drawn ^ word(turn, 5);
  const counts = place(turn, 7);
  const batchIds = place(turn, 8);
  const batchValues = place(turn, 9);
  for (let row = first; row < end; row++) {
    const sample = words[order + row];
    const start = words[starts + sample];
    const stop = words[starts + sample + 1];
    const to = row * most;
    let count = 0;
    for (let at = start; at < stop; at++) {
      if (drop !== 0 && randomU32(seed, to + (at - start)) < drop) continue;
      words[batchIds + to + count] = words[ids + at];
      floats[batchValues + to + count] = floats[values + at] * keep;
      count++;
    }
    words[counts + row] = count;
  }
}

/** The last events of sequences, by time and then by sequence. */
export function gatherEvents(turn: Turn): void {
  const { words, first, end, order } = turn;
  const [spans, starts, ids, values] = [0, 1, 2, 3].map((i) => place(turn, i));
  const width = word(turn, 4);
  const times = word(turn, 5);
  const most = word(turn, 10);
  const [counts, batchIds, batchValues, begun] = [6, 7, 8, 9].map((i) => place(turn, i));
  for (let row = first; row < end; row++) {
    const span = spans + 2 * words[order + row];
    const last = words[span + 1];
    const length = Math.min(times, last - words[span]);
    words[begun + row] = times - length;
    for (let time = 0; time < times; time++) {
      const at = time * most + row;
      let count = 0;
      if (time >= times - length) {
        const event = starts + last - (times - time);
        const from = words[event];
        count = words[event + 1] - from;
        words.copyWithin(batchIds + at * width, ids + from, ids + from + count);
        words.copyWithin(batchValues + at * width, values + from, values + from + count);
      }
      words[counts + at] = count;
    }
  }
}

/** Zeros for the rows of sequences that have not begun. */
export function maskSteps(turn: Turn): void {
  const { floats, words, first, end } = turn;
  const rows = place(turn, 0);
  const width = word(turn, 1);
  const stride = word(turn, 2);
  const begun = place(turn, 3);
  const most = word(turn, 4);
  for (let row = first; row < end; row++) {
    if (words[begun + (row % most)] <= Math.floor(row / most)) continue;
    const at = rows + row * stride;
    floats.fill(0, at, at + width);
  }
}
