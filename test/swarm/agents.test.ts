import { expect, test } from "vitest";
import { AGENT_CATALOG, MemoryStore } from "#dist/index.js";
import { healthOf } from "#dist/agents/registry/agent-health.js";
import { AgentTypes } from "#dist/agents/types/agent-types.js";
import { AgentRegistry } from "#dist/agents/registry/registry.js";
import { agentsOf } from "#dist/swarm/agents.js";
import { agentLimits } from "#dist/swarm/agent-limits.js";
import { testFolder } from "../support/folder.ts";
import { testStore } from "../support/store.ts";

const types = new AgentTypes(AGENT_CATALOG);

async function registryOf(): Promise<{ store: MemoryStore; agents: AgentRegistry }> {
  const store = await testStore();
  return { store, agents: agentsOf(store) };
}

/** Records what came of some tasks of an agent. */
async function record(store: MemoryStore, agent: string, outcomes: readonly boolean[], kind = "x") {
  for (const success of outcomes) {
    const data = { operation: "a task", metadata: { agent, kind, success, durationMs: 10 } };
    await store.models.recordOutcome({ pattern: "prediction", data });
  }
}

test("an agent starts with what its type gives, and what was asked for it", async () => {
  const { agents } = await registryOf();
  const [plain, full, own] = await agents.spawn(types, [
    { type: "coder" },
    {
      type: "Analyst",
      id: "db:1",
      name: "Database Architect",
      capacity: 3,
      swarm: "shop",
      capabilities: ["databases", "react", "algorithms"],
      restart: { when: "never" },
    },
    { type: "Prompt Tuner", description: "tunes prompts", capabilities: ["research", "wit"] },
  ]);
  expect(plain).toMatchObject({
    type: "coder",
    capacity: 1,
    skills: [],
    status: "idle",
    starts: 1,
  });
  expect(plain.id).toMatch(/^coder-[0-9a-f]{8}$/);
  expect(full).toMatchObject({
    type: "code-analyzer",
    id: "db:1",
    name: "Database Architect",
    capacity: 3,
    swarm: "shop",
    skills: ["react", "algorithms"],
    restart: { when: "never", most: 5 },
  });
  expect(own).toMatchObject({
    type: "Prompt Tuner",
    description: "tunes prompts",
    skills: ["wit"],
    capabilities: ["research"],
  });
  expect(own.id).toMatch(/^prompt-tuner-/);
  expect(await agents.list()).toEqual([plain, full, own]);
});

test.each([
  [{ type: "codr" }, "NOT_FOUND", /did you mean "coder"/],
  [{ type: "" }, "INVALID_INPUT", /type/],
  [{ type: "coder", id: "a/b" }, "INVALID_INPUT", /agent id/],
  [{ type: "coder", id: "*" }, "INVALID_INPUT", /agent id/],
  [{ type: "coder", capacity: 0 }, "INVALID_INPUT", /capacity/],
  [{ type: "coder", capacity: Number.NaN }, "INVALID_INPUT", /capacity/],
  [{ type: "coder", name: "two\nlines" }, "INVALID_INPUT", /name/],
  [{ type: "coder", restart: { most: -1 } }, "INVALID_INPUT", /restart.most/],
  [{ type: "coder", restart: { most: 1.5 } }, "INVALID_INPUT", /restart.most/],
  [{ type: "x", description: "d".repeat(5000) }, "INVALID_INPUT", /description/],
  [{ type: "coder", capabilities: Array(65).fill("a") }, "INVALID_INPUT", /capabilities/],
])("%j is refused, and none of its companions starts", async (request, code, message) => {
  const { agents } = await registryOf();
  const asked = agents.spawn(types, [{ type: "tester" }, request]);
  await expect(asked).rejects.toMatchObject({ code, message: expect.stringMatching(message) });
  expect(await agents.list()).toEqual([]);
});

test("at most so many agents live as the setting says, stopped ones not counted", async () => {
  expect(agentLimits({})).toEqual({ most: 100, staleAfterMs: 600_000 });
  expect(agentLimits({ RUV_MAX_AGENTS: "7" }).most).toBe(7);
  expect(agentLimits({ RUV_MAX_AGENTS: "7", STIGMERGY_MAX_AGENTS: "8" }).most).toBe(8);
  expect(() => agentLimits({ RUV_MAX_AGENTS: "many" })).toThrow(/RUV_MAX_AGENTS/);
  const { agents } = await registryOf();
  const hundred = Array.from({ length: 100 }, (_, i) => ({ type: "coder", id: `c${i}` }));
  await agents.spawn(types, hundred);
  const one = [{ type: "tester", id: "t" }];
  await expect(agents.spawn(types, one)).rejects.toMatchObject({ code: "LIMIT_REACHED" });
  await agents.stop("c7");
  await agents.spawn(types, one);
  expect(await agents.list()).toHaveLength(100);
});

