// Which rows a search over codes begins with: those that are nearest by their codes among the first thousands.
// What they are at most passes nearly all others over, where rows in their order would be looked at by the
// hundred until some near ones have come.

/** Rows whose bounds are looked through before the first of them is looked at. */
export const FIRST_ROWS: u32 = 8192;
/** Of them, the nearest by their bounds are looked at first, if there are no more than so many to be answered. */
export const MOST_CHOSEN: u32 = 32;
/** In place of the bound of a row that was looked at, or must not be: a NaN that no sum is. */
export const PASSED: u32 = 0x7fc0_0bad;

/** Where the least of `count` values stands, a positive multiple of 32; NaN is not it. */
export function leastOf(values: usize, count: u32): u32 {
  let least = f32x4.splat(f32.POSITIVE_INFINITY);
  const end = values + ((<usize>count) << 2);
  for (let at = values; at < end; at += 64) {
    const low01 = f32x4.pmin(least, v128.load(at));
    const low23 = f32x4.pmin(v128.load(at, 16), v128.load(at, 32));
    least = f32x4.pmin(f32x4.pmin(low01, low23), v128.load(at, 48));
  }
  const low: f32 = min(
    min(f32x4.extract_lane(least, 0), f32x4.extract_lane(least, 1)),
    min(f32x4.extract_lane(least, 2), f32x4.extract_lane(least, 3)),
  );
  const wanted = f32x4.splat(low);
  for (let at = values; at < end; at += 16) {
    const bits = i32x4.bitmask(f32x4.eq(v128.load(at), wanted));
    if (bits != 0) return <u32>((at - values) >> 2) + <u32>ctz(bits);
  }
  return 0;
}
