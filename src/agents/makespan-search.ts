import type { Heap } from "../wasm/heap.ts";
import { descendMakespan, type MakespanOnHeap } from "../wasm/makespan.ts";
import type { MakespanProblem } from "./makespan-bound.ts";

/** Every task's agent, and how long each agent is busy. */
export interface Schedule {
  readonly agentOf: Int32Array;
  readonly loads: Float64Array;
  readonly makespan: number;
}

/** The best of two starts, made better as long as moving or exchanging tasks of the busiest helps. */
export function improveMakespan(
  problem: MakespanProblem,
  weights: Float64Array,
  heap: Heap,
  onHeap: MakespanOnHeap,
): Schedule {
  const starts = [greedy(problem, undefined), greedy(problem, weights)];
  const schedules = starts.map((agentOf) => descend(problem, agentOf, heap, onHeap));
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

function descend(
  problem: MakespanProblem,
  agentOf: Int32Array,
  heap: Heap,
  onHeap: MakespanOnHeap,
): Schedule {
  onHeap.agentOf.set(agentOf);
  heap.run(descendMakespan(heap, onHeap, MOST_LOOKS));
  return scheduleOf(problem, Int32Array.from(onHeap.agentOf));
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
