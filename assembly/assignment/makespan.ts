// Tasks that agents do one after the other, at an address: u32 words, addresses and sizes.
//
//    0  tasks
//    4  agents
//    8  stride     values from task to task, an even number
//   12  times      f64[tasks][stride], how long an agent takes; +Infinity where it can't, and beyond the last
//   16  weights    f64[stride], of agents, from 0; 1 beyond the last
//   20  agentOf    u32[tasks]
//   24  loads      f64[stride], how long each agent is busy
//   28  own        u32[tasks], tasks of the busiest, to work in
//   32  ownTimes   f64[tasks], how long tasks take where they are, to work in
//   36  column     f64[tasks + 1], how long they would take the busiest, to work in

const AGENTS: usize = 4;
const STRIDE: usize = 8;
const TIMES: usize = 12;
const WEIGHTS: usize = 16;
const AGENT_OF: usize = 20;
const LOADS: usize = 24;
const OWN: usize = 28;
const OWN_TIMES: usize = 32;
const COLUMN: usize = 36;
const BETTER: f64 = 1 - 1e-12; // of the longest load, what a change must come below

/**
 * What tasks weigh in sum where each weighs least, time by weight of the agent, and in `loads` how long agents would
 * be busy with what weighs least with them; of equal agents it is the first.
 *
 * @param problem as drawn above
 * @returns the sum. Rounding: one of f64 for each task
 */
export function makespan_weigh_f64(problem: usize): f64 {
  const tasks = <usize>load<u32>(problem);
  const bytes = (<usize>load<u32>(problem, STRIDE)) << 3;
  const times = <usize>load<u32>(problem, TIMES);
  const weights = <usize>load<u32>(problem, WEIGHTS);
  const loads = <usize>load<u32>(problem, LOADS);
  memory.fill(loads, 0, bytes);
  const two = f64x2.splat(2);
  let sum: f64 = 0;
  for (let task: usize = 0; task < tasks; task++) {
    const row = times + task * bytes;
    let least = f64x2.splat(Infinity);
    let places = f64x2.splat(0);
    let here = f64x2.replace_lane(f64x2.splat(0), 1, 1);
    for (let at: usize = 0; at < bytes; at += 16) {
      const time = v128.load(row + at);
      const weight = f64x2.mul(v128.load(weights + at), time);
      // A weight of 0 by a time without end is no number, and less than nothing.
      const isLess = f64x2.lt(weight, least);
      least = v128.bitselect(weight, least, isLess);
      places = v128.bitselect(here, places, isLess);
      here = f64x2.add(here, two);
    }
    const even = f64x2.extract_lane(least, 0);
    const odd = f64x2.extract_lane(least, 1);
    const isOdd =
      odd < even || (odd == even && f64x2.extract_lane(places, 1) < f64x2.extract_lane(places, 0));
    const agent = <usize>(isOdd ? f64x2.extract_lane(places, 1) : f64x2.extract_lane(places, 0));
    sum += isOdd ? odd : even;
    const own = loads + (agent << 3);
    store<f64>(own, load<f64>(own) + load<f64>(row + (agent << 3)));
  }
  return sum;
}

/**
 * Changes a schedule in `agentOf` step by step, each of which makes the longer of the two loads that it changes shorter
 * than the longest was: a task of the busiest goes to where that is shortest, or, when that helps with none, is
 * exchanged for another. `loads` are written.
 *
 * @param problem   as drawn above
 * @param mostLooks at pairs of tasks, or of a task and an agent, after which it ends
 */
export function makespan_descend_f64(problem: usize, mostLooks: u32): void {
  const tasks = load<u32>(problem);
  const agents = load<u32>(problem, AGENTS);
  sumLoads(problem);
  let looks: u32 = 0;
  while (looks < mostLooks) {
    const busiest = busiestOf(problem);
    const count = listOwn(problem, busiest);
    looks += count * agents + tasks;
    if (shift(problem, busiest, count)) continue;
    const seen = exchange(problem, busiest, count);
    looks += (seen & 0x7fff_ffff) * tasks;
    if (seen >> 31 == 0) return;
  }
}

function sumLoads(problem: usize): void {
  const tasks = <usize>load<u32>(problem);
  const stride = <usize>load<u32>(problem, STRIDE);
  const times = <usize>load<u32>(problem, TIMES);
  const agentOf = <usize>load<u32>(problem, AGENT_OF);
  const loads = <usize>load<u32>(problem, LOADS);
  const ownTimes = <usize>load<u32>(problem, OWN_TIMES);
  memory.fill(loads, 0, stride << 3);
  for (let task: usize = 0; task < tasks; task++) {
    const agent = <usize>load<u32>(agentOf + (task << 2));
    const time = load<f64>(times + ((task * stride + agent) << 3));
    store<f64>(loads + (agent << 3), load<f64>(loads + (agent << 3)) + time);
    store<f64>(ownTimes + (task << 3), time);
  }
}

function busiestOf(problem: usize): usize {
  const agents = <usize>load<u32>(problem, AGENTS);
  const loads = <usize>load<u32>(problem, LOADS);
  let at: usize = 0;
  for (let agent: usize = 1; agent < agents; agent++) {
    if (load<f64>(loads + (agent << 3)) > load<f64>(loads + (at << 3))) at = agent;
  }
  return at;
}

