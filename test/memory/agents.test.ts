import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { MemoryStore } from "#dist/index.js";
import { loadDriver } from "#dist/memory/file/driver.js";
import { testFolder } from "../support/folder.ts";
import { testStore } from "../support/store.ts";

const KEY = "0f".repeat(32);
const OTHER_KEY = "a1".repeat(32);
const facts = { type: "coder", word: "wombat" };

test("agents are added all or none, each with an id of its own, up to a limit", async () => {
  const store = await testStore();
  const agents = store.agents<object>();
  const add = (ids: readonly string[], most = 3) =>
    agents.addAgents(
      ids.map((id) => ({ id, facts })),
      most,
    );
  expect(await add(["a", "b"])).toMatchObject([
    { id: "a", state: "running", starts: 1, load: 0, version: 1, facts },
    { id: "b" },
  ]);
  await expect(add(["c", "a"], 9)).rejects.toMatchObject({ code: "CONFLICT" });
  await expect(add(["c", "d"])).rejects.toMatchObject({
    code: "LIMIT_REACHED",
    message: expect.stringContaining("STIGMERGY_MAX_AGENTS"),
  });
  await expect(
    agents.addAgents([{ id: "c", facts: { text: "x".repeat(70_000) } }], 9),
  ).rejects.toMatchObject({ code: "TOO_LARGE" });
  expect((await agents.listAgents()).map(({ id }) => id)).toEqual(["a", "b"]);
  // The id of a stopped one is free, and its versions do not come back.
  await agents.changeAgent({ id: "a", ifVersion: 1, state: "stopped" });
  expect(await add(["a"])).toMatchObject([{ id: "a", starts: 1, version: 3 }]);
  expect((await agents.listAgents()).map(({ id }) => id)).toEqual(["b", "a"]);
});

test("a change that meets another is refused, and a sign of life counts for the start in force only", async () => {
  const agents = (await testStore()).agents<object>();
  await agents.addAgents([{ id: "a", facts }], 9);
  expect(await agents.beatAgent({ id: "a", starts: 1, load: 2 })).toMatchObject({
    load: 2,
    version: 1,
  });
  expect(await agents.beatAgent({ id: "a", starts: 1 })).toMatchObject({ load: 2 });
  const changed = await agents.changeAgent({
    id: "a",
    ifVersion: 1,
    state: "restarting",
    start: true,
    facts: { b: 1 },
  });
  expect(changed).toMatchObject({ starts: 2, load: 0, version: 2, facts: { b: 1 } });
  await expect(agents.changeAgent({ id: "a", ifVersion: 1 })).rejects.toMatchObject({
    code: "CONFLICT",
  });
  await expect(agents.changeAgent({ id: "z", ifVersion: 1 })).rejects.toMatchObject({
    code: "NOT_FOUND",
  });
  expect(await agents.beatAgent({ id: "a", starts: 2 })).toBeUndefined(); // not running yet
  await agents.changeAgent({ id: "a", ifVersion: 2, state: "running" });
  expect(await agents.beatAgent({ id: "a", starts: 1 })).toBeUndefined();
  expect(await agents.beatAgent({ id: "a", starts: 2 })).toMatchObject({ state: "running" });
});

test("agents of a sealed store leave no trace, a change of key seals them anew, and it is logged", async () => {
  const path = testFolder();
  {
    await using store = await MemoryStore.open({ path });
    await store.agents().addAgents([{ id: "before", facts }], 9);
  }
  {
    await using store = await MemoryStore.open({ path, encryptionKey: KEY });
    await store.agents().addAgents([{ id: "after", facts }], 9);
    await store.rekey(OTHER_KEY);
  }
  const bytes = Buffer.concat(
    readdirSync(path, { recursive: true, withFileTypes: true })
      .filter((each) => each.isFile())
      .map((each) => readFileSync(join(each.parentPath, each.name))),
  );
  expect(bytes.includes("wombat")).toBe(false);
  await using store = await MemoryStore.open({ path, encryptionKey: OTHER_KEY });
  expect(await store.agents().listAgents()).toMatchObject([{ facts }, { facts }]);
  expect(await store.verify()).toMatchObject({ ok: true, checked: { agents: 2 } });
  const actions = (await store.auditLines(1000)).map(({ action }) => action);
  expect(actions).toEqual(expect.arrayContaining(["agent-start", "agents"]));
});

