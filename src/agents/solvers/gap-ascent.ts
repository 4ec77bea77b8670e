import { ASCENT } from "../../wasm/abi/gap-numbers.ts";
import type { GapBound } from "./gap-bound.ts";
import type { GapPlan } from "./gap-plan.ts";
import type { GapProblem } from "./gap-problem.ts";

/** What may still be spent, in pairs of a task and an agent looked at. */
export interface Budget {
  left: number;
}

/** How multipliers are raised. */
export interface Ascent {
  readonly rounds: number;
  /** Of the way to the target that the first steps go. */
  readonly speed: number;
  /** Rounds between two repairs of what agents choose. */
  readonly repairEvery: number;
}

/** What an ascent has found: `plan` is the best known, and no open plan costs less than `least`. */
export interface Ascended {
  readonly plan: GapPlan;
  readonly least: number;
  /** Those that proved it, which the problem on the heap has too, with the choices that they lead to. */
  readonly multipliers: Float64Array;
  readonly value: number;
}

const SLICE_PAIRS = 1_000_000; // looked at between two yields
const INEXACT = 0.002; // of the gap, what a bound may be too low for being found sooner
const ROUNDING = 1e-9; // of all tasks' costs: more than sums are wrong by

/**
 * Raises the bound of open pairs by subgradients, from multipliers as they are, and repairs what agents choose to
 * plans. Between slices of some milliseconds it yields.
 *
 * Source: Held, Wolfe and Crowder, Validation of subgradient optimization, 1974.
 */
export function* ascend(
  problem: GapProblem,
  bound: GapBound,
  best: GapPlan,
  { rounds, speed, repairEvery }: Ascent,
  budget: Budget,
): Generator<void, Ascended> {
  const { multipliers, kept, direction, numbers } = bound.onHeap;
  direction.fill(0);
  kept.set(multipliers);
  numbers.fill(0);
  numbers[ASCENT.most] = -Infinity;
  numbers[ASCENT.scale] = speed;
  const most = Math.max(1, Math.floor(SLICE_PAIRS / (problem.tasks * problem.agents + 1)));
  let plan = best;
  let slice = SLICE_PAIRS;
  for (let round = 0; round < rounds;) {
    // While tasks are left undone the cost of a plan says nothing about how far there is to go.
    numbers[ASCENT.target] = plan.undone > 0 && round < rounds / 2 ? Infinity : plan.cost;
    numbers[ASCENT.enough] = leastToProve(problem, plan.cost);
    const gap = plan.cost - numbers[ASCENT.most];
    numbers[ASCENT.tolerance] = gap > 0 && gap < Infinity ? (INEXACT * gap) / problem.agents : 0;
    const wanted = Math.min(most, repairEvery - (round % repairEvery), rounds - round);
    const done = bound.ascend(wanted);
    const spent = bound.spentOn(done);
    budget.left -= spent;
    slice -= spent;
    if (slice < 0) {
      yield;
      slice = SLICE_PAIRS;
    }
    round += done;
    if (done < wanted || provable(problem, numbers[ASCENT.most]) >= plan.cost) break;
    if (round % repairEvery === 0) plan = better(problem, bound, plan, budget);
  }
  multipliers.set(kept);
  numbers[ASCENT.tolerance] = 0;
  const value = bound.evaluate();
  plan = better(problem, bound, plan, budget);
  const proven = provable(problem, Math.max(numbers[ASCENT.most], value));
  return { plan, least: proven, multipliers: multipliers.slice(), value };
}

function better(problem: GapProblem, bound: GapBound, plan: GapPlan, budget: Budget): GapPlan {
  const found = bound.repair();
  budget.left -= 2 * problem.tasks * (problem.agents + problem.tasks / 4);
  return found.cost < plan.cost ? found : plan;
}

/** What a bound proves: a total of whole numbers is a whole number. */
export function provable({ isWhole, scale }: GapProblem, bound: number): number {
  const safe = bound - ROUNDING * scale;
  return isWhole ? Math.ceil(safe) : safe;
}

/** The bound above which no plan is cheaper than `cost`; `provable` of it or more is at least that. */
export function leastToProve({ isWhole, scale }: GapProblem, cost: number): number {
  const more = (isWhole ? cost - 1 : cost) + ROUNDING * scale;
  return more + 4 * Number.EPSILON * Math.abs(more);
}
