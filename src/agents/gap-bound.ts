import { boundGap, descendGap, GAP_STEPS, layOutGap, type GapOnHeap } from "../wasm/gap.ts";
import type { Heap } from "../wasm/heap.ts";
import { planOf, type GapPlan } from "./gap-plan.ts";
import type { GapProblem } from "./gap-problem.ts";

const PAIRS_A_STEP = 4; // what a step of a knapsack costs beside looking at a pair

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
  readonly counts: Uint32Array;
  /** i8[agents][tasks], which those were. */
  readonly choices: Int8Array;
  /** The problem as it stands on the heap. */
  readonly onHeap: GapOnHeap;
  readonly #problem: GapProblem;
  readonly #heap: Heap;

  /** Works on a heap that has `gapBytes` left, and holds no more than views of it. */
  constructor(problem: GapProblem, heap: Heap) {
    const { tasks, agents, costs, sizes, capacities, slack } = problem;
    this.#problem = problem;
    this.#heap = heap;
    this.onHeap = layOutGap(heap, tasks, agents);
    this.onHeap.costs.set(costs);
    this.onHeap.sizes.set(sizes);
    capacities.forEach((capacity, agent) => (this.onHeap.rooms[agent] = capacity + slack));
    ({ multipliers: this.multipliers, counts: this.counts, choices: this.choices } = this.onHeap);
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

  /** What the last `evaluate` took, in pairs of a task and an agent looked at. */
  get spent(): number {
    const { tasks, agents } = this.#problem;
    return tasks * agents + PAIRS_A_STEP * this.onHeap.words[GAP_STEPS];
  }

  /** L(u) of `multipliers`, where `isOpen` says which pairs may be chosen. */
  evaluate(isOpen: Int8Array): number {
    this.onHeap.open.set(isOpen);
    return this.#heap.run(boundGap(this.#heap, this.onHeap));
  }

  /** Moves and exchanges tasks of a plan as long as that lowers the cost. */
  descend(plan: GapPlan): GapPlan {
    this.onHeap.plan.set(plan.agentOf);
    this.onHeap.loads.set(plan.loads);
    this.#heap.run(descendGap(this.#heap, this.onHeap));
    return planOf(this.#problem, this.onHeap.plan);
  }

  /**
   * How much `evaluate` would have found more if the pair had to be chosen, at least: what its agent loses by
   * packing it first, and what others lose who had chosen its task.
   */
  penalty(pair: number, isOpen: Int8Array): number {
    const { tasks, agents, costs, sizes, capacities, slack } = this.#problem;
    const task = pair % tasks;
    const own = (pair - task) / tasks;
    const room = capacities[own] + slack - sizes[pair];
    if (room < 0) return Infinity;
    const worth = this.multipliers[task] - costs[pair] + this.#relaxed(own, task, room, isOpen);
    let sum = Math.max(0, this.onHeap.worths[own] - worth);
    for (let agent = 0; agent < agents; agent++) {
      if (agent === own || this.choices[agent * tasks + task] === 0) continue;
      const without = this.#relaxed(agent, task, capacities[agent] + slack, isOpen);
      sum += Math.max(0, this.onHeap.worths[agent] - without);
    }
    return sum;
  }

  /** What a unit of room with each agent is worth: what the item that is packed in part gains by its size. */
  prices(isOpen: Int8Array): Float64Array {
    const { tasks, agents, costs, sizes, capacities } = this.#problem;
    const found = new Float64Array(agents);
    for (let agent = 0; agent < agents; agent++) {
      const first = agent * tasks;
      let left = capacities[agent];
      for (let i = first; i < first + tasks; i++) {
        const task = this.onHeap.orders[i];
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
  #relaxed(agent: number, except: number, room: number, isOpen: Int8Array): number {
    const { tasks, costs, sizes } = this.#problem;
    const first = agent * tasks;
    let worth = 0;
    let left = room;
    for (let i = first; i < first + tasks; i++) {
      const task = this.onHeap.orders[i];
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
}
