import type { GapOnHeap } from "./gap.ts";
import type { Views } from "./javascript-turn.ts";

// The twin of assembly/gap-bound.ts and assembly/knapsack.ts: every f64 is made by the same operations in the same
// order, so that bounds and choices are the same to the bit.

const MOST_STEPS = 10_000; // as in assembly/knapsack.ts
const STEPS = 18; // the word that counts them

/** A problem as drawn in assembly/gap-problem.ts, with what its knapsacks work in. */
export interface PlainGap extends GapOnHeap {
  readonly ratios: Float64Array;
  readonly values: Float64Array;
  readonly weights: Float64Array;
  readonly chosen: Int8Array;
  readonly path: Int8Array;
}

/** The problem at an address. */
export function gapAt({ words, doubles, bytes }: Views, problem: number): PlainGap {
  const word = words.subarray(problem / 4, problem / 4 + STEPS + 1);
  const [tasks, agents] = word;
  const pairs = tasks * agents;
  const f64 = (i: number, length: number): Float64Array =>
    doubles.subarray(word[i] / 8, word[i] / 8 + length);
  const u32 = (i: number, length: number): Uint32Array =>
    words.subarray(word[i] / 4, word[i] / 4 + length);
  const i8 = (i: number, length: number): Int8Array => bytes.subarray(word[i], word[i] + length);
  return {
    ...{ tasks, agents, costs: f64(2, pairs), sizes: f64(3, pairs), rooms: f64(4, agents) },
    ...{ open: i8(5, pairs), multipliers: f64(6, tasks), counts: u32(7, tasks) },
    ...{ choices: i8(8, pairs), orders: u32(9, pairs), worths: f64(10, agents) },
    ...{ ratios: f64(11, tasks), values: f64(12, tasks), weights: f64(13, tasks) },
    ...{ chosen: i8(14, tasks), path: i8(15, tasks) },
    ...{ plan: u32(16, tasks), loads: f64(17, agents), words: word },
  };
}

/** The twin of `gap_bound_f64`. */
export function boundOf(views: Views, address: number): number {
  const problem = gapAt(views, address);
  const { tasks, agents, multipliers, counts, choices, worths, words } = problem;
  let bound = 0;
  for (let task = 0; task < tasks; task++) bound += multipliers[task];
  words[STEPS] = 0;
  counts.fill(0);
  choices.fill(0);
  for (let agent = 0; agent < agents; agent++) {
    worths[agent] = pack(problem, agent);
    bound -= worths[agent];
  }
  return bound;
}

function pack(problem: PlainGap, agent: number): number {
  const { tasks, costs, sizes, rooms, multipliers, counts, choices } = problem;
  const { ratios, values, weights, chosen, orders } = problem;
  const first = agent * tasks;
  sortItems(problem, first);
  let count = 0;
  for (; count < tasks; count++) {
    const task = orders[first + count];
    if (ratios[task] <= 0) break;
    values[count] = multipliers[task] - costs[first + task];
    weights[count] = sizes[first + task];
  }
  if (count === 0) return 0;
  const worth = fillKnapsack(problem, count, rooms[agent]);
  for (let i = 0; i < count; i++) {
    if (chosen[i] === 0) continue;
    const task = orders[first + i];
    choices[first + task] = 1;
    counts[task]++;
  }
  return worth;
}

function sortItems(problem: PlainGap, first: number): void {
  const { tasks, costs, sizes, open, multipliers, ratios, orders } = problem;
  for (let task = 0; task < tasks; task++) {
    const value = multipliers[task] - costs[first + task];
    ratios[task] = open[first + task] === 1 && value > 0 ? value / sizes[first + task] : 0;
  }
  for (let i = first + 1; i < first + tasks; i++) {
    const task = orders[i];
    const ratio = ratios[task];
    let hole = i;
    for (; hole > first && ratios[orders[hole - 1]] < ratio; hole--)
      orders[hole] = orders[hole - 1];
    orders[hole] = task;
  }
}

function fillKnapsack(
  { values, weights, chosen, path, ratios, words }: PlainGap,
  count: number,
  capacity: number,
): number {
  const smallest = ratios; // which nobody reads any more
  let least = Infinity;
  for (let i = count - 1; i >= 0; i--) smallest[i] = least = Math.min(least, weights[i]);
  let best = -1;
  let worth = 0;
  let room = capacity;
  let at = 0;
  let relaxed = -1;
  for (let steps = 0; steps < MOST_STEPS; steps++) {
    let bound = worth;
    let left = room;
    let i = at;
    while (i < count && weights[i] <= left) {
      left -= weights[i];
      bound += values[i++];
    }
    if (i < count && (i > at || smallest[i] <= left)) {
      let most = i + 1 < count ? (values[i + 1] * left) / weights[i + 1] : 0;
      if (i > at) {
        const lack = weights[i] - left;
        most = Math.max(most, values[i] - (values[i - 1] * lack) / weights[i - 1]);
      }
      bound += most;
    }
    if (relaxed < 0) relaxed = bound;
    if (bound > best + 1e-12 * relaxed) {
      for (; at < i; at++) {
        path[at] = 1;
        room -= weights[at];
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
    if (at < 0) {
      words[STEPS] += steps;
      return best;
    }
    path[at] = 0;
    room += weights[at];
    worth -= values[at];
    at++;
  }
  words[STEPS] += MOST_STEPS;
  return relaxed;
}
