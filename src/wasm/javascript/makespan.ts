import type { Views } from "./turn.ts";

// The twin of assembly/assignment/makespan.ts.

const BETTER = 1 - 1e-12; // as there

/** The twin of `makespan_weigh_f64`. */
export function weighTasks(views: Views, address: number): number {
  const { tasks, agents, stride, times, weights, loads } = problemAt(views, address);
  loads.fill(0);
  let sum = 0;
  for (let task = 0; task < tasks; task++) {
    const first = task * stride;
    let least = Infinity;
    let at = 0;
    for (let agent = 0; agent < agents; agent++) {
      const weight = weights[agent] * times[first + agent];
      if (!(weight < least)) continue;
      least = weight;
      at = agent;
    }
    sum += least;
    loads[at] += times[first + at];
  }
  return sum;
}

/** The twin of `makespan_descend_f64`. */
export function descendSchedule(views: Views, address: number, mostLooks: number): void {
  const problem = problemAt(views, address);
  const { tasks, agents, stride, times, agentOf, loads, ownTimes, own } = problem;
  loads.fill(0);
  for (let task = 0; task < tasks; task++) {
    ownTimes[task] = times[task * stride + agentOf[task]];
    loads[agentOf[task]] += ownTimes[task];
  }
  for (let looks = 0; looks < mostLooks;) {
    let busiest = 0;
    for (let agent = 1; agent < agents; agent++) if (loads[agent] > loads[busiest]) busiest = agent;
    let count = 0;
    for (let task = 0; task < tasks; task++) if (agentOf[task] === busiest) own[count++] = task;
    looks += count * agents + tasks;
    if (shift(problem, busiest, count)) continue;
    const { seen, isDone } = exchange(problem, busiest, count);
    looks += seen * tasks;
    if (!isDone) return;
  }
}

type Problem = ReturnType<typeof problemAt>;

function problemAt({ words, doubles }: Views, address: number) {
  const [tasks, agents, stride, ...places] = words.subarray(address / 4, address / 4 + 10);
  const f64 = (i: number, length: number): Float64Array =>
    doubles.subarray(places[i] / 8, places[i] / 8 + length);
  const u32 = (i: number): Uint32Array => words.subarray(places[i] / 4, places[i] / 4 + tasks);
  return {
    tasks,
    agents,
    stride,
    times: f64(0, tasks * stride),
    weights: f64(1, stride),
    agentOf: u32(2),
    loads: f64(3, stride),
    own: u32(4),
    ownTimes: f64(5, tasks),
  };
}

function shift(problem: Problem, busiest: number, count: number): boolean {
  const { agents, stride, times, loads, own } = problem;
  let best = loads[busiest] * BETTER;
  let moved = 0;
  let target = busiest;
  for (let i = 0; i < count; i++) {
    const first = own[i] * stride;
    const without = loads[busiest] - times[first + busiest];
    if (without >= best) continue;
    for (let to = 0; to < agents; to++) {
      const there = loads[to] + times[first + to];
      if (there >= best || to === busiest) continue;
      best = Math.max(there, without);
      moved = own[i];
      target = to;
      if (best === without) break;
    }
  }
  if (target === busiest) return false;
  move(problem, moved, busiest, target);
  return true;
}

function exchange(
  problem: Problem,
  busiest: number,
  count: number,
): { readonly seen: number; readonly isDone: boolean } {
  const { tasks, stride, times, loads, own, ownTimes, agentOf } = problem;
  for (let i = 0; i < count; i++) {
    const first = own[i] * stride;
    const without = loads[busiest] - times[first + busiest];
    let best = loads[busiest] * BETTER;
    let found = -1;
    for (let other = 0; other < tasks; other++) {
      const here = without + times[other * stride + busiest];
      const to = agentOf[other];
      if (here >= best || to === busiest) continue;
      const there = loads[to] - ownTimes[other] + times[first + to];
      if (there >= best) continue;
      best = Math.max(there, here);
      found = other;
    }
    if (found < 0) continue;
    const to = agentOf[found];
    move(problem, own[i], busiest, to);
    move(problem, found, to, busiest);
    return { seen: i + 1, isDone: true };
  }
  return { seen: count, isDone: false };
}

function move(
  { stride, times, loads, agentOf, ownTimes }: Problem,
  task: number,
  from: number,
  to: number,
): void {
  const first = task * stride;
  loads[from] -= times[first + from];
  loads[to] += times[first + to];
  agentOf[task] = to;
  ownTimes[task] = times[first + to];
}
