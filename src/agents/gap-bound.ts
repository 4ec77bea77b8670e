import type { GapProblem } from "./gap-problem.ts";
import { solveKnapsack } from "./knapsack.ts";

/**
 * Lower bounds by Lagrangian relaxation: a task may go to no agent or to several, and its multiplier is what it is
 * worth to be done. Each agent then packs its own knapsack.
 *
 *     L(u) = Σ u[t] − Σ over agents of max { Σ (u[t] − cost) x[t] : Σ size x[t] ≤ capacity }
 *
 * Source: Fisher, Jaikumar and Van Wassenhove, A multiplier adjustment method for the generalized assignment
 * problem, 1986.
 */
export class GapBound {
  readonly multipliers: Float64Array;
  /** How many agents chose each task the last time. */
  readonly counts: Int32Array;
  /** u8[agents][tasks], which those were. */
  readonly choices: Uint8Array;
  readonly #problem: GapProblem;
  readonly #orders: Int32Array;
  readonly #worths: Float64Array;
  readonly #ratios: Float64Array;
  readonly #values: Float64Array;
  readonly #sizes: Float64Array;
  readonly #chosen: Uint8Array;
  readonly #path: Uint8Array;

  constructor(problem: GapProblem) {
    const { tasks, agents, costs } = problem;
    this.#problem = problem;
    this.multipliers = new Float64Array(tasks);
    this.counts = new Int32Array(tasks);
    this.choices = new Uint8Array(agents * tasks);
    this.#orders = new Int32Array(agents * tasks).map((_, i) => i % tasks);
    this.#worths = new Float64Array(agents);
    this.#ratios = new Float64Array(tasks);
    this.#values = new Float64Array(tasks);
    this.#sizes = new Float64Array(tasks);
    this.#chosen = new Uint8Array(tasks);
    this.#path = new Uint8Array(tasks);
    // What a task costs its second best agent is a fair price for it.
    for (let task = 0; task < tasks; task++) {
      let [least, second] = [Infinity, Infinity];
      for (let agent = 0; agent < agents; agent++) {
        const cost = costs[agent * tasks + task];
        if (cost < least) [least, second] = [cost, least];
        else if (cost < second) second = cost;
      }
      this.multipliers[task] = second < Infinity ? second : least;
    }
  }

  /** L(u) of `multipliers`, where `isOpen` says which pairs may be chosen. */
  evaluate(isOpen: Uint8Array): number {
    const { tasks, agents } = this.#problem;
    let bound = 0;
    for (let task = 0; task < tasks; task++) bound += this.multipliers[task];
    this.counts.fill(0);
    for (let agent = 0; agent < agents; agent++) {
      this.#worths[agent] = this.#pack(agent, isOpen);
      bound -= this.#worths[agent];
    }
    return bound;
  }

  /**
   * How much `evaluate` would have found more if the pair had to be chosen, at least: what its agent loses by
   * packing it first, and what others lose who had chosen its task.
   */
  penalty(pair: number, isOpen: Uint8Array): number {
    const { tasks, agents, costs, sizes, capacities, slack } = this.#problem;
    const task = pair % tasks;
    const own = (pair - task) / tasks;
    const room = capacities[own] + slack - sizes[pair];
    if (room < 0) return Infinity;
    const worth = this.multipliers[task] - costs[pair] + this.#relaxed(own, task, room, isOpen);
    let sum = Math.max(0, this.#worths[own] - worth);
    for (let agent = 0; agent < agents; agent++) {
      if (agent === own || this.choices[agent * tasks + task] === 0) continue;
      const without = this.#relaxed(agent, task, capacities[agent] + slack, isOpen);
      sum += Math.max(0, this.#worths[agent] - without);
    }
    return sum;
  }

  /** What a unit of room with each agent is worth: what the item that is packed in part gains by its size. */
  prices(isOpen: Uint8Array): Float64Array {
    const { tasks, agents, costs, sizes, capacities } = this.#problem;
    const found = new Float64Array(agents);
    for (let agent = 0; agent < agents; agent++) {
      const first = agent * tasks;
      let left = capacities[agent];
      for (let i = first; i < first + tasks; i++) {
        const task = this.#orders[i];
        const value = this.multipliers[task] - costs[first + task];
        if (isOpen[first + task] === 0) continue;
        if (value <= 0) break;
        left -= sizes[first + task];
        if (left >= 0) continue;
        found[agent] = value / sizes[first + task];
        break;
      }
    }
    return found;
  }

  /** What packing is worth at most, without one task. */
  #relaxed(agent: number, except: number, room: number, isOpen: Uint8Array): number {
    const { tasks, costs, sizes } = this.#problem;
    const first = agent * tasks;
    let worth = 0;
    let left = room;
    for (let i = first; i < first + tasks; i++) {
      const task = this.#orders[i];
      const value = this.multipliers[task] - costs[first + task];
      if (task === except || isOpen[first + task] === 0) continue;
      if (value <= 0) break;
      const size = sizes[first + task];
      if (size > left) return worth + (value * left) / size;
      left -= size;
      worth += value;
    }
    return worth;
  }

  #pack(agent: number, isOpen: Uint8Array): number {
    const { tasks, costs, sizes, capacities, slack } = this.#problem;
    const first = agent * tasks;
    const order = this.#orders.subarray(first, first + tasks);
    this.choices.fill(0, first, first + tasks);
    for (let task = 0; task < tasks; task++) {
      const value = isOpen[first + task] === 1 ? this.multipliers[task] - costs[first + task] : 0;
      this.#ratios[task] = value > 0 ? value / sizes[first + task] : 0;
    }
    // Nearly in order already, because multipliers change little at a time.
    for (let i = 1; i < tasks; i++) {
      const task = order[i];
      const ratio = this.#ratios[task];
      let hole = i;
      for (; hole > 0 && this.#ratios[order[hole - 1]] < ratio; hole--)
        order[hole] = order[hole - 1];
      order[hole] = task;
    }
    let count = 0;
    for (; count < tasks && this.#ratios[order[count]] > 0; count++) {
      const task = order[count];
      this.#values[count] = this.multipliers[task] - costs[first + task];
      this.#sizes[count] = sizes[first + task];
    }
    if (count === 0) return 0;
    const room = capacities[agent] + slack;
    const worth = solveKnapsack(count, this.#values, this.#sizes, room, this.#chosen, this.#path);
    for (let i = 0; i < count; i++) {
      if (this.#chosen[i] === 0) continue;
      this.choices[first + order[i]] = 1;
      this.counts[order[i]]++;
    }
    return worth;
  }
}
