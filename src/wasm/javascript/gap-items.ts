import type { PlainGap } from "./gap-bound.ts";

// The twin of assembly/gap/gap-items.ts: sums are made of even and of odd tasks, and then added.

/** Sizes and values of an agent's items, of all and of those above prices. */
export interface Split {
  readonly allSizes: number;
  readonly lowSizes: number;
  readonly highSizes: number;
  readonly allValues: number;
  readonly highValues: number;
}

/** Sums over an agent's items that are worth more than prices of room. */
export function splitItems(
  { tasks, costs, sizes, multipliers, open }: PlainGap,
  agent: number,
  low: number,
  high: number,
): Split {
  const first = agent * tasks;
  const sums = new Float64Array(10);
  for (let task = 0; task < tasks; task++) {
    const value = multipliers[task] - costs[first + task];
    if (!(value > 0) || open[first + task] === 0) continue;
    const size = sizes[first + task];
    const lane = task & 1;
    sums[lane] += size;
    sums[2 + lane] += value;
    if (value > low * size) sums[4 + lane] += size;
    if (!(value > high * size)) continue;
    sums[6 + lane] += size;
    sums[8 + lane] += value;
  }
  const allSizes = sums[0] + sums[1];
  const allValues = sums[2] + sums[3];
  const lowSizes = sums[4] + sums[5];
  const highSizes = sums[6] + sums[7];
  return { allSizes, lowSizes, highSizes, allValues, highValues: sums[8] + sums[9] };
}

/** Lists items worth more than a lower price and no more than a higher one; returns how many there are. */
export function listBetween(problem: PlainGap, agent: number, low: number, high: number): number {
  const { tasks, costs, sizes, multipliers, open } = problem;
  const first = agent * tasks;
  let count = 0;
  for (let task = 0; task < tasks; task++) {
    const value = multipliers[task] - costs[first + task];
    const size = sizes[first + task];
    if (!(value > 0) || !(value > low * size) || value > high * size) continue;
    if (open[first + task] === 1) count = list(problem, count, task, value, size);
  }
  return count;
}

/** Lists items within a margin of the price; sums are of the others that are in. */
export function listCore(
  problem: PlainGap,
  agent: number,
  price: number,
  margin: number,
): { readonly count: number; readonly sizes: number; readonly values: number } {
  const { tasks, costs, sizes, multipliers, open } = problem;
  const first = agent * tasks;
  const sums = new Float64Array(4);
  let count = 0;
  for (let task = 0; task < tasks; task++) {
    const value = multipliers[task] - costs[first + task];
    const size = sizes[first + task];
    const gain = value - price * size;
    if (!(gain > -margin) || !(value > 0) || open[first + task] === 0) continue;
    if (gain >= margin) {
      sums[task & 1] += size;
      sums[2 + (task & 1)] += value;
    } else {
      count = list(problem, count, task, value, size);
    }
  }
  return { count, sizes: sums[0] + sums[1], values: sums[2] + sums[3] };
}

function list(
  { values, weights, core }: PlainGap,
  count: number,
  task: number,
  value: number,
  size: number,
): number {
  values[count] = value;
  weights[count] = size;
  core[count] = task;
  return count + 1;
}

/** An agent chooses items that gain `margin` more than their room costs, and of those listed the ones marked. */
export function chooseItems(
  problem: PlainGap,
  agent: number,
  price: number,
  margin: number,
  count: number,
): void {
  const { tasks, costs, sizes, multipliers, open, choices, chosen, core } = problem;
  const first = agent * tasks;
  for (let task = 0; task < tasks; task++) {
    const value = multipliers[task] - costs[first + task];
    const paid = price * sizes[first + task];
    const isIn = margin === 0 ? value > paid : value - paid >= margin;
    choices[first + task] = isIn && value > 0 && open[first + task] === 1 ? 1 : 0;
  }
  for (let i = 0; i < count; i++) choices[first + core[i]] = chosen[i];
}
