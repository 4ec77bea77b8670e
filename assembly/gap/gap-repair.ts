import {
  AGENTS,
  CHOICES,
  CORE,
  COSTS,
  OPTIONS,
  PLAN,
  PLAN_LOADS,
  ROOM_PRICES,
  ROOMS,
  SIZES,
  SMALLEST,
  TASKS,
  VALUES,
  WEIGHTS,
} from "./gap-problem";

const NEXT: usize = 4; // byte of the second agent of a task that waits; the first stands before it
const NONE: u32 = 0xffff_ffff;
const BLOCK: usize = 16; // tasks that wait, of which the most that is lost is remembered
const TILE: usize = 16; // tasks: as many rows as stay at hand

/**
 * Makes a plan of what agents have chosen, in `agentOf` and `loads`: each task goes to the cheapest of those who chose
 * it, and those that nobody chose, or who do not fit, to where they fit, whoever loses most by waiting first. Room
 * counts as much as costs, by its prices.
 *
 * @param problem as drawn in gap-problem.ts, after a bound
 *
 * Source: Jörnsten and Näsberg, A new Lagrangian relaxation approach to the generalized assignment problem, 1986
 * (repairs of what is chosen); Martello and Toth, Knapsack problems, 1990 (by regret).
 */
export function gap_repair_f64(problem: usize): void {
  rankChoices(problem);
  let count = placeChosen(problem);
  const best = <usize>load<u32>(problem, SMALLEST);
  const waiting = <usize>load<u32>(problem, CORE);
  const regrets = <usize>load<u32>(problem, WEIGHTS);
  const most = <usize>load<u32>(problem, VALUES); // the most that is lost in each block of those that wait
  gatherOptions(problem, count);
  for (let i: usize = 0; i < count; i++) findOptions(problem, i);
  memory.fill(most, 0xff, count << 3); // not known
  let last = NONE;
  while (count > 0) {
    let worst: f64 = -Infinity;
    let block: usize = 0;
    for (let i: usize = 0; i < count; i += BLOCK) {
      const own = most + ((i / BLOCK) << 3);
      if (isTouched(best + (i << 3), last)) renewOptions(problem, i, min(count, i + BLOCK), last);
      else if (load<f64>(own) <= worst) continue;
      if (isNaN(load<f64>(own))) store<f64>(own, mostOf(regrets, i, min(count, i + BLOCK)));
      if (load<f64>(own) <= worst) continue;
      worst = load<f64>(own);
      block = i;
    }
    let at = block;
    while (load<f64>(regrets + (at << 3)) != worst) at++;
    last = load<u32>(best + (at << 3));
    place(problem, load<u32>(waiting + (at << 2)), last);
    count--;
    store<u32>(waiting + (at << 2), load<u32>(waiting + (count << 2)));
    store<f64>(regrets + (at << 3), load<f64>(regrets + (count << 3)));
    store<u64>(best + (at << 3), load<u64>(best + (count << 3)));
    store<f64>(most + ((at / BLOCK) << 3), NaN);
    store<f64>(most + ((count / BLOCK) << 3), NaN);
  }
}

/** Whether one of a block of tasks that wait could go to an agent. */
function isTouched(best: usize, agent: u32): bool {
  const agents = i32x4.splat(<i32>agent);
  let found = i32x4.splat(0);
  for (let i: usize = 0; i < BLOCK << 3; i += 32) {
    const here = i32x4.eq(v128.load(best + i), agents);
    found = v128.or(found, v128.or(here, i32x4.eq(v128.load(best + i, 16), agents)));
  }
  return v128.any_true(found);
}

/** Only where the last one went there is less room: who could go there and does not fit any more is looked at again. */
function renewOptions(problem: usize, first: usize, end: usize, agent: u32): void {
  const best = <usize>load<u32>(problem, SMALLEST);
  const waiting = <usize>load<u32>(problem, CORE);
  for (let i = first; i < end; i++) {
    const own = best + (i << 3);
    if (load<u32>(own) != agent && load<u32>(own, NEXT) != agent) continue;
    if (fits(problem, load<u32>(waiting + (i << 2)), agent)) continue;
    findOptions(problem, i);
    store<f64>(<usize>load<u32>(problem, VALUES) + ((first / BLOCK) << 3), NaN);
  }
}

function mostOf(regrets: usize, first: usize, end: usize): f64 {
  let most = load<f64>(regrets + (first << 3));
  for (let i = first + 1; i < end; i++) most = max(most, load<f64>(regrets + (i << 3)));
  return most;
}

/** Writes the cheapest agent that chose each task to the plan, `NONE` where nobody did. */
function rankChoices(problem: usize): void {
  const tasks = <usize>load<u32>(problem, TASKS);
  const agents = <usize>load<u32>(problem, AGENTS);
  const plan = <usize>load<u32>(problem, PLAN);
  const ranks = <usize>load<u32>(problem, VALUES);
  memory.fill(plan, 0xff, tasks << 2);
  for (let agent: usize = 0; agent < agents; agent++) {
    const choices = <usize>load<u32>(problem, CHOICES) + agent * tasks;
    for (let task: usize = 0; task < tasks; task++) {
      if (load<u8>(choices + task) == 0) {
        while (task + 8 < tasks && load<u64>(choices + task, 1) == 0) task += 8;
        continue;
      }
      const rank = rankOf(problem, <u32>task, <u32>agent);
      const at = ranks + (task << 3);
      if (load<u32>(plan + (task << 2)) != NONE && rank >= load<f64>(at)) continue;
      store<f64>(at, rank);
      store<u32>(plan + (task << 2), <u32>agent);
    }
  }
}

