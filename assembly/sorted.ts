// Short lists of (distance, slot), kept in order: u64 keys that sort as their distances do, and
// equal distances by slot.
//
//     bits 63 … 32   the distance as f32, not negative: then its bits rise as it does
//     bits 31 … 1    the slot
//     bit 0          a mark of whoever keeps the list

/** The key of a distance and a slot. A negative distance, as an estimate may be, counts as 0. */
export function keyOf(distance: f32, slot: u32): u64 {
  // So does NaN, which tells nothing: what it stands for is looked at.
  const least: f32 = distance > 0 ? distance : 0;
  return ((<u64>reinterpret<u32>(least)) << 32) | ((<u64>slot) << 1);
}

/** The distance of a key. */
export function distanceOf(key: u64): f32 {
  return reinterpret<f32>(<u32>(key >> 32));
}

/** The slot of a key. */
export function slotOf(key: u64): u32 {
  return (<u32>key) >> 1;
}

/** The key at a place of a list. */
export function keyAt(list: usize, place: u32): u64 {
  return load<u64>(list + ((<usize>place) << 3));
}

/** Writes the key at a place of a list. */
export function putKey(list: usize, place: u32, key: u64): void {
  store<u64>(list + ((<usize>place) << 3), key);
}

/**
 * Puts `key` into its place among the `count` ascending keys of a list and returns the place; the
 * last key falls out of a full list. A key that belongs behind a full list returns `capacity`.
 */
export function insertSorted(list: usize, count: u32, capacity: u32, key: u64): u32 {
  // Without a branch on what is compared: half of them would be guessed wrong.
  let from = list;
  let rest = count;
  for (; rest > 1; rest -= rest >> 1) {
    const half = from + ((<usize>(rest >> 1)) << 3);
    from = select<usize>(half, from, load<u64>(half - 8) < key);
  }
  if (rest == 1 && load<u64>(from) < key) from += 8;
  const place = <u32>((from - list) >> 3);
  if (place == capacity) return place;
  // From the end down, two keys at a time; a key is read before its place is written.
  let at = list + ((<usize>min(count, capacity - 1)) << 3);
  for (; at >= from + 16; at -= 16) v128.store(at - 8, v128.load(at - 16));
  if (at > from) store<u64>(at, load<u64>(at - 8));
  store<u64>(from, key);
  return place;
}
