import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { Database } from "#dist/memory/file/database.js";
import { testFolder } from "../support/folder.ts";
import { connectedStore, connectInMemory, connectProcess } from "../support/mcp.ts";
import { testStore } from "../support/store.ts";

test("agent_spawn registers any type, by older names too, and answers the line to issue", async () => {
  const { call } = await connectedStore();
  const { data, isError, text } = await call("agent_spawn", {
    type: "coordinator",
    name: "Lead",
    capabilities: ["react"],
    swarmId: "s1",
    task: 'Plan "it"',
  });
  expect(isError).toBe(false);
  expect(JSON.parse(text)).toEqual(data);
  expect(data).toMatchObject({
    success: true,
    type: "task-orchestrator",
    agentType: "task-orchestrator",
    name: "Lead",
    status: "idle",
    starts: 1,
    swarmId: "s1",
    isOfCatalog: true,
    persisted: true,
    capabilities: expect.arrayContaining(["task-scheduling", "react"]),
    missingTypes: ["task-orchestrator"],
  });
  expect(data.line).toMatch(/^Task\("Lead", "Plan \\"it\\"\\n/);
  expect(data.line).toContain(`agent_heartbeat {\\"agentId\\":\\"${String(data.agentId)}\\"`);

  const three = await call("agent_spawn", {
    agentType: "backend-dev",
    agentId: "b1",
    model: "opus-4.7",
    domain: "api",
    config: { a: 1 },
  });
  expect(three.data).toMatchObject({
    agentId: "b1",
    metadata: { model: "opus-4.7", domain: "api", config: { a: 1 } },
  });
  const own = await call("agent_spawn", {
    type: "frontend-wizard",
    capabilities: ["React", "CSS"],
  });
  expect(own.data).toMatchObject({
    type: "frontend-wizard",
    isOfCatalog: false,
    capabilities: ["React", "CSS"],
  });
  expect((await call("agent_list", {})).data).toMatchObject({ count: 3, total: 3 });
  expect((await call("agent_list", { swarmId: "s1" })).data.count).toBe(1);
  expect((await call("agent_list", { domain: "api", limit: 1 })).data.count).toBe(1);
});

test.each([
  [{}, "INVALID_INPUT", "received neither"],
  [{ type: "coder", agentType: "tester" }, "INVALID_INPUT", "two that differ"],
  [{ type: "backend-devv" }, "NOT_FOUND", 'did you mean \\"backend-dev\\"'],
  [{ type: "coder", memoryBase: "x" }, "NOT_SUPPORTED", "share the memory"],
  [{ type: "coder", agentId: "../x" }, "INVALID_INPUT", "agent id"],
  [{ type: "coder", capacity: 0.5 }, "INVALID_INPUT", "capacity"],
])("agent_spawn refuses %j and registers nothing", async (input, code, message) => {
  const { call } = await connectedStore();
  const { isError, text } = await call("agent_spawn", input);
  expect(isError).toBe(true);
  expect(JSON.parse(text)).toMatchObject({ success: false, code });
  expect(text).toContain(message);
  expect((await call("agent_list")).data.count).toBe(0);
});

test("agents_spawn_parallel registers all or none, and answers lines in the order of urgency", async () => {
  const { call } = await connectedStore();
  const refused = await call("agents_spawn_parallel", {
    agents: [
      { type: "coder", name: "A" },
      { type: "nonsense", name: "B" },
    ],
  });
  expect(refused.isError).toBe(true);
  expect(refused.text).toContain("agent 2 of 2");
  expect((await call("agent_list")).data.count).toBe(0);

  const agents = [
    { type: "tester", name: "T", priority: "low", task: "test it" },
    { type: "coder", name: "C", task: "code it" },
    { type: "system-architect", name: "S", priority: "critical", task: "design it" },
  ];
  const { data } = await call("agents_spawn_parallel", { agents, maxConcurrency: 5, batchSize: 2 });
  expect(data).toMatchObject({ success: true, count: 3, agentsSpawned: 3 });
  const lines = data.lines as string[];
  expect(
    lines.map((line) => JSON.parse(`[${line.slice(5, -1)}]`)).map(([name, , type]) => [name, type]),
  ).toEqual([
    ["S", "system-architect"],
    ["C", "coder"],
    ["T", "tester"],
  ]);
  expect(data.batches).toEqual([lines.slice(0, 2), lines.slice(2)]);
  expect(data.missingTypes).toEqual(["system-architect", "coder", "tester"]);
});

test("signs of life, metrics, a restart and an end, as a client sees them", async () => {
  const { call, store } = await connectedStore();
  await call("agent_spawn", { type: "coder", agentId: "c1" });
  await call("agent_spawn", { type: "coder", agentId: "c2" });
  await call("memory_store", {
    namespace: "claims",
    key: "t1",
    upsert: false,
    value: { agent: "c1" },
  });
  expect((await call("agent_heartbeat", { agentId: "c1", starts: 1, load: 1 })).data).toMatchObject(
    { status: "busy", load: 1, restart: false, stop: false },
  );
  for (const success of [true, false, false, false, false]) {
    const metadata = { agent: "c1", kind: "bug", success, durationMs: 20 };
    await store.models.recordOutcome({ pattern: "prediction", data: { metadata } });
  }
  const busy = await call("agent_list", { filter: "busy" });
  expect((busy.data.agents as object[]).length).toBe(1);
  expect((await call("agent_list", { status: "stale" })).data.count).toBe(0);
  const metrics = await call("agent_metrics", { agentId: "c1" });
  expect(metrics.data).toMatchObject({
    agents: [{ tasks: 5, successRate: 0.2, medianMs: 20, kinds: [{ kind: "bug", tasks: 5 }] }],
  });
  expect((await call("agent_metrics", { metric: "cpu" })).text).toContain("NOT_SUPPORTED");
  expect((await call("agent_metrics", { agentId: "nobody" })).isError).toBe(true);

  const health = await call("agent_health", { threshold: 0.6 });
  expect(health.data).toMatchObject({
    count: 2,
    healthy: 1,
    agents: [
      { agentId: "c1", healthy: false, health: 0.2, status: "busy", tasks: 5 },
      { agentId: "c2", healthy: true, health: null, status: "idle", tasks: 0 },
    ],
  });
  expect(health.data.agents).toMatchObject([
    { reasons: ["success of 20 % is below 60 %", "20 % of 5 tasks since its start succeeded"] },
    { reasons: ["only 0 of 5 outcomes since its start, too few to judge by"] },
  ]);
  expect((await call("agent_health", { agentId: "c1", threshold: 0.2 })).data).toMatchObject({
    count: 1,
    healthy: 1,
  });
  expect((await call("agent_health", { agentId: "nobody" })).text).toContain("NOT_FOUND");
  expect((await call("agent_health", { threshold: 60 })).text).toContain("INVALID_INPUT");

  const dry = await call("agent_restart", { performanceThreshold: 0.6, dryRun: true });
  expect(dry.data).toMatchObject({ restarted: 0, agents: [{ wouldRestart: true }, {}] });
  const done = await call("agent_restart", { performanceThreshold: 0.6 });
  expect(done.data).toMatchObject({
    restarted: 1,
    agents: [
      { agentId: "c1", restarted: true, by: "client", claimsEnded: ["t1"], starts: 2 },
      { agentId: "c2", restarted: false, why: "only 0 of 5 outcomes since its start" },
    ],
  });
  expect((await call("agent_health", { agentId: "c1" })).data.agents).toMatchObject([
    {
      healthy: false,
      status: "restarting",
      health: null,
      reasons: [
        "is to begin again, and has not said yet that it did",
        "only 0 of 5 outcomes since its start, too few to judge by",
        expect.stringMatching(/^restarted 1 time within [0-9]+ s$/),
      ],
    },
  ]);
  expect((await call("agent_heartbeat", { agentId: "c1", starts: 1 })).data).toMatchObject({
    restart: true,
    starts: 2,
  });
  await call("agent_heartbeat", { agentId: "c1", starts: 2, load: 300 });
  expect((await call("agent_health", { agentId: "c1" })).text).toContain("has 300 tasks in hand");
  const refused = await call("agent_terminate", { agentId: "c1" });
  expect([refused.isError, refused.text]).toEqual([true, expect.stringContaining("CONFLICT")]);
  expect((await call("agent_terminate", { agentId: "c1", force: true })).data).toMatchObject({
    status: "stopped",
    claimsEnded: [],
  });
  expect((await call("agent_heartbeat", { agentId: "c1", starts: 2 })).data).toMatchObject({
    stop: true,
  });
  expect((await call("agent_health", { agentId: "c1" })).data).toMatchObject({
    healthy: 0,
    agents: [{ health: 0 }],
  });
  expect((await call("agent_status", { agentId: "c1" })).data).toMatchObject({
    status: "stopped",
    restarts: [{ reason: "20 % of 5 tasks succeeded, below 60 %" }],
    metrics: { tasks: 5 },
  });
  expect((await call("agent_list", { includeTerminated: true })).data.count).toBe(2);
  for (const args of [{}, { agentId: "c2", stale: true }, { performanceThreshold: 60 }]) {
    expect((await call("agent_restart", args)).isError, JSON.stringify(args)).toBe(true);
  }
});

test("two servers of one project share its agents, and its own types with their errors", async () => {
  const cwd = testFolder();
  const folder = join(cwd, ".stigmergy", "agents");
  mkdirSync(folder, { recursive: true });
  writeFileSync(
    join(folder, "tuner.md"),
    "---\nname: sql-tuner\ndescription: tunes\n---\nTune it.",
  );
  writeFileSync(join(folder, "bad.md"), "---\nname: Bad Name\ndescription: d\n---\nx");
  mkdirSync(join(cwd, ".claude", "agents"), { recursive: true });
  writeFileSync(join(cwd, ".claude", "agents", "sql-tuner.md"), "---\nname: sql-tuner\n---\n");
  const path = ["--path", join(cwd, ".stigmergy")];
  const [one, two] = await Promise.all([connectProcess(cwd, path), connectProcess(cwd, path)]);
  const spawned = await one.call("agent_spawn", { type: "sql-tuner", agentId: "t", task: "x" });
  expect(spawned.data).toMatchObject({ type: "sql-tuner", missingTypes: [] });
  expect(spawned.data.line).not.toContain("agent_types");
  expect((await two.call("agent_list")).data).toMatchObject({ agents: [{ agentId: "t" }] });
  await two.call("agent_restart", { agentId: "t", reason: "asked elsewhere" });
  expect((await one.call("agent_heartbeat", { agentId: "t", starts: 1 })).data.restart).toBe(true);
  // One id is given once, whoever asks at the same time.
  const asked = [one, two].flatMap(({ call }) =>
    Array.from({ length: 5 }, (_, i) => call("agent_spawn", { type: "coder", agentId: `c${i}` })),
  );
  const answers = await Promise.all(asked);
  expect(answers.filter(({ isError }) => !isError)).toHaveLength(5);
  expect((await two.call("agent_list", { type: "coder" })).data.count).toBe(5);
  // However many ask, no more live than may.
  const sixty = {
    agents: Array.from({ length: 60 }, (_, i) => ({ type: "tester", name: `t${i}` })),
  };
  const [first, second] = await Promise.all(
    [one, two].map(({ call }) => call("agents_spawn_parallel", sixty)),
  );
  expect([first, second].filter(({ isError }) => !isError)).toHaveLength(1);
  expect(`${first.text}${second.text}`).toContain("LIMIT_REACHED");
  expect((await one.call("agent_list")).data.total).toBe(66);
  const types = await two.call("agent_types", { group: "custom" });
  expect(types.data).toMatchObject({
    count: 1,
    types: [{ type: "sql-tuner", isOwn: true }],
    problems: [{ file: ".stigmergy/agents/bad.md", line: 2 }],
  });
});

test("an outcome that can't be read is left out and told, and keeps no other from being counted", async () => {
  const path = testFolder();
  const store = await testStore({ path });
  const { call } = await connectInMemory(store);
  await call("agent_spawn", { type: "coder", agentId: "c1" });
  for (const success of [true, true, false]) {
    const data = { operation: "a task", metadata: { agent: "c1", success } };
    await store.models.recordOutcome({ pattern: "prediction", data });
  }
  const whole = await call("agent_metrics");
  expect(whole.data).toMatchObject({ agents: [{ agentId: "c1", tasks: 3 }] });
  expect(whole.data).not.toHaveProperty("problems");
  const database = await Database.openFile(join(path, "memory.db"));
  database.execute("UPDATE outcomes SET data = '{\"oper' WHERE id = 2");
  database.close();

  const { isError, data } = await call("agent_metrics");
  expect(isError).toBe(false);
  expect(data).toMatchObject({
    agents: [{ agentId: "c1", tasks: 2, successRate: 0.5 }],
    problems: [expect.stringMatching(/left out: 1; stigmergy memory verify/)],
  });
  const plan = await call("agent_assign", { tasks: [{ id: "t", text: "write a parser" }] });
  expect(plan.isError).toBe(false);
  const { problems } = await store.verify({ full: true });
  expect(problems.map(({ part }) => part)).toEqual(["models"]);
});
