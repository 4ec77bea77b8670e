import { statSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { MemoryStore } from "#dist/index.js";
import { startService } from "../support/embedding-service.ts";
import { connectedStore, connectInMemory, connectProcess } from "../support/mcp.ts";
import { runCli } from "../support/process.ts";
import { testFolder } from "../support/folder.ts";
import { testStore } from "../support/store.ts";

const bytesOf = (store: MemoryStore): number =>
  ["memory.db", "memory.db-wal"]
    .map((name) => statSync(join(store.folder, name), { throwIfNoEntry: false })?.size ?? 0)
    .reduce((sum, size) => sum + size, 0);

test("memory_cleanup counts with dryRun, and then removes what has expired", async () => {
  const { call, store } = await connectedStore();
  await store.store({ key: "gone", value: "v", ttl: 0.001 });
  await store.store({ key: "stays", value: "v" });
  while ((await store.retrieve("gone")) !== undefined);
  const counted = await call("memory_cleanup", { dryRun: true });
  expect(counted.data).toMatchObject({ success: true, dryRun: true, expired: 1 });
  expect((await store.stats()).expired).toBe(1);
  const elsewhere = await call("memory_cleanup", { namespace: "other" });
  expect(elsewhere.data).toMatchObject({ expired: 0 });
  const { data } = await call("memory_cleanup", { aggressive: true });
  expect(data).toMatchObject({ dryRun: false, expired: 1, bytesAfter: bytesOf(store) });
  expect((await store.stats()).expired).toBe(0);
  expect(await store.retrieve("stays")).toBeDefined();
});

test("memory_compress makes files smaller by as much as it says, and values stay as they were", async () => {
  const { call, store } = await connectedStore();
  const text = (i: number): string => `decision ${i}: `.repeat(400);
  for (let i = 0; i < 100; i++) {
    await store.store({ key: `k${i}`, value: text(i), namespace: "logs" });
  }
  const { data } = await call("memory_compress", { namespace: "logs" });
  expect(data).toMatchObject({ namespace: "logs", entries: 100, bytesAfter: bytesOf(store) });
  expect(data.bytesAfter as number).toBeLessThan(data.bytesBefore as number);
  expect((await store.retrieve("k7", { namespace: "logs" }))?.value).toBe(text(7));
  const again = await call("memory_compress");
  expect(again.data).toMatchObject({ namespace: null, entries: 0 });
  const idle = await call("memory_compress", { idleSeconds: -1 });
  expect(idle.isError).toBe(true);
});

test("memory_persist leaves everything in the one file", async () => {
  const folder = join(testFolder(), ".stigmergy");
  const store = await testStore({ path: folder });
  const { call } = await connectInMemory(store);
  await store.store({ key: "a", value: "v", session: "s" });
  await store.store({ key: "b", value: "v" });
  const { data } = await call("memory_persist", { sessionId: "s" });
  expect(data).toMatchObject({
    success: true,
    sessionId: "s",
    entries: 1,
    file: ".stigmergy/memory.db",
    seq: 2,
    isInOneFile: true,
    bytes: bytesOf(store),
    survives: "loss of power",
  });
  expect(statSync(join(folder, "memory.db-wal")).size).toBe(0);
  const all = await call("memory_persist");
  expect(all.data).toMatchObject({ sessionId: null, entries: 2 });
});

test("memory_analytics counts rows of the time asked for", async () => {
  const { call, store } = await connectedStore();
  await store.store({ key: "a", value: "12345", agent: "coder" });
  await store.store({ key: "a", value: "1234567", agent: "coder" });
  await store.store({ key: "b", value: "1", namespace: "n" });
  await store.store({ key: "gone", value: "v", ttl: 0.001 });
  while ((await store.retrieve("gone")) !== undefined);
  for (let i = 0; i < 3; i++) await store.retrieve("a");
  await store.retrieve("b", { namespace: "n" });
  const { data } = await call("memory_analytics", { timeframe: "1h" });
  expect(data).toMatchObject({
    timeframe: "1h",
    created: 2,
    updated: 0,
    expired: 1,
    valueBytes: 8,
    namespaces: [
      { namespace: "default", created: 1, updated: 0, valueBytes: 7 },
      { namespace: "n", created: 1, updated: 0, valueBytes: 1 },
    ],
    agents: [{ created: 1 }, { agent: "coder", created: 1, valueBytes: 7 }],
    mostRetrieved: [
      { namespace: "default", key: "a", accessCount: 3 },
      { namespace: "n", key: "b", accessCount: 1 },
    ],
    since: expect.stringMatching(/Z$/),
    fileBytes: bytesOf(store),
    cache: { hits: expect.any(Number) },
  });
  expect((await call("memory_analytics", { timeframe: "all" })).data).not.toHaveProperty("since");
  expect((await call("memory_analytics", { timeframe: "2h" })).text).toMatch(/timeframe/);
});

test("memory_stats tells what is there, without the path of the machine", async () => {
  const { call, store } = await connectedStore();
  await store.store({ key: "a", value: "12345", agent: "coder" });
  const { data, text } = await call("memory_stats");
  expect(data).toMatchObject({
    success: true,
    entries: 1,
    fileBytes: bytesOf(store),
    file: "memory.db",
    changes: 1,
    isSealed: false,
    hasPolicy: false,
    agents: [{ agent: "coder", entries: 1 }],
  });
  expect(text).not.toContain(store.folder);
});

test("cache_manage tells, empties and drops from the cache that reads go through", async () => {
  const { call, store } = await connectedStore();
  for (const key of ["a", "b", "c"]) await store.store({ key, value: key });
  for (const key of ["a", "b", "c", "a", "b", "c", "a"]) await store.retrieve(key);
  const { data } = await call("cache_manage", { action: "stats" });
  expect(data.entries).toBe(3);
  expect(data).toMatchObject(store.cacheStats());
  const hits = data.hits as number;
  const misses = data.misses as number;
  expect(hits).toBeGreaterThan(0);
  expect({ reads: hits + misses, rate: data.hitRate }).toEqual({ reads: 7, rate: hits / 7 });
  expect((await call("cache_manage", { action: "evict", key: "a" })).data).toMatchObject({
    dropped: 1,
    entries: 2,
  });
  expect((await call("cache_manage", { action: "evict", key: "a" })).data.dropped).toBe(0);
  expect((await call("cache_manage", { action: "clear" })).data).toMatchObject({
    dropped: 2,
    entries: 0,
  });
  expect((await store.retrieve("a"))?.value).toBe("a");
  for (const [args, why] of [
    [{ action: "shuffle" }, /"stats"\|"clear"\|"evict"/],
    [{ action: "evict" }, /expected key/],
    [{ action: "clear", key: "a" }, /expected no key/],
  ] as const) {
    const { isError, text } = await call("cache_manage", args);
    expect(isError).toBe(true);
    expect(text).toMatch(why);
  }
});

test("a server whose setting names another embedder embeds the store again while it serves", async () => {
  const { url } = await startService();
  const cwd = testFolder();
  {
    await using store = await MemoryStore.open({ path: join(cwd, ".stigmergy") });
    for (let i = 0; i < 300; i++) await store.store({ key: `${i}`, value: `cat number ${i}` });
  }
  const env = { STIGMERGY_EMBEDDER: `${url}#model` };
  const refused = await runCli(["memory", "list"], { cwd, env });
  expect(refused.code).not.toBe(0);
  expect(refused.stderr).toContain("stigmergy mcp start");
  const { call } = await connectProcess(cwd, [], env);
  const found = await call("memory_search", { query: "number 7" });
  expect(found.data).toMatchObject({ success: true, embedder: { kind: "semantic" } });
  let stats = await call("memory_stats");
  while (stats.data.reembedding !== undefined) stats = await call("memory_stats");
  expect(stats.data).toMatchObject({ entries: 300, embedder: { dim: 4 } });
  const { code, stdout } = await runCli(["memory", "search", "number 7", "--json"], { cwd, env });
  expect(code).toBe(0);
  expect(JSON.parse(stdout)).not.toHaveProperty("reembedding");
});