test("the rights of the namespace agents count", async () => {
  const path = testFolder();
  {
    await using owner = await MemoryStore.open({ path });
    await owner.agents().addAgents([{ id: "a", facts }], 9);
    await owner.setPolicy({
      roles: {
        admin: [{ namespace: "*", rights: ["admin"] }],
        reader: [{ namespace: "agents", rights: ["read"] }],
      },
      agents: { boss: { roles: ["admin"] }, ann: { roles: ["reader"] }, bob: { roles: [] } },
      requireSignatures: [],
    });
  }
  await using ann = await MemoryStore.open({ path, agent: "ann" });
  await using bob = await MemoryStore.open({ path, agent: "bob" });
  expect(await ann.agents().listAgents()).toHaveLength(1);
  for (const refused of [
    () => ann.agents().addAgents([{ id: "b", facts }], 9),
    () => ann.agents().changeAgent({ id: "a", ifVersion: 1 }),
    () => ann.agents().beatAgent({ id: "a", starts: 1 }),
    () => bob.agents().listAgents(),
    () => bob.agents().findAgent("a"),
  ]) {
    await expect(refused()).rejects.toMatchObject({ code: "FORBIDDEN" });
  }
});

test("backups of both kinds hold agents, and a restore brings them back", async () => {
  for (const [name, options] of [
    ["copy.db", {}],
    ["copy.json", {}],
    ["copy.json", { encryptionKey: KEY }],
  ] as const) {
    const store = await testStore(options);
    const agents = store.agents();
    await store.store({ key: "k", value: "v" });
    await agents.addAgents([{ id: "a", facts }], 9);
    await agents.beatAgent({ id: "a", starts: 1, load: 3 });
    const kept = await agents.listAgents();
    const { path } = await store.backup(join(store.folder, name));
    await agents.changeAgent({ id: "a", ifVersion: 1, facts: { other: true } });
    await agents.addAgents([{ id: "b", facts }], 9);
    await store.restore(path);
    expect(await agents.listAgents(), name).toEqual(kept);
    expect((await store.verify()).problems).toEqual([]);
    // Into a store of another key they are brought, too.
    const other = await testStore({ encryptionKey: OTHER_KEY });
    await other.restore(path, options);
    expect(await other.agents().listAgents()).toEqual(kept);
  }
});

test("an agent that is not what was stored is found by verify, and repair goes on without it", async () => {
  const path = testFolder();
  {
    await using store = await MemoryStore.open({ path });
    await store.agents().addAgents(
      ["a", "b"].map((id) => ({ id, facts })),
      9,
    );
  }
  const { DatabaseSync } = await loadDriver();
  const file = new DatabaseSync(join(path, "memory.db"));
  file.prepare("UPDATE agents SET facts = '{\"type\": ' WHERE name = 'a'").get();
  file.close();
  {
    await using store = await MemoryStore.open({ path });
    const { problems } = await store.verify();
    expect(problems).toMatchObject([{ part: "agents", namespace: "agents", key: "a" }]);
    await expect(store.agents().findAgent("a")).rejects.toMatchObject({ code: "DAMAGED" });
  }
  const { lost } = await MemoryStore.repair(path);
  expect(lost).toMatchObject([{ part: "agents", namespace: "agents", key: "a" }]);
  await using store = await MemoryStore.open({ path });
  expect(await store.agents().listAgents()).toMatchObject([{ id: "b", facts }]);
  expect((await store.verify()).problems).toEqual([]);
});
