import { expect, onTestFinished, test, vi } from "vitest";
import { createEmbedder, MemoryStore } from "#dist/index.js";
import { testFolder } from "../support/folder.ts";
import { testStore } from "../support/store.ts";

const keysOf = async (store: MemoryStore): Promise<string[]> =>
  (await store.list()).map(({ key }) => key);

test("a namespace's settings are kept, shared by processes, and taken back with null", async () => {
  const path = testFolder();
  await using one = await MemoryStore.open({ path });
  await using two = await MemoryStore.open({ path });
  expect(await one.configure("plans")).toEqual({});
  await one.configure("plans", { ttl: 60, history: 3 });
  expect(await two.configure("plans")).toEqual({ ttl: 60, history: 3 });
  expect(await two.configure("plans", { ttl: null })).toEqual({ history: 3 });
  expect(await one.configure("plans", { history: undefined })).toEqual({ history: 3 });
});

test("settings that are no settings are refused", async () => {
  const store = await testStore();
  for (const bad of [
    { ttl: 0 },
    { ttl: "1" },
    { maxEntries: 0 },
    { maxBytes: 1.5 },
    { eviction: "fifo" },
    { history: -1 },
    { vectors: 1 },
    { unknown: 1 },
    { __proto__: null, constructor: 1 },
  ]) {
    await expect(store.configure("n", bad as never)).rejects.toMatchObject({
      code: "INVALID_INPUT",
    });
  }
  expect(await store.configure("n")).toEqual({});
});

test("an entry lives as long as its request says, else its namespace, else the store", async () => {
  const store = await testStore({ ttl: 1000 });
  await store.configure("short", { ttl: 10 });
  const lifeOf = async (request: { ttl?: number; namespace?: string }): Promise<number> => {
    const { expiresAt, updatedAt } = await store.store({ key: "k", value: "v", ...request });
    return Math.round(((expiresAt as number) - updatedAt) / 1000);
  };
  expect(await lifeOf({})).toBe(1000);
  expect(await lifeOf({ namespace: "short" })).toBe(10);
  expect(await lifeOf({ namespace: "short", ttl: 5 })).toBe(5);
});

test("a full namespace refuses what is new, and still lets its entries be replaced", async () => {
  const store = await testStore();
  await store.configure("default", { maxEntries: 2, maxBytes: 100 });
  await store.store({ key: "a", value: "1" });
  await store.store({ key: "b", value: "2" });
  await expect(store.store({ key: "c", value: "3" })).rejects.toMatchObject({
    code: "LIMIT_REACHED",
    message: expect.stringMatching(/at most 2 entries, this would be 3; delete some/),
  });
  await store.store({ key: "a", value: "x".repeat(90) });
  await expect(store.store({ key: "b", value: "y".repeat(11) })).rejects.toMatchObject({
    code: "LIMIT_REACHED",
  });
  expect((await store.retrieve("b"))?.value).toBe("2");
  await store.store({ key: "elsewhere", value: "z".repeat(1000), namespace: "other" });
});

test("room is made by what has expired before anything is evicted or refused", async () => {
  const store = await testStore();
  await store.configure("default", { maxEntries: 2 });
  await store.store({ key: "a", value: "1", ttl: 0.001 });
  while ((await store.retrieve("a")) !== undefined);
  await store.store({ key: "b", value: "2" });
  await store.store({ key: "c", value: "3" });
  expect(await keysOf(store)).toEqual(["b", "c"]);
});

test("lru evicts what was read longest ago, lfu what was read least; pinned entries stay", async () => {
  for (const [eviction, left] of [
    ["lru", ["a", "d", "pinned"]],
    ["lfu", ["b", "d", "pinned"]],
  ] as const) {
    const store = await testStore();
    await store.configure("default", { maxEntries: 3, eviction });
    await store.store({ key: "pinned", value: "0", pinned: true });
    await store.store({ key: "a", value: "1" });
    await store.store({ key: "b", value: "2" });
    // b is read more often, a later.
    for (let i = 0; i < 3; i++) await store.retrieve("b");
    const start = Date.now();
    while (Date.now() === start);
    await store.retrieve("a");
    await store.store({ key: "d", value: "4" });
    expect(await keysOf(store), eviction).toEqual(left);
    expect((await store.search({ query: "4", mode: "lexical" })).hits).toHaveLength(1);
  }
});

