// The primitives that differ between the two SIMD builds, and sums over lanes.

/**
 * a · b + c in each lane. The relaxed build fuses the two where the machine can, so its last bit
 * may differ between machines; the SIMD build rounds twice, the same everywhere.
 */
export function mulAddF32x4(a: v128, b: v128, c: v128): v128 {
  if (ASC_FEATURE_RELAXED_SIMD) return f32x4.relaxed_madd(a, b, c);
  return f32x4.add(f32x4.mul(a, b), c);
}

/** Sum of the four lanes of `v`, added in pairs: (v0 + v2) + (v1 + v3). */
export function sumF32x4(v: v128): f32 {
  const pairs = f32x4.add(v, v128.shuffle<f32>(v, v, 2, 3, 0, 1));
  return f32x4.extract_lane(pairs, 0) + f32x4.extract_lane(pairs, 1);
}

/** Sum of sixteen running sums, in the one order that every row kernel uses. */
export function sumF32x16(v0: v128, v1: v128, v2: v128, v3: v128): f32 {
  return sumF32x4(f32x4.add(f32x4.add(v0, v1), f32x4.add(v2, v3)));
}

/** The bytes of a table at 16 indices below 16, where both instructions agree; the relaxed one is a single one on x86. */
export function lookUp(table: v128, index: v128): v128 {
  if (ASC_FEATURE_RELAXED_SIMD) return i8x16.relaxed_swizzle(table, index);
  return i8x16.swizzle(table, index);
}

/**
 * Sums of four products each of signed bytes and of numbers from 0 to 127, added to `sums`; of the relaxed build
 * alone. There all machines agree.
 */
export function dotBytes(signed: v128, numbers: v128, sums_i32x4: v128): v128 {
  if (!ASC_FEATURE_RELAXED_SIMD) return unreachable();
  return i32x4.relaxed_dot_i8x16_i7x16_add_s(signed, numbers, sums_i32x4);
}
