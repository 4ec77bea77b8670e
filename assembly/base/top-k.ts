// The k smallest of a list, kept in a bounded priority queue.
//
// A queue is two arrays of equal length, distances f32[k] and slots u32[k], ordered as a binary
// max-queue while it fills: the worst kept element is at position 0, the children of position i
// stand at 2i + 1 and 2i + 2. Elements are ordered by distance, and equal distances by slot, so the
// answer is one, whatever the order in which elements arrived.

/**
 * The `k` smallest of `count` values, ascending, with their positions; equal values by position.
 *
 * @param values     f32[count]
 * @param count      values to look at; at most 2³¹
 * @param k          most values to keep; 0 keeps none
 * @param nearest    f32[k], written ascending; must not overlap `values`
 * @param positions  u32[k], where each of `nearest` stood in `values`
 * @returns how many were written: min(k, count)
 *
 * Exact: values are copied, not computed. NaN counts as +Infinity.
 * Cost: O(count + kept · log k), with `kept` about k · ln(count / k) for values in random order.
 */
export function top_k_f32(
  values: usize,
  count: u32,
  k: u32,
  nearest: usize,
  positions: usize,
): u32 {
  if (k == 0) return 0;
  const filled = keepNearest(values, 0, count, k, nearest, positions, 0);
  sortQueue(nearest, positions, filled);
  return filled;
}

/**
 * Offers `count` distances, of slots `first`, `first` + 1, …, to a queue that holds `filled` of at
 * most `k` > 0 elements, all of smaller slots. Returns how many it holds afterwards.
 */
export function keepNearest(
  values: usize,
  first: u32,
  count: u32,
  k: u32,
  distances: usize,
  slots: usize,
  filled: u32,
): u32 {
  let i: u32 = 0;
  for (; i < count && filled < k; i++) {
    filled = keepOne(load<f32>(values + ((<usize>i) << 2)), first + i, k, distances, slots, filled);
  }
  // With a full queue most values are worse than its worst: four are dismissed by one comparison.
  for (; i + 4 <= count; i += 4) {
    const address = values + ((<usize>i) << 2);
    const worst = f32x4.splat(load<f32>(distances));
    if (!v128.any_true(f32x4.lt(v128.load(address), worst))) continue;
    for (let lane: u32 = 0; lane < 4; lane++) {
      const value = load<f32>(address + ((<usize>lane) << 2));
      keepOne(value, first + i + lane, k, distances, slots, filled);
    }
  }
  for (; i < count; i++) {
    keepOne(load<f32>(values + ((<usize>i) << 2)), first + i, k, distances, slots, filled);
  }
  return filled;
}

/** Offers one distance, as `keepNearest` does. */
export function keepOne(
  distance: f32,
  slot: u32,
  k: u32,
  distances: usize,
  slots: usize,
  filled: u32,
): u32 {
  if (distance != distance) distance = f32.POSITIVE_INFINITY;
  if (filled < k) {
    siftUp(distances, slots, filled, distance, slot);
    return filled + 1;
  }
  // Slots arrive in rising order, so an equal distance never displaces what is kept.
  if (distance < load<f32>(distances)) siftDown(distances, slots, filled, distance, slot);
  return filled;
}

/** Orders a queue of `filled` elements ascending, in place (Williams' heapsort, 1964). */
export function sortQueue(distances: usize, slots: usize, filled: u32): void {
  for (let end = filled; end > 1; end--) {
    const last = (<usize>(end - 1)) << 2;
    const distance = load<f32>(distances + last);
    const slot = load<u32>(slots + last);
    store<f32>(distances + last, load<f32>(distances));
    store<u32>(slots + last, load<u32>(slots));
    siftDown(distances, slots, end - 1, distance, slot);
  }
}

/** Whether (distance, slot) a comes after b. */
function isAfter(aDistance: f32, aSlot: u32, bDistance: f32, bSlot: u32): bool {
  return aDistance > bDistance || (aDistance == bDistance && aSlot > bSlot);
}

/** Puts an element in at the end, position `hole`, and moves it up to its place. */
function siftUp(distances: usize, slots: usize, hole: u32, distance: f32, slot: u32): void {
  while (hole > 0) {
    const parent = (hole - 1) >> 1;
    const at = (<usize>parent) << 2;
    const parentDistance = load<f32>(distances + at);
    const parentSlot = load<u32>(slots + at);
    if (!isAfter(distance, slot, parentDistance, parentSlot)) break;
    store<f32>(distances + ((<usize>hole) << 2), parentDistance);
    store<u32>(slots + ((<usize>hole) << 2), parentSlot);
    hole = parent;
  }
  store<f32>(distances + ((<usize>hole) << 2), distance);
  store<u32>(slots + ((<usize>hole) << 2), slot);
}

/** Replaces the element at position 0 of `count` and moves the new one down to its place. */
function siftDown(distances: usize, slots: usize, count: u32, distance: f32, slot: u32): void {
  let hole: u32 = 0;
  for (;;) {
    let child: u32 = 2 * hole + 1;
    if (child >= count) break;
    let at = (<usize>child) << 2;
    if (
      child + 1 < count &&
      isAfter(
        load<f32>(distances + at, 4),
        load<u32>(slots + at, 4),
        load<f32>(distances + at),
        load<u32>(slots + at),
      )
    ) {
      child += 1;
      at += 4;
    }
    const childDistance = load<f32>(distances + at);
    const childSlot = load<u32>(slots + at);
    if (!isAfter(childDistance, childSlot, distance, slot)) break;
    store<f32>(distances + ((<usize>hole) << 2), childDistance);
    store<u32>(slots + ((<usize>hole) << 2), childSlot);
    hole = child;
  }
  store<f32>(distances + ((<usize>hole) << 2), distance);
  store<u32>(slots + ((<usize>hole) << 2), slot);
}
