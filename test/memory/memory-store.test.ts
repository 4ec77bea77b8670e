import { statSync } from "node:fs";
import { join } from "node:path";
import { expect, test, vi } from "vitest";
import { MemoryStore, type Entry, type StoreRequest } from "#dist/index.js";
import { testFolder } from "../support/folder.ts";
import { testStore } from "../support/store.ts";

test("a stored entry comes back as it was, after the store was closed and opened again", async () => {
  const path = testFolder();
  const request: StoreRequest = {
    key: "decisions/database",
    value: "PostgreSQL 🐘, for its row locks\n\ttabs, \u0001 and “quotes”",
    namespace: "shop",
    tags: ["db", "adr", "db"],
    metadata: { title: "Database", nested: { list: [1, null, true] } },
    agent: "architect",
    session: "s-1",
    at: 1_700_000_000_000,
  };
  let stored: Entry;
  {
    await using store = await MemoryStore.open({ path });
    stored = await store.store(request);
  }
  await using store = await MemoryStore.open({ path });
  const { createdAt, updatedAt, ...entry } = (await store.retrieve(request.key, {
    namespace: "shop",
  })) as Entry;
  expect(entry).toEqual({
    ...request,
    tags: ["db", "adr"],
    id: 1,
    version: 1,
    provenance: "unknown",
    pinned: false,
    accessCount: 1,
  });
  expect({ createdAt, updatedAt }).toEqual({
    createdAt: stored.createdAt,
    updatedAt: stored.updatedAt,
  });
});

test("storing under a key again replaces the entry and keeps its number and its birth", async () => {
  const store = await testStore();
  const first = await store.store({ key: "a", value: "one", tags: ["x"], agent: "me" });
  const second = await store.store({ key: "a", value: "two" });
  expect(second).toMatchObject({
    id: first.id,
    createdAt: first.createdAt,
    value: "two",
    tags: [],
  });
  expect(second).not.toHaveProperty("agent");
  expect((await store.search({ query: "one", mode: "lexical" })).hits).toEqual([]);
  expect((await store.list()).length).toBe(1);
});

test("metadata is an object of any type that JSON can hold; what JSON makes nothing of is refused", async () => {
  interface Source {
    readonly file: string;
    readonly lines: number;
  }
  const metadata: Source = { file: "parser.ts", lines: 40 };
  const store = await testStore();
  expect((await store.store({ key: "a", value: "b", metadata })).metadata).toEqual(metadata);
  for (const lost of [new Map([["file", "parser.ts"]]), new Set(["parser.ts"]), [1]]) {
    await expect(store.store({ key: "a", value: "c", metadata: lost })).rejects.toMatchObject({
      code: "INVALID_INPUT",
      message: expect.stringMatching(/^metadata: expected/),
    });
  }
  expect((await store.retrieve("a"))?.value).toBe("b");
});

test("namespaces keep equal keys apart; without one it is default", async () => {
  const store = await testStore();
  await store.store({ key: "k", value: "in default" });
  await store.store({ key: "k", value: "in other", namespace: "other" });
  expect((await store.retrieve("k"))?.value).toBe("in default");
  expect((await store.retrieve("k", { namespace: "other" }))?.value).toBe("in other");
  expect(await store.retrieve("k", { namespace: "none" })).toBeUndefined();
  expect(await store.delete("k", { namespace: "other" })).toBe(true);
  expect(await store.delete("k", { namespace: "other" })).toBe(false);
  expect((await store.list()).map(({ value }) => value)).toEqual(["in default"]);
});

test("many entries can be stored, replaced and deleted again", async () => {
  const store = await testStore();
  const keys = Array.from({ length: 400 }, (_, i) => `k${i}`);
  for (const key of keys) await store.store({ key, value: `cat number ${key}` });
  for (const key of keys) await store.store({ key, value: `dog number ${key}` });
  for (const key of keys) expect(await store.delete(key)).toBe(true);
  expect((await store.search({ query: "number" })).hits).toEqual([]);
});

test("list goes by namespace and key, in pages, and by pattern", async () => {
  const store = await testStore();
  for (const key of ["b/2", "a/1", "c[1]", "a/3", "deep/a/4"])
    await store.store({ key, value: key });
  await store.store({ key: "a/0", value: "v", namespace: "another" });
  const keys = async (request: Parameters<typeof store.list>[0]): Promise<string[]> =>
    (await store.list(request)).map(({ key }) => key);
  expect(await keys({})).toEqual(["a/0", "a/1", "a/3", "b/2", "c[1]", "deep/a/4"]);
  expect(await keys({ limit: 2, offset: 1 })).toEqual(["a/1", "a/3"]);
  expect(await keys({ namespace: "default", pattern: "a/*" })).toEqual(["a/1", "a/3", "deep/a/4"]);
  expect(await keys({ pattern: "?/1" })).toEqual(["a/1"]);
  expect(await keys({ pattern: "c[1]" })).toEqual(["c[1]"]);
  expect(await keys({ pattern: "A/*" })).toEqual([]);
});

