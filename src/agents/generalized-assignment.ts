import { anneal } from "./gap-anneal.ts";
import { ascend } from "./gap-ascent.ts";
import { GapBound } from "./gap-bound.ts";
import { branch, closePairs } from "./gap-branch.ts";
import { gapProblem, type GapProblem, type GeneralizedAssignmentInput } from "./gap-problem.ts";
import { greedyPlan, type GapPlan } from "./gap-search.ts";

/** How much is spent on a generalised assignment. */
export interface GeneralizedAssignmentOptions {
  /** Draws of the search; the same seed gives the same plan. Default 1. */
  readonly seed?: number;
  /**
   * What is spent on a better plan and on its proof, once the first bound is known: about milliseconds for a
   * hundred tasks. It is counted, not timed, so the plan is the same on every machine. Default 150.
   */
  readonly effort?: number;
}

const ROOT = { rounds: 300, speed: 1, repairEvery: 5 };
const MOVES_A_STEP = 2000; // of annealing
const PAIRS_A_STEP = 40_000; // of a task and an agent, that are looked at in about a millisecond

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
  const bound = new GapBound(problem);
  const isOpen = Uint8Array.from(problem.costs, (cost) => (cost < Infinity ? 1 : 0));
  const start = greedyPlan(problem);
  const root = ascend(problem, bound, isOpen, start, ROOT, { left: 0 });
  let { plan, least } = root;
  const prove = (): void => {
    if (least >= plan.cost) return;
    bound.multipliers.set(root.multipliers);
    bound.evaluate(isOpen);
    const open = closePairs(problem, bound, isOpen, root.value, plan.cost);
    const budget = { left: effort * PAIRS_A_STEP };
    const proven = branch(problem, bound, { ...root, isOpen: open }, plan, budget);
    plan = proven.plan;
    least = Math.max(least, proven.least);
  };
  const prices = bound.prices(isOpen);
  prove();
  if (least < plan.cost) {
    const steps = effort * MOVES_A_STEP * Math.max(1, problem.tasks / 100);
    const better = anneal(problem, plan, prices, steps, seed);
    // With a cheaper plan more is closed.
    if (better !== plan) {
      plan = better;
      prove();
    }
  }
  return told(problem, plan, least);
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