/** Puts tasks where they were ranked best, and lists those that wait; returns how many do. */
function placeChosen(problem: usize): usize {
  const tasks = load<u32>(problem, TASKS);
  const plan = <usize>load<u32>(problem, PLAN);
  const waiting = <usize>load<u32>(problem, CORE);
  memory.fill(<usize>load<u32>(problem, PLAN_LOADS), 0, (<usize>load<u32>(problem, AGENTS)) << 3);
  let count: usize = 0;
  for (let task: u32 = 0; task < tasks; task++) {
    const agent = load<u32>(plan + ((<usize>task) << 2));
    if (agent != NONE && fits(problem, task, agent)) {
      place(problem, task, agent);
      continue;
    }
    store<u32>(waiting + (count << 2), task);
    count++;
  }
  return count;
}

/** Writes ranks and sizes of tasks that wait to rows of their own, some tasks at a time of each agent. */
function gatherOptions(problem: usize, count: usize): void {
  const agents = <usize>load<u32>(problem, AGENTS);
  const waiting = <usize>load<u32>(problem, CORE);
  const options = <usize>load<u32>(problem, OPTIONS);
  const sizes = <usize>load<u32>(problem, SIZES);
  const tasks = <usize>load<u32>(problem, TASKS);
  for (let from: usize = 0; from < count; from += TILE) {
    const end = min(count, from + TILE);
    for (let agent: usize = 0; agent < agents; agent++) {
      for (let i = from; i < end; i++) {
        const task = load<u32>(waiting + (i << 2));
        const at = options + ((<usize>task * agents + agent) << 4);
        store<f64>(at, rankOf(problem, task, <u32>agent));
        store<f64>(at, load<f64>(sizes + ((agent * tasks + <usize>task) << 3)), 8);
      }
    }
  }
}

/** Where the i-th task that waits can go, and what it loses if the best has no room any more. */
function findOptions(problem: usize, i: usize): void {
  const task = <usize>load<u32>(<usize>load<u32>(problem, CORE) + (i << 2));
  const agents = <usize>load<u32>(problem, AGENTS);
  const loads = <usize>load<u32>(problem, PLAN_LOADS);
  const rooms = <usize>load<u32>(problem, ROOMS);
  const options = <usize>load<u32>(problem, OPTIONS) + ((task * agents) << 4);
  let least: f64 = Infinity;
  let second: f64 = Infinity;
  let best = <u32>agents - 1;
  let next = NONE;
  for (let agent: usize = 0; agent < agents; agent++) {
    const rank = load<f64>(options + (agent << 4));
    if (rank >= second) continue;
    const sum = load<f64>(loads + (agent << 3)) + load<f64>(options + (agent << 4), 8);
    if (sum > load<f64>(rooms + (agent << 3))) continue;
    if (rank < least) {
      second = least;
      next = least < Infinity ? best : NONE;
      least = rank;
      best = <u32>agent;
    } else {
      second = rank;
      next = <u32>agent;
    }
  }
  const own = <usize>load<u32>(problem, SMALLEST) + (i << 3);
  store<u32>(own, best);
  store<u32>(own, next, NEXT);
  const regret = least == Infinity ? Infinity : second - least;
  store<f64>(<usize>load<u32>(problem, WEIGHTS) + (i << 3), regret);
}

/** Cost, and price of the room. */
function rankOf(problem: usize, task: u32, agent: u32): f64 {
  const pair = (<usize>(agent * load<u32>(problem, TASKS) + task)) << 3;
  const price = load<f64>(<usize>load<u32>(problem, ROOM_PRICES) + ((<usize>agent) << 3));
  const size = load<f64>(<usize>load<u32>(problem, SIZES) + pair);
  return load<f64>(<usize>load<u32>(problem, COSTS) + pair) + price * size;
}

function fits(problem: usize, task: u32, agent: u32): bool {
  const at = (<usize>agent) << 3;
  const pair = (<usize>(agent * load<u32>(problem, TASKS) + task)) << 3;
  const size = load<f64>(<usize>load<u32>(problem, SIZES) + pair);
  const sum = load<f64>(<usize>load<u32>(problem, PLAN_LOADS) + at) + size;
  return sum <= load<f64>(<usize>load<u32>(problem, ROOMS) + at);
}

function place(problem: usize, task: u32, agent: u32): void {
  const pair = (<usize>(agent * load<u32>(problem, TASKS) + task)) << 3;
  const at = <usize>load<u32>(problem, PLAN_LOADS) + ((<usize>agent) << 3);
  store<f64>(at, load<f64>(at) + load<f64>(<usize>load<u32>(problem, SIZES) + pair));
  store<u32>(<usize>load<u32>(problem, PLAN) + ((<usize>task) << 2), agent);
}
