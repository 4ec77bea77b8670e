import { orderItems } from "./gap-order";
import {
  AGENTS,
  CHOICES,
  CORE,
  COSTS,
  DIRECTION,
  ITEMS,
  MULTIPLIERS,
  OPEN,
  ORDERS,
  PENALTIES,
  ROOMS,
  SIZES,
  SMALLEST,
  TASKS,
  VALUES,
  WORTHS,
} from "./gap-problem";

const NOWHERE: u32 = 0xffff_ffff;

/**
 * How much more the last bound would have come to, at least, if a pair had to be chosen, in `penalties`: what its
 * agent loses by packing it first, and what others lose who had chosen its task. It is +Infinity of pairs that are
 * not open or do not fit. Pairs are closed whose penalty is `most` or more.
 *
 * @param problem as drawn in gap-problem.ts, after a bound, with room for `penalties`
 *
 * Cost: O(log tasks) for each pair. Knapsacks are relaxed, by sums of their items in order.
 *
 * Source: Dantzig, Discrete-variable extremum problems, 1957; Fisher, The Lagrangian relaxation method for solving
 * integer programming problems, 1981 (fixing by penalties).
 */
export function gap_close_f64(problem: usize, most: f64): void {
  const tasks = <usize>load<u32>(problem, TASKS);
  const agents = <usize>load<u32>(problem, AGENTS);
  const losses = <usize>load<u32>(problem, DIRECTION);
  memory.fill(losses, 0, tasks << 3);
  for (let agent: usize = 0; agent < agents; agent++) loseChosen(problem, agent);
  for (let agent: usize = 0; agent < agents; agent++) penalize(problem, agent, most);
}

/** Adds up what those lose who had chosen a task and must do without, in `losses`; notes it in `penalties`. */
function loseChosen(problem: usize, agent: usize): void {
  const tasks = <usize>load<u32>(problem, TASKS);
  const losses = <usize>load<u32>(problem, DIRECTION);
  const choices = <usize>load<u32>(problem, CHOICES) + agent * tasks;
  const penalties = <usize>load<u32>(problem, PENALTIES) + ((agent * tasks) << 3);
  const worth = load<f64>(<usize>load<u32>(problem, WORTHS) + (agent << 3));
  const room = load<f64>(<usize>load<u32>(problem, ROOMS) + (agent << 3));
  sumItems(problem, agent);
  for (let task: usize = 0; task < tasks; task++) {
    const at = task << 3;
    store<f64>(penalties + at, 0);
    if (load<u8>(choices + task) == 0) continue;
    const loss = max<f64>(0, worth - relaxed(problem, agent, task, room));
    store<f64>(penalties + at, loss);
    store<f64>(losses + at, load<f64>(losses + at) + loss);
  }
}

function penalize(problem: usize, agent: usize, most: f64): void {
  const tasks = <usize>load<u32>(problem, TASKS);
  const first = agent * tasks;
  const open = <usize>load<u32>(problem, OPEN) + first;
  const costs = <usize>load<u32>(problem, COSTS) + (first << 3);
  const sizes = <usize>load<u32>(problem, SIZES) + (first << 3);
  const penalties = <usize>load<u32>(problem, PENALTIES) + (first << 3);
  const multipliers = <usize>load<u32>(problem, MULTIPLIERS);
  const losses = <usize>load<u32>(problem, DIRECTION);
  const worth = load<f64>(<usize>load<u32>(problem, WORTHS) + (agent << 3));
  const room = load<f64>(<usize>load<u32>(problem, ROOMS) + (agent << 3));
  sumItems(problem, agent);
  for (let task: usize = 0; task < tasks; task++) {
    const at = task << 3;
    const left = room - load<f64>(sizes + at);
    let penalty: f64 = Infinity;
    if (load<u8>(open + task) == 1 && left >= 0) {
      const value = load<f64>(multipliers + at) - load<f64>(costs + at);
      const own = max<f64>(0, worth - (value + relaxed(problem, agent, task, left)));
      penalty = own + max<f64>(0, load<f64>(losses + at) - load<f64>(penalties + at));
    }
    store<f64>(penalties + at, penalty);
    if (penalty >= most) store<u8>(open + task, 0);
  }
}

/**
 * Sums of sizes and values of an agent's items in order, before each and of all, as pairs in `smallest` and `values`;
 * where tasks stand among them, in `core`.
 */
function sumItems(problem: usize, agent: usize): void {
  const tasks = <usize>load<u32>(problem, TASKS);
  const first = agent * tasks;
  const order = <usize>load<u32>(problem, ORDERS) + (first << 2);
  const count = orderItems(problem, agent);
  const costs = <usize>load<u32>(problem, COSTS) + (first << 3);
  const sizes = <usize>load<u32>(problem, SIZES) + (first << 3);
  const multipliers = <usize>load<u32>(problem, MULTIPLIERS);
  const places = <usize>load<u32>(problem, CORE);
  const sumSizes = <usize>load<u32>(problem, SMALLEST);
  const sumValues = <usize>load<u32>(problem, VALUES);
  memory.fill(places, 0xff, tasks << 2);
  let size: f64 = 0;
  let value: f64 = 0;
  for (let i: usize = 0; i < count; i++) {
    const task = <usize>load<u32>(order + (i << 2));
    store<f64>(sumSizes + (i << 3), size);
    store<f64>(sumValues + (i << 3), value);
    store<u32>(places + (task << 2), <u32>i);
    size += load<f64>(sizes + (task << 3));
    value += load<f64>(multipliers + (task << 3)) - load<f64>(costs + (task << 3));
  }
  store<f64>(sumSizes + (count << 3), size);
  store<f64>(sumValues + (count << 3), value);
}

/** What packing is worth at most without a task, where the last item may be packed in part. */
function relaxed(problem: usize, agent: usize, task: usize, room: f64): f64 {
  const first = agent * <usize>load<u32>(problem, TASKS);
  const order = <usize>load<u32>(problem, ORDERS) + (first << 2);
  const count = load<u32>(<usize>load<u32>(problem, ITEMS) + (agent << 2));
  const sumSizes = <usize>load<u32>(problem, SMALLEST);
  const sumValues = <usize>load<u32>(problem, VALUES);
  const place = load<u32>(<usize>load<u32>(problem, CORE) + (task << 2));
  let low: u32 = 0;
  let most = room;
  let value: f64 = 0;
  if (place != NOWHERE && load<f64>(sumSizes + ((<usize>place) << 3)) <= room) {
    // The item itself fits among those: it is skipped.
    low = place + 1;
    most += load<f64>(<usize>load<u32>(problem, SIZES) + ((first + task) << 3));
    value = load<f64>(sumValues + ((<usize>place) << 3));
    value -= load<f64>(sumValues + ((<usize>low) << 3));
  }
  let high = count;
  // The largest number of items whose sizes add up to no more; `low` always is one whose sizes do.
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (load<f64>(sumSizes + ((<usize>middle) << 3)) <= most) low = middle;
    else high = middle - 1;
  }
  value += load<f64>(sumValues + ((<usize>low) << 3));
  if (low == count) return value;
  const next = <usize>load<u32>(order + ((<usize>low) << 2));
  const left = most - load<f64>(sumSizes + ((<usize>low) << 3));
  const at = (first + next) << 3;
  const gain =
    load<f64>(<usize>load<u32>(problem, MULTIPLIERS) + (next << 3)) -
    load<f64>(<usize>load<u32>(problem, COSTS) + at);
  return value + (gain * left) / load<f64>(<usize>load<u32>(problem, SIZES) + at);
}
