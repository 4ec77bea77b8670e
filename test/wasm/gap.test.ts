import { describe, expect, test } from "vitest";
import {
  ascendGap,
  boundGap,
  closeGap,
  layOutGap,
  repairGap,
  type GapOnHeap,
} from "#dist/wasm/assignment/gap.js";
import { ASCENT } from "#dist/wasm/abi/gap-numbers.js";
import { expectToFit, largeProblem, smallProblem, UNDONE } from "../support/gap.ts";
import { seededRandom } from "../support/random.ts";
import { BUILDS, testRuntime } from "../support/runtime.ts";

// Bounds of plans, how they are raised, and plans that are made of what they choose.

describe.each([
  [1, 1],
  [2, 3],
  [7, 2],
  [9, 4],
])("%i tasks, %i agents", (tasks, agents) => {
  test("the bound is what trying every knapsack gives, and every build gives it to the bit", () => {
    const results = BUILDS.map((build) => {
      const { heap, run, problem } = smallProblem(build, tasks, agents);
      const found: unknown[] = [];
      const random = seededRandom(5);
      for (let round = 0; round < 20; round++) {
        problem.multipliers.forEach((_, task) => (problem.multipliers[task] = 40 * random()));
        problem.open.forEach((_, pair) => (problem.open[pair] = random() < 0.8 ? 1 : 0));
        const bound = run(boundGap(heap, problem));
        expect(Math.abs(bound - boundByTrying(problem))).toBeLessThan(1e-10);
        expect(chosenWorth(problem)).toBeCloseTo(bound, 10);
        found.push(bound, [...problem.choices], [...problem.counts], [...problem.prices]);
      }
      return found;
    });
    for (const result of results) expect(result).toEqual(results[0]);
  });
});

test("a knapsack that would take too long to fill is bounded by its relaxation, and that is counted", () => {
  for (const build of BUILDS) {
    const tasks = 60;
    const { heap, run } = testRuntime(build);
    const problem = layOutGap(heap, tasks, 2);
    // Every item is worth its size, and no set of even sizes fills an odd room.
    problem.sizes.fill(0).forEach((_, pair) => (problem.sizes[pair] = pair < tasks ? 2 : 0));
    problem.sizes.forEach((_, pair) => pair < tasks && (problem.sizes[pair] += 2 * (pair % 7)));
    problem.costs.fill(0, 0, tasks).fill(UNDONE, tasks);
    problem.rooms.set([101, Infinity]);
    problem.multipliers.forEach((_, task) => (problem.multipliers[task] = problem.sizes[task]));
    const total = problem.multipliers.reduce((sum, each) => sum + each, 0);
    expect(run(boundGap(heap, problem))).toBeCloseTo(total - 101, 9);
    expect(problem.words[18]).toBe(10_000);
  }
});

describe.each([
  ["B", 6, 40],
  ["C", 3, 301],
  ["D", 7, 120],
  ["E", 2, 65],
] as const)("type %s, %i agents, %i tasks", (type, agents, tasks) => {
  test("every build ascends the same way, and bounds of many tasks are those of full searches", () => {
    const results = BUILDS.map((build) => {
      const { heap, run, problem } = largeProblem(build, type, agents, tasks);
      const found: unknown[] = [];
      const { numbers, multipliers, kept } = problem;
      for (let task = 0; task < tasks; task++) {
        const costs = Array.from({ length: agents }, (_, i) => problem.costs[i * tasks + task]);
        multipliers[task] = costs.toSorted((a, b) => a - b)[1];
      }
      numbers.fill(0);
      numbers[ASCENT.most] = -Infinity;
      numbers[ASCENT.scale] = 1;
      numbers[ASCENT.target] = Infinity;
      numbers[ASCENT.enough] = Infinity;
      for (let slice = 0; slice < 4; slice++) {
        expect(run(ascendGap(heap, problem, 10))).toBe(10);
        found.push([...multipliers], [...numbers], [...problem.choices], [...problem.prices]);
        numbers[ASCENT.tolerance] = 1e-3 * slice;
      }
      const most = numbers[ASCENT.most];
      multipliers.set(kept);
      numbers[ASCENT.tolerance] = 0;
      const bound = run(boundGap(heap, problem));
      // With a tolerance bounds are a little low; where searches grow too long they differ as well.
      expect(bound).toBeGreaterThan(most - 1e-9 * most);
      expect(chosenWorth(problem)).toBeGreaterThanOrEqual(bound - 1e-9 * most);
      if (type === "B") expect(bound).toBeCloseTo(boundByTables(problem), 6);
      return found;
    });
    for (const result of results) expect(result).toEqual(results[0]);
  });

  test("every build repairs choices to the same plan, which fits", () => {
    const results = BUILDS.map((build) => {
      const { heap, run, problem } = largeProblem(build, type, agents, tasks);
      const random = seededRandom(3);
      const found: unknown[] = [];
      for (let round = 0; round < 3; round++) {
        problem.multipliers.forEach((_, i) => (problem.multipliers[i] = 20 + 60 * random()));
        run(boundGap(heap, problem));
        run(repairGap(heap, problem));
        expectToFit(problem, problem.plan);
        found.push([...problem.plan], [...problem.loads]);
      }
      return found;
    });
    for (const result of results) expect(result).toEqual(results[0]);
  });
});

