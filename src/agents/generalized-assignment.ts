import { GapBound } from "./gap-bound.ts";
import { branch } from "./gap-branch.ts";
import { gapProblem, type GapProblem, type GeneralizedAssignmentInput } from "./gap-problem.ts";
import { descend, emptyPlan, repair, type GapPlan } from "./gap-search.ts";

/** How much is spent on a generalised assignment. */
export interface GeneralizedAssignmentOptions {
  /** Draws of the search; the same seed gives the same plan. Default 1. */
  readonly seed?: number;
  /** Steps of the search for a better plan and of the proof: about the milliseconds they take. Default 150. */
  readonly effort?: number;
}

/** Who does which task, and how far from the least cost that can be at most. */
export interface GeneralizedAssignment {
  /** The agent of each task, −1 if none. */
  readonly agents: Int32Array;
  /** Tasks without an agent, ascending. */
  readonly unassigned: readonly number[];
  /** Total cost of what is assigned. */
  readonly cost: number;
  /** Sizes of each agent's tasks in sum. */
  readonly loads: Float64Array;
  /** `cost`, and what leaving tasks undone costs. */
  readonly objective: number;
  /** Proven: no plan has an objective below. */
  readonly bound: number;
  /** (objective − bound) / |objective|; 0 means proven to be the best. */
  readonly gap: number;
}

/**
 * Assigns tasks of different sizes to agents of limited capacity: as many as can be, at the least total cost.
 * Small problems are solved to the proven optimum, by branch and bound; of large ones the plan is near it and
 * the gap that is proven is told.
 *
 * @throws {StigmergyError} INVALID_INPUT for what is no number, or below 0 where that makes no sense
 * @throws {DimensionError} when lengths do not agree
 */
export function solveGeneralizedAssignment({
  seed = 1,
  effort = 150,
  ...input
}: GeneralizedAssignmentInput & GeneralizedAssignmentOptions): GeneralizedAssignment {
  const problem = gapProblem(input);
  void seed;
  const bound = new GapBound(problem);
  const isOpen = Uint8Array.from(problem.costs, (cost) => (cost < Infinity ? 1 : 0));
  const root = ascend(problem, bound, isOpen, emptyPlan(problem), 300);
  let { plan, least } = root;
  if (least < plan.cost) {
    bound.multipliers.set(root.multipliers);
    ({ plan, least } = branch(problem, bound, isOpen, plan, least, effort));
  }
  return told(problem, plan, least);
}

/** The best multipliers found by subgradients, and the best plan that agents' choices were repaired to. */
export function ascend(
  problem: GapProblem,
  bound: GapBound,
  isOpen: Uint8Array,
  best: GapPlan,
  rounds: number,
): { plan: GapPlan; least: number; multipliers: Float64Array } {
  const { multipliers, counts } = bound;
  let plan = best;
  let least = -Infinity;
  let kept = multipliers.slice();
  let scale = 2;
  let idle = 0;
  for (let round = 0; round < rounds; round++) {
    const value = provable(problem, bound.evaluate(isOpen));
    if (value > least) {
      if (value > least + 1e-4 * Math.abs(least)) idle = 0;
      least = value;
      kept.set(multipliers);
    } else idle++;
    if (least >= plan.cost) break;
    if (round % 2 === 0) {
      const repaired = repair(problem, bound.choices);
      descend(problem, repaired);
      if (repaired.cost < plan.cost) plan = repaired;
    }
    if (idle >= 10) {
      scale /= 2;
      idle = 0;
      multipliers.set(kept);
      bound.evaluate(isOpen);
    }
    let square = 0;
    for (const count of counts) square += (1 - count) ** 2;
    if (square === 0 || scale < 1e-3) break;
    const step = (scale * (plan.cost - value)) / square;
    for (let task = 0; task < counts.length; task++) multipliers[task] += step * (1 - counts[task]);
  }
  return { plan, least, multipliers: kept };
}

/** What a bound proves: a total of whole numbers is a whole number. */
export function provable({ isWhole }: GapProblem, bound: number): number {
  const safe = bound - 1e-7 * Math.max(1, Math.abs(bound));
  return isWhole ? Math.ceil(safe) : safe;
}

function told(problem: GapProblem, plan: GapPlan, least: number): GeneralizedAssignment {
  const { tasks, costs } = problem;
  const nobody = problem.agents - 1;
  const agents = plan.agentOf.map((agent) => (agent === nobody ? -1 : agent));
  let [cost, objective] = [0, 0];
  const unassigned: number[] = [];
  for (let task = 0; task < tasks; task++) {
    const own = costs[plan.agentOf[task] * tasks + task];
    objective += own;
    if (agents[task] < 0) unassigned.push(task);
    else cost += own;
  }
  const bound = Math.min(objective, least);
  const gap = objective === bound ? 0 : (objective - bound) / Math.max(Math.abs(objective), 1e-300);
  return { agents, unassigned, cost, loads: plan.loads.slice(0, nobody), objective, bound, gap };
}
