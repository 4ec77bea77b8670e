import { expect, test } from "vitest";
import { assignAgents, type AgentTask, type AssignmentPlan } from "#dist/index.js";
import { MOVING_COST } from "#dist/agents/matching/cost.js";
import { seededRandom } from "../support/random.ts";

const NOW = 1_800_000_000_000;
const TEXTS = ["write unit tests", "review code", "parse logs", "plan the sprint", "deploy"];
const TYPES = ["coder", "tester", "reviewer", "planner"];

/** What a plan costs, as it is minimized: staying saves what moving costs. */
function costOf(plan: AssignmentPlan, previous: AssignmentPlan): number {
  const had = new Map(previous.assignments.map(({ task, agent }) => [task, agent]));
  const stays = plan.assignments.filter(({ task, agent }) => had.get(task) === agent);
  return plan.totalCost - MOVING_COST * stays.length;
}

test("a plan that goes on from one in memory is as good as one that goes on from its copy, whatever changed", async () => {
  const random = seededRandom(11);
  const pick = <Value>(from: readonly Value[]): Value => from[Math.floor(random() * from.length)];
  let wentOn = 0;
  for (let round = 0; round < 120; round++) {
    const taskOf = (i: number, size: number): AgentTask => ({
      id: `t${i}`,
      text: pick(TEXTS),
      size,
      ...(random() < 0.5 ? { deadline: NOW + 1000 } : {}),
    });
    const agents = TYPES.slice(0, 1 + Math.floor(4 * random())).map((type) => ({
      id: type,
      type,
      capacity: pick([0, 0.5, 0.9, 1, 2, 3]),
      skills: [type],
    }));
    const request = { agents, now: NOW };
    const size = pick([0.3, 0.5, 1]);
    const tasks = [0, 1, 2, 3, 4].map((i) => taskOf(i, size));
    let previous = await assignAgents({ ...request, tasks });
    for (let change = 0; change < 3; change++) {
      const isLarger = random() < 0.3;
      const kept = isLarger ? [] : tasks.filter(() => random() < 0.7);
      const later = [...kept, taskOf(10 + change, isLarger ? 2 : size)];
      const copied = structuredClone(previous);
      const plan = await assignAgents({ ...request, tasks: later, previous });
      const anew = await assignAgents({ ...request, tasks: later, previous: copied });
      expect(plan.assignments.length).toBe(anew.assignments.length);
      expect(costOf(plan, previous)).toBeCloseTo(costOf(anew, previous), 9);
      for (const { id, capacity } of agents) {
        const own = plan.assignments.filter(({ agent }) => agent === id);
        const work = own.reduce((sum, { task }) => {
          return sum + (later.find((each) => each.id === task)?.size ?? 1);
        }, 0);
        expect(work).toBeLessThanOrEqual(capacity + 1e-9);
      }
      if (plan.assignments.length > 0) wentOn++;
      previous = plan;
    }
  }
  expect(wentOn).toBeGreaterThan(200);
});

test("a task that somebody has is not put off for a new one that costs hardly less, whatever sizes there are", async () => {
  const history = [10, 2000].map((durationMs) => ({
    text: "plan the sprint",
    agent: "a",
    success: true,
    durationMs,
  }));
  const request = {
    agents: [{ id: "a", type: "planner", capacity: 1 }],
    history,
    now: NOW,
    weights: { lateness: 0.1 },
  };
  const old = { id: "old", text: "plan the sprint", deadline: NOW + 1000 };
  const fresh = { id: "new", text: "plan the sprint" };
  const [before, other] = await Promise.all(
    [old, fresh].map((task) => assignAgents({ ...request, tasks: [task] })),
  );
  expect(before.totalCost - other.totalCost).toBeCloseTo(MOVING_COST / 2, 9);
  for (const size of [1, 0.9]) {
    const tasks = [old, { ...fresh, size }];
    const anew = await assignAgents({ ...request, tasks });
    expect(anew.assignments.map(({ task }) => task)).toEqual(["new"]);
    for (const previous of [before, structuredClone(before)]) {
      const plan = await assignAgents({ ...request, tasks, previous });
      expect(plan.assignments.map(({ task }) => task)).toEqual(["old"]);
    }
  }
});
