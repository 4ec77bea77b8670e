import { join } from "node:path";
import { expect, test } from "vitest";
import {
  agentsOf,
  assignAgents,
  createEmbedder,
  loadAgentTypes,
  MemoryStore,
  PatternModel,
  solveAssignment,
  VectorIndex,
} from "#dist/index.js";
import { testFolder } from "../support/folder.ts";
import { testStore } from "../support/store.ts";

// Each name that the public door is said to have is known, and does something; and what one function answers
// another takes.

const ROWS = Float32Array.of(1, 0, 0, 1, 0.9, 0.1);

test("an index knows each name that it is made, searched and opened with", async () => {
  await using index = await VectorIndex.create({
    ...{ dim: 2, metric: "l2sq", kind: "flat", threads: 1 },
    ...{ seed: 7, m: 32, efConstruction: 40 },
  });
  await index.add([5, 6, 7], ROWS);
  const query = Float32Array.of(1, 0);
  const found = (hits: { readonly keys: Float64Array }) => [...hits.keys];
  expect(found(index.search(query, { k: 2, efSearch: 16 }))).toEqual([5, 7]);
  for (const filter of [(key: number) => key > 5, new Set([6, 7]), [6, 7]]) {
    expect(found(index.search(query, { k: 1, filter }))).toEqual([7]);
  }
  const { signal } = new AbortController();
  const asked = { k: 1, efSearch: 16, filter: [6], signal };
  expect((await index.searchMany(query, asked)).map(found)).toEqual([[6]]);
  await index.optimize({ signal, onProgress: () => undefined });
  const path = join(testFolder(), "index");
  await index.save(path);
  await using opened = await VectorIndex.open(path, { threads: 1 });
  expect(found(opened.search(query, { k: 3 }))).toEqual([5, 7, 6]);
  const aborted = AbortSignal.abort(new Error("enough"));
  await expect(index.searchMany(query, { signal: aborted })).rejects.toThrow("enough");
  await expect(index.optimize({ signal: aborted })).rejects.toThrow("enough");
});

test("a store knows each name that it is opened and asked with", async () => {
  const [path, encryptionKey] = [testFolder(), "ab".repeat(32)];
  await using store = await MemoryStore.open({ path, embedder: "builtin", encryptionKey });
  const about = { tags: ["adr"], metadata: { title: "locks" }, agent: "ann", session: "s1", at: 5 };
  const where = { namespace: "plans" };
  const value = "PostgreSQL, for its row locks\n".repeat(200);
  const request = { key: "a/locks", value, ...where, ttl: 60, ...about };
  const entry = await store.store(request);
  expect(entry).toMatchObject({ key: "a/locks", value, ...where, ...about });
  expect(entry.expiresAt).toBeGreaterThan(entry.createdAt);
  await store.store({ key: "a/other", value: value.toUpperCase() });

  expect(await store.retrieve("a/locks", where)).toMatchObject({ value });
  expect(await store.list({ ...where, pattern: "locks", limit: 1, offset: 0 })).toHaveLength(1);
  expect(await store.list({ ...where, pattern: "locks", limit: 1, offset: 1 })).toEqual([]);
  const look = { query: "locks", ...where, limit: 1, mode: "hybrid", tags: ["adr"] } as const;
  const keysOf = async (asked: object) =>
    (await store.search({ ...look, ...asked })).hits.map(({ key }) => key);
  expect(await keysOf({ since: 5, threshold: 0.01 })).toEqual(["a/locks"]);
  expect(await keysOf({ since: 6 })).toEqual([]);
  expect(await keysOf({ tags: ["none"] })).toEqual([]);
  for (const mode of ["auto", "lexical", "semantic"])
    expect(await keysOf({ mode })).toHaveLength(1);
  expect(await keysOf({ mode: "glob", query: "a/*" })).toEqual(["a/locks"]);

  expect(await store.compress(where)).toMatchObject({ entries: 1 });
  const backup = await store.backup(join(path, "copy.db"));
  expect(await store.delete("a/locks", where)).toBe(true);
  await store.restore(backup.path);
  expect(await store.retrieve("a/locks", where)).toMatchObject({ value, ...about });
});

