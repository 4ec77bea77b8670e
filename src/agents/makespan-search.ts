import type { MakespanProblem } from "./makespan-bound.ts";

/** Every task's agent, and how long each agent is busy. */
export interface Schedule {
  readonly agentOf: Int32Array;
  readonly loads: Float64Array;
  readonly makespan: number;
}

/** The best of two starts, made better as long as moving or exchanging tasks of the busiest helps. */
export function improveMakespan(problem: MakespanProblem, weights: Float64Array): Schedule {
  const starts = [greedy(problem, undefined), greedy(problem, weights)];
  const schedules = starts.map((agentOf) => descend(problem, agentOf));
  return schedules.reduce((a, b) => (b.makespan < a.makespan ? b : a));
}

/** The longest tasks first, each to where it is done earliest, or weighs least. */
function greedy({ times, tasks, agents }: MakespanProblem, weights?: Float64Array): Int32Array {
  const least = new Float64Array(tasks).fill(Infinity);
  for (let i = 0; i < times.length; i++) {
    const task = Math.floor(i / agents);
    if (times[i] < least[task]) least[task] = times[i];
  }
  const order = [...Array(tasks).keys()].sort((a, b) => least[b] - least[a] || a - b);
  const loads = new Float64Array(agents);
  const agentOf = new Int32Array(tasks);
  for (const task of order) {
    let [best, at] = [Infinity, -1];
    for (let agent = 0; agent < agents; agent++) {
      const time = times[task * agents + agent];
      const rank = weights === undefined ? loads[agent] + time : weights[agent] * time;
      if (time < Infinity && (at < 0 || rank < best)) [best, at] = [rank, agent];
    }
    agentOf[task] = at;
    loads[at] += times[task * agents + at];
  }
  return agentOf;
}

const MOST_LOOKS = 100_000_000; // at pairs of tasks; problems of some thousands of tasks come near it

/**
 * Each step makes the longer of the two loads that it changes shorter than the longer was: a task of the busiest goes
 * to where that is shortest, or, when that helps with none, is exchanged.
 */
function descend({ times, tasks, agents }: MakespanProblem, agentOf: Int32Array): Schedule {
  const loads = new Float64Array(agents);
  for (let task = 0; task < tasks; task++) {
    loads[agentOf[task]] += times[task * agents + agentOf[task]];
  }
  let looks = 0;
  const move = (task: number, to: number): void => {
    loads[agentOf[task]] -= times[task * agents + agentOf[task]];
    loads[to] += times[task * agents + to];
    agentOf[task] = to;
  };
  const shift = (busiest: number, own: Int32Array): boolean => {
    let best = loads[busiest] * (1 - 1e-12);
    let change: readonly [task: number, to: number] | undefined;
    for (const task of own) {
      const without = loads[busiest] - times[task * agents + busiest];
      if (without >= best) continue;
      for (let to = 0; to < agents; to++) {
        const there = loads[to] + times[task * agents + to];
        if (to === busiest || there >= best) continue;
        best = there > without ? there : without;
        change = [task, to];
        if (best === without) break;
      }
    }
    if (change !== undefined) move(...change);
    return change !== undefined;
  };
  const exchange = (busiest: number, own: Int32Array): boolean => {
    for (const task of own) {
      let best = loads[busiest] * (1 - 1e-12);
      let found = -1;
      const without = loads[busiest] - times[task * agents + busiest];
      looks += tasks;
      for (let other = 0; other < tasks; other++) {
        const here = without + times[other * agents + busiest];
        const to = agentOf[other];
        if (here >= best || to === busiest) continue;
        const there = loads[to] - times[other * agents + to] + times[task * agents + to];
        if (there >= best) continue;
        best = there > here ? there : here;
        found = other;
      }
      if (found < 0) continue;
      const to = agentOf[found];
      move(task, to);
      move(found, busiest);
      return true;
    }
    return false;
  };
  while (looks < MOST_LOOKS) {
    const busiest = busiestOf(loads);
    const own = tasksOf(agentOf, busiest);
    looks += own.length * agents + tasks;
    if (!shift(busiest, own) && !exchange(busiest, own)) break;
  }
  return scheduleOf({ times, tasks, agents }, agentOf);
}

function tasksOf(agentOf: Int32Array, agent: number): Int32Array {
  const own: number[] = [];
  for (let task = 0; task < agentOf.length; task++) if (agentOf[task] === agent) own.push(task);
  return Int32Array.from(own);
}

/** Depth first, the longest tasks first; ends after so many steps, with what is proven by then. */
export function branchMakespan(
  problem: MakespanProblem,
  first: Schedule,
  bound: number,
  mostSteps: number,
): { schedule: Schedule; bound: number } {
  const { times, tasks, agents } = problem;
  const least = new Float64Array(tasks);
  for (let task = 0; task < tasks; task++) {
    least[task] = times
      .subarray(task * agents, (task + 1) * agents)
      .reduce((a, b) => Math.min(a, b));
  }
  const order = [...Array(tasks).keys()].sort((a, b) => least[b] - least[a] || a - b);
  const rest = new Float64Array(tasks + 1); // what tasks from a place on take at least
  for (let i = tasks - 1; i >= 0; i--) rest[i] = rest[i + 1] + least[order[i]];
  let best = first;
  const agentOf = new Int32Array(tasks);
  const loads = new Float64Array(agents);
  let steps = 0;
  const go = (depth: number, busiest: number, sum: number): boolean => {
    if (best.makespan <= bound) return true;
    if (depth === tasks) {
      const found = scheduleOf(problem, agentOf.slice());
      if (found.makespan < best.makespan) best = found;
      return true;
    }
    if (steps++ >= mostSteps) return false;
    if ((sum + rest[depth]) / agents >= best.makespan) return true;
    const task = order[depth];
    const ways = [...Array(agents).keys()].filter(
      (agent) => times[task * agents + agent] < Infinity,
    );
    const end = (agent: number): number => loads[agent] + times[task * agents + agent];
    ways.sort((a, b) => end(a) - end(b) || a - b);
    for (const agent of ways) {
      if (end(agent) >= best.makespan) break;
      const [before, time] = [loads[agent], times[task * agents + agent]];
      agentOf[task] = agent;
      loads[agent] += time;
      const isDone = go(depth + 1, Math.max(busiest, loads[agent]), sum + time);
      loads[agent] = before;
      if (!isDone) return false;
    }
    return true;
  };
  const isProven = go(0, 0, 0);
  return { schedule: best, bound: isProven ? best.makespan : bound };
}

function scheduleOf({ times, tasks, agents }: MakespanProblem, agentOf: Int32Array): Schedule {
  const loads = new Float64Array(agents);
  for (let task = 0; task < tasks; task++) {
    loads[agentOf[task]] += times[task * agents + agentOf[task]];
  }
  return { agentOf, loads, makespan: loads.reduce((a, b) => Math.max(a, b), 0) };
}

function busiestOf(loads: Float64Array): number {
  let at = 0;
  for (let i = 1; i < loads.length; i++) if (loads[i] > loads[at]) at = i;
  return at;
}
