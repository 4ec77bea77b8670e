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

/** The address of the first of `count` ascending keys that is not below `key`, or of the end. */
export function lowerBound(list: usize, count: u32, key: u64): usize {
  // Without a branch on what is compared: half of them would be guessed wrong.
  let from = list;
  let rest = count;
  for (; rest > 1; rest -= rest >> 1) {
    const half = from + ((<usize>(rest >> 1)) << 3);
    from = select<usize>(half, from, load<u64>(half - 8) < key);
  }
  return rest == 1 && load<u64>(from) < key ? from + 8 : from;
}

/**
 * Puts `key` into its place among the `count` ascending keys of a list and returns the place; the
 * last key falls out of a full list. A key that belongs behind a full list returns `capacity`.
 */
export function insertSorted(list: usize, count: u32, capacity: u32, key: u64): u32 {
  const at = lowerBound(list, count, key);
  const place = <u32>((at - list) >> 3);
  if (place == capacity) return place;
  moveUp(at, list + ((<usize>min(count, capacity - 1)) << 3));
  store<u64>(at, key);
  return place;
}

/** Puts `key` in place of the key at an address of a list, where it belongs; returns the place. */
export function replaceSorted(list: usize, count: u32, at: usize, key: u64): u32 {
  let target = lowerBound(list, count, key);
  if (target <= at) moveUp(target, at);
  else {
    target -= 8;
    for (; at + 16 <= target; at += 16) v128.store(at, v128.load(at + 8));
    if (at < target) store<u64>(at, load<u64>(at + 8));
  }
  store<u64>(target, key);
  return <u32>((target - list) >> 3);
}

/** Moves the keys from `from` up to `end` by one, over the key at `end`. */
function moveUp(from: usize, end: usize): void {
  // From the end down, two keys at a time; a key is read before its place is written.
  for (; end >= from + 16; end -= 16) v128.store(end - 8, v128.load(end - 16));
  if (end > from) store<u64>(end, load<u64>(end - 8));
}
