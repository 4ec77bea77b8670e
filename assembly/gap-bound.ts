import {
  AGENTS,
  CHOICES,
  CHOSEN,
  COSTS,
  COUNTS,
  MULTIPLIERS,
  OPEN,
  ORDERS,
  PATH,
  RATIOS,
  ROOMS,
  SIZES,
  STEPS,
  TASKS,
  VALUES,
  WEIGHTS,
  WORTHS,
} from "./gap-problem";
import { fillKnapsack } from "./knapsack";

/**
 * The Lagrangian bound of a generalised assignment problem, where each agent packs its own knapsack of open
 * pairs and a task may be packed by several agents or by none. Choices, counts, worths and steps are written.
 *
 *     L(u) = Σ u[t] − Σ over agents of max { Σ (u[t] − cost) x[t] : Σ size · x[t] ≤ room }
 *
 * @param problem as drawn in gap-problem.ts; `orders` holds every task of every agent once, in any order, and
 *   is sorted sooner the closer it is to what it becomes
 * @returns the bound. Rounding: one of f64 for each task and each item packed
 *
 * Source: Fisher, Jaikumar and Van Wassenhove, A multiplier adjustment method for the generalized assignment
 * problem, 1986.
 */
export function gap_bound_f64(problem: usize): f64 {
  const tasks = <usize>load<u32>(problem, TASKS);
  const agents = <usize>load<u32>(problem, AGENTS);
  const multipliers = <usize>load<u32>(problem, MULTIPLIERS);
  const worths = <usize>load<u32>(problem, WORTHS);
  let bound: f64 = 0;
  store<u32>(problem, 0, STEPS);
  for (let task: usize = 0; task < tasks; task++) bound += load<f64>(multipliers + (task << 3));
  memory.fill(<usize>load<u32>(problem, COUNTS), 0, tasks << 2);
  memory.fill(<usize>load<u32>(problem, CHOICES), 0, tasks * agents);
  for (let agent: usize = 0; agent < agents; agent++) {
    const worth = pack(problem, agent);
    store<f64>(worths + (agent << 3), worth);
    bound -= worth;
  }
  return bound;
}

/** One agent's knapsack, and what it is worth. */
function pack(problem: usize, agent: usize): f64 {
  const tasks = <usize>load<u32>(problem, TASKS);
  const first = agent * tasks;
  const order = <usize>load<u32>(problem, ORDERS) + (first << 2);
  sortItems(problem, first, order);
  const costs = <usize>load<u32>(problem, COSTS) + (first << 3);
  const sizes = <usize>load<u32>(problem, SIZES) + (first << 3);
  const multipliers = <usize>load<u32>(problem, MULTIPLIERS);
  const ratios = <usize>load<u32>(problem, RATIOS);
  const values = <usize>load<u32>(problem, VALUES);
  const weights = <usize>load<u32>(problem, WEIGHTS);
  let count: usize = 0;
  for (; count < tasks; count++) {
    const task = (<usize>load<u32>(order + (count << 2))) << 3;
    if (load<f64>(ratios + task) <= 0) break;
    store<f64>(values + (count << 3), load<f64>(multipliers + task) - load<f64>(costs + task));
    store<f64>(weights + (count << 3), load<f64>(sizes + task));
  }
  if (count == 0) return 0;
  const room = load<f64>(<usize>load<u32>(problem, ROOMS) + (agent << 3));
  const chosen = <usize>load<u32>(problem, CHOSEN);
  const path = <usize>load<u32>(problem, PATH);
  const worth = fillKnapsack(count, values, weights, room, chosen, path, ratios, problem + STEPS);
  const counts = <usize>load<u32>(problem, COUNTS);
  const choices = <usize>load<u32>(problem, CHOICES) + first;
  for (let i: usize = 0; i < count; i++) {
    if (load<u8>(chosen + i) == 0) continue;
    const task = <usize>load<u32>(order + (i << 2));
    store<u8>(choices + task, 1);
    store<u32>(counts + (task << 2), load<u32>(counts + (task << 2)) + 1);
  }
  return worth;
}

/** Puts the open tasks of an agent that have a value above 0 first, those of most value for their size in front. */
function sortItems(problem: usize, first: usize, order: usize): void {
  const tasks = <usize>load<u32>(problem, TASKS);
  const open = <usize>load<u32>(problem, OPEN) + first;
  const costs = <usize>load<u32>(problem, COSTS) + (first << 3);
  const sizes = <usize>load<u32>(problem, SIZES) + (first << 3);
  const multipliers = <usize>load<u32>(problem, MULTIPLIERS);
  const ratios = <usize>load<u32>(problem, RATIOS);
  for (let task: usize = 0; task < tasks; task++) {
    const at = task << 3;
    const value = load<f64>(multipliers + at) - load<f64>(costs + at);
    const isItem = load<u8>(open + task) == 1 && value > 0;
    store<f64>(ratios + at, isItem ? value / load<f64>(sizes + at) : 0);
  }
  // Nearly in order already, because multipliers change little at a time.
  for (let at = order + 4, end = order + (tasks << 2); at < end; at += 4) {
    const task = load<u32>(at);
    const ratio = load<f64>(ratios + ((<usize>task) << 3));
    let hole = at;
    for (; hole > order; hole -= 4) {
      const before = load<u32>(hole - 4);
      if (load<f64>(ratios + ((<usize>before) << 3)) >= ratio) break;
      store<u32>(hole, before);
    }
    store<u32>(hole, task);
  }
}
