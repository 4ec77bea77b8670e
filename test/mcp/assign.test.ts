import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { Database } from "#dist/memory/file/database.js";
import { MemoryStore } from "#dist/index.js";
import { testFolder } from "../support/folder.ts";
import { connectedStore, connectInMemory, connectProcess } from "../support/mcp.ts";
import { testStore } from "../support/store.ts";

interface Plan {
  readonly assignments: readonly {
    readonly task: string;
    readonly agent: string;
    readonly why: string;
  }[];
  readonly unassigned: readonly { readonly task: string; readonly why: string }[];
  readonly lines: readonly string[];
}

describe("agent_assign", () => {
  test("assigns to live agents, as many as have room, and gives the calls that start them", async () => {
    const { call } = await connectedStore();
    await call("agent_spawn", { type: "tester", agentId: "ann", capacity: 2 });
    await call("agent_spawn", { type: "api-docs", agentId: "bob" });
    const tasks = [
      "write unit tests",
      "document the REST API",
      "add integration tests",
      "more docs",
    ];
    const { data, isError } = await call("agent_assign", { tasks });
    const plan = data as unknown as Plan;
    expect(isError).toBe(false);
    expect(plan.assignments.map(({ task, agent }) => `${task} ${agent}`)).toEqual([
      ...["task-1 ann", "task-2 bob", "task-3 ann"],
    ]);
    expect(plan.unassigned).toEqual([{ task: "task-4", why: "ann, bob can do it and are full" }]);
    expect(plan.lines).toHaveLength(2);
    expect(plan.lines[0]).toMatch(/^Task\("ann", "task-1: write unit tests\\ntask-3: add/);
    expect(data).toMatchObject({ success: true, gap: 0, topology: "mesh", moved: [] });
  });

  test("what was recorded of agents decides later plans, and is counted in the reason", async () => {
    const { call } = await connectedStore();
    const agents = ["coder", "reviewer", "tester"];
    const request = { tasks: [{ id: "t", text: "tidy the quarterly ledger" }], agents };
    for (let i = 0; i < 12; i++) {
      const task = `tidy the ledger of quarter ${i}`;
      const done = { task, agentId: "reviewer", success: i > 0, durationMs: 1000 };
      expect((await call("agent_outcome", done)).data).toMatchObject({ recorded: true });
    }
    const plan = (await call("agent_assign", request)).data as unknown as Plan;
    expect(plan.assignments[0]).toMatchObject({
      agent: "reviewer",
      why: "reviewer: 12 similar tasks, 92 % done",
    });
  });

  test("what an agent did that is gone tells of others of its type", async () => {
    const { call } = await connectedStore();
    await call("agent_spawn", { type: "reviewer", agentId: "old" });
    for (let i = 0; i < 8; i++) {
      await call("agent_outcome", {
        task: `file the annual digest ${i}`,
        agentId: "old",
        success: true,
      });
    }
    await call("agent_terminate", { agentId: "old" });
    await call("agent_spawn", { type: "reviewer", agentId: "new" });
    await call("agent_spawn", { type: "coder", agentId: "other" });
    const tasks = ["file the annual digest"];
    const plan = (await call("agent_assign", { tasks })).data as unknown as Plan;
    expect(plan.assignments[0]).toMatchObject({
      agent: "new",
      why: expect.stringContaining("8 similar"),
    });
  });

  test("a plan in force is kept where nothing else gains", async () => {
    const { call } = await connectedStore();
    const tasks = [{ id: "t", text: "zzz" }];
    const agents = ["coder", "tester", "reviewer"];
    for (const agent of agents) {
      const previous = [{ task: "t", agent }];
      const { data } = await call("agent_assign", { tasks, agents, previous });
      expect(data).toMatchObject({ assignments: [{ agent }], moved: [] });
    }
  });

  test.each([
    [{ tasks: ["x"] }, "NOT_FOUND", "there are no live ones"],
    [{ tasks: ["x"], agents: ["codr"] }, "NOT_FOUND", 'did you mean "coder"'],
    [{ tasks: ["x"], swarmId: "none" }, "NOT_FOUND", 'with the label "none"'],
    [{ tasks: [{ id: "a", text: "" }], agents: ["coder"] }, "INVALID_INPUT", "tasks[0].text"],
    [{ tasks: [{ text: "x", deadline: "soon" }], agents: ["coder"] }, "INVALID_INPUT", "deadline"],
    [{ tasks: ["x"], agents: [{ id: "a", type: "b" }] }, "INVALID_INPUT", "give it skills"],
  ])("%j is refused", async (request, code, message) => {
    const { call } = await connectedStore();
    const { isError, text } = await call("agent_assign", request);
    expect(isError).toBe(true);
    expect(JSON.parse(text)).toMatchObject({ success: false, code });
    expect(JSON.parse(text).error).toContain(message);
  });
});

test("agents that do nothing now, and a label beside agents, are refused and not passed over", async () => {
  const { call } = await connectedStore();
  await call("agent_spawn", { type: "tester", agentId: "ann" });
  await call("agent_restart", { agentId: "ann" });
  const resting = await call("agent_assign", { tasks: ["write tests"], agents: ["ann"] });
  expect(resting.isError).toBe(true);
  expect(resting.text).toContain("found it restarting");
  const both = { tasks: ["write tests"], agents: ["tester"], swarmId: "s1" };
  expect((await call("agent_assign", both)).text).toContain("INVALID_INPUT");
});

test("a capacity for all holds for types and agents without one, and live agents have their own", async () => {
  const { call } = await connectedStore();
  await call("agent_spawn", { type: "tester", agentId: "ann", capacity: 2 });
  const tasks = ["write unit tests", "add unit tests", "more unit tests", "other unit tests"];
  const agents = ["ann", "tester", { id: "bob", type: "tester", capacity: 0 }];
  const plan = (await call("agent_assign", { tasks, agents, capacity: 1 })).data as unknown as Plan;
  expect(plan.assignments.map(({ agent }) => agent).toSorted()).toEqual(["ann", "ann", "tester"]);
  expect(plan.unassigned).toHaveLength(1);
  const refused = await call("agent_assign", { tasks, agents, capacity: -1 });
  expect([refused.isError, refused.text]).toEqual([
    ...[true, expect.stringContaining("capacity: expected a number from 0")],
  ]);
});

test("what is wrong with an agent or a task is told by its field", async () => {
  const { call } = await connectedStore();
  const wrong: readonly (readonly [object, string])[] = [
    [{ tasks: ["a"], agents: [{ id: "x" }] }, "agents.0: type: Invalid input: expected string"],
    [{ tasks: [{ text: "a", needs: "x" }] }, "tasks.0: needs: Invalid input: expected array"],
    [{ tasks: [5] }, "tasks.0: expected a text or an object"],
  ];
  for (const [input, told] of wrong) {
    const { isError, text } = await call("agent_assign", input as Record<string, unknown>);
    expect(isError).toBe(true);
    expect(text).toContain(told);
  }
});

test("an error tells no more of a long name than is needed to know it", async () => {
  const { call } = await connectedStore();
  const long = "x".repeat(100_000);
  for (const [tool, input] of [
    ["load_balance", { tasks: ["a"], swarmId: long }],
    ["context_restore", { snapshotId: long }],
    ["agent_types", { group: long }],
    ["agent_types", { capability: long }],
  ] as const) {
    const { isError, text } = await call(tool, input);
    expect(isError, tool).toBe(true);
    expect(text.length, tool).toBeLessThan(1000);
  }
});

test("agent_outcome notes a name that nobody has heard of", async () => {
  const { call } = await connectedStore();
  const outcome = { task: "x", agentId: "revewer", success: true };
  const { data } = await call("agent_outcome", outcome);
  expect(data).toMatchObject({ recorded: true, note: expect.stringContaining("reviewer") });
  expect((await call("agent_outcome", outcome)).data).not.toHaveProperty("note");
});

test("agent_outcome refuses what is none, and records nothing", async () => {
  const { call, store } = await connectedStore();
  const empty = [{ task: " " }, { agentId: "" }, { type: " " }, { kind: "" }];
  for (const part of [{ success: 2 }, ...empty, { agentId: 5 }, { success: "yes" }]) {
    const request = { task: "x", agentId: "a", success: true, ...part };
    expect((await call("agent_outcome", request)).isError).toBe(true);
  }
  expect(await store.models.countOutcomes()).toEqual([]);
});

test("agent_select chooses a team by the matrix, and what was recorded overrides it", async () => {
  const { call } = await connectedStore();
  const description = "REST API for a bookstore with JWT";
  const { data } = await call("agent_select", { description });
  expect(data).toMatchObject({
    project: "api",
    topology: "star",
    primary: ["backend-dev", "api-docs", "tester"],
    support: ["security-manager", "perf-analyzer"],
  });
  for (let i = 0; i < 6; i++) {
    const agents = ["backend-dev", i < 3 ? "api-docs" : "migration-planner"];
    await call("neural_patterns", {
      action: "learn",
      operation: `REST API for a bookstore number ${i}`,
      metadata: { topology: i < 3 ? "star" : "mesh", agents, success: i >= 3 },
    });
  }
  const after = await call("agent_select", { description });
  expect(after.data).toMatchObject({
    project: "api",
    topology: "mesh",
    learned: { similar: 6, topology: true, added: ["migration-planner"], left: ["api-docs"] },
  });
});

test("daa_capability_match tells who has what is asked for, and what is missing", async () => {
  const { call } = await connectedStore();
  const types = await call("daa_capability_match", { task_requirements: ["unit-testing"] });
  expect(types.data).toMatchObject({ of: "types", complete: expect.arrayContaining(["tester"]) });
  const available_agents = [
    "coder",
    { id: "ann", type: "tester", capabilities: ["rust"] },
    { id: "bob", type: "custom", description: "writes Rust" },
  ];
  const { data } = await call("daa_capability_match", {
    task_requirements: ["rust", "unit tests"],
    available_agents,
  });
  const [first, second] = data.matches as { agent: string; score: number; missing: string[] }[];
  expect(data.complete).toEqual(["ann"]);
  expect(first).toMatchObject({ agent: "ann", score: 1, met: ["rust", "unit tests"] });
  expect([second.agent, second.missing]).toEqual(["bob", ["rust", "unit tests"]]);
  expect(second.score).toBeLessThanOrEqual(0.5);
  for (const none of [[], ["rust", " "]]) {
    expect((await call("daa_capability_match", { task_requirements: none })).isError).toBe(true);
  }
});

test("load_balance tells loads, and shares tasks out evenly", async () => {
  const { call } = await connectedStore();
  for (const agentId of ["a", "b", "c"]) {
    await call("agent_spawn", { type: "coder", agentId, capacity: 10 });
  }
  await call("agent_heartbeat", { agentId: "a", load: 4 });
  const { data: loads } = await call("load_balance", {});
  expect(loads).toMatchObject({ count: 3, loads: [{ agent: "a", load: 4, free: 6 }, {}, {}] });
  const tasks = Array.from({ length: 9 }, (_, i) => `fix bug ${i}`);
  const { data } = await call("load_balance", { tasks });
  const told = (data.loads as { agent: string; tasks: number }[]).map((each) => each.tasks);
  expect(told).toEqual([3, 3, 3]);
});

/** Tasks of sizes among agents of little room, which take seconds. */
function largeRequest(): { tasks: object[]; agents: object[] } {
  const words = ["parse", "logs", "index", "paint", "docs", "query", "cache", "tests"];
  const text = (i: number): string => [1, 3, 5].map((k) => words[(i * k) % 8]).join(" ");
  return {
    tasks: Array.from({ length: 4000 }, (_, i) => ({
      id: `t${i}`,
      text: `${text(i)} ${i}`,
      size: 1 + ((i * 7) % 3),
    })),
    agents: Array.from({ length: 60 }, (_, i) => ({
      id: `a${i}`,
      type: "worker",
      skills: [words[i % 8]],
      capacity: 140 + (i % 9),
    })),
  };
}

test("while many tasks are assigned others are answered, and cancelling ends it", async () => {
  const cwd = testFolder();
  const { client, call, stderr } = await connectProcess(cwd, ["--log-level", "debug"]);
  await call("memory_usage", { action: "store", key: "k", value: "v" });
  const controller = new AbortController();
  const request = { name: "agent_assign", arguments: largeRequest() };
  let isDone = false;
  const assigning = client.callTool(request, { signal: controller.signal }).then(
    () => (isDone = true),
    (error: unknown) => error,
  );
  for (let i = 0; i < 5; i++) {
    const found = await call("memory_usage", { action: "retrieve", key: "k" });
    expect(found.data).toMatchObject({ found: true, value: "v" });
  }
  expect(isDone).toBe(false);
  controller.abort("not needed any more");
  expect(await assigning).toBeInstanceOf(Error);
  // What is asked after that is answered, and the server has said that it ended the work.
  await expect.poll(() => stderr()).toContain("agent_assign: cancelled");
  expect(stderr()).not.toContain("agent_assign: done");
  expect((await call("agent_assign", { tasks: ["write tests"], agents: ["tester"] })).isError).toBe(
    false,
  );
});

test("plans tell how many recorded outcomes could not be read, until the store is repaired", async () => {
  const path = testFolder();
  const request = { tasks: ["write a parser"], agents: ["coder", "tester"] };
  {
    await using store = await testStore({ path });
    const { call } = await connectInMemory(store);
    for (let i = 0; i < 4; i++) {
      await call("agent_outcome", { task: `write parser ${i}`, agentId: "coder", success: true });
    }
    expect((await call("agent_assign", request)).data).not.toHaveProperty("problems");
  }
  const database = await Database.openFile(join(path, "memory.db"));
  database.execute("UPDATE outcomes SET data = '{\"oper' WHERE id IN (2, 4)");
  database.close();
  {
    await using store = await testStore({ path });
    const { call } = await connectInMemory(store);
    for (const tool of ["agent_assign", "agent_assign", "agent_assign"]) {
      const { data } = await call(tool, request);
      expect(data).toMatchObject({
        learned: { outcomes: 2 },
        problems: [expect.stringMatching(/left out: 2; stigmergy memory verify .* memory repair/)],
      });
    }
    await call("agent_outcome", { task: "write parser 5", agentId: "coder", success: true });
    const { data } = await call("agent_assign", request);
    expect(data).toMatchObject({ learned: { outcomes: 3 } });
    expect(data.problems).toEqual([expect.stringContaining("left out: 2;")]);
  }
  const report = await MemoryStore.repair(path);
  expect(report.lost.filter(({ detail }) => detail.includes("an outcome"))).toHaveLength(2);
  await using store = await testStore({ path });
  expect(await store.verify({ full: true })).toMatchObject({ ok: true, problems: [] });
  const { call } = await connectInMemory(store);
  const { data } = await call("agent_assign", request);
  expect(data).toMatchObject({ learned: { outcomes: 3 } });
  expect(data).not.toHaveProperty("problems");
});
