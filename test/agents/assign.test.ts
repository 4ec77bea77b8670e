import { describe, expect, test } from "vitest";
import { assignAgents, type AssignableAgent, type AssignmentPlan } from "#dist/index.js";
import { MOVING_COST } from "#dist/agents/matching/cost.js";
import { seededRandom } from "../support/random.ts";

const TYPES = ["coder", "tester", "reviewer", "backend-dev", "api-docs"];
const WORDS =
  "write unit tests review pull request document api endpoint backend database fix crash page coverage security openapi".split(
    " ",
  );

function agentsOf(types: readonly string[], capacity?: number): AssignableAgent[] {
  return types.map((type, i) => ({
    id: `${type}-${i}`,
    type,
    ...(capacity === undefined ? {} : { capacity }),
  }));
}

function tasksOf(
  count: number,
  seed: number,
  sizes = [1],
): { id: string; text: string; size: number }[] {
  const random = seededRandom(seed);
  const pick = <Item>(items: readonly Item[]): Item => items[Math.floor(random() * items.length)];
  return Array.from({ length: count }, (_, i) => ({
    id: `task-${i}`,
    text: Array.from({ length: 4 }, () => pick(WORDS)).join(" "),
    size: pick(sizes),
  }));
}

function pairsOf({ assignments }: AssignmentPlan): string[] {
  return assignments.map(({ task, agent }) => `${task}→${agent}`);
}

/** Cost of each agent for a task, as a plan of five agents tells it. */
function costsOf(plan: AssignmentPlan): Map<string, number>[] {
  return plan.assignments.map(({ agent, cost, alternatives }) => {
    return new Map([{ agent, cost }, ...alternatives].map((each) => [each.agent, each.cost]));
  });
}

