// Whether rows can be searched for.

const ALL_BUT_SIGN: i32 = 0x7fffffff;
const LEAST_EXPONENT: i32 = 0x00800000;

/**
 * How many rows there are before the first that has NaN or ±Infinity, or zeros alone; `count` when none has.
 *
 * @param rows   f32[count][dim], row-major, no gaps
 * @param count  rows to look at
 * @param dim    f32 values per row; a positive multiple of 16
 */
export function sound_rows_f32(rows: usize, count: u32, dim: u32): u32 {
  const rowBytes = (<usize>dim) << 2;
  const mask = i32x4.splat(ALL_BUT_SIGN);
  const one = i32x4.splat(LEAST_EXPONENT);
  for (let i: u32 = 0; i < count; i++, rows += rowBytes) {
    let bits = i32x4.splat(0);
    let tops = bits;
    for (let at = rows, end = rows + rowBytes; at < end; at += 64) {
      const a = v128.and(v128.load(at), mask);
      const b = v128.and(v128.load(at, 16), mask);
      const c = v128.and(v128.load(at, 32), mask);
      const d = v128.and(v128.load(at, 48), mask);
      bits = v128.or(bits, v128.or(v128.or(a, b), v128.or(c, d)));
      // The largest exponent, of NaN and infinities, and one more reach the sign.
      const ab = v128.or(i32x4.add(a, one), i32x4.add(b, one));
      tops = v128.or(tops, v128.or(ab, v128.or(i32x4.add(c, one), i32x4.add(d, one))));
    }
    if (!v128.any_true(bits) || i32x4.bitmask(tops) != 0) return i;
  }
  return count;
}
