import { seededRandom } from "../../util/random.ts";
import { planOf, type GapPlan } from "./gap-plan.ts";
import type { GapProblem } from "./gap-problem.ts";

const LEAST_TABU = 4; // moves for which a task stays where it was moved,
const MORE_TABU = 8; // and fewer than so many more, drawn at random

/**
 * A plan in which more tasks have an agent, whatever that costs, or the same one if none is found in so many looks at
 * pairs of tasks. Tasks are put where there is no room, one at a time, and then moved and exchanged so that there is
 * less too much, or as little more as can be; what was moved stays there for a while.
 *
 * Source: Glover, Tabu search, part I, 1989.
 */
export function placeMore(
  problem: GapProblem,
  plan: GapPlan,
  seed: number,
  mostLooks: number,
): GapPlan {
  let best = plan;
  const search = new Placing(problem, seed, mostLooks);
  while (best.undone > 0) {
    const found = search.placeOne(best);
    if (found === undefined) return best;
    best = found;
  }
  return best;
}

/** A plan with a load too much somewhere, from which that is moved away. */
class Placing {
  readonly #problem: GapProblem;
  readonly #random: () => number;
  readonly #agentOf: Int32Array;
  readonly #loads: Float64Array;
  readonly #freeFrom: Int32Array;
  #left: number;

  constructor(problem: GapProblem, seed: number, mostLooks: number) {
    this.#problem = problem;
    this.#random = seededRandom(seed);
    this.#agentOf = new Int32Array(problem.tasks);
    this.#loads = new Float64Array(problem.agents);
    this.#freeFrom = new Int32Array(problem.tasks);
    this.#left = mostLooks;
  }

  /** A plan with one task more, undefined if none is found. */
  placeOne(plan: GapPlan): GapPlan | undefined {
    this.#agentOf.set(plan.agentOf);
    this.#loads.set(plan.loads);
    this.#freeFrom.fill(0);
    if (!this.#putIn()) return undefined;
    let least = Infinity;
    for (let round = 1; this.#left > 0; round++) {
      const [agent, over] = this.#fullest();
      if (agent < 0) return planOf(this.#problem, this.#agentOf);
      least = Math.min(least, over);
      if (!this.#relieve(agent, round, over - least)) return undefined;
    }
    return undefined;
  }

  /** Gives the undone task that leaves least too much an agent. */
  #putIn(): boolean {
    const { tasks, agents } = this.#problem;
    let [least, task, to] = [Infinity, -1, -1];
    for (let i = 0; i < tasks; i++) {
      if (this.#agentOf[i] !== agents - 1 || this.#left <= 0) continue;
      this.#left -= agents;
      for (let agent = 0; agent < agents - 1; agent++) {
        const change = this.#changed(agent, this.#sizeOf(i, agent));
        if (change < least) [least, task, to] = [change, i, agent];
      }
    }
    if (task >= 0) this.#move(task, to);
    return task >= 0;
  }

  /** The agent with most too much, −1 if none has any, and how much there is too much in all. */
  #fullest(): [agent: number, over: number] {
    const { agents } = this.#problem;
    let [most, found, sum] = [0, -1, 0];
    for (let agent = 0; agent < agents - 1; agent++) {
      const over = this.#over(agent, this.#loads[agent]);
      sum += over;
      if (over > most) [most, found] = [over, agent];
    }
    return [found, sum];
  }

  /** Moves or exchanges a task of an agent so that least is too much in all; false if none can be. */
  #relieve(from: number, round: number, behind: number): boolean {
    const { tasks, agents } = this.#problem;
    const nobody = agents - 1;
    let [least, task, to, other, ties] = [Infinity, -1, -1, -1, 0];
    const consider = (change: number, a: number, agent: number, b: number): void => {
      const isTabu = this.#freeFrom[a] > round || (b >= 0 && this.#freeFrom[b] > round);
      if (change > least || (isTabu && change >= -behind)) return;
      ties = change < least ? 1 : ties + 1;
      if (ties > 1 && this.#random() * ties >= 1) return;
      [least, task, to, other] = [change, a, agent, b];
    };
    for (let a = 0; a < tasks; a++) {
      if (this.#agentOf[a] !== from || this.#left <= 0) continue;
      const own = this.#sizeOf(a, from);
      const without = this.#changed(from, -own);
      for (let agent = 0; agent < nobody; agent++) {
        if (agent === from) continue;
        consider(without + this.#changed(agent, this.#sizeOf(a, agent)), a, agent, -1);
      }
      for (let b = 0; b < tasks; b++) {
        const agent = this.#agentOf[b];
        if (agent === from) continue;
        const here = this.#changed(from, this.#sizeOf(b, from) - own);
        const there = this.#changed(agent, this.#sizeOf(a, agent) - this.#sizeOf(b, agent));
        consider(here + there, a, agent, b);
      }
      this.#left -= tasks + agents;
    }
    if (task < 0 || least === Infinity) return false;
    this.#move(task, to);
    this.#freeFrom[task] = this.#tabuEnd(round);
    if (other >= 0) {
      this.#move(other, from);
      this.#freeFrom[other] = this.#tabuEnd(round);
    }
    return true;
  }

  #tabuEnd(round: number): number {
    return round + LEAST_TABU + Math.floor(MORE_TABU * this.#random());
  }

  /** +Infinity where an agent can't do a task. */
  #sizeOf(task: number, agent: number): number {
    const { tasks, costs, sizes } = this.#problem;
    const pair = agent * tasks + task;
    return costs[pair] === Infinity ? Infinity : sizes[pair];
  }

  #over(agent: number, load: number): number {
    const { capacities, slack } = this.#problem;
    const over = load - capacities[agent];
    return over > slack ? over : 0;
  }

  /** By how much more is too much with an agent when its load changes. */
  #changed(agent: number, change: number): number {
    const load = this.#loads[agent];
    return this.#over(agent, load + change) - this.#over(agent, load);
  }

  #move(task: number, to: number): void {
    const from = this.#agentOf[task];
    this.#loads[from] -= this.#sizeOf(task, from);
    this.#loads[to] += this.#sizeOf(task, to);
    this.#agentOf[task] = to;
  }
}
