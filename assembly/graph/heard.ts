// What lists tell of well is known by two bytes alone, the number of the walk and 8 bits of the spread slot, at one of the
// places of a table that the spread slot tells. Of two rows with one place the second is known; one of 256 of those
// that have a place of another's is taken for it.

const HEARD_PER_ENTRY: u32 = 16;
const MOST_HEARD: u32 = 1 << 17;
const SPREAD: u32 = 0x9e3779b1;
const CHECK_SHIFT: u32 = 7; // below the bits that tell the longest table's place

/** By how much a spread slot is shifted to a place, with so many entries of rows that are met, a power of two. */
export function heardShift(entries: u32): u32 {
  return 1 + clz(min(HEARD_PER_ENTRY * entries, MOST_HEARD));
}

/** Bytes of the places with so many entries. */
export function heardBytes(entries: u32): usize {
  return 2 * min(HEARD_PER_ENTRY * entries, MOST_HEARD);
}

/**
 * Notes that 32 rows were heard of in a walk.
 * @param heard  u16[…], of a walk and of a slot
 * @param slots  u32[32]
 */
export function hear(heard: usize, shift: u32, walk: u32, slots: usize): void {
  const spread = i32x4.splat(SPREAD);
  const check = i32x4.splat(255);
  const tag = i32x4.splat(walk << 8);
  for (const end = slots + 128; slots < end; slots += 16) {
    const hashes = i32x4.mul(v128.load(slots), spread);
    const places = i32x4.shl(i32x4.shr_u(hashes, shift), 1);
    const values = v128.or(v128.and(i32x4.shr_u(hashes, CHECK_SHIFT), check), tag);
    v128.store_lane<u16>(heard + <usize>i32x4.extract_lane(places, 0), values, 0);
    v128.store_lane<u16>(heard + <usize>i32x4.extract_lane(places, 1), values, 2);
    v128.store_lane<u16>(heard + <usize>i32x4.extract_lane(places, 2), values, 4);
    v128.store_lane<u16>(heard + <usize>i32x4.extract_lane(places, 3), values, 6);
  }
}

/** Whether a row was heard of in a walk. */
export function isHeard(heard: usize, shift: u32, walk: u32, slot: u32): bool {
  const hash = slot * SPREAD;
  const value = load<u16>(heard + <usize>((hash >> shift) << 1));
  return value == ((walk << 8) | ((hash >> CHECK_SHIFT) & 255));
}