describe("who gets what", () => {
  test("tasks go to those whose type is good at them, and the reason names the words", async () => {
    const plan = await assignAgents({
      tasks: [
        { id: "tests", text: "Write unit tests for the parser" },
        { id: "docs", text: "Document the REST API with OpenAPI" },
        { id: "review", text: "Review the pull request for security problems" },
      ],
      agents: agentsOf(TYPES),
    });
    expect(pairsOf(plan)).toEqual(["tests→tester-1", "docs→api-docs-4", "review→reviewer-2"]);
    expect(plan.assignments[0].why).toBe("tester: in its words: write, unit, tests");
    expect([plan.gap, plan.unassigned, plan.moved]).toEqual([0, [], []]);
  });

  test("the total cost is the least of all plans", async () => {
    for (let seed = 1; seed <= 20; seed++) {
      const agents = agentsOf(TYPES, 1);
      const plan = await assignAgents({ tasks: tasksOf(5, seed), agents });
      const costs = costsOf(plan);
      let least = Infinity;
      for (const order of permutations(agents.map(({ id }) => id))) {
        const total = costs.reduce((sum, row, i) => sum + (row.get(order[i]) as number), 0);
        least = Math.min(least, total);
      }
      expect(plan.totalCost).toBeCloseTo(least, 9);
    }
  });

  test("of tasks of different sizes each agent gets what it has room for, near the least cost", async () => {
    const agents = agentsOf([...TYPES, "coder", "tester"], 15);
    const tasks = tasksOf(30, 3, [1, 2, 3, 5]);
    const plan = await assignAgents({ tasks, agents });
    const work = new Map(agents.map(({ id }) => [id, 0]));
    for (const { task, agent } of plan.assignments) {
      const { size } = tasks.find(({ id }) => id === task) as { size: number };
      work.set(agent, (work.get(agent) as number) + size);
    }
    expect(Math.max(...work.values())).toBeLessThanOrEqual(15);
    expect(plan.gap).toBeLessThanOrEqual(0.02);
  });

  test("agents who can do the same share the work evenly", async () => {
    const agents = agentsOf(["tester", "tester", "tester"]);
    const plan = await assignAgents({ tasks: tasksOf(30, 1), agents });
    for (const { id } of agents) {
      expect(plan.assignments.filter(({ agent }) => agent === id)).toHaveLength(10);
    }
    expect(plan.assignments[0].why).toMatch(/least loaded of 3$/);
  });

  test("balance lets nobody have more than a fair share, unless a task would stay undone", async () => {
    const agents = agentsOf(TYPES);
    const tasks = tasksOf(20, 2);
    const plan = await assignAgents({ tasks, agents, balance: true });
    for (const { id } of agents) {
      expect(plan.assignments.filter(({ agent }) => agent === id)).toHaveLength(4);
    }
    const only = tasks.map((task) => ({ ...task, needs: ["unit-testing"] }));
    const forced = await assignAgents({ tasks: only, agents, balance: true });
    expect(new Set(forced.assignments.map(({ agent }) => agent))).toEqual(new Set(["tester-1"]));
    expect(forced.unassigned).toEqual([]);
  });

  test("what a task needs is met by capabilities, skills and types, however they are written", async () => {
    const agents = [
      ...agentsOf(["coder", "tester"]),
      { id: "crab", type: "coder", skills: ["Rust", "Embedded systems"] },
    ];
    const needs = [["rust"], ["embedded-system"], ["Unit Tests"], ["tester"], ["unit_testing"]];
    const tasks = needs.map((each, i) => ({ id: `${i}`, text: "do it", needs: each }));
    const plan = await assignAgents({ tasks, agents });
    expect(plan.unassigned.map(({ task }) => task)).toEqual([]);
    expect(plan.assignments.map(({ agent }) => agent)).toEqual([
      ...["crab", "crab", "tester-1", "tester-1", "tester-1"],
    ]);
    expect(plan.assignments[0].why).toContain("the only one that can rust");
  });

  test("a need that is a part of a skill's name is met by it: unit-testing is testing", async () => {
    const agents = [
      ...agentsOf(["coder", "tester", "security-manager"]),
      { id: "crab", type: "coder", skills: ["Embedded systems in Rust"] },
    ];
    const needs = [["testing"], ["security"], ["end to end"], ["embedded systems"], ["in rust"]];
    const tasks = needs.map((each, i) => ({ id: `${i}`, text: "do it", needs: each }));
    const { assignments } = await assignAgents({ tasks, agents });
    expect(assignments.map(({ agent }) => agent)).toEqual([
      ...["tester-1", "security-manager-2", "tester-1", "crab", "crab"],
    ]);
    const apart = [{ id: "x", text: "do it", needs: ["embedded rust"] }];
    expect((await assignAgents({ tasks: apart, agents })).unassigned).toHaveLength(1);
  });

  test("busy and dear agents are left out where others are as good", async () => {
    const both = agentsOf(["tester", "tester"]);
    const tasks = [{ id: "t", text: "unit tests" }];
    const busy = await assignAgents({ tasks, agents: [{ ...both[0], load: 0.9 }, both[1]] });
    expect(pairsOf(busy)).toEqual(["t→tester-1"]);
    const dear = await assignAgents({
      tasks,
      agents: [
        { ...both[0], price: 3 },
        { ...both[1], price: 2 },
      ],
    });
    expect(pairsOf(dear)).toEqual(["t→tester-1"]);
  });

  test("with explain the parts of each cost are told, and add up to it", async () => {
    const agents = agentsOf(TYPES).map((agent, i) => ({ ...agent, load: i / 10 }));
    const plan = await assignAgents({
      tasks: tasksOf(4, 5),
      agents,
      explain: true,
      weights: { load: 2, price: 0 },
    });
    for (const { cost, parts, alternatives } of plan.assignments) {
      for (const each of [{ cost, parts }, ...alternatives]) {
        const { failure = NaN, load = NaN, lateness } = each.parts ?? {};
        expect(lateness).toBe(0);
        expect(failure + 2 * load).toBeCloseTo(each.cost, 9);
      }
    }
  });
});

describe("what nobody gets", () => {
  test("tasks beyond all capacities stay unassigned, and as many as can be are done", async () => {
    const plan = await assignAgents({ tasks: tasksOf(8, 1), agents: agentsOf(TYPES, 1) });
    expect([plan.assignments.length, plan.unassigned.length]).toEqual([5, 3]);
    expect(plan.unassigned[0].why).toBe(
      "coder-0, tester-1, reviewer-2 and 2 more can do it and are full",
    );
  });

  test.each([
    [{ needs: ["rust"] }, "needs rust, which no agent has"],
    [
      { needs: ["unit-testin"] },
      /^needs unit-testin, which no agent has; written most like it: unit/,
    ],
    [{ needs: ["tester", "api-docs"] }, "no agent has all of tester, api-docs"],
    [{ size: 7 }, "its size 7 is above every capacity, at most 5"],
  ])("%j: the reason is told", async (task, why) => {
    const agents = agentsOf(["tester", "api-docs"], 5);
    const plan = await assignAgents({ tasks: [{ id: "x", text: "x", ...task }], agents });
    expect(plan.assignments).toEqual([]);
    expect(plan.unassigned[0].why).toEqual(
      typeof why === "string" ? why : expect.stringMatching(why),
    );
  });

  test("nobody there, no capacity and nothing to do are plans, too", async () => {
    const tasks = [{ id: "x", text: "unit tests" }];
    const nobody = await assignAgents({ tasks, agents: [] });
    expect(nobody.unassigned).toEqual([{ task: "x", why: "there are no agents" }]);
    const idle = await assignAgents({ tasks, agents: agentsOf(["tester"], 0) });
    expect(idle.unassigned[0].why).toBe("tester-0 can do it and has capacity 0");
    const nothing = await assignAgents({ tasks: [], agents: agentsOf(["tester"]) });
    expect([nothing.assignments, nothing.totalCost, nothing.gap]).toEqual([[], 0, 0]);
  });
});

