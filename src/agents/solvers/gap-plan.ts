import type { GapProblem } from "./gap-problem.ts";

/** A full assignment within capacities (nobody has room for all) and its cost. */
export interface GapPlan {
  /** The agent of each task, nobody the last. */
  readonly agentOf: Int32Array;
  readonly loads: Float64Array;
  cost: number;
  /** Tasks that nobody does. */
  undone: number;
}

/** Everything undone. */
export function emptyPlan({ tasks, agents, costs }: GapProblem): GapPlan {
  const agentOf = new Int32Array(tasks).fill(agents - 1);
  const nobody = costs.subarray((agents - 1) * tasks);
  const cost = nobody.reduce((sum, each) => sum + each, 0);
  return { agentOf, loads: new Float64Array(agents), cost, undone: tasks };
}

/** The plan where each task has the agent given, which fits. */
export function planOf(problem: GapProblem, agentOf: ArrayLike<number>): GapPlan {
  const plan = emptyPlan(problem);
  for (let task = 0; task < problem.tasks; task++) move(problem, plan, task, agentOf[task]);
  return plan;
}

/** Moves a task. */
export function move(
  { tasks, agents, costs, sizes }: GapProblem,
  plan: GapPlan,
  task: number,
  agent: number,
): void {
  const before = plan.agentOf[task];
  if (before === agent) return;
  plan.loads[before] -= sizes[before * tasks + task];
  plan.loads[agent] += sizes[agent * tasks + task];
  plan.cost += costs[agent * tasks + task] - costs[before * tasks + task];
  plan.agentOf[task] = agent;
  if (before === agents - 1) plan.undone--;
  if (agent === agents - 1) plan.undone++;
}

/** Whether a task has room with an agent. */
export function fits(
  { tasks, sizes, capacities, slack }: GapProblem,
  { loads }: GapPlan,
  task: number,
  agent: number,
): boolean {
  return loads[agent] + sizes[agent * tasks + task] <= capacities[agent] + slack;
}
