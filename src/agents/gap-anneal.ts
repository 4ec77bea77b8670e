import type { GapProblem } from "./gap-problem.ts";
import { descend, emptyPlan, move, type GapPlan } from "./gap-search.ts";

const CANDIDATES = 8; // agents that a task may go to: those where cost and price of room are least
const SHIFTS = 0.3; // share of moves that change one task; others exchange two
const HOT = 0.1; // of what the room of a task is worth, where annealing begins
const COOLING = 1 / 40; // how far it goes down
const SOFT = 1.2; // times its price, what room costs that is not there
const HARD = 20; // at the end
const ENDING = 0.2; // share of the steps over which that rises

/**
 * A plan at least as good, by simulated annealing: tasks move and are exchanged at random, agents may have
 * more than fits at a penalty that rises at the end, and the best plan that fits is kept.
 *
 * @param prices of a unit of room with each agent
 * @param steps moves that are tried
 *
 * Source: Kirkpatrick, Gelatt and Vecchi, Optimization by simulated annealing, 1983; Osman, Heuristics for the
 * generalised assignment problem: simulated annealing and tabu search approaches, 1995.
 */
export function anneal(
  problem: GapProblem,
  start: GapPlan,
  prices: Float64Array,
  steps: number,
  seed: number,
): GapPlan {
  const { tasks, agents, costs, sizes, capacities, slack } = problem;
  const { near, width, worth } = candidatesOf(problem, prices);
  if (tasks < 2 || width < 2 || !(worth > 0)) return start;
  const agentOf = start.agentOf.slice();
  const loads = start.loads.slice();
  const { members, counts, put } = membersOf(problem, agentOf);
  const mean = prices.reduce((sum, price) => sum + price, 0) / (agents - 1);
  const dear = prices.map((price) => Math.max(price, mean / 4));
  const random = xorshift(seed);
  const excess = (load: number, agent: number): number => {
    const beyond = load - capacities[agent] - slack;
    return beyond > 0 ? beyond : 0;
  };
  let best: Int32Array | undefined;
  let [cost, least, over] = [start.cost, start.cost, 0];
  let [heat, hardness] = [HOT * worth, SOFT];
  for (let step = 0; step < steps; step++) {
    if ((step & 255) === 0) {
      const share = step / steps / (1 - ENDING);
      heat = HOT * worth * COOLING ** Math.min(1, share);
      hardness = SOFT * (HARD / SOFT) ** Math.max(0, (step / steps - 1 + ENDING) / ENDING);
    }
    const task = Math.floor(random() * tasks);
    const from = agentOf[task];
    const to = near[task * width + Math.floor(random() * width)];
    if (to === from) continue;
    const isShift = counts[to] === 0 || from === agents - 1 || random() < SHIFTS;
    const other = isShift ? -1 : members[to * tasks + Math.floor(random() * counts[to])];
    let change = costs[to * tasks + task] - costs[from * tasks + task];
    let here = loads[from] - sizes[from * tasks + task];
    let there = loads[to] + sizes[to * tasks + task];
    if (other >= 0) {
      change += costs[from * tasks + other] - costs[to * tasks + other];
      here += sizes[from * tasks + other];
      there -= sizes[to * tasks + other];
    }
    if (!(change < Infinity)) continue;
    const [beforeHere, beforeThere] = [excess(loads[from], from), excess(loads[to], to)];
    const [afterHere, afterThere] = [excess(here, from), excess(there, to)];
    const penalty = (afterHere - beforeHere) * dear[from] + (afterThere - beforeThere) * dear[to];
    const worse = change + hardness * penalty;
    if (worse > 0 && random() >= Math.exp(-worse / heat)) continue;
    over += Math.sign(afterHere) + Math.sign(afterThere);
    over -= Math.sign(beforeHere) + Math.sign(beforeThere);
    loads[from] = here;
    loads[to] = there;
    cost += change;
    put(task, to);
    if (other >= 0) put(other, from);
    if (over > 0 || cost >= least - 1e-9 * Math.abs(least)) continue;
    least = cost;
    best = agentOf.slice();
  }
  if (best === undefined) return start;
  // Sums that went up and down a million times are added anew.
  const plan = emptyPlan(problem);
  best.forEach((agent, task) => agent < agents - 1 && move(problem, plan, task, agent));
  descend(problem, plan);
  return plan.cost < start.cost ? plan : start;
}

/** Uniform in [0, 1). Source: Marsaglia, Xorshift RNGs, 2003. */
function xorshift(seed: number): () => number {
  let state = Math.imul(seed, 0x9e3779b1) ^ 0x2545f491 || 1;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) / 4_294_967_296;
  };
}

/** The tasks of each agent as lists, and how one changes to another. */
function membersOf(
  { tasks, agents }: GapProblem,
  agentOf: Int32Array,
): { members: Int32Array; counts: Int32Array; put: (task: number, to: number) => void } {
  const members = new Int32Array(agents * tasks);
  const places = new Int32Array(tasks);
  const counts = new Int32Array(agents);
  for (let task = 0; task < tasks; task++) {
    places[task] = counts[agentOf[task]]++;
    members[agentOf[task] * tasks + places[task]] = task;
  }
  const put = (task: number, to: number): void => {
    const from = agentOf[task];
    const last = members[from * tasks + --counts[from]];
    members[from * tasks + places[task]] = last;
    places[last] = places[task];
    places[task] = counts[to]++;
    members[to * tasks + places[task]] = task;
    agentOf[task] = to;
  };
  return { members, counts, put };
}

/** The best agents of each task by cost and price of room, and what its room is worth on average. */
function candidatesOf(
  { tasks, agents, costs, sizes }: GapProblem,
  prices: Float64Array,
): { near: Int32Array; width: number; worth: number } {
  const width = Math.min(CANDIDATES, agents - 1);
  const near = new Int32Array(tasks * width);
  let worth = 0;
  for (let task = 0; task < tasks; task++) {
    const rank = (agent: number): number =>
      costs[agent * tasks + task] + prices[agent] * sizes[agent * tasks + task];
    const order = Array.from({ length: agents - 1 }, (_, agent) => agent);
    order.sort((a, b) => rank(a) - rank(b) || a - b);
    for (let i = 0; i < width; i++) {
      near[task * width + i] = order[i];
      worth += (prices[order[i]] * sizes[order[i] * tasks + task]) / (tasks * width);
    }
  }
  return { near, width, worth };
}
