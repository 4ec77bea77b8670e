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

/**
 * A plan from what agents have chosen: each task goes to the cheapest of those who chose it, and those that
 * nobody chose, or who do not fit, to where they fit, whoever loses most by waiting first.
 *
 * @param choices u8[agents][tasks]
 * @param prices  of a unit of room with each agent, which count as much as costs
 */
export function repair(problem: GapProblem, choices: Int8Array, prices: Float64Array): GapPlan {
  const { tasks, agents, costs, sizes } = problem;
  const rank = (pair: number, agent: number): number => costs[pair] + prices[agent] * sizes[pair];
  const plan = emptyPlan(problem);
  const open: number[] = [];
  for (let task = 0; task < tasks; task++) {
    let best = -1;
    for (let agent = 0; agent < agents; agent++) {
      if (choices[agent * tasks + task] === 0 || !fits(problem, plan, task, agent)) continue;
      const own = rank(agent * tasks + task, agent);
      if (best < 0 || own < rank(best * tasks + task, best)) best = agent;
    }
    if (best < 0) open.push(task);
    else move(problem, plan, task, best);
  }
  const waiting = open.map((task) => optionsOf(problem, plan, task, rank));
  while (waiting.length > 0) {
    let [worst, at] = [-Infinity, 0];
    waiting.forEach(({ regret }, i) => {
      if (regret > worst) [worst, at] = [regret, i];
    });
    const { task, best: to } = waiting[at];
    move(problem, plan, task, to);
    waiting.splice(at, 1);
    // Only there is less room now.
    waiting.forEach((each, i) => {
      if (each.best !== to && each.next !== to) return;
      if (!fits(problem, plan, each.task, to)) {
        waiting[i] = optionsOf(problem, plan, each.task, rank);
      }
    });
  }
  return plan;
}

/** A task that waits for an agent. */
interface Waiting {
  readonly task: number;
  /** Of those with whom it fits: the cheapest, and the one after. */
  readonly best: number;
  readonly next: number;
  /** What it loses if the cheapest has no room any more. */
  readonly regret: number;
}

function optionsOf(
  problem: GapProblem,
  plan: GapPlan,
  task: number,
  rank: (pair: number, agent: number) => number,
): Waiting {
  const { tasks, agents } = problem;
  let [least, second, best, next] = [Infinity, Infinity, agents - 1, -1];
  for (let agent = 0; agent < agents; agent++) {
    const cost = rank(agent * tasks + task, agent);
    if (cost >= second || !fits(problem, plan, task, agent)) continue;
    if (cost < least) [least, second, best, next] = [cost, least, agent, best];
    else [second, next] = [cost, agent];
  }
  return { task, best, next, regret: least === Infinity ? Infinity : second - least };
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