test("signs of life tell load, and an agent without any for too long is stale", async () => {
  const store = await testStore();
  const agents = agentsOf(store);
  const [{ id }] = await agents.spawn(types, [{ type: "coder" }]);
  expect((await agents.heartbeat(id, { load: 2 })).agent).toMatchObject({
    status: "busy",
    load: 2,
  });
  expect((await agents.heartbeat(id, { load: 0 })).agent.status).toBe("idle");
  await expect(agents.heartbeat("nobody")).rejects.toMatchObject({ code: "NOT_FOUND" });
  await expect(agents.heartbeat(id, { load: -1 })).rejects.toMatchObject({ code: "INVALID_INPUT" });
  const impatient = new AgentRegistry(
    {
      storage: store.agents(),
      outcomes: store.models,
      traces: { endClaims: async () => [], clearNotes: async () => 0 },
      signals: { send: async () => undefined, watch: async function* () {} },
    },
    { most: 9, staleAfterMs: -1 },
  );
  const stale = await impatient.get(id);
  expect(stale).toMatchObject({ status: "stale", state: "running" });
  expect(healthOf([stale], await impatient.measure([stale]))).toMatchObject([
    {
      health: 0,
      isHealthy: false,
      reasons: [expect.stringMatching(/^no sign of life for/), expect.any(String)],
    },
  ]);
});

test("a sign of life from a clock that was set back since keeps no agent alive", async () => {
  const agents = agentsOf(await testStore());
  const [{ id }] = await agents.spawn(types, [{ type: "coder" }]);
  const now = Date.now;
  try {
    Date.now = () => now() + 3_600_000;
    expect((await agents.heartbeat(id)).agent.status).toBe("idle");
  } finally {
    Date.now = now;
  }
  const ahead = await agents.get(id);
  expect(ahead.status).toBe("stale");
  const [{ reasons }] = healthOf([ahead], await agents.measure([ahead]));
  expect(reasons[0]).toMatch(/^its last sign of life is 3\d\d\d s ahead: the clock was set back/);
  expect((await agents.heartbeat(id)).agent.status).toBe("idle");
});

test("a restart ends claims and notes, and the client begins again at its next sign of life", async () => {
  const { store, agents } = await registryOf();
  const [{ id }] = await agents.spawn(types, [
    { type: "coder", id: "c1" },
    { type: "coder", id: "c" },
  ]);
  const claim = (key: string, value: string) => store.store({ key, value, namespace: "claims" });
  await claim("task-1", JSON.stringify({ agent: "c1", since: 1 }));
  await claim("task-2", "c1");
  await claim("task-3", JSON.stringify({ agent: "c" }));
  await claim("task-4", "free text");
  for (const key of ["c1/plan", "c1/deep/er", "c/plan", "x/c1/plan"]) {
    await store.store({ key, value: "note", namespace: "agent-state" });
  }
  await agents.heartbeat(id, { load: 1 });
  const { claims, notes, by, agent } = await agents.restart(id, "does badly");
  expect([claims.toSorted(), notes, by]).toEqual([["task-1", "task-2"], 2, "client"]);
  expect(agent).toMatchObject({
    status: "restarting",
    starts: 2,
    load: 0,
    restarts: [{ reason: "does badly", at: expect.any(Number) }],
  });
  const keys = async (namespace: string) => (await store.list({ namespace })).map(({ key }) => key);
  expect(await keys("claims")).toEqual(["task-3", "task-4"]);
  expect(await keys("agent-state")).toEqual(["c/plan", "x/c1/plan"]);

  expect(await agents.heartbeat(id)).toMatchObject({ restart: true, stop: false });
  expect(await agents.heartbeat(id, { starts: 1 })).toMatchObject({ restart: true });
  expect((await agents.get(id)).status).toBe("restarting");
  expect(await agents.heartbeat(id, { starts: 2 })).toMatchObject({
    restart: false,
    agent: { status: "idle", starts: 2 },
  });
  // What works for the earlier start still is told to end.
  expect(await agents.heartbeat(id, { starts: 1, load: 9 })).toMatchObject({ restart: true });
  expect((await agents.get(id)).load).toBe(0);
});

