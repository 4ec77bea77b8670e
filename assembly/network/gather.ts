// From where samples are kept to the rows of a step, in the order drawn, and back.

/** out[row] = from[order[row]], rows [first, end), `width` values each. */
export function gatherRows(
  order: usize,
  first: u32,
  end: u32,
  from: usize,
  fromStride: u32,
  out: usize,
  outStride: u32,
  width: u32,
): void {
  for (let row = first; row < end; row++) {
    const sample = load<u32>(order + ((<usize>row) << 2));
    memory.copy(
      out + ((<usize>(row * outStride)) << 2),
      from + ((<usize>sample * <usize>fromStride) << 2),
      (<usize>width) << 2,
    );
  }
}

/** out[start + row] = rows[row]: what a forward pass found, beside all that it found before. */
export function scatterRows(
  start: u32,
  first: u32,
  end: u32,
  rows: usize,
  stride: u32,
  out: usize,
  outStride: u32,
  width: u32,
): void {
  for (let row = first; row < end; row++) {
    memory.copy(
      out + ((<usize>(start + row) * <usize>outStride) << 2),
      rows + ((<usize>(row * stride)) << 2),
      (<usize>width) << 2,
    );
  }
}

/**
 * The last events of sequences, each an own row of the batch (see sparse.ts), by time and then by
 * sequence: row t · most + i is event t of sequence i. Shorter sequences end at the same time; before
 * they begin their rows have no features.
 *
 * Parameters, words: 0 spans u32[samples][2], each the first event and the one after the last ·
 * 1 starts u32[events + 1] · 2 ids · 3 values · 4 most features of an event · 5 times · 6 counts ·
 * 7 batch ids · 8 batch values · 9 begun u32[most], the first time of each sequence · 10 most sequences
 */
export function gatherEvents(words: usize, order: usize, first: u32, end: u32): void {
  const spans = <usize>load<u32>(words);
  const starts = <usize>load<u32>(words, 4);
  const ids = <usize>load<u32>(words, 8);
  const values = <usize>load<u32>(words, 12);
  const width = load<u32>(words, 16);
  const times = load<u32>(words, 20);
  const counts = <usize>load<u32>(words, 24);
  const batchIds = <usize>load<u32>(words, 28);
  const batchValues = <usize>load<u32>(words, 32);
  const begun = <usize>load<u32>(words, 36);
  const most = load<u32>(words, 40);
  for (let row = first; row < end; row++) {
    const span = spans + ((<usize>load<u32>(order + ((<usize>row) << 2))) << 3);
    const last = load<u32>(span, 4);
    const length = min(times, last - load<u32>(span));
    store<u32>(begun + ((<usize>row) << 2), times - length);
    for (let time: u32 = 0; time < times; time++) {
      const place = <usize>(time * most + row);
      let count: u32 = 0;
      if (time >= times - length) {
        const event = starts + ((<usize>(last - (times - time))) << 2);
        const from = (<usize>load<u32>(event)) << 2;
        count = load<u32>(event, 4) - load<u32>(event);
        const to = (place * <usize>width) << 2;
        memory.copy(batchIds + to, ids + from, (<usize>count) << 2);
        memory.copy(batchValues + to, values + from, (<usize>count) << 2);
      }
      store<u32>(counts + (place << 2), count);
    }
  }
}

/** Zeros for the rows of sequences that have not begun; rows by time and then by sequence. */
export function maskSteps(
  first: u32,
  end: u32,
  rows: usize,
  width: u32,
  stride: u32,
  begun: usize,
  most: u32,
): void {
  for (let row = first; row < end; row++) {
    if (load<u32>(begun + ((<usize>(row % most)) << 2)) <= row / most) continue;
    memory.fill(rows + ((<usize>(row * stride)) << 2), 0, (<usize>width) << 2);
  }
}
