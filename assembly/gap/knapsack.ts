import { FOUND, IS_BETTER } from "./gap-items";
import { CHOSEN, CORE, PATH, SMALLEST, SPLIT, STEPS, VALUES, WEIGHTS } from "./gap-problem";

const MOST_STEPS: u32 = 10_000; // of one search; beyond, the bound of its relaxation stands in
const MOST_INSERTED: usize = 32; // items that are sorted one by one

/**
 * Looks for a set of listed items, in order of value for size, that is worth more than `known`, depth first. Marks the
 * best in `chosen`, tells in `split` whether there is one and what it is worth; `steps` grows by what it took.
 *
 * @param problem as drawn in gap-problem.ts, with `values` and `weights`; values are above 0
 * @param count   items
 * @param tiny    what a set must be worth more
 * @param relaxed what no set is worth more than
 * @returns what no set is worth more than: the best found, or `known`; `relaxed` when the search grew too long
 *
 * Source: Horowitz and Sahni, Computing partitions with applications to the knapsack problem, 1974.
 */
export function searchCore(
  problem: usize,
  count: usize,
  capacity: f64,
  known: f64,
  tiny: f64,
  relaxed: f64,
): f64 {
  const values = <usize>load<u32>(problem, VALUES);
  const sizes = <usize>load<u32>(problem, WEIGHTS);
  const path = <usize>load<u32>(problem, PATH);
  const smallest = <usize>load<u32>(problem, SMALLEST);
  const chosen = <usize>load<u32>(problem, CHOSEN);
  const split = <usize>load<u32>(problem, SPLIT);
  const end = count << 3;
  store<f64>(split, 0, IS_BETTER);
  let least: f64 = Infinity;
  for (let i = end; i > 0;) {
    i -= 8;
    least = min(least, load<f64>(sizes + i));
    store<f64>(smallest + i, least);
  }
  let best = known;
  let worth: f64 = 0;
  let room = capacity;
  let at: usize = 0;
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
        store<f64>(split, 1, IS_BETTER);
        store<f64>(split, best, FOUND);
        memory.copy(chosen, path, count);
      }
    }
    do {
      if (at == 0) {
        store<u32>(problem, load<u32>(problem, STEPS) + steps, STEPS);
        return best;
      }
      at--;
    } while (load<u8>(path + at) == 0);
    store<u8>(path + at, 0);
    room += load<f64>(sizes + (at << 3));
    worth -= load<f64>(values + (at << 3));
    at++;
  }
  store<u32>(problem, load<u32>(problem, STEPS) + MOST_STEPS, STEPS);
  return relaxed;
}

/**
 * Sorts listed items by value for their size, the most first: by insertion, and where they are many before that in
 * steps that get shorter.
 *
 * Source: Shell, A high-speed sorting procedure, 1959, with the steps of Knuth, Sorting and searching, 1973.
 */
export function sortItems(problem: usize, count: usize): void {
  const values = <usize>load<u32>(problem, VALUES);
  const sizes = <usize>load<u32>(problem, WEIGHTS);
  const ratios = <usize>load<u32>(problem, SMALLEST);
  for (let i: usize = 0, end = count << 3; i < end; i += 8) {
    store<f64>(ratios + i, load<f64>(values + i) / load<f64>(sizes + i));
  }
  let gap: usize = 1;
  if (count > MOST_INSERTED) while (gap * 3 + 1 < count) gap = gap * 3 + 1;
  for (; gap > 0; gap /= 3) insertItems(problem, count, gap);
}

function insertItems(problem: usize, count: usize, gap: usize): void {
  const values = <usize>load<u32>(problem, VALUES);
  const sizes = <usize>load<u32>(problem, WEIGHTS);
  const ratios = <usize>load<u32>(problem, SMALLEST);
  const tasks = <usize>load<u32>(problem, CORE);
  const step = gap << 3;
  for (let i = step, end = count << 3; i < end; i += 8) {
    const ratio = load<f64>(ratios + i);
    if (load<f64>(ratios + i - step) >= ratio) continue;
    const value = load<f64>(values + i);
    const size = load<f64>(sizes + i);
    const task = load<u32>(tasks + (i >> 1));
    let hole = i;
    for (; hole >= step; hole -= step) {
      const before = hole - step;
      if (load<f64>(ratios + before) >= ratio) break;
      store<f64>(ratios + hole, load<f64>(ratios + before));
      store<f64>(values + hole, load<f64>(values + before));
      store<f64>(sizes + hole, load<f64>(sizes + before));
      store<u32>(tasks + (hole >> 1), load<u32>(tasks + (before >> 1)));
    }
    store<f64>(ratios + hole, ratio);
    store<f64>(values + hole, value);
    store<f64>(sizes + hole, size);
    store<u32>(tasks + (hole >> 1), task);
  }
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
