import { AGENTS, COSTS, PLAN, PLAN_LOADS, ROOMS, SIZES, TASKS } from "./gap-problem";

const TINY: f64 = 1e-12; // what a change must gain
const MOST_EXCHANGED: usize = 2000; // tasks: every two of more would take seconds

/**
 * Moves tasks of a plan to other agents, and exchanges two of up to 2,000, as long as that lowers the cost and
 * everything fits.
 *
 * @param problem as drawn in gap-problem.ts; `agentOf` and `loads` are read and written
 *
 * Cost: O(tasks · (tasks + agents)) for each time over, a few times.
 */
export function gap_descend_f64(problem: usize): void {
  const isLarge = <usize>load<u32>(problem, TASKS) > MOST_EXCHANGED;
  while (moveTasks(problem) || (!isLarge && exchangeTasks(problem)));
}

function moveTasks(problem: usize): bool {
  const tasks = <usize>load<u32>(problem, TASKS);
  const agents = <usize>load<u32>(problem, AGENTS);
  const costs = <usize>load<u32>(problem, COSTS);
  const sizes = <usize>load<u32>(problem, SIZES);
  const rooms = <usize>load<u32>(problem, ROOMS);
  const plan = <usize>load<u32>(problem, PLAN);
  const loads = <usize>load<u32>(problem, PLAN_LOADS);
  let isMoved = false;
  for (let task: usize = 0; task < tasks; task++) {
    let from = <usize>load<u32>(plan + (task << 2));
    let pair = (from * tasks + task) << 3;
    for (let to: usize = 0; to < agents; to++) {
      const other = (to * tasks + task) << 3;
      if (!(load<f64>(costs + pair) - load<f64>(costs + other) > TINY)) continue;
      const there = load<f64>(loads + (to << 3)) + load<f64>(sizes + other);
      if (there > load<f64>(rooms + (to << 3))) continue;
      store<f64>(loads + (from << 3), load<f64>(loads + (from << 3)) - load<f64>(sizes + pair));
      store<f64>(loads + (to << 3), there);
      store<u32>(plan + (task << 2), <u32>to);
      from = to;
      pair = other;
      isMoved = true;
    }
  }
  return isMoved;
}

function exchangeTasks(problem: usize): bool {
  const tasks = <usize>load<u32>(problem, TASKS);
  const costs = <usize>load<u32>(problem, COSTS);
  const sizes = <usize>load<u32>(problem, SIZES);
  const rooms = <usize>load<u32>(problem, ROOMS);
  const plan = <usize>load<u32>(problem, PLAN);
  const loads = <usize>load<u32>(problem, PLAN_LOADS);
  const rowBytes = tasks << 3;
  let isMoved = false;
  for (let a: usize = 0; a < tasks; a++) {
    for (let b = a + 1; b < tasks; b++) {
      const ofA = <usize>load<u32>(plan + (a << 2));
      const ofB = <usize>load<u32>(plan + (b << 2));
      if (ofA == ofB) continue;
      const x = costs + ofA * rowBytes;
      const y = costs + ofB * rowBytes;
      const before = load<f64>(x + (a << 3)) + load<f64>(y + (b << 3));
      if (!(before - load<f64>(y + (a << 3)) - load<f64>(x + (b << 3)) > TINY)) continue;
      const p = sizes + ofA * rowBytes;
      const q = sizes + ofB * rowBytes;
      const here =
        load<f64>(loads + (ofA << 3)) - load<f64>(p + (a << 3)) + load<f64>(p + (b << 3));
      if (here > load<f64>(rooms + (ofA << 3))) continue;
      const there =
        load<f64>(loads + (ofB << 3)) - load<f64>(q + (b << 3)) + load<f64>(q + (a << 3));
      if (there > load<f64>(rooms + (ofB << 3))) continue;
      store<f64>(loads + (ofA << 3), here);
      store<f64>(loads + (ofB << 3), there);
      store<u32>(plan + (a << 2), <u32>ofB);
      store<u32>(plan + (b << 2), <u32>ofA);
      isMoved = true;
    }
  }
  return isMoved;
}