describe("a plan in force", () => {
  const agents = agentsOf([...TYPES, "tester"], 8);
  const tasks = tasksOf(40, 4);

  test("the same request gives the same plan, and the request stays as it was", async () => {
    const request = { tasks, agents, explore: true } as const;
    const before = JSON.stringify(request);
    const plan = await assignAgents(request);
    expect(await assignAgents(structuredClone(request))).toEqual(plan);
    expect(JSON.stringify(request)).toBe(before);
    expect(JSON.parse(JSON.stringify(plan))).toEqual(plan);
  });

  test("after a change few tasks move, and the plan costs hardly more than a new one", async () => {
    let previous = await assignAgents({ tasks, agents });
    let now = tasks;
    for (let round = 0; round < 5; round++) {
      const fresh = tasksOf(2, 100 + round).map((task, i) => ({
        ...task,
        id: `new-${round}-${i}`,
      }));
      now = [...now.slice(2), ...fresh];
      const plan = await assignAgents({ tasks: now, agents, previous });
      const anew = await assignAgents({ tasks: now, agents });
      const had = new Map(previous.assignments.map(({ task, agent }) => [task, agent]));
      const moved = plan.assignments.filter(({ task, agent }) => {
        return had.has(task) && had.get(task) !== agent;
      });
      expect(plan.moved).toEqual(moved.map(({ task }) => task));
      expect(plan.moved.length).toBeLessThanOrEqual(4);
      const most = anew.totalCost + MOVING_COST * (plan.moved.length + anew.assignments.length);
      expect(plan.totalCost).toBeLessThanOrEqual(most);
      expect(plan.totalCost).toBeGreaterThanOrEqual(anew.totalCost - 1e-9);
      previous = plan;
    }
  });

  test("a plan that was kept as JSON goes on as the one in memory does", async () => {
    const previous = await assignAgents({ tasks, agents });
    const later = tasks.slice(3);
    const kept = JSON.parse(JSON.stringify(previous)) as AssignmentPlan;
    const one = await assignAgents({ tasks: later, agents, previous: kept });
    const other = await assignAgents({ tasks: later, agents, previous });
    expect(pairsOf(one)).toEqual(pairsOf(other));
    // The plan before can be gone on from again.
    expect(pairsOf(await assignAgents({ tasks: later, agents, previous }))).toEqual(pairsOf(one));
  });

  test("a task whose agent is gone is given to another, and the reason says so", async () => {
    const previous = await assignAgents({ tasks, agents });
    const left = agents
      .filter(({ id }) => id !== "tester-1")
      .map((each) => ({ ...each, capacity: 20 }));
    const plan = await assignAgents({ tasks, agents: left, previous });
    expect(plan.unassigned).toEqual([]);
    expect(plan.assignments.some(({ agent }) => agent === "tester-1")).toBe(false);
  });

  test("tasks with sizes stay where they are too, where moving gains less than it costs", async () => {
    const two = [
      { id: "a", type: "tester", capacity: 4 },
      { id: "b", type: "tester", capacity: 4, skills: ["origami"] },
    ];
    const sized = [3, 2].map((size) => ({ id: `size-${size}`, text: "write unit tests", size }));
    const plan = await assignAgents({ tasks: sized, agents: two });
    const exchanged = plan.assignments.map((each) => ({
      ...each,
      agent: each.agent === "a" ? "b" : "a",
    }));
    const previous = { ...plan, assignments: exchanged };
    const next = await assignAgents({ tasks: sized, agents: two, previous });
    expect(pairsOf(next)).toEqual(pairsOf(previous));
    expect(next.moved).toEqual([]);
  });

  test("a task that moves says from whom", async () => {
    const two = agentsOf(["tester", "api-docs"]);
    const plan = await assignAgents({
      tasks: [{ id: "t", text: "write unit tests" }],
      agents: two,
    });
    const kept = { ...plan, assignments: [{ ...plan.assignments[0], agent: "api-docs-1" }] };
    const task = { id: "t", text: "write unit tests with coverage and assertions" };
    const next = await assignAgents({ tasks: [task], agents: two, previous: kept });
    expect(next.moved).toEqual(["t"]);
    expect(next.assignments[0].why).toMatch(/, moved from api-docs-1$/);
  });
});

function permutations(items: readonly string[]): string[][] {
  if (items.length <= 1) return [[...items]];
  return items.flatMap((item, i) =>
    permutations(items.filter((_, j) => j !== i)).map((rest) => [item, ...rest]),
  );
}