test("a task goes to the cheapest of those who chose it, and one that nobody chose where it fits", () => {
  for (const build of BUILDS) {
    const { heap, run } = testRuntime(build);
    const problem = layOutGap(heap, 3, 3);
    problem.costs.set([1, 5, 9, 2, 5, 3, UNDONE, UNDONE, UNDONE]);
    problem.sizes.set([1, 2, 3, 1, 2, 3, 0, 0, 0]);
    problem.rooms.set([1, 3, Infinity]);
    problem.multipliers.set([10, 0, 0]);
    run(boundGap(heap, problem));
    expect([...problem.counts]).toEqual([2, 0, 0]);
    run(repairGap(heap, problem));
    // The second and the third fit only with the second agent, which has room for one of them.
    expect([...problem.plan]).toEqual([0, 2, 1]);
    expect([...problem.loads]).toEqual([1, 3, 0]);
  }
});

describe.each([
  [4, 2],
  [7, 3],
  [9, 4],
])("%i tasks, %i agents", (tasks, agents) => {
  test("penalties are no more than what the bound rises by, and every build gives the same", () => {
    const results = BUILDS.map((build) => {
      const { heap, run, problem } = smallProblem(build, tasks, agents);
      const random = seededRandom(tasks);
      const found: unknown[] = [];
      for (let round = 0; round < 4; round++) {
        problem.open.fill(1);
        problem.multipliers.forEach((_, task) => (problem.multipliers[task] = 5 + 20 * random()));
        const bound = run(boundGap(heap, problem));
        run(closeGap(heap, problem, 3));
        found.push([...problem.penalties], [...problem.open]);
        const { penalties, open } = problem;
        for (let pair = 0; pair < tasks * agents; pair++) {
          expect(open[pair]).toBe(penalties[pair] >= 3 ? 0 : 1);
          expect(penalties[pair]).toBeLessThanOrEqual(riseByTrying(problem, pair, bound) + 1e-9);
        }
        expect(penalties.some((penalty) => penalty > 0 && penalty < Infinity)).toBe(true);
      }
      return found;
    });
    for (const result of results) expect(result).toEqual(results[0]);
  });
});

function boundByTrying(problem: GapOnHeap): number {
  const { tasks, agents, costs, sizes, rooms, open, multipliers } = problem;
  let bound = multipliers.reduce((sum, each) => sum + each, 0);
  for (let agent = 0; agent < agents; agent++) {
    let most = 0;
    for (let set = 0; set < 1 << tasks; set++) {
      let size = 0;
      let worth = 0;
      for (let task = 0; task < tasks; task++) {
        if (((set >> task) & 1) === 0) continue;
        const pair = agent * tasks + task;
        size += sizes[pair];
        worth += open[pair] === 1 ? multipliers[task] - costs[pair] : -Infinity;
      }
      if (size <= rooms[agent] && worth > most) most = worth;
    }
    bound -= most;
  }
  return bound;
}

/** The bound by what is chosen: that it is worth what it is said to be. */
function chosenWorth({ tasks, agents, costs, multipliers, choices, counts }: GapOnHeap): number {
  let bound = 0;
  for (let task = 0; task < tasks; task++) {
    let count = 0;
    bound += multipliers[task];
    for (let agent = 0; agent < agents; agent++) {
      if (choices[agent * tasks + task] === 0) continue;
      count++;
      bound -= multipliers[task] - costs[agent * tasks + task];
    }
    expect(counts[task]).toBe(count);
  }
  return bound;
}

/** By how much the bound rises when a pair must be chosen, and no other agent may have its task. */
function riseByTrying(problem: GapOnHeap, pair: number, bound: number): number {
  const { tasks, costs, sizes, rooms, multipliers } = problem;
  const agent = Math.floor(pair / tasks);
  const task = pair % tasks;
  if (sizes[pair] > rooms[agent] || costs[pair] === Infinity) return Infinity;
  const open = new Int8Array(problem.open.length).fill(1);
  for (let i = task; i < open.length; i += tasks) open[i] = 0;
  const less = rooms.slice();
  less[agent] -= sizes[pair];
  const without = boundByTrying({ ...problem, open, rooms: less });
  return without - (multipliers[task] - costs[pair]) - bound;
}

/** The bound where sizes are whole numbers: knapsacks by tables over room. */
function boundByTables(problem: GapOnHeap): number {
  const { tasks, agents, costs, sizes, rooms, multipliers } = problem;
  let bound = multipliers.reduce((sum, each) => sum + each, 0);
  for (let agent = 0; agent < agents - 1; agent++) {
    const worths = new Float64Array(rooms[agent] + 1);
    for (let task = 0; task < tasks; task++) {
      const size = sizes[agent * tasks + task];
      const value = multipliers[task] - costs[agent * tasks + task];
      for (let room = rooms[agent]; room >= size; room--) {
        worths[room] = Math.max(worths[room], worths[room - size] + value);
      }
    }
    bound -= worths[rooms[agent]];
  }
  return bound;
}