test("where everything is pinned, nothing is evicted and what is new is refused", async () => {
  const store = await testStore();
  await store.configure("default", { maxEntries: 1, eviction: "lru" });
  await store.store({ key: "a", value: "1", pinned: true });
  await expect(store.store({ key: "b", value: "2" })).rejects.toMatchObject({
    code: "LIMIT_REACHED",
  });
  // Replacing keeps the pin until it is taken away.
  expect((await store.store({ key: "a", value: "2" })).pinned).toBe(true);
  expect((await store.store({ key: "a", value: "3", pinned: false })).pinned).toBe(false);
  await store.store({ key: "b", value: "2" });
  expect(await keysOf(store)).toEqual(["b"]);
});

test("limits in bytes hold over thousands of writes", async () => {
  const store = await testStore();
  await store.configure("default", { maxBytes: 10_000, eviction: "lru", vectors: false });
  for (let i = 0; i < 2000; i++) {
    await store.store({ key: `k${i % 700}`, value: "x".repeat(1 + ((i * 37) % 300)) });
  }
  const entries = await store.list({ limit: 10_000 });
  const bytes = entries.reduce((sum, { value }) => sum + value.length, 0);
  expect(bytes).toBeLessThanOrEqual(10_000);
  expect(bytes).toBeGreaterThan(9000);
  const { namespaces } = await store.stats();
  expect(namespaces[0]).toMatchObject({ entries: entries.length, valueBytes: bytes });
});

test("a namespace without vectors is found by words and keys, never by vectors", async () => {
  const store = await testStore();
  await store.configure("logs", { vectors: false });
  await store.store({ key: "line/1", value: "the connection broke", namespace: "logs" });
  const by = async (mode: "lexical" | "semantic" | "hybrid") =>
    (await store.search({ query: "connection broke", mode })).hits.length;
  expect([await by("lexical"), await by("semantic"), await by("hybrid")]).toEqual([1, 0, 1]);
});

test("history keeps as many earlier values as it should, those of a deleted key too", async () => {
  const store = await testStore();
  await store.configure("default", { history: 2 });
  const versions: number[] = [];
  for (const value of ["one", "two", "three", "four"]) {
    const told = { tags: [value], agent: "me", provenance: "tool_result" } as const;
    versions.push((await store.store({ key: "k", value, ...told })).version);
  }
  expect(await store.history("k")).toMatchObject([
    {
      value: "three",
      version: versions[2],
      tags: ["three"],
      agent: "me",
      provenance: "tool_result",
    },
    { value: "two", version: versions[1] },
  ]);
  await store.delete("k");
  expect((await store.history("k")).map(({ value }) => value)).toEqual(["four", "three"]);
  expect((await store.history("k", { limit: 1 })).map(({ value }) => value)).toEqual(["four"]);
  expect(await store.history("never")).toEqual([]);
});

test("without the setting no history is kept", async () => {
  const store = await testStore();
  await store.store({ key: "k", value: "one" });
  await store.store({ key: "k", value: "two" });
  expect(await store.history("k")).toEqual([]);
});

test("entries written together keep their own vectors while settings change", async () => {
  const builtin = await createEmbedder("builtin");
  let goOn = (): void => undefined;
  let begun = (): void => undefined;
  const gate = new Promise<void>((resolve) => (goOn = resolve));
  const hasBegun = new Promise<void>((resolve) => (begun = resolve));
  const embed = async (texts: readonly string[]) => {
    begun();
    await gate;
    return builtin.embed(texts);
  };
  const { id, dim, kind } = builtin;
  const store = await testStore({ embedder: { id, dim, kind, embed } });
  const writing = store.transaction((tx) => {
    tx.store({ key: "x", value: "elephants trumpet loudly", namespace: "a" });
    tx.store({ key: "y", value: "submarines dive deep", namespace: "b" });
  });
  await hasBegun;
  await store.configure("a", { vectors: false });
  goOn();
  await writing;
  const { hits } = await store.search({ query: "y submarines dive deep", mode: "semantic" });
  expect(hits[0]).toMatchObject({ key: "y", namespace: "b" });
  expect(hits[0].why.semantic).toBeGreaterThan(0.9);
});

test("an entry that was just written again is not the one unused longest", async () => {
  const store = await testStore();
  await store.configure("c", { maxEntries: 2, eviction: "lru" });
  const write = (key: string) => store.store({ key, value: "v", namespace: "c" });
  vi.useFakeTimers({ toFake: ["Date"], now: 1_000_000 });
  onTestFinished(() => void vi.useRealTimers());
  await write("a");
  await store.retrieve("a", { namespace: "c" });
  vi.setSystemTime(1_001_000);
  await write("b");
  vi.setSystemTime(1_002_000);
  await write("a");
  vi.setSystemTime(1_003_000);
  await write("c");
  expect((await store.list({ namespace: "c" })).map(({ key }) => key)).toEqual(["a", "c"]);
});
