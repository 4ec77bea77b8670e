import type { Heap } from "../../wasm/heap.ts";
import { layOutGapSearch, searchGap, type GapSearch } from "../../wasm/assignment/gap-search.ts";
import type { GapBound } from "./gap-bound.ts";
import { planOf, type GapPlan } from "./gap-plan.ts";
import type { GapProblem } from "./gap-problem.ts";

const SLICE_WORK = 400_000; // some milliseconds
const BREADTH = 3; // agents that take part at first

/** A search for cheaper plans in large neighborhoods, that can be gone on with. */
export class PlanSearch {
  readonly #problem: GapProblem;
  readonly #heap: Heap;
  readonly #search: GapSearch;

  /** Works on the heap of a bound that was found, which has `gapSearchBytes` left. */
  constructor(problem: GapProblem, bound: GapBound, heap: Heap, seed: number) {
    const { tasks, agents, isWhole, costs, sizes } = problem;
    this.#problem = problem;
    this.#heap = heap;
    this.#search = layOutGapSearch(heap, bound.onHeap, { seed, isWhole });
    const { prices: own, homes, numbers } = this.#search;
    own.set(bound.onHeap.prices);
    own[agents - 1] = 0; // nobody's room costs nothing
    numbers.set([Infinity, Infinity, -Infinity, BREADTH]);
    for (let task = 0; task < tasks; task++) {
      let least = Infinity;
      for (let agent = 0; agent < agents; agent++) {
        const pair = agent * tasks + task;
        const rank = costs[pair] + own[agent] * sizes[pair];
        if (rank >= least) continue;
        least = rank;
        homes[task] = agent;
      }
    }
  }

  /**
   * The cheapest plan known after so much work, in nodes of the branching; between slices of some milliseconds it
   * yields its cost.
   *
   * @param plan  where the search goes on if none is known that is as cheap
   * @param least no plan costs less
   */
  *improve(plan: GapPlan, least: number, work: number): Generator<number, GapPlan> {
    const { agentOf, cheapest, loads, numbers } = this.#search;
    if (this.#problem.tasks === 0 || this.#problem.agents < 2) return plan;
    numbers[2] = least;
    if (plan.cost < numbers[1]) {
      for (const into of [agentOf, cheapest]) into.set(plan.agentOf);
      loads.set(plan.loads);
      numbers[0] = numbers[1] = plan.cost;
    }
    for (let done = 0; done < work && numbers[1] > least; done += SLICE_WORK) {
      this.#heap.run(searchGap(this.#heap, this.#search, Math.min(SLICE_WORK, work - done)));
      yield numbers[1];
    }
    return numbers[1] < plan.cost ? planOf(this.#problem, cheapest) : plan;
  }
}
