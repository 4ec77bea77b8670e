// Forward passes over 8-bit values: a quarter of the bytes to read.

import { mulAddF32x4 } from "../base/lanes";

const SCRATCH_BYTES: usize = 131_072;
const ROWS_AT_ONCE: u32 = 4;

/**
 * Rows times quantized weights. Each row is itself brought to 8 bits by its largest value; products
 * and sums are exact whole numbers.
 *
 *     out[i][j] = Σₖ xᵢₖ · qⱼₖ · stepᵢ · scales[j] + bias[j]        (or + out[i][j] when bias is 0)
 *     stepᵢ = max |left[i]| / 127,  xᵢₖ = round(left[i][k] / stepᵢ)
 *
 * Rows are widened to 16 bits once, and taken four at a time against two columns, so that a weight is
 * read and widened once for four rows, and eight sums hide each other's latency.
 *
 * @param left     f32[rows][leftStride]; values from `depth` to a multiple of 16 must be 0
 * @param weights  i8[cols][depth rounded up to 16], zero-padded, from −127 to 127
 * @param scales   f32[cols]
 * @param depth    at most 65,536: beyond, sums could leave 32 bits
 * @param scratch  131,072 bytes
 *
 * Rounding: that of 8 bits, at most stepᵢ / 2 · scales[j] · Σₖ |qⱼₖ| per element, beside that of f32.
 */
export function productI8(
  left: usize,
  rows: u32,
  leftStride: u32,
  weights: usize,
  scales: usize,
  cols: u32,
  depth: u32,
  bias: usize,
  scratch: usize,
  out: usize,
  outStride: u32,
): void {
  const length = (<usize>depth + 15) & ~15;
  const rowBytes = length << 1;
  const leftBytes = (<usize>leftStride) << 2;
  const outBytes = (<usize>outStride) << 2;
  const fits = rowBytes * ROWS_AT_ONCE <= SCRATCH_BYTES;
  let i: u32 = 0;
  for (; fits && i + ROWS_AT_ONCE <= rows; i += ROWS_AT_ONCE) {
    const row = left + <usize>i * leftBytes;
    const step0 = quantizeRow(row, length, scratch);
    const step1 = quantizeRow(row + leftBytes, length, scratch + rowBytes);
    const step2 = quantizeRow(row + 2 * leftBytes, length, scratch + 2 * rowBytes);
    const step3 = quantizeRow(row + 3 * leftBytes, length, scratch + 3 * rowBytes);
    const target = out + <usize>i * outBytes;
    for (let j: u32 = 0; j < cols; j += 2) {
      // The last column of an odd number is taken twice, and its second sums are let go.
      const other = min<u32>(j + 1, cols - 1);
      const a = weights + <usize>j * length;
      const b = weights + <usize>other * length;
      let sumA0 = i32x4.splat(0);
      let sumA1 = sumA0;
      let sumA2 = sumA0;
      let sumA3 = sumA0;
      let sumB0 = sumA0;
      let sumB1 = sumA0;
      let sumB2 = sumA0;
      let sumB3 = sumA0;
      let x0 = scratch;
      for (let k: usize = 0; k < length; k += 8, x0 += 16) {
        const a_i16x8 = v128.load_ext<i8>(a + k);
        const b_i16x8 = v128.load_ext<i8>(b + k);
        const x1 = x0 + rowBytes;
        const x2 = x1 + rowBytes;
        const row0 = v128.load(x0);
        const row1 = v128.load(x1);
        const row2 = v128.load(x2);
        const row3 = v128.load(x2 + rowBytes);
        sumA0 = i32x4.add(sumA0, i32x4.dot_i16x8_s(row0, a_i16x8));
        sumA1 = i32x4.add(sumA1, i32x4.dot_i16x8_s(row1, a_i16x8));
        sumA2 = i32x4.add(sumA2, i32x4.dot_i16x8_s(row2, a_i16x8));
        sumA3 = i32x4.add(sumA3, i32x4.dot_i16x8_s(row3, a_i16x8));
        sumB0 = i32x4.add(sumB0, i32x4.dot_i16x8_s(row0, b_i16x8));
        sumB1 = i32x4.add(sumB1, i32x4.dot_i16x8_s(row1, b_i16x8));
        sumB2 = i32x4.add(sumB2, i32x4.dot_i16x8_s(row2, b_i16x8));
        sumB3 = i32x4.add(sumB3, i32x4.dot_i16x8_s(row3, b_i16x8));
      }
      const to = target + ((<usize>j) << 2);
      const skip = (<usize>(other - j)) << 2;
      const startA = bias != 0 ? bias + ((<usize>j) << 2) : 0;
      const startB = bias != 0 ? startA + skip : 0;
      const scaleA: f32 = load<f32>(scales + ((<usize>j) << 2));
      const scaleB: f32 = load<f32>(scales + ((<usize>j) << 2) + skip);
      if (skip != 0) {
        finish(to + skip, startB, sumB0, step0 * scaleB);
        finish(to + skip + outBytes, startB, sumB1, step1 * scaleB);
        finish(to + skip + 2 * outBytes, startB, sumB2, step2 * scaleB);
        finish(to + skip + 3 * outBytes, startB, sumB3, step3 * scaleB);
      }
      finish(to, startA, sumA0, step0 * scaleA);
      finish(to + outBytes, startA, sumA1, step1 * scaleA);
      finish(to + 2 * outBytes, startA, sumA2, step2 * scaleA);
      finish(to + 3 * outBytes, startA, sumA3, step3 * scaleA);
    }
  }
  for (; i < rows; i++) {
    const step = quantizeRow(left + <usize>i * leftBytes, length, scratch);
    const target = out + <usize>i * outBytes;
    for (let j: usize = 0; j < cols; j++) {
      const at = j << 2;
      const sum = dotRow(scratch, weights + j * length, length);
      finish(target + at, bias != 0 ? bias + at : 0, sum, step * load<f32>(scales + at));
    }
  }
}

