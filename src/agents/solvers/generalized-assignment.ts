import { knownOptions, type OptionNames } from "../../util/option-names.ts";
import { finish, Turns } from "../../util/turns.ts";
import { gapBytes } from "../../wasm/assignment/gap.ts";
import { gapSearchBytes } from "../../wasm/assignment/gap-search.ts";
import { ascend } from "./gap-ascent.ts";
import { GapBound } from "./gap-bound.ts";
import { branch, closePairs } from "./gap-branch.ts";
import { gapProblem, type GapProblem, type GeneralizedAssignmentInput } from "./gap-problem.ts";
import { PlanSearch } from "./gap-improve.ts";
import { placeMore } from "./gap-place.ts";
import { emptyPlan, type GapPlan } from "./gap-plan.ts";
import { takeHeap } from "./solver-heap.ts";

/** How much is spent on a generalised assignment. */
export interface GeneralizedAssignmentOptions {
  /** Draws of the search; the same seed gives the same plan. Default 1. */
  readonly seed?: number | undefined;
  /**
   * What is spent on a better plan and on its proof, once the first bound is known: about milliseconds for a
   * hundred tasks. It is counted, not timed, so the plan is the same on every machine. Default 120.
   */
  readonly effort?: number | undefined;
}

const ROOT = { rounds: 300, speed: 1, repairEvery: 15 };
/** Shares of the effort that go into better plans, and then into proofs, or where those are hopeless into the next plans. */
const TURNS = [
  { searching: 0, proving: 0.1 },
  { searching: 0.1, proving: 0.4 },
  { searching: 0.6, proving: 0.4 },
];
const MOST_WAYS = 4; // open agents a task, beyond which branching proves nothing in time
const MOST_PAIRS = 200_000; // of a task and an agent, beyond which closing them takes longer than all else
const SMALL = 50; // tasks of problems that are branched for all that
const NODES_A_STEP = 54_000; // of the search in neighborhoods
const PAIRS_A_STEP = 40_000; // of a task and an agent, that are looked at in about a millisecond
const PLACING = 0.1; // share of the effort that places tasks which a first plan leaves undone,
const LOOKS_A_STEP = 150_000; // at pairs of tasks

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

/** How a long solve is watched and ended. */
export interface GeneralizedAssignmentWatch {
  /** Ends it with the signal's reason. */
  readonly signal?: AbortSignal | undefined;
  /** Called between slices of some milliseconds, when a cheaper plan or a better bound is known. */
  readonly onProgress?: ((progress: GeneralizedAssignmentProgress) => void) | undefined;
}

const INPUT_NAMES: OptionNames<GeneralizedAssignmentInput & GeneralizedAssignmentOptions> = {
  cost: true,
  sizes: true,
  capacities: true,
  tasks: true,
  agents: true,
  unassignedCost: true,
  seed: true,
  effort: true,
};
const WATCH_NAMES: OptionNames<GeneralizedAssignmentWatch> = { signal: true, onProgress: true };

/** What is known so far. */
export interface GeneralizedAssignmentProgress {
  /** Of the cheapest plan. */
  readonly objective: number;
  /** Proven: no plan has an objective below. */
  readonly bound: number;
}

/**
 * Assigns tasks of different sizes to agents of limited capacity: as many as can be, at the least total cost.
 * Small problems are solved to the proven optimum, by branch and bound; of large ones the plan is near it and
 * the gap that is proven is told.
 *
 * @throws {StigmergyError} INVALID_INPUT for what is no number, or below 0 where that makes no sense, TOO_LARGE
 * beyond 4 GiB
 * @throws {DimensionError} when lengths do not agree
 *
 * @example
 * const cost = Float64Array.of(1, 2, 1, 2, 1, 2); // 3 tasks, 2 agents
 * const problem = { cost, tasks: 3, agents: 2, sizes: [2, 2, 2], capacities: [4, 4] };
 * const { agents, gap } = solveGeneralizedAssignment(problem);
 * gap; // → 0
 */
export function solveGeneralizedAssignment(
  input: GeneralizedAssignmentInput & GeneralizedAssignmentOptions,
): GeneralizedAssignment {
  return finish(gapSteps(knownOptions("solveGeneralizedAssignment", input, INPUT_NAMES)));
}

/**
 * As `solveGeneralizedAssignment`, in slices of some milliseconds between which others have the thread. The
 * answer is the same.
 *
 * @throws as `solveGeneralizedAssignment`, and the reason of the signal; arrays must not change meanwhile
 */
