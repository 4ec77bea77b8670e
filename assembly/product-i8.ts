// Forward passes over 8-bit values: a quarter of the bytes to read.

import { mulAddF32x4 } from "./lanes";

/**
 * Rows times quantized weights. Each row is itself brought to 8 bits by its largest value; products
 * and sums are exact whole numbers.
 *
 *     out[i][j] = Σₖ xᵢₖ · qⱼₖ · stepᵢ · scales[j] + bias[j]        (or + out[i][j] when bias is 0)
 *     stepᵢ = max |left[i]| / 127,  xᵢₖ = round(left[i][k] / stepᵢ)
 *
 * @param left     f32[rows][leftStride]; values from `depth` to a multiple of 16 must be 0
 * @param weights  i8[cols][depth rounded up to 16], zero-padded, from −127 to 127
 * @param scales   f32[cols]
 * @param depth    at most 65,536: beyond, sums could leave 32 bits
 * @param scratch  i8[depth rounded up to 16]
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
  const bytes = (<usize>depth + 15) & ~15;
  for (let i: u32 = 0; i < rows; i++) {
    const row = left + ((<usize>(i * leftStride)) << 2);
    const step = quantizeRow(row, bytes, scratch);
    const target = out + ((<usize>(i * outStride)) << 2);
    for (let j: usize = 0; j < cols; j++) {
      const sum = dotI8(scratch, weights + j * bytes, bytes);
      const start: f32 = load<f32>((bias != 0 ? bias : target) + (j << 2));
      const scale = step * load<f32>(scales + (j << 2));
      store<f32>(target + (j << 2), start + <f32>sum * scale);
    }
  }
}

/** Writes a row in 8 bits, and returns what one step of them is worth. */
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
  for (let k: usize = 0; k < count; k += 16) {
    const at = row + (k << 2);
    const low = i16x8.narrow_i32x4_s(steps(at, factor), steps(at + 16, factor));
    const high = i16x8.narrow_i32x4_s(steps(at + 32, factor), steps(at + 48, factor));
    v128.store(out + k, i8x16.narrow_i16x8_s(low, high));
  }
  return step;
}

function steps(at: usize, factor: v128): v128 {
  return i32x4.trunc_sat_f32x4_s(f32x4.nearest(f32x4.mul(v128.load(at), factor)));
}

function dotI8(a: usize, b: usize, bytes: usize): i32 {
  let sum0 = i32x4.splat(0);
  let sum1 = sum0;
  for (const end = a + bytes; a < end; a += 16, b += 16) {
    const x = v128.load(a);
    const y = v128.load(b);
    sum0 = i32x4.add(
      sum0,
      i32x4.dot_i16x8_s(i16x8.extend_low_i8x16_s(x), i16x8.extend_low_i8x16_s(y)),
    );
    sum1 = i32x4.add(
      sum1,
      i32x4.dot_i16x8_s(i16x8.extend_high_i8x16_s(x), i16x8.extend_high_i8x16_s(y)),
    );
  }
  const sum = i32x4.add(sum0, sum1);
  return (
    i32x4.extract_lane(sum, 0) +
    i32x4.extract_lane(sum, 1) +
    i32x4.extract_lane(sum, 2) +
    i32x4.extract_lane(sum, 3)
  );
}

/**
 * As `sumSparse` of sparse.ts, over a table of 8-bit rows, each with a scale of its own.
 *
 *     out[i][j] = start + Σₖ values[i][k] · scales[id] · table[id][j],  id = ids[i][k]
 *
 * @param width  values of a table row; a multiple of 16
 */
export function sumSparseI8(
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
  for (let row = first; row < end; row++) {
    const to = out + ((<usize>(row * outStride)) << 2);
    memory.copy(to, bias, bytes);
    const place = (<usize>(row * most)) << 2;
    const last = place + ((<usize>load<u32>(counts + ((<usize>row) << 2))) << 2);
    for (let k = place; k < last; k += 4) {
      const id = <usize>load<u32>(ids + k);
      const scale = f32x4.splat(load<f32>(values + k) * load<f32>(scales + (id << 2)));
      let from = table + id * <usize>width;
      for (let at = to; at < to + bytes; at += 64, from += 16) {
        const packed = v128.load(from);
        const low = i16x8.extend_low_i8x16_s(packed);
        const high = i16x8.extend_high_i8x16_s(packed);
        addScaled(at, scale, i32x4.extend_low_i16x8_s(low));
        addScaled(at + 16, scale, i32x4.extend_high_i16x8_s(low));
        addScaled(at + 32, scale, i32x4.extend_low_i16x8_s(high));
        addScaled(at + 48, scale, i32x4.extend_high_i16x8_s(high));
      }
    }
  }
}

function addScaled(at: usize, scale: v128, values: v128): void {
  v128.store(at, mulAddF32x4(scale, f32x4.convert_i32x4_s(values), v128.load(at)));
}
