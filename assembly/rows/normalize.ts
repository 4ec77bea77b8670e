// Rows scaled to unit length, in place.

/**
 * Divides each row by its Euclidean length and writes that length.
 *
 *     norms[i] = ‖rows[i]‖ ;  rows[i] /= ‖rows[i]‖
 *
 * @param rows   f32[count][dim], row-major, no gaps; overwritten
 * @param count  rows to scale; 0 writes nothing
 * @param dim    f32 values per row; a positive multiple of 16
 * @param norms  f32[count]; must not overlap `rows`
 *
 * Squares are summed in f64, so every finite row keeps its direction, one of only denormal values
 * too. Rounding: every value and norm within 1 unit in the last place of f32; a norm above the range
 * of f32 is written as Infinity.
 * A zero row stays zero and reports norm 0. NaN or ±Infinity anywhere spreads over its row.
 */
export function normalize_f32(rows: usize, count: u32, dim: u32, norms: usize): void {
  const rowBytes = (<usize>dim) << 2;
  const end = norms + ((<usize>count) << 2);
  for (; norms < end; norms += 4, rows += rowBytes) {
    const norm = Math.sqrt(squareF64(rows, rowBytes));
    store<f32>(norms, <f32>norm);
    if (norm != 0) scaleRow(rows, rowBytes, 1 / norm);
  }
}

/** Σ a[j]² in f64, over `bytes` bytes of f32. */
function squareF64(a: usize, bytes: usize): f64 {
  let sum0 = f64x2.splat(0);
  let sum1 = sum0;
  let sum2 = sum0;
  let sum3 = sum0;
  for (const end = a + bytes; a < end; a += 32) {
    const low0 = f64x2.promote_low_f32x4(v128.load64_zero(a));
    const low1 = f64x2.promote_low_f32x4(v128.load64_zero(a, 8));
    const low2 = f64x2.promote_low_f32x4(v128.load64_zero(a, 16));
    const low3 = f64x2.promote_low_f32x4(v128.load64_zero(a, 24));
    sum0 = f64x2.add(sum0, f64x2.mul(low0, low0));
    sum1 = f64x2.add(sum1, f64x2.mul(low1, low1));
    sum2 = f64x2.add(sum2, f64x2.mul(low2, low2));
    sum3 = f64x2.add(sum3, f64x2.mul(low3, low3));
  }
  const sum = f64x2.add(f64x2.add(sum0, sum1), f64x2.add(sum2, sum3));
  return f64x2.extract_lane(sum, 0) + f64x2.extract_lane(sum, 1);
}

/** a[j] = f32(f64(a[j]) · scale), over `bytes` bytes of f32. */
function scaleRow(a: usize, bytes: usize, scale: f64): void {
  const scales = f64x2.splat(scale);
  for (const end = a + bytes; a < end; a += 16) {
    const low = f64x2.mul(f64x2.promote_low_f32x4(v128.load64_zero(a)), scales);
    const high = f64x2.mul(f64x2.promote_low_f32x4(v128.load64_zero(a, 8)), scales);
    v128.store(
      a,
      v128.shuffle<u64>(f32x4.demote_f64x2_zero(low), f32x4.demote_f64x2_zero(high), 0, 2),
    );
  }
}
