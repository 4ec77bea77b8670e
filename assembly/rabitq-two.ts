// Codes of two bits (RaBitQ: Gao et al., 2025), 32 to a block drawn in cells.ts: a value r of what is
// encoded counts s = ±1/2, or ±3/2 where it is larger than the standard deviation of all. The upper bit
// is that of s > 0, the lower one tells the two of a sign apart, so that 2 · upper + lower = s + 3/2.

import { rowL2sq } from "./distance";
import { mulAddF32x4, sumF32x4 } from "./lanes";
import { storeBits } from "./rabitq";

/**
 * Writes the code and the factors of `other` − `row` at a place of a block.
 *
 * @param row     f32[…], what the code is relative to
 * @param other   f32[…], what is encoded
 * @param origin  f32[…], what the query's tables are relative to
 */
export function encodeTwo(
  row: usize,
  other: usize,
  origin: usize,
  rowBytes: usize,
  block: usize,
  place: u32,
): void {
  const zero = f32x4.splat(0);
  const l2sq = <f64>rowL2sq(row, other, rowBytes);
  // Where a value is larger than this it counts three halves, else a half (Lloyd, 1982).
  const threshold = f32x4.splat(<f32>Math.sqrt(l2sq / <f64>(rowBytes >> 2)));
  const half = f32x4.splat(0.5);
  const more = f32x4.splat(1.5);
  let sizes = zero; // r · s
  let offsets = zero; // (row − origin) · s
  for (let offset: usize = 0; offset < rowBytes; offset += 16) {
    const v = v128.load(row + offset);
    const r = f32x4.sub(v128.load(other + offset), v);
    const isSet = f32x4.gt(r, zero);
    const size = f32x4.abs(r);
    const isLarge = f32x4.gt(size, threshold);
    const away = f32x4.sub(v, v128.load(origin + offset));
    const level = v128.bitselect(more, half, isLarge);
    sizes = mulAddF32x4(size, level, sizes);
    offsets = mulAddF32x4(v128.bitselect(away, f32x4.neg(away), isSet), level, offsets);
    storeBits(block + offset, place, isSet);
    storeBits(block + rowBytes + offset, place, v128.not(v128.xor(isSet, isLarge)));
  }
  const factors = block + (rowBytes << 1) + ((<usize>place) << 2);
  const size = <f64>sumF32x4(sizes);
  const ratio = size == 0 ? 0 : l2sq / size;
  store<f32>(factors, <f32>(l2sq + 2 * ratio * <f64>sumF32x4(offsets)));
  store<f32>(factors, <f32>(-2 * ratio), 128);
}
