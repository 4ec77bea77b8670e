import { existsSync, readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import {
  solveGeneralizedAssignment,
  solveGeneralizedAssignmentAsync,
} from "#dist/agents/solvers/generalized-assignment.js";
import { gapInstance } from "#dist/measure/gap-instances.js";
import { seededRandom } from "../support/random.ts";

const DATA = "../shared/data/orlib-gap";

test("tiny problems get the optimum that trying everything finds, and prove it", () => {
  const random = seededRandom(7);
  const below = (n: number): number => Math.floor(random() * n);
  for (let round = 0; round < 120; round++) {
    const tasks = below(8);
    const agents = 1 + below(3);
    const isWhole = round % 2 === 0;
    const cost = Float64Array.from({ length: tasks * agents }, () =>
      random() < 0.15 ? Infinity : isWhole ? below(30) - 10 : random() * 20,
    );
    const perAgent = round % 3 !== 0;
    const sizes = Array.from({ length: perAgent ? tasks * agents : tasks }, () =>
      isWhole ? below(8) : random() * 8,
    );
    const capacities = Array.from({ length: agents }, () => below(16));
    const sizeOf = (task: number, agent: number): number =>
      sizes[perAgent ? task * agents + agent : task];
    const best = bruteForce(cost, sizeOf, capacities, tasks);
    const found = solveGeneralizedAssignment({
      cost,
      sizes,
      capacities,
      tasks,
      agents,
      effort: 2000,
    });
    expect(tasks - found.unassigned.length).toBe(best.assigned);
    expect(found.cost).toBeCloseTo(best.cost, 9);
    expect(found.gap).toBeLessThan(1e-6);
    const loads = capacities.map(() => 0);
    found.agents.forEach((agent, task) => agent >= 0 && (loads[agent] += sizeOf(task, agent)));
    loads.forEach((load, agent) => {
      expect(load).toBeLessThanOrEqual(capacities[agent] * (1 + 1e-9) + 1e-9);
      expect(found.loads[agent]).toBeCloseTo(load, 9);
    });
  }
});

function bruteForce(
  cost: Float64Array,
  sizeOf: (task: number, agent: number) => number,
  capacities: readonly number[],
  tasks: number,
): { assigned: number; cost: number } {
  let best = { assigned: -1, cost: Infinity };
  const room = [...capacities];
  const go = (task: number, assigned: number, sum: number): void => {
    if (task === tasks) {
      if (assigned > best.assigned || (assigned === best.assigned && sum < best.cost)) {
        best = { assigned, cost: sum };
      }
      return;
    }
    go(task + 1, assigned, sum);
    for (let agent = 0; agent < room.length; agent++) {
      const own = cost[task * room.length + agent];
      if (own === Infinity || sizeOf(task, agent) > room[agent] + 1e-12) continue;
      room[agent] -= sizeOf(task, agent);
      go(task + 1, assigned + 1, sum + own);
      room[agent] += sizeOf(task, agent);
    }
  };
  go(0, 0, 0);
  return best;
}

describe.skipIf(!existsSync(DATA))("OR-Library gap1 to gap12 (../shared/data)", () => {
  test("every instance gets the known optimum, and proves it", () => {
    const all = instances();
    expect(all).toHaveLength(60);
    for (const { optimum, ...problem } of all) {
      const { cost, gap, unassigned } = solveGeneralizedAssignment(problem);
      expect({ cost: -cost, gap, unassigned }).toEqual({ cost: optimum, gap: 0, unassigned: [] });
    }
  });
});

/** The instances with costs below 0, because they ask for the most. */
function instances() {
  const readme = readFileSync(`${DATA}/readme.txt`, "utf8");
  const optima = new Map(
    [...readme.matchAll(/c(\d+)-(\d)\s+(\d+)/g)].map(([, size, number, value]) => [
      `${size}-${number}`,
      Number(value),
    ]),
  );
  return Array.from({ length: 12 }, (_, file) => {
    const numbers = readFileSync(`${DATA}/gap${file + 1}.txt`, "utf8")
      .trim()
      .split(/\s+/)
      .map(Number);
    let at = 0;
    const next = (): number => numbers[at++];
    return Array.from({ length: next() }, (__, i) => {
      const agents = next();
      const tasks = next();
      const cost = new Float64Array(tasks * agents);
      const sizes = new Float64Array(tasks * agents);
      for (const [into, sign] of [
        [cost, -1],
        [sizes, 1],
      ] as const) {
        for (let agent = 0; agent < agents; agent++) {
          for (let task = 0; task < tasks; task++) into[task * agents + agent] = sign * next();
        }
      }
      const capacities = Array.from({ length: agents }, next);
      const optimum = optima.get(`${agents}${tasks}-${i + 1}`) ?? NaN;
      return { cost, sizes, capacities, tasks, agents, optimum };
    });
  }).flat();
}

describe.each(["A", "B", "C", "D", "E"] as const)("problems of type %s", (type) => {
  test("of 100 and 200 tasks, 5 to 20 agents, are planned near what is proven", () => {
    const gaps = [100, 200].flatMap((tasks) =>
      [5, 10, 20].map((agents) => {
        const problem = gapInstance(type, agents, tasks, 7);
        const { gap, unassigned, loads, ...found } = solveGeneralizedAssignment(problem);
        expect(unassigned).toEqual([]);
        loads.forEach((load, i) => expect(load).toBeLessThanOrEqual(problem.capacities[i]));
        const cost = found.agents.reduce(
          (sum, i, task) => sum + problem.cost[task * agents + i],
          0,
        );
        expect(found.objective).toBe(cost);
        expect(found.bound).toBeLessThanOrEqual(cost);
        return gap;
      }),
    );
    const mean = gaps.reduce((sum, gap) => sum + gap, 0) / gaps.length;
    expect(Math.max(...gaps)).toBeLessThan(type === "A" ? 0.001 : type === "D" ? 0.0125 : 0.01);
    expect(mean).toBeLessThan({ A: 0.0003, B: 0.002, C: 0.003, D: 0.006, E: 0.004 }[type]);
  });
});

test("tasks that fit with one part in a hundred of room to spare all get an agent", () => {
  for (const [agents, tasks] of [
    [10, 50],
    [20, 100],
  ]) {
    for (const seed of [1, 2]) {
      const random = seededRandom(seed);
      const sizes = Float64Array.from({ length: tasks }, () => 1 + Math.floor(100 * random()));
      const cost = Float64Array.from({ length: tasks * agents }, () => Math.floor(50 * random()));
      const capacities = new Float64Array(agents);
      for (const size of sizes) capacities[Math.floor(agents * random())] += size;
      capacities.forEach((load, agent) => (capacities[agent] = Math.floor(1.01 * load)));
      const problem = { cost, sizes, capacities, tasks, agents, seed };
      const { unassigned, loads } = solveGeneralizedAssignment(problem);
      expect(unassigned).toEqual([]);
      loads.forEach((load, agent) => expect(load).toBeLessThanOrEqual(capacities[agent]));
    }
  }
});

test("what is proven is true of what other seeds find", () => {
  const problem = gapInstance("D", 8, 60, 3);
  const found = [1, 2, 3].map((seed) =>
    solveGeneralizedAssignment({ ...problem, seed, effort: 40 }),
  );
  const most = Math.max(...found.map(({ bound }) => bound));
  for (const { cost } of found) expect(cost).toBeGreaterThanOrEqual(most);
});

test("an agent more never makes the best plan dearer", () => {
  for (let seed = 1; seed <= 12; seed++) {
    const { tasks, agents, ...all } = gapInstance("C", 4, 14, seed);
    const without = (values: Float64Array): Float64Array =>
      values.filter((_, i) => i % agents < agents - 1);
    const fewer = solveGeneralizedAssignment({
      cost: without(all.cost),
      sizes: without(all.sizes),
      tasks,
      agents: agents - 1,
      capacities: all.capacities.subarray(0, agents - 1),
      effort: 2000,
    });
    const more = solveGeneralizedAssignment({ ...all, tasks, agents, effort: 2000 });
    expect([fewer.gap, more.gap]).toEqual([0, 0]);
    expect(more.unassigned.length).toBeLessThanOrEqual(fewer.unassigned.length);
    if (more.unassigned.length === fewer.unassigned.length) {
      expect(more.cost).toBeLessThanOrEqual(fewer.cost);
    }
  }
});

describe("in slices", () => {
  const problem = gapInstance("D", 20, 100, 1);

  test("the answer is the same, and what is known gets better until it is that", async () => {
    const steps: { objective: number; bound: number }[] = [];
    const found = await solveGeneralizedAssignmentAsync(problem, {
      onProgress: (progress) => steps.push(progress),
    });
    expect(found).toEqual(solveGeneralizedAssignment(problem));
    expect(steps.length).toBeGreaterThan(3);
    steps.slice(1).forEach(({ objective, bound }, i) => {
      expect(objective).toBeLessThanOrEqual(steps[i].objective);
      expect(bound).toBeGreaterThanOrEqual(steps[i].bound);
    });
    expect(steps.at(-1)).toEqual({ objective: found.objective, bound: found.bound });
  });

  test("a signal ends it with its reason, before and while it is solved", async () => {
    const reason = new Error("changed my mind");
    const solve = (signal: AbortSignal, onProgress?: () => void): Promise<unknown> =>
      solveGeneralizedAssignmentAsync(problem, { signal, ...(onProgress && { onProgress }) });
    await expect(solve(AbortSignal.abort(reason))).rejects.toBe(reason);
    const controller = new AbortController();
    let told = 0;
    const running = solve(controller.signal, () => ++told === 3 && controller.abort(reason));
    await expect(running).rejects.toBe(reason);
    expect(told).toBe(3);
    // What one solve leaves on the heap does not show in the next.
    expect(await solveGeneralizedAssignmentAsync(problem)).toEqual(
      solveGeneralizedAssignment(problem),
    );
  });
});

test("the same twice, and what makes no sense is refused", () => {
  const random = seededRandom(5);
  const tasks = 40;
  const agents = 6;
  const problem = {
    cost: new Float64Array(tasks * agents).map(() => random()),
    sizes: Array.from({ length: tasks }, () => 1 + random()),
    capacities: Array.from({ length: agents }, () => 10.5),
    tasks,
    agents,
  };
  const first = solveGeneralizedAssignment(problem);
  expect(solveGeneralizedAssignment(problem)).toEqual(first);
  const invalid = expect.objectContaining({ code: "INVALID_INPUT" });
  const solve = (change: object) => () => solveGeneralizedAssignment({ ...problem, ...change });
  expect(solve({ capacities: [NaN, 1, 1, 1, 1, 1] })).toThrow(invalid);
  expect(solve({ sizes: Array.from({ length: tasks }, () => -1) })).toThrow(invalid);
  expect(solve({ cost: new Float64Array(tasks * agents).fill(NaN) })).toThrow(invalid);
  expect(solve({ sizes: [1] })).toThrow(expect.objectContaining({ code: "DIMENSION" }));
});

test("no agents, no room and no tasks leave tasks undone, and say so", () => {
  const none = { cost: new Float64Array(0), sizes: [1, 1], capacities: [], tasks: 2, agents: 0 };
  expect(solveGeneralizedAssignment(none)).toMatchObject({ unassigned: [0, 1], cost: 0, gap: 0 });
  const full = { cost: Float64Array.of(1, 2), sizes: [1, 1], capacities: [0], tasks: 2, agents: 1 };
  expect(solveGeneralizedAssignment(full)).toMatchObject({ unassigned: [0, 1], gap: 0 });
  const empty = { cost: new Float64Array(0), sizes: [], capacities: [3], tasks: 0, agents: 1 };
  expect(solveGeneralizedAssignment(empty)).toMatchObject({ unassigned: [], cost: 0, gap: 0 });
});