export async function solveGeneralizedAssignmentAsync(
  input: GeneralizedAssignmentInput & GeneralizedAssignmentOptions,
  watch: GeneralizedAssignmentWatch = {},
): Promise<GeneralizedAssignment> {
  knownOptions("solveGeneralizedAssignmentAsync", input, INPUT_NAMES);
  const { signal, onProgress } = knownOptions(
    "solveGeneralizedAssignmentAsync",
    watch,
    WATCH_NAMES,
  );
  return new Turns(signal).finish(gapSteps(input, onProgress));
}

/** The same in steps of some milliseconds. */
export function* gapSteps(
  { seed = 1, effort = 120, ...input }: GeneralizedAssignmentInput & GeneralizedAssignmentOptions,
  onProgress?: (progress: GeneralizedAssignmentProgress) => void,
): Generator<void, GeneralizedAssignment> {
  const problem = gapProblem(input);
  const { tasks, agents } = problem;
  const closes = tasks * agents <= MOST_PAIRS;
  const bytes = gapBytes(tasks, agents, closes) + gapSearchBytes(tasks, agents);
  const { heap, giveBack } = takeHeap(bytes, "leave out pairs of little use");
  try {
    const bound = new GapBound(problem, heap, closes);
    const root = yield* ascend(problem, bound, emptyPlan(problem), ROOT, { left: 0 });
    let { least } = root;
    let plan = withMorePlaced(problem, root, seed, PLACING * effort * LOOKS_A_STEP);
    const tell = function* (objective: number): Generator<void> {
      const { costUnit } = problem;
      const bound = Math.min(objective, least) * costUnit;
      onProgress?.({ objective: objective * costUnit, bound });
      yield;
    };
    const search = new PlanSearch(problem, bound, heap, seed);
    yield* tell(plan.cost);
    let saved = 0;
    for (const { searching, proving } of TURNS) {
      if (least >= plan.cost) break;
      const share = searching === 0 ? 0 : searching + saved;
      const steps = search.improve(plan, least, share * effort * NODES_A_STEP);
      saved -= share - searching;
      let step = steps.next();
      for (; step.done !== true; step = steps.next()) yield* tell(step.value);
      plan = step.value;
      if (!closes) {
        saved += proving;
        continue;
      }
      // The cheaper the plan, the more pairs are closed.
      bound.onHeap.multipliers.set(root.multipliers);
      bound.onHeap.open.fill(1);
      const open = closePairs(problem, bound, bound.evaluate(), plan.cost);
      const ways = open.reduce((sum, each) => sum + each, 0) / tasks;
      if (tasks > SMALL && ways > MOST_WAYS) {
        saved += proving;
        continue;
      }
      const budget = { left: proving * effort * PAIRS_A_STEP };
      const proven = yield* branch(problem, bound, { ...root, isOpen: open }, plan, budget);
      plan = proven.plan;
      least = Math.max(least, proven.least);
      yield* tell(plan.cost);
    }
    return told(problem, plan, least);
  } finally {
    giveBack();
  }
}

/** The plan of the root, or a cheaper one that leaves fewer undone, unless that is proven not to be. */
function withMorePlaced(
  problem: GapProblem,
  { plan, least }: { readonly plan: GapPlan; readonly least: number },
  seed: number,
  mostLooks: number,
): GapPlan {
  const { costs, scale } = problem;
  if (plan.undone === 0 || least > (plan.undone - 1) * costs[costs.length - 1] + scale) return plan;
  const found = placeMore(problem, plan, seed, mostLooks);
  return found.cost < plan.cost ? found : plan;
}

function told(problem: GapProblem, plan: GapPlan, least: number): GeneralizedAssignment {
  const { tasks, costs, costUnit, sizeUnit } = problem;
  const nobody = problem.agents - 1;
  const agents = plan.agentOf.map((agent) => (agent === nobody ? -1 : agent));
  let cost = 0;
  let objective = 0;
  const unassigned: number[] = [];
  for (let task = 0; task < tasks; task++) {
    const own = costs[plan.agentOf[task] * tasks + task];
    objective += own;
    if (agents[task] < 0) unassigned.push(task);
    else cost += own;
  }
  const bound = Math.min(objective, least);
  const gap = objective === bound ? 0 : (objective - bound) / Math.max(Math.abs(objective), 1e-300);
  return {
    agents,
    unassigned,
    cost: cost * costUnit,
    gap,
    loads: plan.loads.slice(0, nobody).map((load) => load * sizeUnit),
    objective: objective * costUnit,
    bound: bound * costUnit,
  };
}