test("an entry that the store answered is stored again with another value", async () => {
  const store = await testStore();
  const said = {
    namespace: "n",
    tags: ["t"],
    metadata: { a: 1 },
    agent: "ann",
    session: "s",
    at: 5,
  };
  const first = await store.store({ key: "k", value: "v", ttl: 60, ...said });
  const [listed] = await store.list();
  const again = await store.store({ ...listed, value: "w" });
  expect(again).toMatchObject({ id: first.id, key: "k", value: "w", ...said });
  expect(again.version).toBeGreaterThan(first.version);
  expect(again.expiresAt).toBeUndefined();
  await store.transaction((tx) => tx.store({ ...again, value: "x", ifVersion: again.version }));
  expect((await store.retrieve("k", { namespace: "n" }))?.value).toBe("x");

  const refused = { code: "INVALID_INPUT" };
  const { accessCount, ...part } = again;
  expect(accessCount).toBe(0);
  const calls = [part, { ...again, nmespace: "m" }, { key: "k", value: "y", expiresAt: 5 }];
  for (const each of calls) await expect(store.store(each)).rejects.toMatchObject(refused);
  expect(await store.list()).toHaveLength(1);
});

test("embedders and models know each name that they are made with", async () => {
  const embedder = await createEmbedder("builtin");
  expect(await embedder.embed(["a walrus"])).toHaveLength(embedder.dim);
  const epochs: number[] = [];
  const { signal } = new AbortController();
  const how = { hidden: [4], epochs: 3, batchSize: 2, learningRate: 0.01, seed: 3, threads: 1 };
  const rest = { ...how, signal, onEpoch: ({ epoch }: { epoch: number }) => epochs.push(epoch) };
  const labels = ["x", "y", "x", "y", "x", "y", "x", "y"];
  const inputs = Float32Array.from({ length: 16 }, (_, i) => (i % 4 < 2 ? 1 : -1));
  const model = await PatternModel.train({ inputs, dim: 2, labels, validation: 0.25, ...rest });
  expect(epochs.slice(0, 3)).toEqual([1, 2, 3]);
  expect(labels).toContain(model.predict(Float32Array.of(1, 1)).label);
  const texts = labels.map((label, i) => `${label === "x" ? "walrus" : "ledger"} ${i}`);
  const words = await PatternModel.train({ texts, labels, ...rest });
  expect((await words.predictMany(["walrus"]))[0].label).toBe("x");
});

test("an assignment knows each name that tasks, agents and the request have", async () => {
  expect([...solveAssignment(Float64Array.of(2, 1, 1, 2), 2, 2)]).toEqual([1, 0]);
  const history = [{ text: "tidy the ledger", agent: "ann", success: true }];
  const tasks = [
    { id: "t", text: "tidy the ledger", needs: ["rust"], size: 2, deadline: 5 },
    { id: "u", text: "tidy the ledger", size: 3 },
  ];
  const agents = [
    { id: "ann", type: "coder", capacity: 2, skills: ["rust"] },
    { id: "bob", type: "coder" },
  ];
  const request = { tasks, agents, history, topology: "hierarchical", seed: 5 } as const;
  const plan = await assignAgents({ ...request, capacity: 3, explain: true });
  expect(plan.assignments.map(({ task, agent }) => [task, agent])).toEqual([
    ...[
      ["t", "ann"],
      ["u", "bob"],
    ],
  ]);
  expect(plan).toMatchObject({ topology: "hierarchical", learned: { outcomes: 1 } });
  expect(plan.assignments[0].parts?.lateness).toBeGreaterThan(0);
  const less = await assignAgents({ ...request, capacity: 2 });
  expect(less.unassigned.map(({ task }) => task)).toEqual(["u"]);
});

test("live agents of the registry, and entries of a store, are agents to assign", async () => {
  const store = await testStore();
  const registry = agentsOf(store);
  const types = await loadAgentTypes(store.folder);
  await registry.spawn(types, [{ id: "ann", type: "tester", capacity: 1 }]);
  const tasks = ["write unit tests", "add integration tests"].map((text, i) => ({
    id: `t${i}`,
    text,
  }));
  const { assignments } = await assignAgents({ tasks, agents: await registry.list(), capacity: 9 });
  expect(assignments.map(({ agent }) => agent)).toEqual(["ann"]);
  await store.store({ key: "bob", value: JSON.stringify({ type: "tester" }) });
  const agents = (await store.list({ pattern: "bob" })).map(({ key, value, ...entry }) => ({
    ...entry,
    ...(JSON.parse(value) as { type: string }),
    id: key,
  }));
  expect((await assignAgents({ tasks, agents })).assignments).toHaveLength(2);
});
