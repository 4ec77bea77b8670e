import { expect, test } from "vitest";
import { assignAgents, type AssignRequest, type TaskOutcome } from "#dist/index.js";
import { excerptOf } from "#dist/agents/matching/excerpt.js";
import { SimilarTasks } from "#dist/agents/matching/similar-tasks.js";
import { seededRandom } from "../support/random.ts";
import { countingTurns } from "../support/turns.ts";

const WORDS = ["parse", "logs", "index", "paint", "docs", "query", "cache", "tests", "deploy"];

/** Tasks of sizes among agents of little room, which take a second or so. */
function largeRequest(tasks = 1200, agents = 40): AssignRequest {
  const random = seededRandom(4);
  const text = (): string =>
    Array.from({ length: 6 }, () => WORDS[Math.floor(random() * WORDS.length)]).join(" ");
  return {
    tasks: Array.from({ length: tasks }, (_, i) => ({
      id: `t${i}`,
      text: text(),
      size: 1 + Math.floor(3 * random()),
    })),
    agents: Array.from({ length: agents }, (_, i) => ({
      id: `a${i}`,
      type: "worker",
      skills: [text()],
      capacity: (2.2 * tasks) / agents,
    })),
    network: "none",
  };
}

function outcomes(count: number): TaskOutcome[] {
  const random = seededRandom(9);
  return Array.from({ length: count }, (_, i) => ({
    text: `${WORDS[i % WORDS.length]} ${WORDS[(i * 5) % WORDS.length]}`,
    agent: `a${i % 7}`,
    success: random() < 0.7,
    at: 1000 + i,
  }));
}

test("others have the thread while many tasks are assigned", async () => {
  const { result: plan, turns } = await countingTurns(() => assignAgents(largeRequest()));
  expect(plan.assignments).toHaveLength(1200);
  expect(turns).toBeGreaterThan(2);
});

test("a signal ends it with its reason, before and while it is solved", async () => {
  const reason = new Error("changed my mind");
  const request = largeRequest();
  await expect(assignAgents({ ...request, signal: AbortSignal.abort(reason) })).rejects.toBe(
    reason,
  );
  const controller = new AbortController();
  let turns = 0;
  const count = (): void => {
    if (++turns === 3) controller.abort(reason);
    else setImmediate(count);
  };
  setImmediate(count);
  await expect(assignAgents({ ...request, signal: controller.signal })).rejects.toBe(reason);
  expect(turns).toBe(3);
  const wrong = { ...request, signal: "stop" as never };
  await expect(assignAgents(wrong)).rejects.toMatchObject({ code: "INVALID_INPUT" });
});

test("what was learned in part when a signal came is learned again, and plans are the same", async () => {
  const history = outcomes(1500);
  const request = { ...largeRequest(30, 7), history, now: 5000 };
  const controller = new AbortController();
  setImmediate(() => setImmediate(() => controller.abort()));
  await expect(assignAgents({ ...request, signal: controller.signal })).rejects.toThrow("aborted");
  const expected = await assignAgents({ ...request, history: [...history] });
  expect(expected.learned.outcomes).toBe(1500);
  expect(await assignAgents(request)).toEqual(expected);
});

test("calls at once with one history give what they give one after the other", async () => {
  const history = outcomes(400);
  const request = { ...largeRequest(30, 7), now: 5000 };
  const expected = await assignAgents({ ...request, history: [...history] });
  const controller = new AbortController();
  const all = [0, 1, 2].map(async (i) =>
    assignAgents({ ...request, history, ...(i === 1 ? { signal: controller.signal } : {}) }),
  );
  controller.abort();
  const [first, second, third] = await Promise.allSettled(all);
  expect(first).toEqual({ status: "fulfilled", value: expected });
  expect(second).toMatchObject({ status: "rejected" });
  expect(third).toEqual({ status: "fulfilled", value: expected });
});

test("a plan that was to be changed when a signal came can be changed after", async () => {
  const request = largeRequest(300, 20);
  const units = { ...request, tasks: request.tasks.map(({ id, text }) => ({ id, text })) };
  const tight = { ...units, agents: units.agents.map((agent) => ({ ...agent, capacity: 16 })) };
  const previous = await assignAgents(tight);
  const changed = { ...tight, tasks: tight.tasks.slice(20), previous };
  const controller = new AbortController();
  const stopped = assignAgents({ ...changed, signal: controller.signal });
  controller.abort();
  await expect(stopped).rejects.toThrow("aborted");
  const plan = await assignAgents(changed);
  expect(plan.assignments).toHaveLength(280);
  expect(plan.totalCost).toBeLessThanOrEqual(previous.totalCost);
});

test("of a text longer than 16,384 characters the first 12,288 and the last 4,096 count", async () => {
  const filler = Array.from({ length: 30_000 }, (_, i) => `filler${i}`).join(" ");
  const long = `write unit tests ${filler} deploy to production ${filler} paint the fence`;
  expect(excerptOf(long).length).toBeGreaterThan(16_384 - 24); // parts of two words are left out
  expect(excerptOf(long).length).toBeLessThan(16_384);
  expect(excerptOf(long).startsWith("write unit tests filler0 ")).toBe(true);
  expect(excerptOf(long).endsWith("filler29999 paint the fence")).toBe(true);
  expect(excerptOf("x".repeat(16_384))).toHaveLength(16_384);
  const agents = [
    { id: "a", type: "painter", skills: ["paint"] },
    { id: "b", type: "deployer", skills: ["deploy to production"] },
  ];
  const plan = await assignAgents({ tasks: [{ id: "t", text: long }], agents });
  expect(plan.assignments[0]).toMatchObject({ agent: "a", why: "painter: in its words: paint" });
  const told = new SimilarTasks();
  told.add(told.weigh(long), 0, 1, 1);
  expect(told.weigh("fence").coverage).toBeGreaterThan(0);
  expect(told.weigh("production").coverage).toBe(0);
});

test("of a history of more than 65,536 outcomes the newest are learned, and all of them count", async () => {
  const agents = [
    { id: "a", type: "north", skills: ["first"] },
    { id: "b", type: "south", skills: ["second"] },
  ];
  const history = Array.from({ length: 65_600 }, (_, i) => ({
    text: i < 64 ? "zebra" : `word${i % 4000}`,
    agent: i < 64 || i % 2 === 0 ? "a" : "b",
    success: true,
    at: 1000,
  }));
  const tasks = [
    { id: "old", text: "zebra" },
    { id: "new", text: "word65" },
  ];
  const plan = await assignAgents({ tasks, agents, history, now: 2000, network: "none" });
  expect(plan.learned.outcomes).toBe(65_600);
  const [old, fresh] = plan.assignments;
  expect(old.why).not.toContain("similar");
  expect(fresh).toMatchObject({ agent: "b", why: "south: 17 similar tasks, 100 % done" });
});
