// Layers whose inputs are few of many: words, runs of letters. A table has a row for each feature, and
// a sample is a list of features with weights.
//
//     batch, one row for each sample, `most` places each:
//       counts  u32[rows]          features of the sample
//       ids     u32[rows][most]    their rows in the table
//       values  f32[rows][most]    their weights
//       slots   u32[rows][most]    their rows in the gradients, which hold met features alone

import { randomU32 } from "../base/functions";
import { mulAddF32x4 } from "../base/lanes";

/**
 * Copies samples into the batch, dropping features at random: those kept are scaled by `keep`.
 *
 * @param order   u32[rows], which sample each row is
 * @param starts  u32[samples + 1], where the features of a sample begin in `ids` and `values`
 * @param drop    share dropped · 2³²
 */
export function gatherSparse(
  order: usize,
  first: u32,
  end: u32,
  starts: usize,
  ids: usize,
  values: usize,
  most: u32,
  drop: u32,
  keep: f32,
  seed: u32,
  batchCounts: usize,
  batchIds: usize,
  batchValues: usize,
): void {
  for (let row = first; row < end; row++) {
    const sample = <usize>load<u32>(order + ((<usize>row) << 2));
    const start = load<u32>(starts + (sample << 2));
    const stop = load<u32>(starts + (sample << 2), 4);
    const to = (<usize>(row * most)) << 2;
    let count: usize = 0;
    for (let at = start; at < stop; at++) {
      const place = (<usize>at) << 2;
      if (drop != 0 && randomU32(seed, row * most + (at - start)) < drop) continue;
      store<u32>(batchIds + to + count, load<u32>(ids + place));
      store<f32>(batchValues + to + count, load<f32>(values + place) * keep);
      count += 4;
    }
    store<u32>(batchCounts + ((<usize>row) << 2), <u32>(count >> 2));
  }
}

/**
 * The sum of a sample's rows of the table, weighted.
 *
 *     out[i][j] = start + Σₖ values[i][k] · table[ids[i][k]][j],  start = bias[j], or what is there when bias is 1, or 0
 *
 * @param width  values of a table row; a multiple of 4
 */
export function sumSparse(
  first: u32,
  end: u32,
  counts: usize,
  ids: usize,
  values: usize,
  most: u32,
  table: usize,
  width: u32,
  bias: usize,
  out: usize,
  outStride: u32,
): void {
  const bytes = (<usize>width) << 2;
  for (let row = first; row < end; row++) {
    const to = out + ((<usize>(row * outStride)) << 2);
    if (bias > 1) memory.copy(to, bias, bytes);
    else if (bias == 0) memory.fill(to, 0, bytes);
    let id = ids + ((<usize>(row * most)) << 2);
    let value = values + ((<usize>(row * most)) << 2);
    const count = load<u32>(counts + ((<usize>row) << 2));
    const pairs = id + ((<usize>(count >> 1)) << 3);
    // Two rows at a time: half the traffic of the sums.
    for (; id < pairs; id += 8, value += 8) {
      let a = table + <usize>load<u32>(id) * bytes;
      let b = table + <usize>load<u32>(id, 4) * bytes;
      const scaleA = v128.load32_splat(value);
      const scaleB = v128.load32_splat(value, 4);
      for (let at = to; at < to + bytes; at += 16, a += 16, b += 16) {
        const sum = mulAddF32x4(scaleA, v128.load(a), v128.load(at));
        v128.store(at, mulAddF32x4(scaleB, v128.load(b), sum));
      }
    }
    if ((count & 1) != 0) {
      let a = table + <usize>load<u32>(id) * bytes;
      const scale = v128.load32_splat(value);
      for (let at = to; at < to + bytes; at += 16, a += 16) {
        v128.store(at, mulAddF32x4(scale, v128.load(a), v128.load(at)));
      }
    }
  }
}

/**
 * Numbers the features that the batch has, in the order met.
 *
 * @param places  u32[features], 0 everywhere; 0 everywhere again when it returns
 * @param met     u32[rows · most], the features by number
 * @returns how many
 */
export function numberSparse(
  rows: u32,
  counts: usize,
  ids: usize,
  slots: usize,
  most: u32,
  places: usize,
  met: usize,
): u32 {
  let count: u32 = 0;
  for (let row: u32 = 0; row < rows; row++) {
    const from = (<usize>(row * most)) << 2;
    const end = from + ((<usize>load<u32>(counts + ((<usize>row) << 2))) << 2);
    for (let at = from; at < end; at += 4) {
      const id = load<u32>(ids + at);
      const place = places + ((<usize>id) << 2);
      let number = load<u32>(place);
      if (number == 0) {
        store<u32>(met + ((<usize>count) << 2), id);
        number = ++count;
        store<u32>(place, number);
      }
      store<u32>(slots + at, number - 1);
    }
  }
  for (let i: u32 = 0; i < count; i++) {
    store<u32>(places + ((<usize>load<u32>(met + ((<usize>i) << 2))) << 2), 0);
  }
  return count;
}

/**
 * Gradients of the table rows that the batch met, of columns `from` to `to` alone, so that threads
 * share the columns and each sum has one order.
 *
 *     out[slot][j] = Σ values[i][k] · gradients[i][j]   over all i, k of that slot
 *
 * @param from, to  multiples of 4
 * @param met       features met
 * @param out       f32[met][width]
 */
export function sumSparseBack(
  rows: u32,
  counts: usize,
  slots: usize,
  values: usize,
  most: u32,
  gradients: usize,
  gradientStride: u32,
  from: u32,
  to: u32,
  met: u32,
  width: u32,
  out: usize,
): void {
  const bytes = (<usize>width) << 2;
  const start = (<usize>from) << 2;
  const length = ((<usize>to) << 2) - start;
  for (let i: usize = 0; i < met; i++) memory.fill(out + i * bytes + start, 0, length);
  for (let row: u32 = 0; row < rows; row++) {
    const gradient = gradients + ((<usize>(row * gradientStride)) << 2) + start;
    const place = (<usize>(row * most)) << 2;
    const end = place + ((<usize>load<u32>(counts + ((<usize>row) << 2))) << 2);
    for (let k = place; k < end; k += 4) {
      let target = out + <usize>load<u32>(slots + k) * bytes + start;
      const scale = v128.load32_splat(values + k);
      for (let at = gradient; at < gradient + length; at += 16, target += 16) {
        v128.store(target, mulAddF32x4(scale, v128.load(at), v128.load(target)));
      }
    }
  }
}
