import { GAP_STEPS } from "../abi/gap-numbers.ts";
import type { PlainGap } from "./gap-bound.ts";

// The twin of assembly/gap/knapsack.ts.

const MOST_STEPS = 10_000; // these two as there
const MOST_INSERTED = 32;

/** What is known of a knapsack before its core is searched. */
export interface Limits {
  readonly room: number;
  readonly known: number;
  readonly tiny: number;
  readonly relaxed: number;
}

/** What no set of listed items is worth more than, and what the best is that was found, if it is worth more than known. */
export function searchCore(
  { values, weights: sizes, chosen, path, smallest, words }: PlainGap,
  count: number,
  { room: capacity, known, tiny, relaxed }: Limits,
): { readonly most: number; readonly found: number | undefined } {
  let least = Infinity;
  for (let i = count - 1; i >= 0; i--) smallest[i] = least = Math.min(least, sizes[i]);
  let best = known;
  let found: number | undefined;
  let worth = 0;
  let room = capacity;
  let at = 0;
  for (let steps = 0; steps < MOST_STEPS; steps++) {
    let bound = worth;
    let left = room;
    let i = at;
    while (i < count && !(sizes[i] > left)) {
      left -= sizes[i];
      bound += values[i++];
    }
    if (i < count && (i > at || smallest[i] <= left)) {
      let most = i + 1 < count ? (values[i + 1] * left) / sizes[i + 1] : 0;
      if (i > at) {
        const lack = sizes[i] - left;
        most = Math.max(most, values[i] - (values[i - 1] * lack) / sizes[i - 1]);
      }
      bound += most;
    }
    if (bound > best + tiny) {
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
        best = found = worth;
        for (let k = 0; k < count; k++) chosen[k] = path[k];
      }
    }
    do at--;
    while (at >= 0 && path[at] === 0);
    if (at < 0) {
      words[GAP_STEPS] += steps;
      return { most: best, found };
    }
    path[at] = 0;
    room += sizes[at];
    worth -= values[at];
    at++;
  }
  words[GAP_STEPS] += MOST_STEPS;
  return { most: relaxed, found };
}

/** Sorts listed items by value for their size, the most first. */
export function sortItems({ values, weights, smallest, core }: PlainGap, count: number): void {
  const ratios = smallest;
  for (let i = 0; i < count; i++) ratios[i] = values[i] / weights[i];
  let gap = 1;
  if (count > MOST_INSERTED) while (gap * 3 + 1 < count) gap = gap * 3 + 1;
  for (; gap > 0; gap = Math.floor(gap / 3)) {
    for (let i = gap; i < count; i++) {
      const ratio = ratios[i];
      const value = values[i];
      const size = weights[i];
      const task = core[i];
      let hole = i;
      for (; hole >= gap && !(ratios[hole - gap] >= ratio); hole -= gap) {
        ratios[hole] = ratios[hole - gap];
        values[hole] = values[hole - gap];
        weights[hole] = weights[hole - gap];
        core[hole] = core[hole - gap];
      }
      ratios[hole] = ratio;
      values[hole] = value;
      weights[hole] = size;
      core[hole] = task;
    }
  }
}
