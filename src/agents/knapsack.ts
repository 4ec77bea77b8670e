const MOST_STEPS = 20_000; // of one search; beyond, the bound of its relaxation stands in

/**
 * The most valuable set of items that fits. Items stand in order of value for their size, the best first,
 * and each has a value above 0.
 *
 * @param chosen 1 for each item of the best set found
 * @returns what no set is worth more than: the worth of `chosen`, unless the search grew too long
 *
 * Source: Horowitz and Sahni, Computing partitions with applications to the knapsack problem, 1974.
 */
export function solveKnapsack(
  count: number,
  values: Float64Array,
  sizes: Float64Array,
  capacity: number,
  chosen: Uint8Array,
  path: Uint8Array,
): number {
  let best = -1;
  let worth = 0;
  let room = capacity;
  let at = 0;
  let relaxed = -1;
  for (let steps = 0; steps < MOST_STEPS; steps++) {
    // The most that items from here on can add: whole ones as long as they fit, and a part of the next.
    let bound = worth;
    let left = room;
    let i = at;
    while (i < count && sizes[i] <= left) {
      left -= sizes[i];
      bound += values[i++];
    }
    if (i < count) bound += (values[i] * left) / sizes[i];
    if (relaxed < 0) relaxed = bound;
    if (bound > best + 1e-12 * relaxed) {
      for (; at < i; at++) {
        path[at] = 1;
        room -= sizes[at];
        worth += values[at];
      }
      if (at < count) {
        path[at++] = 0;
        if (at < count) continue;
      }
      if (worth > best) {
        best = worth;
        for (let k = 0; k < count; k++) chosen[k] = path[k];
      }
    }
    do at--;
    while (at >= 0 && path[at] === 0);
    if (at < 0) return best;
    path[at] = 0;
    room += sizes[at];
    worth -= values[at];
    at++;
  }
  return relaxed;
}
