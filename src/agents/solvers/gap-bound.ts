import {
  ascendGap,
  boundGap,
  closeGap,
  descendGap,
  layOutGap,
  repairGap,
  type GapOnHeap,
} from "../../wasm/assignment/gap.ts";
import { GAP_STEPS } from "../../wasm/abi/gap-numbers.ts";
import type { Heap } from "../../wasm/heap.ts";
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
  /** The problem as it stands on the heap, with multipliers and what agents chose the last time. */
  readonly onHeap: GapOnHeap;
  readonly #problem: GapProblem;
  readonly #heap: Heap;

  /**
   * Works on a heap that has `gapBytes` left, and holds no more than views of it.
   * @param closes whether pairs are to be closed
   */
  constructor(problem: GapProblem, heap: Heap, closes: boolean) {
    const { tasks, agents, costs, sizes, capacities, slack } = problem;
    this.#problem = problem;
    this.#heap = heap;
    this.onHeap = layOutGap(heap, tasks, agents, closes);
    this.onHeap.costs.set(costs);
    this.onHeap.sizes.set(sizes);
    capacities.forEach((capacity, agent) => (this.onHeap.rooms[agent] = capacity + slack));
    // What a task costs its second best agent is a fair price for it.
    const least = new Float64Array(tasks).fill(Infinity);
    const second = this.onHeap.multipliers.fill(Infinity);
    for (let agent = 0; agent < agents; agent++) {
      const first = agent * tasks;
      for (let task = 0; task < tasks; task++) {
        const cost = costs[first + task];
        if (cost >= second[task]) continue;
        second[task] = cost < least[task] ? least[task] : cost;
        if (cost < least[task]) least[task] = cost;
      }
    }
    second.forEach((price, task) => {
      if (price === Infinity) second[task] = least[task];
    });
  }

  /** What the last bound or ascent took, in pairs of a task and an agent looked at. */
  spentOn(rounds: number): number {
    const { tasks, agents } = this.#problem;
    return rounds * tasks * agents + PAIRS_A_STEP * this.onHeap.words[GAP_STEPS];
  }

  /** L(u) of `multipliers`, over open pairs. */
  evaluate(): number {
    return this.#heap.run(boundGap(this.#heap, this.onHeap));
  }

  /** Raises the bound for so many rounds, and returns how many there were: fewer when nothing is left to gain. */
  ascend(rounds: number): number {
    return this.#heap.run(ascendGap(this.#heap, this.onHeap, rounds));
  }

  /** A plan from what agents chose, moved and exchanged as long as that lowers the cost. */
  repair(): GapPlan {
    this.#heap.run(repairGap(this.#heap, this.onHeap));
    this.#heap.run(descendGap(this.#heap, this.onHeap));
    return planOf(this.#problem, this.onHeap.plan);
  }

  /**
   * Closes open pairs whose choice would raise the last bound by `most` or more; `penalties` are by how much, at
   * least.
   */
  close(most: number): void {
    this.#heap.run(closeGap(this.#heap, this.onHeap, most));
  }
}
