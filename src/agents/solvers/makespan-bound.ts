import type { Heap } from "../../wasm/heap.ts";
import { weighTasks, type MakespanOnHeap } from "../../wasm/assignment/makespan.ts";

/** Tasks that all can be done, and how long each agent takes for them. */
export interface MakespanProblem {
  /** f64[tasks][agents], row-major; +Infinity where an agent can't. */
  readonly times: Float64Array;
  readonly tasks: number;
  readonly agents: number;
}

const ROUNDS = 300;

/**
 * How early all can be done at the earliest, if tasks could be divided: the most, over weights of agents that
 * add up to 1, of what the tasks weigh where each weighs least; and no less than any task takes. With the
 * weights that proved it.
 *
 * Source: the dual of the linear relaxation in Lenstra, Shmoys and Tardos, Approximation algorithms for
 * scheduling unrelated parallel machines, 1990, by subgradients.
 */
export function leastMakespan(
  { times, tasks, agents }: MakespanProblem,
  heap: Heap,
  onHeap: MakespanOnHeap,
): { makespan: number; weights: Float64Array } {
  let makespan = 0;
  for (let task = 0; task < tasks; task++) {
    let least = Infinity;
    for (let agent = 0; agent < agents; agent++) {
      least = Math.min(least, times[task * agents + agent]);
    }
    makespan = Math.max(makespan, least);
  }
  const weights = onHeap.weights.subarray(0, agents).fill(1 / agents);
  const best = weights.slice();
  if (tasks === 0) return { makespan, weights: best };
  const loads = onHeap.loads.subarray(0, agents);
  let most = -Infinity;
  let speed = 1;
  let idle = 0;
  for (let round = 0; round < ROUNDS; round++) {
    const value = heap.run(weighTasks(heap, onHeap));
    if (value > most) {
      most = value;
      best.set(weights);
      idle = 0;
    } else if (++idle >= 8) {
      speed /= 2;
      idle = 0;
      weights.set(best);
      continue;
    }
    // Weights of busy agents grow, in proportion to how busy they are.
    const busiest = loads.reduce((a, b) => Math.max(a, b), 0);
    if (busiest === 0) break;
    let sum = 0;
    for (let agent = 0; agent < agents; agent++) {
      weights[agent] *= Math.exp((speed * (loads[agent] - busiest)) / busiest);
      sum += weights[agent];
    }
    for (let agent = 0; agent < agents; agent++) weights[agent] /= sum;
  }
  // A little less than it came to: sums are rounded.
  const proven = most * (1 - 1e-12);
  // Sums of whole numbers are whole.
  const isWhole = times.every((time) => time === Infinity || Number.isInteger(time));
  return { makespan: Math.max(makespan, isWhole ? Math.ceil(proven) : proven), weights: best };
}
