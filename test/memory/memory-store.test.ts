import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, statSync, writeFileSync } from "node:fs";
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

test("a store of another embedder is refused, and embedded again when that is asked for", async () => {
  const path = testFolder();
  const other = twoValues("test:two-values");
  {
    await using store = await MemoryStore.open({ path });
    await store.store({ key: "1", value: "a cat" });
    await store.store({ key: "2", value: "a dog" });
    await expect(MemoryStore.open({ path, embedder: other })).rejects.toMatchObject({
      code: "EMBEDDER_MISMATCH",
      message: expect.stringContaining("reembed: true"),
    });
    await using again = await MemoryStore.open({ path, embedder: other, reembed: true });
    await again.reembed();
    const { hits, embedder } = await again.search({ query: "catalog", mode: "semantic" });
    expect(hits.map(({ key }) => key)).toEqual(["1"]);
    expect(embedder).toEqual({ id: "test:two-values", kind: "semantic" });
    // The first still embeds as it did: what it would compare, or add, no longer fits.
    const mismatch = { code: "EMBEDDER_MISMATCH" };
    await expect(store.search({ query: "cat" })).rejects.toMatchObject(mismatch);
    await expect(store.store({ key: "3", value: "cat" })).rejects.toMatchObject(mismatch);
    expect((await again.search({ query: "cat" })).hits.length).toBe(1);
  }
  await expect(MemoryStore.open({ path })).rejects.toMatchObject({ code: "EMBEDDER_MISMATCH" });
  const wider = { ...other, dim: 3 };
  await expect(MemoryStore.open({ path, embedder: wider })).rejects.toMatchObject({
    code: "EMBEDDER_MISMATCH",
  });
});

test("embedding again that is cut off leaves the store as it was, and is taken up later", async () => {
  const path = testFolder();
  {
    await using store = await MemoryStore.open({ path });
    for (let i = 0; i < 300; i++) await store.store({ key: `${i}`, value: `cat number ${i}` });
  }
  let texts = 0;
  const whole = twoValues("test:cut-off");
  const failing = {
    ...whole,
    embed: async (some: readonly string[]): Promise<Float32Array> => {
      if ((texts += some.length) > 256) throw new Error("the network is gone");
      return whole.embed(some);
    },
  };
  const asked = { path, embedder: failing, reembed: true };
  {
    await using store = await MemoryStore.open(asked);
    await expect(store.reembed()).rejects.toThrow("the network is gone");
  }
  {
    await using store = await MemoryStore.open({ path });
    expect((await store.search({ query: "cat number 7" })).hits.length).toBe(10);
    await store.store({ key: "7", value: "a dog instead" });
    await store.delete("8");
  }
  texts = 0;
  await using store = await MemoryStore.open(asked);
  await store.reembed();
  // 256 were done, of which one has changed and one is gone; 44 were not.
  expect(texts).toBe(45);
  const { hits } = await store.search({ query: "cat", mode: "semantic", limit: 1000 });
  expect(hits.length).toBe(298);
  expect(hits.map(({ key }) => key)).not.toContain("7");
});

test("an embedder that returns what it should not stores nothing", async () => {
  const store = await testStore({ embedder: { ...twoValues("test:broken"), embed: broken } });
  await expect(store.store({ key: "a", value: "b" })).rejects.toMatchObject({
    code: "INVALID_INPUT",
  });
  expect((await store.list()).length).toBe(0);

  async function broken(): Promise<Float32Array> {
    return [1, 2] as unknown as Float32Array;
  }
});

test("a read is answered while another process holds the lock, and is counted later", async () => {
  const path = testFolder();
  const store = await MemoryStore.open({ path });
  for (let i = 0; i < 300; i++) await store.store({ key: `${i}`, value: "v" });
  const { loadDriver } = await import("#dist/memory/driver.js");
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

test("a file that is no store of ours is refused and left as it is", async () => {
  const path = testFolder();
  const file = join(path, "memory.db");
  const { loadDriver } = await import("#dist/memory/driver.js");
  const { DatabaseSync } = await loadDriver();

  writeFileSync(
    file,
    "this is not a database, and much longer than a header of SQLite is".repeat(20),
  );
  const before = statSync(file).size;
  await expect(MemoryStore.open({ path })).rejects.toMatchObject({ code: "DAMAGED" });
  expect(statSync(file).size).toBe(before);

  const [foreign, newer] = [testFolder(), testFolder()];
  const theirs = new DatabaseSync(join(foreign, "memory.db"));
  theirs.exec("CREATE TABLE memory_entries (id INTEGER PRIMARY KEY)");
  theirs.close();
  await expect(MemoryStore.open({ path: foreign })).rejects.toMatchObject({ code: "FORMAT" });

  await (await MemoryStore.open({ path: newer })).close();
  const future = new DatabaseSync(join(newer, "memory.db"));
  future.exec("PRAGMA user_version = 99");
  future.close();
  await expect(MemoryStore.open({ path: newer })).rejects.toMatchObject({
    code: "FORMAT",
    message: expect.stringContaining("newer stigmergy"),
  });

  const taken = join(testFolder(), "file");
  writeFileSync(taken, "");
  await expect(MemoryStore.open({ path: taken })).rejects.toMatchObject({ code: "INVALID_INPUT" });
});

test("a new store's folder is private and kept out of version control", async () => {
  const path = join(testFolder(), "deep", ".stigmergy");
  await using _ = await MemoryStore.open({ path });
  expect(existsSync(join(path, ".gitignore"))).toBe(true);
  if (process.platform !== "win32") {
    expect(statSync(path).mode & 0o777).toBe(0o700);
    expect(statSync(join(path, "memory.db")).mode & 0o777).toBe(0o600);
  }
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

function twoValues(id: string) {
  return {
    id,
    dim: 2,
    kind: "semantic" as const,
    embed: async (texts: readonly string[]) =>
      Float32Array.from(texts.flatMap((text) => (text.includes("cat") ? [1, 0] : [0, 1]))),
  };
}

test("git takes a project's agent types and nothing else of its store, also where they came first", async () => {
  const git = (cwd: string, ...args: string[]) =>
    execFileSync("git", args, { cwd, encoding: "utf8" }).trim().split("\n").toSorted();
  for (const comesWithTypes of [false, true]) {
    const root = testFolder();
    git(root, "init", "--quiet");
    const path = join(root, ".stigmergy");
    if (comesWithTypes) mkdirSync(join(path, "agents"), { recursive: true });
    const store = await MemoryStore.open({ path });
    await store.store({ key: "k", value: "v" });
    await store.backup();
    await store.close();
    mkdirSync(join(path, "agents", "more"), { recursive: true });
    writeFileSync(join(path, "agents", "a.md"), "a");
    writeFileSync(join(path, "agents", "more", "b.md"), "b");
    expect(git(root, "ls-files", "--others", "--exclude-standard")).toEqual([
      ".stigmergy/agents/a.md",
      ".stigmergy/agents/more/b.md",
    ]);
  }
  // A folder that holds other things, chosen as a store's, is not hidden from git.
  const other = testFolder();
  await (await MemoryStore.open({ path: other })).close();
  expect(existsSync(join(other, ".gitignore"))).toBe(false);
});
