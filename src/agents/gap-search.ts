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

/** The plan that repairing finds when nobody has chosen anything, made better. */
export function greedyPlan(problem: GapProblem): GapPlan {
  const { agents, tasks } = problem;
  const plan = repair(problem, new Uint8Array(agents * tasks), new Float64Array(agents));
  descend(problem, plan);
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
export function repair(problem: GapProblem, choices: Uint8Array, prices: Float64Array): GapPlan {
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
  while (open.length > 0) {
    let [worst, at, to] = [-Infinity, 0, agents - 1];
    open.forEach((task, i) => {
      let [least, second, agentOfLeast] = [Infinity, Infinity, agents - 1];
      for (let agent = 0; agent < agents; agent++) {
        const cost = rank(agent * tasks + task, agent);
        if (cost >= second || !fits(problem, plan, task, agent)) continue;
        if (cost < least) [least, second, agentOfLeast] = [cost, least, agent];
        else second = cost;
      }
      const regret = second - least;
      if (regret > worst || Number.isNaN(regret)) [worst, at, to] = [regret, i, agentOfLeast];
    });
    move(problem, plan, open[at], to);
    open.splice(at, 1);
  }
  return plan;
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

/** Moves and exchanges tasks as long as that lowers the cost. */
export function descend(problem: GapProblem, plan: GapPlan): void {
  while (shiftOne(problem, plan) || swapTwo(problem, plan));
}

function shiftOne(problem: GapProblem, plan: GapPlan): boolean {
  const { tasks, agents, costs } = problem;
  let moved = false;
  for (let task = 0; task < tasks; task++) {
    for (let agent = 0; agent < agents; agent++) {
      const gain = costs[plan.agentOf[task] * tasks + task] - costs[agent * tasks + task];
      if (!(gain > TINY) || !fits(problem, plan, task, agent)) continue;
      move(problem, plan, task, agent);
      moved = true;
    }
  }
  return moved;
}

const TINY = 1e-12;

function swapTwo(problem: GapProblem, plan: GapPlan): boolean {
  const { tasks, costs, sizes, capacities, slack } = problem;
  const { agentOf, loads } = plan;
  let moved = false;
  for (let a = 0; a < tasks; a++) {
    for (let b = a + 1; b < tasks; b++) {
      const [x, y] = [agentOf[a] * tasks, agentOf[b] * tasks];
      if (x === y) continue;
      if (!(costs[x + a] + costs[y + b] - costs[y + a] - costs[x + b] > TINY)) continue;
      const [ofA, ofB] = [agentOf[a], agentOf[b]];
      if (loads[ofA] - sizes[x + a] + sizes[x + b] > capacities[ofA] + slack) continue;
      if (loads[ofB] - sizes[y + b] + sizes[y + a] > capacities[ofB] + slack) continue;
      move(problem, plan, a, ofB);
      move(problem, plan, b, ofA);
      moved = true;
    }
  }
  return moved;
}