/** Stores the whole number that four lanes add up to, scaled, beside what it starts from. */
function finish(target: usize, start: usize, sum_i32x4: v128, scale: f32): void {
  const sum =
    i32x4.extract_lane(sum_i32x4, 0) +
    i32x4.extract_lane(sum_i32x4, 1) +
    i32x4.extract_lane(sum_i32x4, 2) +
    i32x4.extract_lane(sum_i32x4, 3);
  store<f32>(target, load<f32>(start != 0 ? start : target) + <f32>sum * scale);
}

/** Writes a row in whole numbers of 8 bits, as i16, and returns what one step of them is worth. */
function quantizeRow(row: usize, count: usize, out: usize): f32 {
  let largest = f32x4.splat(0);
  for (let k: usize = 0; k < count; k += 4) {
    largest = f32x4.max(largest, f32x4.abs(v128.load(row + (k << 2))));
  }
  const top = max(
    max(f32x4.extract_lane(largest, 0), f32x4.extract_lane(largest, 1)),
    max(f32x4.extract_lane(largest, 2), f32x4.extract_lane(largest, 3)),
  );
  const step = top / 127;
  const factor = f32x4.splat(top > 0 ? 127 / top : 0);
  for (let k: usize = 0; k < count; k += 8) {
    const at = row + (k << 2);
    v128.store(out + (k << 1), i16x8.narrow_i32x4_s(steps(at, factor), steps(at + 16, factor)));
  }
  return step;
}

function steps(at: usize, factor: v128): v128 {
  return i32x4.trunc_sat_f32x4_s(f32x4.nearest(f32x4.mul(v128.load(at), factor)));
}

function dotRow(row: usize, weights: usize, length: usize): v128 {
  let sum0 = i32x4.splat(0);
  let sum1 = sum0;
  for (let k: usize = 0; k < length; k += 16, row += 32) {
    const at = weights + k;
    sum0 = i32x4.add(sum0, i32x4.dot_i16x8_s(v128.load(row), v128.load_ext<i8>(at)));
    sum1 = i32x4.add(sum1, i32x4.dot_i16x8_s(v128.load(row, 16), v128.load_ext<i8>(at, 8)));
  }
  return i32x4.add(sum0, sum1);
}

/** Codes of 8 bits, from −127 to 127. */
export class CodesI8 {}
/**
 * Codes of 4 bits, from −7 to 7: eight bytes hold sixteen of them, the first eight in their lower halves.
 */
export class CodesI4 {}

/** Whether codes are of 4 bits; the compiler decides. */
function isI4<Codes>(): bool {
  return idof<Codes>() == idof<CodesI4>();
}

/**
 * As `sumSparse` of sparse.ts, over a table of rows of codes, each with a scale of its own.
 *
 *     out[i][j] = start + Σₖ values[i][k] · scales[id] · table[id][j],  id = ids[i][k]
 *
 * @param width  values of a table row; a multiple of 16
 */
export function sumSparseCodes<Codes>(
  first: u32,
  end: u32,
  counts: usize,
  ids: usize,
  values: usize,
  most: u32,
  table: usize,
  scales: usize,
  width: u32,
  bias: usize,
  out: usize,
  outStride: u32,
): void {
  const bytes = (<usize>width) << 2;
  const codeBytes = isI4<Codes>() ? (<usize>width) >> 1 : <usize>width;
  for (let row = first; row < end; row++) {
    const to = out + ((<usize>(row * outStride)) << 2);
    memory.copy(to, bias, bytes);
    const place = (<usize>(row * most)) << 2;
    const last = place + ((<usize>load<u32>(counts + ((<usize>row) << 2))) << 2);
    for (let k = place; k < last; k += 4) {
      const id = <usize>load<u32>(ids + k);
      const scale = f32x4.splat(load<f32>(values + k) * load<f32>(scales + (id << 2)));
      let from = table + id * codeBytes;
      for (let at = to; at < to + bytes; at += 64) {
        let low_i16x8: v128;
        let high_i16x8: v128;
        if (isI4<Codes>()) {
          const pairs_i16x8 = v128.load_ext<u8>(from);
          low_i16x8 = i16x8.shr_s(i16x8.shl(pairs_i16x8, 12), 12);
          high_i16x8 = i16x8.shr_s(i16x8.shl(pairs_i16x8, 8), 12);
          from += 8;
        } else {
          const packed = v128.load(from);
          low_i16x8 = i16x8.extend_low_i8x16_s(packed);
          high_i16x8 = i16x8.extend_high_i8x16_s(packed);
          from += 16;
        }
        addScaled(at, scale, i32x4.extend_low_i16x8_s(low_i16x8));
        addScaled(at + 16, scale, i32x4.extend_high_i16x8_s(low_i16x8));
        addScaled(at + 32, scale, i32x4.extend_low_i16x8_s(high_i16x8));
        addScaled(at + 48, scale, i32x4.extend_high_i16x8_s(high_i16x8));
      }
    }
  }
}

function addScaled(at: usize, scale: v128, values: v128): void {
  v128.store(at, mulAddF32x4(scale, f32x4.convert_i32x4_s(values), v128.load(at)));
}
