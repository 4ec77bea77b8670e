const MOST_STEPS: u32 = 10_000; // of one search; beyond, the bound of its relaxation stands in

/**
 * The most valuable set of items that fits. Items stand in order of value for their size, the best first,
 * and each has a value above 0.
 *
 * @param count   items
 * @param values  f64[count], above 0
 * @param sizes   f64[count], from 0
 * @param chosen  u8[count], 1 for each item of the best set found
 * @param path    u8[count], to work in
 * @param smallest f64[count], to work in: the least size from an item on
 * @param taken   u32, to which the steps of the search are added
 * @returns what no set is worth more than: the worth of `chosen`, unless the search grew too long
 *
 * Source: Horowitz and Sahni, Computing partitions with applications to the knapsack problem, 1974.
 */
export function fillKnapsack(
  count: usize,
  values: usize,
  sizes: usize,
  capacity: f64,
  chosen: usize,
  path: usize,
  smallest: usize,
  taken: usize,
): f64 {
  const end = count << 3;
  let least: f64 = Infinity;
  for (let i = end; i > 0;) {
    i -= 8;
    least = min(least, load<f64>(sizes + i));
    store<f64>(smallest + i, least);
  }
  let best: f64 = -1;
  let worth: f64 = 0;
  let room = capacity;
  let at: usize = 0;
  let relaxed: f64 = -1;
  let tiny: f64 = 0;
  for (let steps: u32 = 0; steps < MOST_STEPS; steps++) {
    // The most that items from here on can add: whole ones as long as they fit, and a part of the next.
    let bound = worth;
    let left = room;
    let i = at << 3;
    while (i < end) {
      const size = load<f64>(sizes + i);
      if (size > left) {
        // Where nothing that is left is as small, and nothing can be given back, nothing is added.
        if (i > at << 3 || load<f64>(smallest + i) <= left) {
          bound += partOf(values, sizes, i, at << 3, end, left);
        }
        break;
      }
      left -= size;
      bound += load<f64>(values + i);
      i += 8;
    }
    if (relaxed < 0) {
      relaxed = bound;
      tiny = 1e-12 * relaxed;
    }
    if (bound > best + tiny) {
      for (const stop = i >> 3; at < stop; at++) {
        store<u8>(path + at, 1);
        room -= load<f64>(sizes + (at << 3));
        worth += load<f64>(values + (at << 3));
      }
      if (at < count) {
        store<u8>(path + at, 0);
        at++;
        if (at < count) continue;
      }
      if (worth > best) {
        best = worth;
        memory.copy(chosen, path, count);
      }
    }
    do {
      if (at == 0) {
        store<u32>(taken, load<u32>(taken) + steps);
        return best;
      }
      at--;
    } while (load<u8>(path + at) == 0);
    store<u8>(path + at, 0);
    room += load<f64>(sizes + (at << 3));
    worth -= load<f64>(values + (at << 3));
    at++;
  }
  store<u32>(taken, load<u32>(taken) + MOST_STEPS);
  return relaxed;
}

/**
 * The most that items from the first that does not fit on can add: it is left out, and room is filled with the
 * next, or taken, and as much of the one before it is given back, where that may be.
 *
 * Source: Martello and Toth, An upper bound for the zero-one knapsack problem and a branch and bound algorithm,
 * 1977.
 */
function partOf(values: usize, sizes: usize, i: usize, at: usize, end: usize, left: f64): f64 {
  let most: f64 = 0;
  if (i + 8 < end) most = (load<f64>(values + i + 8) * left) / load<f64>(sizes + i + 8);
  if (i > at) {
    const lack = load<f64>(sizes + i) - left;
    const back = (load<f64>(values + i - 8) * lack) / load<f64>(sizes + i - 8);
    most = max(most, load<f64>(values + i) - back);
  }
  return most;
}
