import { describe, expect, test } from "vitest";
import { assignAgents, type AssignableAgent, type AssignmentPlan } from "#dist/index.js";

// How much each agent takes that tells no capacity of its own.

const TASKS = ["write unit tests", "add integration tests", "test the parser"].map((text, i) => ({
  id: `t${i}`,
  text,
}));
const AGENTS: readonly AssignableAgent[] = [
  { id: "ann", type: "tester" },
  { id: "bob", type: "coder" },
];

function countOf({ assignments }: AssignmentPlan, id: string): number {
  return assignments.filter(({ agent }) => agent === id).length;
}

test("a capacity for all holds for agents that tell none, and not for those that do", async () => {
  expect(countOf(await assignAgents({ tasks: TASKS, agents: AGENTS }), "ann")).toBe(3);
  const plan = await assignAgents({ tasks: TASKS, agents: AGENTS, capacity: 1 });
  expect([countOf(plan, "ann"), countOf(plan, "bob")]).toEqual([1, 1]);
  expect(plan.unassigned).toEqual([
    { task: expect.any(String), why: "ann, bob can do it and are full" },
  ]);
  const own = [{ ...AGENTS[0], capacity: 2 }, AGENTS[1]];
  const mixed = await assignAgents({ tasks: TASKS, agents: own, capacity: 1 });
  expect([countOf(mixed, "ann"), countOf(mixed, "bob")]).toEqual([2, 1]);
  const unlimited = [{ ...AGENTS[0], capacity: Infinity }, AGENTS[1]];
  expect(countOf(await assignAgents({ tasks: TASKS, agents: unlimited, capacity: 0 }), "ann")).toBe(
    3,
  );
});

test("a plan by a capacity for all is the one by the same capacity for each", async () => {
  class Own {
    readonly id: string;
    readonly type: string;
    constructor({ id, type }: AssignableAgent) {
      [this.id, this.type] = [id, type];
    }
    get skills(): string[] {
      return ["rust"];
    }
  }
  const agents = AGENTS.map((each) => new Own(each));
  const each = agents.map(({ id, type, skills }) => ({ id, type, skills, capacity: 5 }));
  const sized = [3, 2, 4].map((size, i) => ({ ...TASKS[i], size, needs: ["rust"] }));
  for (const topology of ["mesh", "ring", "star"] as const) {
    for (const balance of [false, true]) {
      const request = { tasks: sized, topology, balance };
      const plan = await assignAgents({ ...request, agents, capacity: 5 });
      expect(plan).toEqual(await assignAgents({ ...request, agents: each }));
      for (const { id } of agents) expect(sumOf(plan, id)).toBeLessThanOrEqual(5);
    }
  }
  function sumOf(plan: AssignmentPlan, id: string): number {
    const own = plan.assignments.filter(({ agent }) => agent === id).map(({ task }) => task);
    return sized.reduce((sum, { id: task, size }) => sum + (own.includes(task) ? size : 0), 0);
  }
});

test("a task above the capacity for all stays undone, and the reason tells it", async () => {
  const plan = await assignAgents({
    tasks: [{ ...TASKS[0], size: 3 }, TASKS[1]],
    agents: AGENTS,
    capacity: 2,
  });
  expect(plan.unassigned).toEqual([
    { task: "t0", why: "its size 3 is above every capacity, at most 2" },
  ]);
  const none = await assignAgents({ tasks: TASKS, agents: AGENTS, capacity: 0 });
  expect(none.unassigned[0].why).toBe("ann, bob can do it and have capacity 0");
});

test("a plan goes on when the capacity for all changes, and moves no more than it must", async () => {
  const request = { tasks: TASKS, agents: AGENTS };
  const wide = await assignAgents({ ...request, capacity: 3 });
  const kept = await assignAgents({ ...request, capacity: 3, previous: wide });
  expect([kept.assignments, kept.moved]).toEqual([wide.assignments, []]);
  const narrow = await assignAgents({ ...request, capacity: 2, previous: kept });
  expect([countOf(narrow, "ann"), narrow.moved]).toEqual([2, [expect.any(String)]]);
  const shut = await assignAgents({ ...request, capacity: 1, previous: narrow });
  expect([countOf(shut, "ann"), countOf(shut, "bob"), shut.moved]).toEqual([1, 1, []]);
});

describe("a capacity for all that is none is refused", () => {
  test.each([-1, NaN, "2", null, [1]])("%j", async (capacity) => {
    const request = { tasks: TASKS, agents: AGENTS, capacity: capacity as number };
    await expect(assignAgents(request)).rejects.toMatchObject({
      code: "INVALID_INPUT",
      message: expect.stringMatching(/^capacity: expected a number from 0, or none for no limit/),
    });
  });
});
