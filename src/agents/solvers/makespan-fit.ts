import type { MakespanProblem } from "./makespan-bound.ts";

const TRIES = 10; // halvings of what is between the bound and half as much again
const WIDEST = 1.5; // times the bound

/**
 * The agent of each task in the best of some schedules, each of which keeps agents within a length of time as far
 * as that goes: a task goes to where it weighs least of those that have time left for it, first those that weigh
 * much more anywhere else. Halving looks for the least length that all keep within.
 *
 * Source: Martello and Toth, Knapsack problems, 1990, 7.4 (regrets); the halving of Lenstra, Shmoys and Tardos,
 * Approximation algorithms for scheduling unrelated parallel machines, 1990.
 * @param weights of agents, that proved `bound`
 */
export function fittedStart(
  problem: MakespanProblem,
  weights: Float64Array,
  bound: number,
): Int32Array {
  const order = byRegret(problem, weights);
  let low = bound;
  let high = WIDEST * bound;
  let best = fit(problem, weights, order, high);
  for (let attempt = 0; attempt < TRIES; attempt++) {
    const middle = (low + high) / 2;
    const found = fit(problem, weights, order, middle);
    if (found.makespan < best.makespan) best = found;
    if (found.makespan <= middle) high = middle;
    else low = middle;
  }
  return best.agentOf;
}

/** Tasks by how much more they weigh in the second best place than in the best, the most first. */
function byRegret({ times, tasks, agents }: MakespanProblem, weights: Float64Array): number[] {
  const regrets = new Float64Array(tasks);
  for (let task = 0; task < tasks; task++) {
    let best = Infinity;
    let second = Infinity;
    for (let agent = 0; agent < agents; agent++) {
      const time = times[task * agents + agent];
      if (time === Infinity) continue;
      const weight = weights[agent] * time;
      if (weight < best) [best, second] = [weight, best];
      else if (weight < second) second = weight;
    }
    regrets[task] = second === Infinity ? Infinity : second - best;
  }
  return [...regrets.keys()].sort((a, b) =>
    regrets[a] === regrets[b] ? a - b : regrets[b] - regrets[a],
  );
}

function fit(
  { times, tasks, agents }: MakespanProblem,
  weights: Float64Array,
  order: readonly number[],
  length: number,
): { agentOf: Int32Array; makespan: number } {
  const loads = new Float64Array(agents);
  const agentOf = new Int32Array(tasks);
  let makespan = 0;
  for (const task of order) {
    let least = Infinity;
    let at = -1;
    let earliest = Infinity;
    let last = -1;
    for (let agent = 0; agent < agents; agent++) {
      const time = times[task * agents + agent];
      const end = loads[agent] + time;
      if (end <= length && weights[agent] * time < least) {
        least = weights[agent] * time;
        at = agent;
      }
      if (end < earliest) [earliest, last] = [end, agent];
    }
    const agent = at === -1 ? last : at;
    agentOf[task] = agent;
    loads[agent] += times[task * agents + agent];
    makespan = Math.max(makespan, loads[agent]);
  }
  return { agentOf, makespan };
}