test("an entry past its ttl is gone from everything that reads", async () => {
  const store = await testStore();
  const now = vi.spyOn(Date, "now");
  try {
    const start = 1_800_000_000_000;
    now.mockReturnValue(start);
    await store.store({ key: "brief", value: "ephemeral words", ttl: 1.5 });
    await store.store({ key: "lasting", value: "ephemeral words too" });
    const found = async (): Promise<number[]> => [
      (await store.list()).length,
      ...(await Promise.all(
        (["glob", "lexical", "semantic", "hybrid"] as const).map(async (mode) => {
          const query = mode === "glob" ? "*" : "ephemeral words";
          return (await store.search({ query, mode })).hits.length;
        }),
      )),
      (await store.stats()).entries,
    ];
    now.mockReturnValue(start + 1499);
    expect(await store.retrieve("brief")).toMatchObject({ expiresAt: start + 1500 });
    expect(await found()).toEqual([2, 2, 2, 2, 2, 2]);
    now.mockReturnValue(start + 1500);
    expect(await store.retrieve("brief")).toBeUndefined();
    expect(await found()).toEqual([1, 1, 1, 1, 1, 1]);
    expect(await store.delete("brief")).toBe(false);
    await store.store({ key: "brief", value: "ephemeral again" });
    expect(await found()).toEqual([2, 2, 2, 2, 2, 2]);
  } finally {
    now.mockRestore();
  }
});

test("writes are kept in the order in which they were asked for, however long embedding takes", async () => {
  let release: (() => void)[] = [];
  const embedder = {
    id: "test-slow",
    dim: 2,
    kind: "semantic" as const,
    embed: (texts: readonly string[]): Promise<Float32Array> =>
      new Promise((resolve) => {
        release.push(() => resolve(new Float32Array(2 * texts.length).fill(1)));
      }),
  };
  const store = await testStore({ embedder });
  const writes = [1, 2, 3].map((value) => store.store({ key: "k", value: String(value) }));
  for (const settle of release.toReversed()) settle();
  release = [];
  await Promise.all(writes);
  expect((await store.retrieve("k"))?.value).toBe("3");
});

test("reads are counted, without a write for each", async () => {
  const path = testFolder();
  {
    await using store = await MemoryStore.open({ path });
    await store.store({ key: "a", value: "1" });
    const { seq } = await store.stats();
    for (let i = 1; i <= 5; i++) expect((await store.retrieve("a"))?.accessCount).toBe(i);
    expect((await store.stats()).seq).toBe(seq);
  }
  await using store = await MemoryStore.open({ path });
  expect((await store.list())[0].accessCount).toBe(5);
});

test("a read is answered while another process holds the lock, and is counted later", async () => {
  const path = testFolder();
  const store = await MemoryStore.open({ path });
  for (let i = 0; i < 300; i++) await store.store({ key: `${i}`, value: "v" });
  const { loadDriver } = await import("#dist/memory/file/driver.js");
  const { DatabaseSync } = await loadDriver();
  const other = new DatabaseSync(join(path, "memory.db"));
  other.exec("BEGIN IMMEDIATE");
  for (let i = 0; i < 300; i++) expect((await store.retrieve(`${i}`))?.accessCount).toBe(1);
  other.exec("ROLLBACK");
  other.close();
  await store.close();
  await using again = await MemoryStore.open({ path });
  const counts = (await again.list({ limit: 1000 })).map(({ accessCount }) => accessCount);
  expect(counts).toEqual(Array(300).fill(1));
});

test("a closed store refuses, a second close is harmless, and close waits for writes", async () => {
  const path = testFolder();
  const store = await MemoryStore.open({ path });
  const writes = Array.from({ length: 20 }, (_, i) => store.store({ key: `${i}`, value: "v" }));
  await store.close();
  await store.close();
  expect((await Promise.all(writes)).length).toBe(20);
  for (const work of [
    () => store.store({ key: "a", value: "b" }),
    () => store.retrieve("a"),
    () => store.search({ query: "a" }),
    () => store.list(),
    () => store.delete("a"),
    () => store.stats(),
  ]) {
    await expect(work()).rejects.toMatchObject({ code: "CLOSED" });
  }
});

test("stats count entries, bytes and agents, and bytes of the file system", async () => {
  const store = await testStore();
  await store.store({ key: "1", value: "four", agent: "coder" });
  await store.store({ key: "2", value: "größer", agent: "coder", namespace: "n" });
  await store.store({ key: "3", value: "…" });
  const stats = await store.stats({ byAgent: true });
  expect(stats).toMatchObject({
    entries: 3,
    expired: 0,
    namespaces: [
      { namespace: "default", entries: 2, valueBytes: 7 },
      { namespace: "n", entries: 1, valueBytes: 8 },
    ],
    agents: [
      { entries: 1, valueBytes: 3 },
      { agent: "coder", entries: 2, valueBytes: 12 },
    ],
    embedder: { kind: "semantic" },
  });
  expect(stats).not.toHaveProperty("index");
  expect(stats.fileBytes).toBeGreaterThanOrEqual(statSync(stats.path).size);
  await store.search({ query: "four" });
  // Neither "3" nor "…" has a meaning.
  expect((await store.stats()).index?.rows).toBe(2);
});

test("what takes the key of an entry that has expired is another entry", async () => {
  const store = await testStore();
  const now = vi.spyOn(Date, "now");
  try {
    now.mockReturnValue(1_800_000_000_000);
    const first = await store.store({ key: "k", value: "v", ttl: 1 });
    await store.retrieve("k");
    now.mockReturnValue(1_800_000_005_000);
    const second = await store.store({ key: "k", value: "v" });
    expect(second).toMatchObject({ createdAt: 1_800_000_005_000, accessCount: 0 });
    expect(second.id).not.toBe(first.id);
  } finally {
    now.mockRestore();
  }
});
