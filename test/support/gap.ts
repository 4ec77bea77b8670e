import { gapInstance } from "#dist/measure/gap-instances.js";
import type { KernelBuild } from "#dist/wasm/build.js";
import { gapBytes, layOutGap, type GapOnHeap } from "#dist/wasm/assignment/gap.js";
import { expect } from "vitest";
import { seededRandom } from "./random.ts";
import { testRuntime } from "./runtime.ts";

// Problems of tasks, agents and rooms on a heap. The last agent is nobody, with whom every task fits.

/** What a task that nobody does costs. */
export const UNDONE = 4096;

/** Sizes are real numbers in odd seeds; some pairs are forbidden. */
export function smallProblem(build: KernelBuild, tasks: number, agents: number) {
  const { heap, run } = testRuntime(build);
  const problem = layOutGap(heap, tasks, agents + 1);
  const random = seededRandom(tasks * 31 + agents);
  problem.costs.forEach((_, pair) => {
    problem.costs[pair] = random() < 0.1 ? Infinity : Math.floor(30 * random());
    problem.sizes[pair] = tasks % 2 === 1 ? 10 * random() : Math.floor(10 * random());
  });
  problem.costs.fill(UNDONE, agents * tasks);
  problem.sizes.fill(0, agents * tasks);
  problem.rooms.fill((5 * tasks) / agents).fill(Infinity, agents);
  return { heap, run, problem };
}

/** A problem of a type, with a plan that gives every task to the first agent that has room. */
export function largeProblem(
  build: KernelBuild,
  type: "B" | "C" | "D" | "E",
  agents: number,
  tasks: number,
) {
  const { heap, run } = testRuntime(build, 1 << 21);
  const begin = heap.usedBytes;
  const problem = layOutGap(heap, tasks, agents + 1);
  expect(heap.usedBytes - begin).toBeLessThanOrEqual(gapBytes(tasks, agents + 1));
  const { cost, sizes, capacities } = gapInstance(type, agents, tasks, 4);
  for (let pair = 0; pair < tasks * agents; pair++) {
    const agent = Math.floor(pair / tasks);
    const task = pair % tasks;
    problem.costs[pair] = cost[task * agents + agent];
    problem.sizes[pair] = sizes[task * agents + agent];
  }
  problem.costs.fill(UNDONE, agents * tasks);
  problem.sizes.fill(0, agents * tasks);
  problem.rooms.set([...capacities, Infinity]);
  problem.loads.fill(0);
  for (let task = 0; task < tasks; task++) {
    let agent = 0;
    while (problem.loads[agent] + problem.sizes[agent * tasks + task] > problem.rooms[agent])
      agent++;
    problem.plan[task] = agent;
    problem.loads[agent] += problem.sizes[agent * tasks + task];
  }
  return { heap, run, problem };
}

/** What a plan costs. */
export function costOf({ tasks, costs }: GapOnHeap, plan: Uint32Array): number {
  return plan.reduce((sum, agent, task) => sum + costs[agent * tasks + task], 0);
}

/** What each agent has to do by a plan. */
export function loadsOf({ tasks, agents, sizes }: GapOnHeap, plan: Uint32Array): Float64Array {
  const loads = new Float64Array(agents);
  plan.forEach((agent, task) => (loads[agent] += sizes[agent * tasks + task]));
  return loads;
}

/** That no agent has more to do than there is room for. */
export function expectToFit(problem: GapOnHeap, plan: Uint32Array): void {
  loadsOf(problem, plan).forEach((load, agent) => {
    expect(load).toBeLessThanOrEqual(problem.rooms[agent]);
  });
}