/** Lists the tasks of the busiest, and how long all would take it. */
function listOwn(problem: usize, busiest: usize): u32 {
  const tasks = <usize>load<u32>(problem);
  const bytes = (<usize>load<u32>(problem, STRIDE)) << 3;
  const agentOf = <usize>load<u32>(problem, AGENT_OF);
  const own = <usize>load<u32>(problem, OWN);
  const column = <usize>load<u32>(problem, COLUMN);
  let time = <usize>load<u32>(problem, TIMES) + (busiest << 3);
  let count: u32 = 0;
  for (let task: usize = 0; task < tasks; task++) {
    store<f64>(column + (task << 3), load<f64>(time));
    time += bytes;
    if (<usize>load<u32>(agentOf + (task << 2)) != busiest) continue;
    store<u32>(own + ((<usize>count) << 2), <u32>task);
    count++;
  }
  return count;
}

/** Moves the task of the busiest by which the longer of two loads becomes shortest; false when none helps. */
function shift(problem: usize, busiest: usize, count: usize): bool {
  const agents = <usize>load<u32>(problem, AGENTS);
  const stride = <usize>load<u32>(problem, STRIDE);
  const times = <usize>load<u32>(problem, TIMES);
  const loads = <usize>load<u32>(problem, LOADS);
  const own = <usize>load<u32>(problem, OWN);
  const longest = load<f64>(loads + (busiest << 3));
  let best = longest * BETTER;
  let moved: usize = 0;
  let target = busiest;
  for (let i: usize = 0; i < count; i++) {
    const task = <usize>load<u32>(own + (i << 2));
    const row = times + ((task * stride) << 3);
    const without = longest - load<f64>(row + (busiest << 3));
    if (without >= best) continue;
    for (let to: usize = 0; to < agents; to++) {
      const there = load<f64>(loads + (to << 3)) + load<f64>(row + (to << 3));
      if (there >= best || to == busiest) continue;
      best = max(there, without);
      moved = task;
      target = to;
      if (best == without) break;
    }
  }
  if (target == busiest) return false;
  move(problem, moved, busiest, target);
  return true;
}

/**
 * Exchanges the first task of the busiest that can be for another so that the longer of two loads becomes shortest.
 * Returns how many tasks of the busiest were looked at, with the highest bit set when one was exchanged.
 */
function exchange(problem: usize, busiest: usize, count: u32): u32 {
  const stride = <usize>load<u32>(problem, STRIDE);
  const times = <usize>load<u32>(problem, TIMES);
  const own = <usize>load<u32>(problem, OWN);
  for (let i: u32 = 0; i < count; i++) {
    const task = <usize>load<u32>(own + ((<usize>i) << 2));
    const found = bestExchange(problem, busiest, times + ((task * stride) << 3));
    if (found < 0) continue;
    const other = <usize>found;
    const to = <usize>load<u32>(<usize>load<u32>(problem, AGENT_OF) + (other << 2));
    move(problem, task, busiest, to);
    move(problem, other, to, busiest);
    return (i + 1) | 0x8000_0000;
  }
  return count;
}

/** The task for which one of the busiest, whose times are `row`, is best exchanged; −1 if none helps. */
function bestExchange(problem: usize, busiest: usize, row: usize): i32 {
  const tasks = <usize>load<u32>(problem);
  const agentOf = <usize>load<u32>(problem, AGENT_OF);
  const loads = <usize>load<u32>(problem, LOADS);
  const ownTimes = <usize>load<u32>(problem, OWN_TIMES);
  const column = <usize>load<u32>(problem, COLUMN);
  const longest = load<f64>(loads + (busiest << 3));
  const without = longest - load<f64>(row + (busiest << 3));
  const without_f64x2 = f64x2.splat(without);
  let best = longest * BETTER;
  let found: i32 = -1;
  for (let pair: usize = 0; pair < tasks; pair += 2) {
    const heres = f64x2.add(without_f64x2, v128.load(column + (pair << 3)));
    if (!v128.any_true(f64x2.lt(heres, f64x2.splat(best)))) continue;
    const end = min(tasks, pair + 2);
    for (let other = pair; other < end; other++) {
      const here = without + load<f64>(column + (other << 3));
      const to = <usize>load<u32>(agentOf + (other << 2));
      if (here >= best || to == busiest) continue;
      const rest = load<f64>(loads + (to << 3)) - load<f64>(ownTimes + (other << 3));
      const there = rest + load<f64>(row + (to << 3));
      if (there >= best) continue;
      best = max(there, here);
      found = <i32>other;
    }
  }
  return found;
}

function move(problem: usize, task: usize, from: usize, to: usize): void {
  const stride = <usize>load<u32>(problem, STRIDE);
  const times = <usize>load<u32>(problem, TIMES) + ((task * stride) << 3);
  const loads = <usize>load<u32>(problem, LOADS);
  const time = load<f64>(times + (to << 3));
  store<f64>(loads + (from << 3), load<f64>(loads + (from << 3)) - load<f64>(times + (from << 3)));
  store<f64>(loads + (to << 3), load<f64>(loads + (to << 3)) + time);
  store<u32>(<usize>load<u32>(problem, AGENT_OF) + (task << 2), <u32>to);
  store<f64>(<usize>load<u32>(problem, OWN_TIMES) + (task << 3), time);
}
