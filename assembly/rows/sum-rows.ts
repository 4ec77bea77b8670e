// Sums of rows of a quantized table: what a text is, when its pieces are rows.

import { mulAddF32x4 } from "../base/lanes";

/** Columns summed at once: eight running sums stay in registers while the rows go by. */
const BLOCK: usize = 32;

/**
 * The weighted sum of some rows of a table of 8-bit values.
 *
 *     out[j] = Σₖ values[k] · rows[ids[k]][j]        (+ out[j] when `add` is not 0)
 *
 * @param ids     u32[count], rows of the table, in any order, each as often as it counts
 * @param values  f32[count], what each is multiplied by
 * @param count   0 gives zeros, or leaves `out` as it is
 * @param rows    i8[][dim], row-major, no gaps
 * @param dim     values of a row; a positive multiple of 32
 * @param out     f32[dim]; must not overlap the others
 *
 * Rounding: one running f32 sum over k, so the absolute error of out[j] is at most
 * (count + 1) · 2⁻²⁴ · (Σₖ |values[k] · rows[ids[k]][j]| + |start|).
 */
export function sum_rows_i8(
  ids: usize,
  values: usize,
  count: u32,
  rows: usize,
  dim: u32,
  add: u32,
  out: usize,
): void {
  const end = ids + ((<usize>count) << 2);
  for (let column: usize = 0; column < dim; column += BLOCK, out += BLOCK << 2) {
    const block = rows + column;
    let sum0 = f32x4.splat(0);
    let sum1 = sum0;
    let sum2 = sum0;
    let sum3 = sum0;
    let sum4 = sum0;
    let sum5 = sum0;
    let sum6 = sum0;
    let sum7 = sum0;
    if (add != 0) {
      sum0 = v128.load(out);
      sum1 = v128.load(out, 16);
      sum2 = v128.load(out, 32);
      sum3 = v128.load(out, 48);
      sum4 = v128.load(out, 64);
      sum5 = v128.load(out, 80);
      sum6 = v128.load(out, 96);
      sum7 = v128.load(out, 112);
    }
    let value = values;
    for (let id = ids; id < end; id += 4, value += 4) {
      const row = block + <usize>load<u32>(id) * <usize>dim;
      const scale = v128.load32_splat(value);
      const half0_i16x8 = v128.load_ext<i8>(row);
      const half1_i16x8 = v128.load_ext<i8>(row, 8);
      const half2_i16x8 = v128.load_ext<i8>(row, 16);
      const half3_i16x8 = v128.load_ext<i8>(row, 24);
      sum0 = mulAddF32x4(scale, low(half0_i16x8), sum0);
      sum1 = mulAddF32x4(scale, high(half0_i16x8), sum1);
      sum2 = mulAddF32x4(scale, low(half1_i16x8), sum2);
      sum3 = mulAddF32x4(scale, high(half1_i16x8), sum3);
      sum4 = mulAddF32x4(scale, low(half2_i16x8), sum4);
      sum5 = mulAddF32x4(scale, high(half2_i16x8), sum5);
      sum6 = mulAddF32x4(scale, low(half3_i16x8), sum6);
      sum7 = mulAddF32x4(scale, high(half3_i16x8), sum7);
    }
    v128.store(out, sum0);
    v128.store(out, sum1, 16);
    v128.store(out, sum2, 32);
    v128.store(out, sum3, 48);
    v128.store(out, sum4, 64);
    v128.store(out, sum5, 80);
    v128.store(out, sum6, 96);
    v128.store(out, sum7, 112);
  }
}

function low(values_i16x8: v128): v128 {
  return f32x4.convert_i32x4_s(i32x4.extend_low_i16x8_s(values_i16x8));
}

function high(values_i16x8: v128): v128 {
  return f32x4.convert_i32x4_s(i32x4.extend_high_i16x8_s(values_i16x8));
}
