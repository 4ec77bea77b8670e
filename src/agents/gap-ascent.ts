import type { GapBound } from "./gap-bound.ts";
import type { GapProblem } from "./gap-problem.ts";
import { repair, type GapPlan } from "./gap-plan.ts";

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
  /** Those that proved it, which `bound` has too, with the choices that they lead to. */
  readonly multipliers: Float64Array;
  readonly value: number;
}

const IDLE = 8; // rounds without a better bound, until steps are halved
const SLICE_PAIRS = 1_000_000; // looked at between two yields
const MEMORY = 0.7; // of the last direction in the next
const LEAST_SPEED = 0.004;
const ROUNDING = 1e-9; // of all tasks' costs: more than sums are wrong by

/**
 * Raises the bound by subgradients, each direction with some of the last in it, and repairs what agents choose
 * to plans. Between slices of some milliseconds it yields.
 *
 * Source: Held, Wolfe and Crowder, Validation of subgradient optimization, 1974; Camerini, Fratta and Maffioli,
 * On improving relaxation methods by modified gradient techniques, 1975.
 */
export function* ascend(
  problem: GapProblem,
  bound: GapBound,
  isOpen: Int8Array,
  best: GapPlan,
  { rounds, speed, repairEvery }: Ascent,
  budget: Budget,
): Generator<void, Ascended> {
  const { multipliers, counts } = bound;
  const { tasks } = problem;
  const direction = new Float64Array(tasks);
  const kept = multipliers.slice();
  let plan = best;
  let [most, idle, scale] = [-Infinity, 0, speed];
  let slice = SLICE_PAIRS;
  for (let round = 1; round <= rounds && scale > LEAST_SPEED; round++) {
    const value = bound.evaluate(isOpen);
    budget.left -= bound.spent;
    slice -= bound.spent;
    if (slice < 0) {
      yield;
      slice = SLICE_PAIRS;
    }
    if (value > most) {
      if (value > most + 1e-5 * Math.abs(value)) idle = 0;
      most = value;
      kept.set(multipliers);
    } else if (++idle >= IDLE) {
      scale /= 2;
      idle = 0;
      multipliers.set(kept);
      direction.fill(0);
      continue;
    }
    if (provable(problem, most) >= plan.cost) break;
    if (round % repairEvery === 0) plan = better(problem, bound, isOpen, plan, budget);
    let square = 0;
    for (let task = 0; task < tasks; task++) {
      direction[task] = 1 - counts[task] + MEMORY * direction[task];
      square += direction[task] ** 2;
    }
    if (square < 1e-9) break;
    // While tasks are left undone the cost of a plan says nothing about how far there is to go.
    const target = plan.undone > 0 && round < rounds / 2 ? most + 0.05 * Math.abs(most) : plan.cost;
    const step = (scale * Math.max(target - value, 1e-6 * Math.abs(value))) / square;
    for (let task = 0; task < tasks; task++) multipliers[task] += step * direction[task];
  }
  multipliers.set(kept);
  const value = bound.evaluate(isOpen);
  plan = better(problem, bound, isOpen, plan, budget);
  return { plan, least: provable(problem, Math.max(most, value)), multipliers: kept, value };
}

function better(
  problem: GapProblem,
  bound: GapBound,
  isOpen: Int8Array,
  plan: GapPlan,
  budget: Budget,
): GapPlan {
  const found = bound.descend(repair(problem, bound.choices, bound.prices(isOpen)));
  budget.left -= 2 * problem.tasks * (problem.agents + problem.tasks / 4);
  return found.cost < plan.cost ? found : plan;
}

/** What a bound proves: a total of whole numbers is a whole number. */
export function provable({ isWhole, scale }: GapProblem, bound: number): number {
  const safe = bound - ROUNDING * scale;
  return isWhole ? Math.ceil(safe) : safe;
}
