import { shareOut, type AgentGroup } from "./agent-groups.ts";
import { AssignmentSolver } from "../solvers/assignment-solver.ts";
import { gapSteps } from "../solvers/generalized-assignment.ts";
import { MOVING_COST } from "../matching/cost.ts";
import { solveRing } from "../solvers/ring.ts";
import type { TaskRow } from "./task-rows.ts";

const SLACK = 1e-9; // of sums of sizes

/** Which group has each task, −1 if none. */
export interface GroupPlan {
  readonly groups: Int32Array;
  /** Proven: how far the costs (with what moving adds) may be above the least, in cost. */
  readonly excess: number;
  /** What goes on from this plan after changes. */
  readonly solver?: TaskSolver;
}

/** A solver that knows tasks by their rows. */
export interface TaskSolver {
  readonly solver: AssignmentSolver;
  readonly slots: Map<TaskRow, number>;
  /** The size of every task, in units of which capacities are. */
  readonly size: number;
}

/** What is to be solved. */
export interface GroupProblem {
  readonly rows: readonly TaskRow[];
  readonly groups: readonly AgentGroup[];
  /** Of the groups' members in sum, Infinity for no limit. */
  readonly capacities: readonly number[];
  /** The group that had each task before, −1 if none. */
  readonly had: Int32Array;
  readonly seed: number;
  /** The size of every task, where that is one. */
  readonly size: number | undefined;
}

/**
 * The cheapest plan: by looking where nobody runs full, else by shortest paths where all tasks are of one
 * size, else by a search that proves how far it may be from the best. In steps of some milliseconds.
 *
 * @param before a solver whose plan was the one before, and the rows that it lacks or has too many
 */
export function* solveGroups(
  problem: GroupProblem,
  before: TaskSolver | undefined,
): Generator<void, GroupPlan> {
  const { size } = problem;
  if (before !== undefined && before.size === size) return yield* solveChanges(problem, before);
  const cheapest = cheapestGroups(problem);
  if (cheapest !== undefined) return { groups: cheapest, excess: 0 };
  return size === undefined ? yield* solveSized(problem) : yield* solveUnits(problem, size);
}

/** Each task's cheapest group, when those have room for them. */
function cheapestGroups({ rows, groups, capacities, had }: GroupProblem): Int32Array | undefined {
  const work = new Float64Array(groups.length);
  const plan = Int32Array.from(rows, ({ costs, size }, i) => {
    let best = had[i];
    let least = best === -1 ? Infinity : costs[best] - MOVING_COST;
    if (least === Infinity) best = -1;
    for (let group = 0; group < costs.length; group++) {
      if (costs[group] < least) [best, least] = [group, costs[group]];
    }
    if (best !== -1) work[best] += size;
    return best;
  });
  const fits = capacities.every((capacity, group) => work[group] <= capacity + SLACK);
  return fits ? plan : undefined;
}

function* solveUnits(
  { rows, groups, capacities, had }: GroupProblem,
  size: number,
): Generator<void, GroupPlan> {
  const cost = new Float64Array(rows.length * groups.length);
  rows.forEach(({ costs }, i) => cost.set(costs, i * groups.length));
  const solver = new AssignmentSolver({
    cost,
    tasks: rows.length,
    agents: groups.length,
    capacities: capacities.map((capacity) => Math.floor(capacity / size + SLACK)),
    switchingCost: MOVING_COST,
    running: had,
  });
  yield;
  const { agents } = yield* solver.solving();
  const slots = new Map(rows.map((row, slot) => [row, slot]));
  return { groups: agents, excess: 0, solver: { solver, slots, size } };
}

function* solveChanges({ rows }: GroupProblem, before: TaskSolver): Generator<void, GroupPlan> {
  const { solver, slots } = before;
  const wanted = new Map(rows.map((row) => [row.task.id, row]));
  for (const [row, slot] of slots) {
    const now = wanted.get(row.task.id);
    if (now === row) continue;
    slots.delete(row);
    if (now === undefined) solver.removeTask(slot);
    else {
      // It stays with who has it, although it costs something else now.
      solver.setTask(slot, now.costs);
      slots.set(now, slot);
    }
  }
  for (const row of rows) if (!slots.has(row)) slots.set(row, solver.addTask(row.costs));
  const { agents } = yield* solver.solving();
  return {
    groups: Int32Array.from(rows, (row) => agents[slots.get(row) as number]),
    excess: 0,
    solver: before,
  };
}

function* solveSized({
  rows,
  groups,
  capacities,
  had,
  seed,
}: GroupProblem): Generator<void, GroupPlan> {
  const cost = new Float64Array(rows.length * groups.length);
  const sizes = rows.map(({ size }) => size);
  const total = sizes.reduce((sum, each) => sum + each, 0);
  // Staying is worth what moving costs, also beside being put off for a task that nobody had yet: as many tasks pay
  // for it as are done, whichever they are.
  rows.forEach(({ costs }, i) => {
    for (let group = 0; group < groups.length; group++) {
      cost[i * groups.length + group] = costs[group] + (had[i] === group ? 0 : MOVING_COST);
    }
  });
  const { agents, objective, bound } = yield* gapSteps({
    cost,
    sizes,
    tasks: rows.length,
    agents: groups.length,
    seed,
    capacities: capacities.map((capacity) => Math.min(capacity, total)),
  });
  return { groups: agents, excess: objective - bound };
}

/**
 * The cheapest plan of agents in line, and 0; or a good one, and Infinity, where it is not proven that no more tasks
 * can be done.
 * @param groupOf the group of each agent
 * @param had     the agent that had each task, −1 if none
 */
export function agentsInRing(
  rows: readonly TaskRow[],
  groupOf: Int32Array,
  capacities: readonly number[],
  had: Int32Array,
): { readonly agents: Int32Array; readonly excess: number } {
  const count = groupOf.length;
  const cost = new Float64Array(rows.length * count);
  rows.forEach(({ costs }, i) => {
    for (let agent = 0; agent < count; agent++) {
      cost[i * count + agent] = costs[groupOf[agent]] + (had[i] === agent ? 0 : MOVING_COST);
    }
  });
  const sizes = rows.map(({ size }) => size);
  const { agents, isProven } = solveRing(cost, rows.length, count, capacities, sizes);
  return { agents, excess: isProven ? 0 : Infinity };
}

/** The agent of each task, from its group's. Agents are numbered as they were given; −1 if none. */
export function agentsOf(
  { rows, groups }: GroupProblem,
  plan: Int32Array,
  capacities: readonly number[],
  had: Int32Array,
): Int32Array {
  const agents = new Int32Array(rows.length).fill(-1);
  const tasksOf: number[][] = groups.map(() => []);
  plan.forEach((group, task) => {
    if (group !== -1) tasksOf[group].push(task);
  });
  groups.forEach(({ members }, group) => {
    const tasks = tasksOf[group];
    if (members.length === 1) {
      for (const task of tasks) agents[task] = members[0];
      return;
    }
    const sizes = tasks.map((task) => rows[task].size);
    const given = shareOut(
      members,
      capacities,
      sizes,
      tasks.map((task) => had[task]),
    );
    given.forEach((member, i) => {
      if (member !== -1) agents[tasks[i]] = members[member];
    });
  });
  return agents;
}
