/**
 * Whether all costs are numbers above −Infinity.
 *
 * @param costs f32[count], a multiple of 16 of them
 * @returns 1 if they are, 0 if one is NaN or −Infinity
 */
export function assign_check_f32(costs: usize, count: u32): u32 {
  const end = costs + ((<usize>count) << 2);
  const low = f32x4.splat(-Infinity);
  let sound = i32x4.splat(-1);
  for (let at = costs; at < end; at += 64) {
    const a = v128.and(f32x4.gt(v128.load(at), low), f32x4.gt(v128.load(at, 16), low));
    const b = v128.and(f32x4.gt(v128.load(at, 32), low), f32x4.gt(v128.load(at, 48), low));
    sound = v128.and(sound, v128.and(a, b));
  }
  return i32x4.all_true(sound) ? 1 : 0;
}

/** As `assign_check_f32`, of f64 costs. */
export function assign_check_f64(costs: usize, count: u32): u32 {
  const end = costs + ((<usize>count) << 3);
  const low = f64x2.splat(-Infinity);
  let sound = i64x2.splat(-1);
  for (let at = costs; at < end; at += 64) {
    const a = v128.and(f64x2.gt(v128.load(at), low), f64x2.gt(v128.load(at, 16), low));
    const b = v128.and(f64x2.gt(v128.load(at, 32), low), f64x2.gt(v128.load(at, 48), low));
    sound = v128.and(sound, v128.and(a, b));
  }
  return i64x2.all_true(sound) ? 1 : 0;
}
