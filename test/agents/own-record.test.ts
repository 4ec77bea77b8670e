import { expect, test } from "vitest";
import { assignAgents, type TaskOutcome } from "#dist/index.js";

const agents = ["t1", "t2", "t3"].map((id) => ({ id, type: "tester" }));
const tasks = Array.from({ length: 12 }, (_, i) => ({ id: `${i}`, text: `Test module ${i}` }));

function outcomes(agent: string, done: number, failed: number): TaskOutcome[] {
  return Array.from({ length: done + failed }, (_, i) => ({
    text: `Test part ${i} of the parser`,
    agent,
    type: "tester",
    success: i < done,
  }));
}

async function tasksOf(history: TaskOutcome[], capacity?: number) {
  const all = agents.map((agent) => ({ ...agent, capacity }));
  const { assignments } = await assignAgents({ tasks, agents: all, history });
  const count = (id: string): number => assignments.filter(({ agent }) => agent === id).length;
  return { counts: agents.map(({ id }) => count(id)), assignments };
}

test("work goes to agents of a kind that do as well as each other, and not to one that fails at it", async () => {
  const { counts } = await tasksOf([...outcomes("t1", 0, 6), ...outcomes("t2", 6, 0)]);
  expect(counts).toEqual([0, 6, 6]);
});

test("an agent that fails by chance shares the work as before", async () => {
  const some = [...outcomes("t1", 5, 2), ...outcomes("t2", 6, 0), ...outcomes("t3", 1, 1)];
  expect((await tasksOf(some)).counts).toEqual([4, 4, 4]);
  const all = agents.flatMap(({ id }) => outcomes(id, 0, 6));
  expect((await tasksOf(all)).counts).toEqual([4, 4, 4]);
});

test("where nobody else has room it is given work, and said to do less", async () => {
  const { counts, assignments } = await tasksOf(outcomes("t1", 1, 9), 4);
  expect(counts).toEqual([4, 4, 4]);
  const own = assignments.find(({ agent }) => agent === "t1");
  const other = assignments.find(({ agent }) => agent === "t2");
  expect(own?.why).toContain("of its own tasks 10 % done, less than of others like it");
  expect(other?.why).not.toContain("of its own");
  expect(own?.expectedSuccess).toBeLessThan((other?.expectedSuccess ?? 0) / 2);
});

test("what is due soon goes to agents that are not slow, and so does the rest while they have room", async () => {
  const now = 1e12;
  const history = ["t1", "t2", "t3"].flatMap((id) =>
    outcomes(id, 5, 0).map((each) => ({ ...each, durationMs: id === "t1" ? 60_000 : 1000 })),
  );
  const due = tasks.map((task) => ({ ...task, deadline: now + 5000 }));
  const { assignments } = await assignAgents({ tasks: due, agents, history, now });
  expect(new Set(assignments.map(({ agent }) => agent))).toEqual(new Set(["t2", "t3"]));
  expect(assignments[0].why).not.toContain("late");
  const alone = await assignAgents({ tasks: due, agents: agents.slice(0, 1), history, now });
  expect(alone.assignments[0].why).toContain("% likely to be late");
  expect((await tasksOf(history, 4)).counts).toEqual([4, 4, 4]);
  expect((await tasksOf(history)).counts).toEqual([0, 6, 6]);
});

test("what is told of a type is told of no agent alone, also where one is called as it", async () => {
  const history = outcomes("tester", 0, 10);
  const named = [
    { id: "tester", type: "tester" },
    { id: "tester-2", type: "tester" },
  ];
  const { assignments } = await assignAgents({ tasks: tasks.slice(0, 2), agents: named, history });
  expect(assignments.map(({ agent }) => agent)).toEqual(["tester", "tester-2"]);
});
