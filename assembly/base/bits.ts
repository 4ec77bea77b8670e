// Sets of slots: slot s in bit s & 31 of the u32 at bits + 4 · (s >> 5).

/** Whether a slot is in the set. */
export function hasBit(bits: usize, slot: u32): bool {
  return ((load<u32>(bits + ((<usize>(slot >> 5)) << 2)) >> (slot & 31)) & 1) != 0;
}

/** Puts a slot into the set. */
export function setBit(bits: usize, slot: u32): void {
  const word = bits + ((<usize>(slot >> 5)) << 2);
  store<u32>(word, load<u32>(word) | ((<u32>1) << (slot & 31)));
}

/** Which of the 32 slots from `first` on, a multiple of 32, are in the set and before `end`. */
export function visibleBits(bits: usize, first: u32, end: u32): u32 {
  const inRange = u32.MAX_VALUE >> (32 - min<u32>(32, end - first));
  return load<u32>(bits + ((<usize>(first >> 5)) << 2)) & inRange;
}

/** A bit for each of 32 values that is not at or above `limit`: NaN tells nothing, so it counts. */
export function bitsBelow(values: usize, limit: f32): u32 {
  const limits = f32x4.splat(limit);
  let bits: u32 = 0;
  for (let i: u32 = 0; i < 32; i += 4) {
    const isAbove = f32x4.ge(v128.load(values + ((<usize>i) << 2)), limits);
    bits |= (<u32>i32x4.bitmask(v128.not(isAbove))) << i;
  }
  return bits;
}
