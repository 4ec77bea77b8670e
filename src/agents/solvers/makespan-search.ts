import type { Heap } from "../../wasm/heap.ts";
import { descendMakespan, type MakespanOnHeap } from "../../wasm/assignment/makespan.ts";
import type { MakespanProblem } from "./makespan-bound.ts";
import { fittedStart } from "./makespan-fit.ts";
import { seededRandom } from "../../util/random.ts";

/** Every task's agent, and how long each agent is busy. */
export interface Schedule {
  readonly agentOf: Int32Array;
  readonly loads: Float64Array;
  readonly makespan: number;
}

const SHAKES = 200;
/** Times the bound, above which a schedule is shaken. */
const ENOUGH = 1.003;
const LOOKS_A_SHAKE = 1_000_000;
const SHAKEN_TASKS = 6; // of any agent
const BUSIEST = 3; // agents
const SHAKEN_OF_BUSIEST = 0.1; // share of their tasks
const NOISE = 0.3;

/**
 * The best of three starts, made better as long as moving or exchanging tasks of the busiest helps; and again
 * after a few tasks have been moved.
 */
export function improveMakespan(
  problem: MakespanProblem,
  weights: Float64Array,
  bound: number,
  heap: Heap,
  onHeap: MakespanOnHeap,
): Schedule {
  const starts = [
    greedy(problem, undefined),
    greedy(problem, weights),
    fittedStart(problem, weights, bound),
  ];
  const descended = (agentOf: Int32Array, mostLooks: number): Schedule =>
    descend(problem, agentOf, heap, onHeap, mostLooks);
  const schedules = starts.map((agentOf) => descended(agentOf, MOST_LOOKS));
  let best = schedules.reduce((a, b) => (b.makespan < a.makespan ? b : a));
  const random = seededRandom(1);
  for (let round = 0; round < SHAKES && best.makespan > ENOUGH * bound; round++) {
    const found = descended(shaken(problem, best, weights, random), LOOKS_A_SHAKE);
    if (found.makespan < best.makespan) best = found;
  }
  return best;
}

/**
 * A schedule with a few tasks elsewhere, each where it weighs about least: some of any agent, some of the busiest.
 *
 * Source: Lourenço, Martin and Stützle, Iterated local search, 2003.
 */
function shaken(
  { times, tasks, agents }: MakespanProblem,
  { agentOf, loads }: Schedule,
  weights: Float64Array,
  random: () => number,
): Int32Array {
  const moved = Int32Array.from(agentOf);
  const byLoad = [...loads.keys()].sort((a, b) => loads[b] - loads[a] || a - b);
  const busiest = new Set(byLoad.slice(0, BUSIEST));
  for (let task = 0; task < tasks; task++) {
    const share = SHAKEN_TASKS / tasks + (busiest.has(agentOf[task]) ? SHAKEN_OF_BUSIEST : 0);
    if (random() >= share) continue;
    let least = Infinity;
    let at = -1;
    for (let agent = 0; agent < agents; agent++) {
      if (agent === agentOf[task]) continue;
      const weight = weights[agent] * times[task * agents + agent] * (1 + NOISE * random());
      if (weight < least) [least, at] = [weight, agent];
    }
    if (at !== -1) moved[task] = at;
  }
  return moved;
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
    let best = Infinity;
    let at = -1;
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
  mostLooks: number,
): Schedule {
  onHeap.agentOf.set(agentOf);
  heap.run(descendMakespan(heap, onHeap, mostLooks));
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
      const before = loads[agent];
      const time = times[task * agents + agent];
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
