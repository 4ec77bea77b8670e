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

/** As `assign_check_f32`, of f64 costs: none but +Infinity may be beyond 1e300 either way, so that sums are finite. */
export function assign_check_f64(costs: usize, count: u32): u32 {
  const end = costs + ((<usize>count) << 3);
  let sound = i64x2.splat(-1);
  for (let at = costs; at < end; at += 32) {
    sound = v128.and(sound, v128.and(isSound(v128.load(at)), isSound(v128.load(at, 16))));
  }
  return i64x2.all_true(sound) ? 1 : 0;
}

function isSound(costs: v128): v128 {
  const isSmall = f64x2.le(f64x2.abs(costs), f64x2.splat(1e300));
  return v128.or(isSmall, f64x2.eq(costs, f64x2.splat(Infinity)));
}
