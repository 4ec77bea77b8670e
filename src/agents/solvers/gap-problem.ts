import { DimensionError, StigmergyError } from "../../errors.ts";
import { checkedCosts, checkedNumbers, type Costs } from "./assignment-costs.ts";

const MOST_WHOLE = 2 ** 40; // a cost, so that sums of very many are exact

/** A generalised assignment problem: what `solveGeneralizedAssignment` is asked. */
export interface GeneralizedAssignmentInput {
  /** [tasks][agents], row-major; +Infinity where an agent can't do a task. Least total cost is sought. */
  readonly cost: Costs;
  /** Size of each task, or of each task for each agent as `cost`; from 0. */
  readonly sizes: ArrayLike<number>;
  /** What the sizes of each agent's tasks may add up to; from 0. */
  readonly capacities: ArrayLike<number>;
  readonly tasks: number;
  readonly agents: number;
  /**
   * What leaving a task undone costs. Default more than any plan can save, so that as many as can be are
   * done.
   */
  readonly unassignedCost?: number | undefined;
}

/**
 * The same for those who solve it. The last agent stands for nobody: it has room for all, at the cost of
 * leaving a task undone, so every problem can be solved.
 */
export interface GapProblem {
  readonly tasks: number;
  /** Nobody among them. */
  readonly agents: number;
  /** f64[agents][tasks]; +Infinity where a task can't be done, because it is too large too. */
  readonly costs: Float64Array;
  /** f64[agents][tasks]. */
  readonly sizes: Float64Array;
  readonly capacities: Float64Array;
  /** All costs are whole numbers: so is the least total. */
  readonly isWhole: boolean;
  /** What all tasks cost at most, signs apart. */
  readonly scale: number;
  /** Sums of sizes that differ from a capacity by less are equal to it. */
  readonly slack: number;
  /**
   * What costs, and sizes with capacities, were divided by: powers of 2, so that nothing is rounded, and products of
   * what is very large or very small are still numbers. 1 of whole costs.
   */
  readonly costUnit: number;
  readonly sizeUnit: number;
}

/**
 * @throws {StigmergyError} INVALID_INPUT for what is no number, or below 0 where that makes no sense
 * @throws {DimensionError} when lengths do not agree
 */
export function gapProblem(input: GeneralizedAssignmentInput): GapProblem {
  const { cost, sizes, capacities, tasks, agents } = input;
  checkedCosts(cost, tasks, agents, ["task", "agent"]);
  if (sizes.length !== tasks && sizes.length !== tasks * agents) {
    throw new DimensionError("sizes length, tasks × agents or tasks", tasks * agents, sizes.length);
  }
  checkedNumbers("sizes", sizes, sizes.length);
  checkedNumbers("capacities", capacities, agents);
  const { unassignedCost } = input;
  if (unassignedCost !== undefined && !Number.isFinite(unassignedCost)) {
    throw new StigmergyError(
      "INVALID_INPUT",
      `unassignedCost: expected a number, received ${unassignedCost}`,
    );
  }
  const perAgent = sizes.length === tasks * agents && agents !== 1;
  const problem = {
    tasks,
    agents: agents + 1,
    costs: new Float64Array((agents + 1) * tasks).fill(Infinity),
    sizes: new Float64Array((agents + 1) * tasks),
    capacities: Float64Array.from([...Array.from(capacities), Infinity]),
  };
  const { costUnit, isWhole } = costUnitOf(cost, unassignedCost);
  const largest = problem.capacities.reduce((a, b) => (b < Infinity ? Math.max(a, b) : a), 0);
  const sizeUnit = powerOf2(largest);
  problem.capacities.forEach((each, agent) => (problem.capacities[agent] = each / sizeUnit));
  let spread = 0;
  let scale = 0;
  const slack = 1e-9 * (largest / sizeUnit);
  for (let task = 0; task < tasks; task++) {
    let least = Infinity;
    let most = -Infinity;
    for (let agent = 0; agent < agents; agent++) {
      const own = cost[task * agents + agent] / costUnit;
      const size = sizes[perAgent ? task * agents + agent : task] / sizeUnit;
      if (own === Infinity || size > problem.capacities[agent] + slack) continue;
      problem.costs[agent * tasks + task] = own;
      problem.sizes[agent * tasks + task] = size;
      least = Math.min(least, own);
      most = Math.max(most, own);
    }
    if (most >= least) scale += Math.max(Math.abs(least), Math.abs(most));
    if (most >= least) spread += Math.max(most - least, Math.abs(most));
  }
  const asked = unassignedCost === undefined ? undefined : unassignedCost / costUnit;
  const undone = asked ?? 2 ** Math.ceil(Math.log2(2 * spread + 1));
  problem.costs.fill(undone, agents * tasks);
  return { ...problem, isWhole, scale, slack, costUnit, sizeUnit };
}

/** Whether all costs are whole numbers that sums are exact of, and else a power of 2 of about the largest. */
function costUnitOf(
  cost: Costs,
  unassignedCost: number | undefined,
): { readonly costUnit: number; readonly isWhole: boolean } {
  let isWhole = unassignedCost === undefined || Number.isInteger(unassignedCost);
  let most = Math.abs(unassignedCost ?? 0);
  for (const each of cost) {
    if (each === Infinity) continue;
    const size = Math.abs(each);
    if (size > most) most = size;
    isWhole &&= Number.isInteger(each);
  }
  isWhole &&= most <= MOST_WHOLE;
  return { costUnit: isWhole ? 1 : powerOf2(most), isWhole };
}

/** The largest that is not above a number; 1 of 0. */
function powerOf2(value: number): number {
  return value === 0 ? 1 : 2 ** Math.max(-1022, Math.floor(Math.log2(value)));
}
