import type { GapBound } from "./gap-bound.ts";
import type { GapProblem } from "./gap-problem.ts";
import type { GapPlan } from "./gap-search.ts";
import { ascend } from "./generalized-assignment.ts";

const ROUNDS = 30; // of subgradients at each node

interface Node {
  readonly isOpen: Uint8Array;
  readonly multipliers: Float64Array;
  readonly least: number;
}

/** Depth first over agents of one task at a time, the best bound first; ends after so many nodes. */
export function branch(
  problem: GapProblem,
  bound: GapBound,
  isOpen: Uint8Array,
  best: GapPlan,
  least: number,
  mostNodes: number,
): { plan: GapPlan; least: number } {
  let plan = best;
  const stack: Node[] = [{ isOpen, multipliers: bound.multipliers.slice(), least }];
  for (let nodes = 0; stack.length > 0 && nodes < mostNodes; nodes++) {
    const node = stack.pop() as Node;
    if (node.least >= plan.cost) continue;
    bound.multipliers.set(node.multipliers);
    const found = ascend(problem, bound, node.isOpen, plan, ROUNDS);
    plan = found.plan;
    const known = Math.max(node.least, found.least);
    if (known >= plan.cost) continue;
    bound.multipliers.set(found.multipliers);
    bound.evaluate(node.isOpen);
    stack.push(...childrenOf(problem, bound, node, known, found.multipliers));
  }
  const proven = stack.reduce((low, node) => Math.min(low, node.least), plan.cost);
  return { plan, least: Math.max(least, proven) };
}

function childrenOf(
  { tasks, agents, costs }: GapProblem,
  { counts }: GapBound,
  { isOpen }: Node,
  least: number,
  multipliers: Float64Array,
): Node[] {
  let task = -1;
  let most = 0;
  for (let i = 0; i < tasks; i++) {
    let ways = 0;
    for (let agent = 0; agent < agents; agent++) ways += isOpen[agent * tasks + i];
    if (ways < 2) continue;
    const conflict = Math.abs(counts[i] - 1) + 0.5;
    if (conflict > most) [most, task] = [conflict, i];
  }
  if (task < 0) return [];
  const ways = [...Array(agents).keys()].filter((agent) => isOpen[agent * tasks + task] === 1);
  // The stack gives the last first: the cheapest.
  ways.sort((a, b) => costs[b * tasks + task] - costs[a * tasks + task]);
  return ways.map((agent) => {
    const own = isOpen.slice();
    for (const other of ways) if (other !== agent) own[other * tasks + task] = 0;
    return { isOpen: own, multipliers, least };
  });
}
