import { join } from "node:path";
import { expect, test } from "vitest";
import { loadDriver } from "#dist/memory/file/driver.js";
import {
  agentsOf,
  assignAgents,
  loadAgentTypes,
  MemoryStore,
  recordTask,
  taskHistory,
  type TaskReport,
} from "#dist/index.js";
import { testFolder } from "../support/folder.ts";
import { testStore } from "../support/store.ts";

test("what was recorded of tasks is there after a restart, and assigns the next", async () => {
  const path = testFolder();
  const report = { text: "unit tests of the lexer", agent: "ann", success: true, durationMs: 900 };
  {
    await using store = await MemoryStore.open({ path });
    const recorded = await recordTask(store, { ...report, kind: "testing" });
    expect(recorded).toMatchObject({ outcomeId: expect.any(Number), learned: false });
  }
  await using store = await MemoryStore.open({ path });
  const { outcomes: history } = await taskHistory(store);
  expect(history).toEqual([{ ...report, success: 1, at: expect.any(Number) }]);
  const agents = [{ id: "ann", type: "tester" }];
  const tasks = [{ id: "t", text: "unit tests of the parser" }];
  const { assignments } = await assignAgents({ tasks, agents, history });
  expect(assignments[0].why).toContain("1 similar task, 100 % done");
});

test("an outcome of a name that nobody has heard of is recorded with a note", async () => {
  const store = await testStore();
  const report = { text: "unit tests of the lexer", success: true };
  const noteOf = async (agent: string, type?: string) =>
    (await recordTask(store, { ...report, agent, type })).note;
  expect(await noteOf("reviewer")).toBeUndefined();
  expect(await noteOf("reviwer")).toMatch(/^"reviwer" is new: .*; did you mean "reviewer"\?$/);
  expect(await noteOf("reviewer", "Coder")).toMatch(/^"Coder" is new: .* did you mean "coder"\?$/);
  expect(await noteOf("bob")).toBe('"bob" is new: no agent, type or earlier outcome has this name');
  expect(await noteOf("bob")).toBeUndefined();
  const types = await loadAgentTypes(store.folder);
  const [live] = await agentsOf(store).spawn(types, [{ type: "coder", id: "ann-1" }]);
  expect(await noteOf(live.id)).toBeUndefined();
  expect(await noteOf("an-1")).toContain('did you mean "ann-1"?');
  // Another process knows what was recorded here.
  const { folder } = store;
  await using other = await MemoryStore.open({ path: folder });
  expect((await recordTask(other, { ...report, agent: "bob" })).note).toBeUndefined();
});

test("a task without words or agent, or with a success that is none, is not recorded", async () => {
  const store = await testStore();
  const report = { text: "a task", agent: "ann", success: true };
  for (const [wrong, message] of [
    [{ text: " " }, "text of the task: expected some text"],
    [{ agent: undefined }, "agent of the task: expected some text, received undefined"],
    [{ success: 2 }, "success: expected true, false, or 0 to 1, received 2"],
    [{ success: "yes" }, "success: expected true, false, or 0 to 1, received yes"],
    [{ durationMs: Number.NaN }, "expected a number"],
  ] as const) {
    await expect(recordTask(store, { ...report, ...wrong } as TaskReport)).rejects.toMatchObject({
      code: "INVALID_INPUT",
      message: expect.stringContaining(message),
    });
  }
  expect(await store.models.countOutcomes()).toEqual([]);
});

test("a history of several pages is read whole and in order, and what is damaged is told once", async () => {
  const store = await testStore();
  const record = async (n: number): Promise<number> => {
    const metadata = { agent: "ann", success: true };
    const data = { operation: `task ${n}`, metadata };
    return (await store.models.recordOutcome({ pattern: "prediction", data })).id;
  };
  const ids: number[] = [];
  for (let n = 0; n < 2005; n++) ids.push(await record(n));
  const { DatabaseSync } = await loadDriver();
  const file = new DatabaseSync(join(store.folder, "memory.db"));
  // The first and the last of a page, and one within.
  const damaged = [ids[2004], ids[1005], ids[1004], ids[500]];
  for (const id of damaged) file.exec(`UPDATE outcomes SET data = '{' WHERE id = ${id}`);
  file.close();
  const { outcomes, damaged: told } = await taskHistory(store);
  expect(told).toBe(4);
  const expected = ids.flatMap((id, n) => (damaged.includes(id) ? [] : [`task ${n}`]));
  expect(outcomes.map(({ text }) => text)).toEqual(expected);
  await record(9999);
  const later = await taskHistory(store);
  expect(later.outcomes).toBe(outcomes);
  expect(later.outcomes.at(-1)?.text).toBe("task 9999");
  expect(later).toMatchObject({ damaged: 4, outcomes: { length: 2002 } });
});

test("of a history that grows beyond what a store keeps the oldest are let go of", async () => {
  const store = await testStore();
  const data = { operation: "task 0", metadata: { agent: "ann", success: true } };
  await store.models.recordOutcome({ pattern: "prediction", data });
  const { DatabaseSync } = await loadDriver();
  const file = new DatabaseSync(join(store.folder, "memory.db"));
  const add = (count: number): void =>
    file.exec(`WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ${count})
      INSERT INTO outcomes (pattern, at, agent, data) SELECT pattern, at + i, agent, data
        FROM outcomes, n WHERE id = (SELECT max(id) FROM outcomes);
      DELETE FROM outcomes WHERE id <= (SELECT max(id) FROM outcomes) - 100000`);
  add(99_999);
  const first = await taskHistory(store);
  expect(first.outcomes).toHaveLength(100_000);
  add(25_001);
  expect((await taskHistory(store)).outcomes).toBe(first.outcomes);
  await store.models.recordOutcome({
    pattern: "prediction",
    data: { ...data, operation: "the newest" },
  });
  file.close();
  const { outcomes } = await taskHistory(store);
  expect(outcomes).toHaveLength(100_001);
  expect(outcomes[0]).toBe(first.outcomes[25_001]);
  expect(outcomes.at(-1)?.text).toBe("the newest");
});
