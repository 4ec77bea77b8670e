import { gapAt, type PlainGap } from "./gap-bound.ts";
import type { Views } from "./turn.ts";

// The twin of assembly/gap/gap-close.ts.

const MOST_INSERTED = 24; // as in assembly/gap/gap-order.ts
const NOWHERE = 0xffff_ffff;

/** The twin of `gap_close_f64`. */
export function closePairs(views: Views, address: number, most: number): void {
  const problem = gapAt(views, address);
  const { tasks, agents, costs, sizes, rooms, multipliers } = problem;
  const { worths, open, choices, penalties, direction: losses } = problem;
  losses.fill(0);
  for (let agent = 0; agent < agents; agent++) {
    const first = agent * tasks;
    sumItems(problem, agent);
    for (let task = 0; task < tasks; task++) {
      penalties[first + task] = 0;
      if (choices[first + task] === 0) continue;
      const loss = Math.max(0, worths[agent] - relaxed(problem, agent, task, rooms[agent]));
      penalties[first + task] = loss;
      losses[task] += loss;
    }
  }
  for (let agent = 0; agent < agents; agent++) {
    const first = agent * tasks;
    sumItems(problem, agent);
    for (let task = 0; task < tasks; task++) {
      const pair = first + task;
      const left = rooms[agent] - sizes[pair];
      let penalty = Infinity;
      if (open[pair] === 1 && left >= 0) {
        const worth = multipliers[task] - costs[pair] + relaxed(problem, agent, task, left);
        const others = Math.max(0, losses[task] - penalties[pair]);
        penalty = Math.max(0, worths[agent] - worth) + others;
      }
      penalties[pair] = penalty;
      if (penalty >= most) open[pair] = 0;
    }
  }
}

function sumItems(problem: PlainGap, agent: number): void {
  const { tasks, costs, sizes, multipliers, orders } = problem;
  const { core: places, smallest: sumSizes, values: sumValues } = problem;
  const first = agent * tasks;
  const count = orderItems(problem, agent);
  places.fill(NOWHERE);
  let size = 0;
  let value = 0;
  for (let i = 0; i < count; i++) {
    const task = orders[first + i];
    sumSizes[i] = size;
    sumValues[i] = value;
    places[task] = i;
    size += sizes[first + task];
    value += multipliers[task] - costs[first + task];
  }
  sumSizes[count] = size;
  sumValues[count] = value;
}

function relaxed(problem: PlainGap, agent: number, task: number, room: number): number {
  const { tasks, costs, sizes, multipliers, orders, items } = problem;
  const { core: places, smallest: sumSizes, values: sumValues } = problem;
  const first = agent * tasks;
  const place = places[task];
  let low = 0;
  let most = room;
  let value = 0;
  if (place !== NOWHERE && sumSizes[place] <= room) {
    low = place + 1;
    most += sizes[first + task];
    value = sumValues[place] - sumValues[low];
  }
  let high = items[agent];
  while (low < high) {
    const middle = (low + high + 1) >>> 1;
    if (sumSizes[middle] <= most) low = middle;
    else high = middle - 1;
  }
  value += sumValues[low];
  if (low === items[agent]) return value;
  const next = orders[first + low];
  const left = most - sumSizes[low];
  return value + ((multipliers[next] - costs[first + next]) * left) / sizes[first + next];
}

function orderItems(problem: PlainGap, agent: number): number {
  const { tasks, costs, sizes, open, multipliers, ratios, orders, items } = problem;
  const first = agent * tasks;
  const ratioOf = (task: number): number => {
    const value = multipliers[task] - costs[first + task];
    return open[first + task] === 1 && value > 0 ? value / sizes[first + task] : 0;
  };
  let count = 0;
  for (let i = 0; i < items[agent]; i++) {
    const task = orders[first + i];
    ratios[task] = ratioOf(task);
    if (ratios[task] > 0) orders[first + count++] = task;
  }
  const stayed = count;
  for (let task = 0; task < tasks; task++) {
    if (!(multipliers[task] > costs[first + task]) || ratios[task] !== 0) continue;
    ratios[task] = ratioOf(task);
    if (ratios[task] > 0) orders[first + count++] = task;
  }
  items[agent] = count;
  let gap = 1;
  if (count - stayed > MOST_INSERTED) while (gap * 3 + 1 < count) gap = gap * 3 + 1;
  for (; gap > 0; gap = Math.floor(gap / 3)) {
    for (let i = first + gap; i < first + count; i++) {
      const task = orders[i];
      const ratio = ratios[task];
      let hole = i;
      for (; hole >= first + gap && ratios[orders[hole - gap]] < ratio; hole -= gap)
        orders[hole] = orders[hole - gap];
      orders[hole] = task;
    }
  }
  for (let i = 0; i < count; i++) ratios[orders[first + i]] = 0;
  return count;
}
