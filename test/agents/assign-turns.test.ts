import { expect, test } from "vitest";
import { assignAgents, type AssignRequest, type TaskOutcome } from "#dist/index.js";
import { seededRandom } from "../support/random.ts";

const WORDS = ["parse", "logs", "index", "paint", "docs", "query", "cache", "tests", "deploy"];

/** Tasks of sizes among agents of little room, which take a second or so. */
function largeRequest(tasks = 1200, agents = 40): AssignRequest {
  const random = seededRandom(4);
  const text = (): string =>
    Array.from({ length: 6 }, () => WORDS[Math.floor(random() * WORDS.length)]).join(" ");
  return {
    tasks: Array.from({ length: tasks }, (_, i) => ({
      ...{ id: `t${i}`, text: text(), size: 1 + Math.floor(3 * random()) },
    })),
    agents: Array.from({ length: agents }, (_, i) => ({
      ...{ id: `a${i}`, type: "worker", skills: [text()], capacity: (2.2 * tasks) / agents },
    })),
    network: "none",
  };
}

function outcomes(count: number): TaskOutcome[] {
  const random = seededRandom(9);
  return Array.from({ length: count }, (_, i) => ({
    text: `${WORDS[i % WORDS.length]} ${WORDS[(i * 5) % WORDS.length]}`,
    ...{ agent: `a${i % 7}`, success: random() < 0.7, at: 1000 + i },
  }));
}

test("others have the thread while many tasks are assigned", async () => {
  let turns = 0;
  let isDone = false;
  const count = (): void => {
    turns++;
    if (!isDone) setImmediate(count);
  };
  setImmediate(count);
  const plan = await assignAgents(largeRequest());
  isDone = true;
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
