import { COSTS, ITEMS, MULTIPLIERS, OPEN, ORDERS, RATIOS, SIZES, TASKS } from "./gap-problem";

const MOST_INSERTED: usize = 24; // new items that are put in their places one by one

/**
 * Lists the open tasks that an agent gains by in its order, those of most value for their size first, and returns how
 * many there are. `ratios` are 0 before and after.
 */
export function orderItems(problem: usize, agent: usize): usize {
  const tasks = <usize>load<u32>(problem, TASKS);
  const first = agent * tasks;
  const order = <usize>load<u32>(problem, ORDERS) + (first << 2);
  const items = <usize>load<u32>(problem, ITEMS) + (agent << 2);
  const costs = <usize>load<u32>(problem, COSTS) + (first << 3);
  const multipliers = <usize>load<u32>(problem, MULTIPLIERS);
  const ratios = <usize>load<u32>(problem, RATIOS);
  // Those that stay are in order but for a few, because multipliers change little at a time.
  let count: usize = 0;
  for (let i: usize = 0, before = <usize>load<u32>(items); i < before; i++) {
    const task = load<u32>(order + (i << 2));
    const ratio = ratioOf(problem, first, <usize>task);
    store<f64>(ratios + ((<usize>task) << 3), ratio);
    if (ratio == 0) continue;
    store<u32>(order + (count << 2), task);
    count++;
  }
  const stayed = count;
  const whole = tasks & ~3;
  for (let task: usize = 0; task < whole; task += 4) {
    const at = task << 3;
    const here = f64x2.gt(v128.load(multipliers + at), v128.load(costs + at));
    const next = f64x2.gt(v128.load(multipliers + at, 16), v128.load(costs + at, 16));
    if (!v128.any_true(v128.or(here, next))) continue;
    for (let i = task; i < task + 4; i++) count = addItem(problem, first, i, order, count);
  }
  for (let i = whole; i < tasks; i++) count = addItem(problem, first, i, order, count);
  store<u32>(items, <u32>count);
  sortItems(order, count, count - stayed, ratios);
  for (let i: usize = 0; i < count; i++) {
    store<f64>(ratios + ((<usize>load<u32>(order + (i << 2))) << 3), 0);
  }
  return count;
}

/** Appends a task if it is an item that does not stand there yet; returns how many do. */
function addItem(problem: usize, first: usize, task: usize, order: usize, count: usize): usize {
  const ratios = <usize>load<u32>(problem, RATIOS);
  if (load<f64>(ratios + (task << 3)) != 0) return count;
  const ratio = ratioOf(problem, first, task);
  if (ratio == 0) return count;
  store<f64>(ratios + (task << 3), ratio);
  store<u32>(order + (count << 2), <u32>task);
  return count + 1;
}

/** Value for size of an open pair, 0 of one that has none. */
function ratioOf(problem: usize, first: usize, task: usize): f64 {
  if (load<u8>(<usize>load<u32>(problem, OPEN) + first + task) == 0) return 0;
  const at = task << 3;
  const value =
    load<f64>(<usize>load<u32>(problem, MULTIPLIERS) + at) -
    load<f64>(<usize>load<u32>(problem, COSTS) + (first << 3) + at);
  return value > 0 ? value / load<f64>(<usize>load<u32>(problem, SIZES) + (first << 3) + at) : 0;
}

/**
 * Sorts by ratio, the largest first: by insertion, and where many are new before that in steps that get shorter.
 *
 * Source: Shell, A high-speed sorting procedure, 1959, with the steps of Knuth, Sorting and searching, 1973.
 */
function sortItems(order: usize, count: usize, fresh: usize, ratios: usize): void {
  if (fresh > MOST_INSERTED) {
    let gap: usize = 1;
    while (gap * 3 + 1 < count) gap = gap * 3 + 1;
    for (; gap > 1; gap /= 3) insertItems(order, count, gap, ratios);
  }
  insertItems(order, count, 1, ratios);
}

function insertItems(order: usize, count: usize, gap: usize, ratios: usize): void {
  const step = gap << 2;
  for (let at = order + step, end = order + (count << 2); at < end; at += 4) {
    const task = load<u32>(at);
    const ratio = load<f64>(ratios + ((<usize>task) << 3));
    let hole = at;
    for (; hole >= order + step; hole -= step) {
      const before = load<u32>(hole - step);
      if (load<f64>(ratios + ((<usize>before) << 3)) >= ratio) break;
      store<u32>(hole, before);
    }
    store<u32>(hole, task);
  }
}
