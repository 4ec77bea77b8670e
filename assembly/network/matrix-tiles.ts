// Tiles of a product: a few rows by eight columns, whose sums stay in registers. `b` is a packed panel,
// 32 bytes for each k. Rows are written out, since a loop over them would keep the sums in memory.

import { mulAddF32x4 } from "../base/lanes";

/** Four rows of `left`, `leftRow` bytes apart. */
export function tile4(
  a0: usize,
  leftRow: usize,
  b: usize,
  bytes: usize,
  first: bool,
  bias: usize,
  out: usize,
  outBytes: usize,
): void {
  let sum00 = f32x4.splat(0);
  let sum01 = sum00;
  let sum10 = sum00;
  let sum11 = sum00;
  let sum20 = sum00;
  let sum21 = sum00;
  let sum30 = sum00;
  let sum31 = sum00;
  let a1 = a0 + leftRow;
  let a2 = a1 + leftRow;
  let a3 = a2 + leftRow;
  for (const end = b + bytes; b < end; b += 32, a0 += 4, a1 += 4, a2 += 4, a3 += 4) {
    const b0 = v128.load(b);
    const b1 = v128.load(b, 16);
    const left0 = v128.load32_splat(a0);
    sum00 = mulAddF32x4(left0, b0, sum00);
    sum01 = mulAddF32x4(left0, b1, sum01);
    const left1 = v128.load32_splat(a1);
    sum10 = mulAddF32x4(left1, b0, sum10);
    sum11 = mulAddF32x4(left1, b1, sum11);
    const left2 = v128.load32_splat(a2);
    sum20 = mulAddF32x4(left2, b0, sum20);
    sum21 = mulAddF32x4(left2, b1, sum21);
    const left3 = v128.load32_splat(a3);
    sum30 = mulAddF32x4(left3, b0, sum30);
    sum31 = mulAddF32x4(left3, b1, sum31);
  }
  write(first, bias, out, sum00, sum01);
  write(first, bias, out + outBytes, sum10, sum11);
  write(first, bias, out + outBytes * 2, sum20, sum21);
  write(first, bias, out + outBytes * 3, sum30, sum31);
}

/** Four rows of `left`, side by side: `step` bytes from one k to the next. */
export function tile4Columns(
  a: usize,
  step: usize,
  b: usize,
  bytes: usize,
  first: bool,
  bias: usize,
  out: usize,
  outBytes: usize,
): void {
  let sum00 = f32x4.splat(0);
  let sum01 = sum00;
  let sum10 = sum00;
  let sum11 = sum00;
  let sum20 = sum00;
  let sum21 = sum00;
  let sum30 = sum00;
  let sum31 = sum00;
  for (const end = b + bytes; b < end; b += 32, a += step) {
    const b0 = v128.load(b);
    const b1 = v128.load(b, 16);
    const left0 = v128.load32_splat(a);
    sum00 = mulAddF32x4(left0, b0, sum00);
    sum01 = mulAddF32x4(left0, b1, sum01);
    const left1 = v128.load32_splat(a, 4);
    sum10 = mulAddF32x4(left1, b0, sum10);
    sum11 = mulAddF32x4(left1, b1, sum11);
    const left2 = v128.load32_splat(a, 8);
    sum20 = mulAddF32x4(left2, b0, sum20);
    sum21 = mulAddF32x4(left2, b1, sum21);
    const left3 = v128.load32_splat(a, 12);
    sum30 = mulAddF32x4(left3, b0, sum30);
    sum31 = mulAddF32x4(left3, b1, sum31);
  }
  write(first, bias, out, sum00, sum01);
  write(first, bias, out + outBytes, sum10, sum11);
  write(first, bias, out + outBytes * 2, sum20, sum21);
  write(first, bias, out + outBytes * 3, sum30, sum31);
}

/** Three rows of `left`, `leftRow` bytes apart. */
export function tile3(
  a0: usize,
  leftRow: usize,
  b: usize,
  bytes: usize,
  first: bool,
  bias: usize,
  out: usize,
  outBytes: usize,
): void {
  let sum00 = f32x4.splat(0);
  let sum01 = sum00;
  let sum10 = sum00;
  let sum11 = sum00;
  let sum20 = sum00;
  let sum21 = sum00;
  let a1 = a0 + leftRow;
  let a2 = a1 + leftRow;
  for (const end = b + bytes; b < end; b += 32, a0 += 4, a1 += 4, a2 += 4) {
    const b0 = v128.load(b);
    const b1 = v128.load(b, 16);
    const left0 = v128.load32_splat(a0);
    sum00 = mulAddF32x4(left0, b0, sum00);
    sum01 = mulAddF32x4(left0, b1, sum01);
    const left1 = v128.load32_splat(a1);
    sum10 = mulAddF32x4(left1, b0, sum10);
    sum11 = mulAddF32x4(left1, b1, sum11);
    const left2 = v128.load32_splat(a2);
    sum20 = mulAddF32x4(left2, b0, sum20);
    sum21 = mulAddF32x4(left2, b1, sum21);
  }
  write(first, bias, out, sum00, sum01);
  write(first, bias, out + outBytes, sum10, sum11);
  write(first, bias, out + outBytes * 2, sum20, sum21);
}

/** Three rows of `left`, side by side: `step` bytes from one k to the next. */
export function tile3Columns(
  a: usize,
  step: usize,
  b: usize,
  bytes: usize,
  first: bool,
  bias: usize,
  out: usize,
  outBytes: usize,
): void {
  let sum00 = f32x4.splat(0);
  let sum01 = sum00;
  let sum10 = sum00;
  let sum11 = sum00;
  let sum20 = sum00;
  let sum21 = sum00;
  for (const end = b + bytes; b < end; b += 32, a += step) {
    const b0 = v128.load(b);
    const b1 = v128.load(b, 16);
    const left0 = v128.load32_splat(a);
    sum00 = mulAddF32x4(left0, b0, sum00);
    sum01 = mulAddF32x4(left0, b1, sum01);
    const left1 = v128.load32_splat(a, 4);
    sum10 = mulAddF32x4(left1, b0, sum10);
    sum11 = mulAddF32x4(left1, b1, sum11);
    const left2 = v128.load32_splat(a, 8);
    sum20 = mulAddF32x4(left2, b0, sum20);
    sum21 = mulAddF32x4(left2, b1, sum21);
  }
  write(first, bias, out, sum00, sum01);
  write(first, bias, out + outBytes, sum10, sum11);
  write(first, bias, out + outBytes * 2, sum20, sum21);
}

/** One row of `left`, `step` bytes from one k to the next. */
export function tile1(
  a: usize,
  step: usize,
  b: usize,
  bytes: usize,
  first: bool,
  bias: usize,
  out: usize,
): void {
  let sum0 = f32x4.splat(0);
  let sum1 = sum0;
  for (const end = b + bytes; b < end; b += 32, a += step) {
    const left = v128.load32_splat(a);
    sum0 = mulAddF32x4(left, v128.load(b), sum0);
    sum1 = mulAddF32x4(left, v128.load(b, 16), sum1);
  }
  write(first, bias, out, sum0, sum1);
}

/** The sums of a row: added to the bias, when there is one, or to what an earlier block wrote. */
function write(first: bool, bias: usize, out: usize, sum0: v128, sum1: v128): void {
  const start = first ? bias : out;
  if (start != 0) {
    sum0 = f32x4.add(v128.load(start), sum0);
    sum1 = f32x4.add(v128.load(start, 16), sum1);
  }
  v128.store(out, sum0);
  v128.store(out, sum1, 16);
}