test("an agent with tasks in hand is stopped by force only; its notes can be kept; it is told to end", async () => {
  const { store, agents } = await registryOf();
  const [{ id }] = await agents.spawn(types, [{ type: "coder" }]);
  await store.store({ key: `${id}/plan`, value: "note", namespace: "agent-state" });
  await agents.heartbeat(id, { load: 1 });
  await expect(agents.stop(id)).rejects.toMatchObject({ code: "CONFLICT" });
  const { agent, notes } = await agents.stop(id, { force: true, promote: true });
  expect([agent.status, notes]).toEqual(["stopped", 1]);
  expect((await store.retrieve(`agents/${id}/plan`))?.value).toBe("note");
  expect(await agents.heartbeat(id)).toMatchObject({ stop: true, restart: false });
  expect(await agents.list()).toEqual([]);
  expect(await agents.list({ stopped: true })).toHaveLength(1);
  await expect(agents.restart(id, "x")).rejects.toMatchObject({ code: "INVALID_INPUT" });
});

test("success is measured by kind of task from recorded outcomes, and since the last start", async () => {
  const { store, agents } = await registryOf();
  const [{ id }] = await agents.spawn(types, [{ type: "coder", id: "c1" }]);
  await record(store, id, [true, true, false], "api");
  await record(store, id, [true], "ui");
  await record(store, "other", [false]);
  await store.models.recordOutcome({ pattern: "p", agent: id, data: { outcome: "failure" } });
  const measured = (await agents.measure(await agents.list())).get(id);
  expect(measured).toEqual({
    tasks: 5,
    successRate: 0.6,
    medianMs: 10,
    kinds: [
      { kind: "api", tasks: 3, successRate: 2 / 3, medianMs: 10 },
      { kind: "any", tasks: 1, successRate: 0, medianMs: null },
      { kind: "ui", tasks: 1, successRate: 1, medianMs: 10 },
    ],
    sinceStart: { tasks: 5, successRate: 0.6, medianMs: 10 },
  });
});

test("who does badly since its start is restarted once, as far as its policy allows, and others are told why not", async () => {
  const { store, agents } = await registryOf();
  await agents.spawn(types, [
    ...[
      { type: "coder", id: "bad" },
      { type: "coder", id: "good" },
      { type: "coder", id: "new" },
    ],
    { type: "coder", id: "left", restart: { when: "never" } },
    { type: "coder", id: "often", restart: { most: 0 } },
  ]);
  for (const id of ["bad", "left", "often"])
    await record(store, id, [true, false, false, false, false]);
  await record(store, "good", [true, true, true, false, true]);
  await record(store, "new", [false, false]);
  const dry = await agents.restartMany({ threshold: 0.6, dryRun: true });
  expect(dry.filter(({ isChosen }) => isChosen).map(({ agent }) => agent.id)).toEqual(["bad"]);
  expect((await agents.get("bad")).starts).toBe(1);
  const done = await agents.restartMany({ threshold: 0.6 });
  const told = Object.fromEntries(done.map(({ agent, reason }) => [agent.id, reason]));
  expect(told).toEqual({
    bad: "20 % of 5 tasks succeeded, below 60 %",
    good: "80 % of 5 tasks succeeded",
    new: "only 2 of 5 outcomes since its start",
    left: "20 % of 5 tasks succeeded, below 60 %, but its policy is never to restart",
    often: "20 % of 5 tasks succeeded, below 60 %, but it was restarted 0 times within 300 s",
  });
  expect(done[0].ended).toMatchObject({ by: "client", agent: { starts: 2 } });
  await agents.heartbeat("bad", { starts: 2 });
  // What went wrong before is no reason again.
  const again = await agents.restartMany({ threshold: 0.6 });
  expect(again[0]).toMatchObject({
    isChosen: false,
    reason: "only 0 of 5 outcomes since its start",
  });
  for (const request of [
    {},
    { threshold: 60 },
    { threshold: Number.NaN },
    { threshold: 0.5, minTasks: 0 },
  ]) {
    await expect(agents.restartMany(request)).rejects.toMatchObject({ code: "INVALID_INPUT" });
  }
});

test("two who restart agents at the same time restart each once, and one that is gone does not stop the rest", async () => {
  const path = testFolder();
  await using store = await MemoryStore.open({ path });
  await using other = await MemoryStore.open({ path });
  const ids = ["a", "b", "c", "d"];
  await agentsOf(store).spawn(
    types,
    ids.map((id) => ({ type: "coder", id })),
  );
  for (const id of ids) await record(store, id, [false, false, false, false, false]);
  const both = await Promise.all(
    [store, other].map((each) => agentsOf(each).restartMany({ threshold: 0.5 })),
  );
  const restarted = both.flat().filter(({ ended }) => ended !== undefined);
  expect(restarted.map(({ agent }) => agent.id).toSorted()).toEqual(ids);
  for (const agent of await agentsOf(store).list()) expect(agent.starts, agent.id).toBe(2);
  await expect(agentsOf(store).restart("a", "x", 1)).rejects.toMatchObject({ code: "CONFLICT" });
});
