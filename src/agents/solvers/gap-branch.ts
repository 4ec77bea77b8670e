import { ascend, leastToProve, provable, type Budget } from "./gap-ascent.ts";
import type { GapBound } from "./gap-bound.ts";
import type { GapProblem } from "./gap-problem.ts";
import { emptyPlan, fits, move, type GapPlan } from "./gap-plan.ts";

const NODE = { rounds: 40, speed: 0.3, repairEvery: 8 };

interface Node {
  readonly isOpen: Int8Array;
  readonly multipliers: Float64Array;
  readonly least: number;
}

/**
 * Branch and bound, depth first: a task on whom agents disagree goes to each agent in turn, the one with the
 * least bound first. It ends when the budget is spent, with what is proven by then. Between slices of
 * some milliseconds it yields.
 *
 * Source: Ross and Soland, A branch and bound algorithm for the generalized assignment problem, 1975, with the
 * bounds of gap-bound.ts.
 */
export function* branch(
  problem: GapProblem,
  bound: GapBound,
  root: Node,
  best: GapPlan,
  budget: Budget,
): Generator<void, { plan: GapPlan; least: number }> {
  let plan = best;
  const stack: Node[] = [root];
  while (stack.length > 0 && budget.left > 0) {
    const node = stack.pop() as Node;
    if (node.least >= plan.cost) continue;
    bound.onHeap.multipliers.set(node.multipliers);
    bound.onHeap.open.set(node.isOpen);
    const found = yield* ascend(problem, bound, plan, NODE, budget);
    plan = found.plan;
    const least = Math.max(node.least, found.least);
    if (least < plan.cost) {
      const isOpen = closePairs(problem, bound, found.value, plan.cost);
      const children = childrenOf(problem, bound, { ...found, isOpen, least }, plan.cost);
      if (children === undefined) plan = onlyPlan(problem, isOpen, plan);
      else stack.push(...children);
    }
  }
  const proven = stack.reduce((low, node) => Math.min(low, node.least), plan.cost);
  return { plan, least: Math.max(root.least, proven) };
}

/** The pairs that a plan cheaper than `cost` may use, by the last bound, which was `value`. */
export function closePairs(
  problem: GapProblem,
  bound: GapBound,
  value: number,
  cost: number,
): Int8Array {
  bound.close(leastToProve(problem, cost) - value);
  return bound.onHeap.open.slice();
}

/** Undefined when every task has one agent left. */
function childrenOf(
  problem: GapProblem,
  bound: GapBound,
  { isOpen, least, multipliers, value }: Node & { readonly value: number },
  cost: number,
): Node[] | undefined {
  const { tasks, agents } = problem;
  let task = -1;
  let most = 0;
  for (let i = 0; i < tasks; i++) {
    let ways = 0;
    for (let agent = 0; agent < agents; agent++) ways += isOpen[agent * tasks + i];
    if (ways === 0) return []; // no plan is cheaper
    if (ways === 1) continue;
    const conflict = Math.abs(bound.onHeap.counts[i] - 1) + 1 / ways;
    if (conflict > most) [most, task] = [conflict, i];
  }
  if (task < 0) return undefined;
  const ways: { agent: number; least: number }[] = [];
  for (let agent = 0; agent < agents; agent++) {
    const pair = agent * tasks + task;
    if (isOpen[pair] === 0) continue;
    const own = provable(problem, value + bound.onHeap.penalties[pair]);
    if (own < cost) ways.push({ agent, least: Math.max(least, own) });
  }
  // The stack gives the last first.
  ways.sort((a, b) => b.least - a.least || b.agent - a.agent);
  return ways.map((way) => {
    const own = isOpen.slice();
    for (let agent = 0; agent < agents; agent++) {
      if (agent !== way.agent) own[agent * tasks + task] = 0;
    }
    return { isOpen: own, multipliers, least: way.least };
  });
}

/** The one plan that is open, if it is one and cheaper. */
function onlyPlan(problem: GapProblem, isOpen: Int8Array, best: GapPlan): GapPlan {
  const { tasks, agents } = problem;
  const plan = emptyPlan(problem);
  for (let pair = 0; pair < tasks * agents; pair++) {
    const task = pair % tasks;
    const agent = (pair - task) / tasks;
    if (isOpen[pair] === 0) continue;
    if (!fits(problem, plan, task, agent)) return best;
    move(problem, plan, task, agent);
  }
  return plan.cost < best.cost ? plan : best;
}
