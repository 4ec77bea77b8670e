import { readFileSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { MemoryStore, type Entry } from "#dist/index.js";
import { loadDriver } from "#dist/memory/file/driver.js";
import { MIGRATIONS } from "#dist/memory/file/schema.js";
import { allSaid, fillStore } from "../support/entries.ts";
import { testFolder } from "../support/folder.ts";
import { seededRandom } from "../support/random.ts";
import { testStore } from "../support/store.ts";

test.each(["db", "json"])("a .%s backup brings back every entry as it was", async (ending) => {
  const path = testFolder();
  const store = await testStore({ path });
  await store.configure("even", { history: 5, ttl: 1000 });
  await fillStore(store);
  await store.store({ namespace: "even", key: "k/0", value: "second value" });
  const before = await allSaid(store);
  const { path: backup } = await store.backup(join(path, `copy.${ending}`));
  await store.store({ namespace: "even", key: "k/0", value: "changed" });
  await store.store({ namespace: "new", key: "n", value: "new pears" });
  await store.delete("k/1", { namespace: "odd" });
  await store.configure("even", { ttl: null });
  await store.search({ query: "pears" });
  const report = await store.restore(backup);
  expect(report).toMatchObject({ path: backup, entries: 60, isProven: true });
  expect(await allSaid(store)).toEqual(before);
  expect(await store.configure("even")).toEqual({ history: 5, ttl: 1000 });
  expect((await store.history("k/0", { namespace: "even" })).map(({ value }) => value)).toEqual([
    "value 0 apples",
  ]);
  for (const mode of ["lexical", "semantic"] as const) {
    const { hits } = await store.search({ query: "value 7 apples", mode, limit: 3 });
    expect(hits.length, mode).toBe(3);
    // Numbers have no meaning: any of these texts is as near as the other.
    if (mode === "lexical") expect(hits.map(({ key }) => key)).toContain("k/7");
    expect((await store.search({ query: "pears", mode: "lexical" })).hits).toEqual([]);
  }
  expect(await store.verify({ full: true })).toMatchObject({ ok: true, entries: 60 });
});

test("what the store held before is kept, and can be restored in turn", async () => {
  const store = await testStore();
  await store.store({ key: "a", value: "first" });
  await store.backup();
  await store.store({ key: "a", value: "second" });
  const { before } = await store.restore("latest");
  expect((await store.retrieve("a"))?.value).toBe("first");
  await store.restore(before as string);
  expect((await store.retrieve("a"))?.value).toBe("second");
  // What was made before a restore is never the latest.
  await store.restore("latest");
  expect((await store.retrieve("a"))?.value).toBe("first");
});

test("no version comes back after a restore", async () => {
  const store = await testStore();
  const versions = new Set<number>();
  const note = ({ version }: Entry): void => {
    expect(versions.has(version)).toBe(false);
    versions.add(version);
  };
  for (let round = 0; round < 3; round++) {
    note(await store.store({ key: "a", value: `${round}` }));
    await store.backup();
    const late = await store.store({ key: "a", value: `late ${round}` });
    note(late);
    await store.restore("latest");
    note((await store.retrieve("a")) as Entry);
    await expect(
      store.store({ key: "a", value: "x", ifVersion: late.version }),
    ).rejects.toMatchObject({ code: "CONFLICT" });
  }
});

test("another process's store sees the restored one at its next call", async () => {
  const path = testFolder();
  const one = await testStore({ path });
  const other = await testStore({ path });
  await fillStore(one, 10);
  await one.backup();
  await one.store({ key: "late", value: "late plums" });
  expect((await other.search({ query: "plums" })).hits).toHaveLength(1);
  expect(await other.retrieve("late")).toBeDefined();
  const watch = other.watch()[Symbol.asyncIterator]();
  const told = watch.next();
  await one.restore("latest");
  expect(await other.retrieve("late")).toBeUndefined();
  expect((await other.search({ query: "plums", mode: "lexical" })).hits).toEqual([]);
  const { hits } = await other.search({ query: "value apples", mode: "semantic" });
  expect(hits).toHaveLength(10);
  expect((await told).value).toMatchObject({ type: "reset" });
  await other.store({ key: "after", value: "after" });
  expect((await one.retrieve("after"))?.value).toBe("after");
});

test("single keys and namespaces come back as new versions, and the rest stays", async () => {
  const store = await testStore();
  await fillStore(store, 20);
  const { path: backup } = await store.backup();
  const at = (await store.retrieve("k/3", { namespace: "odd" }))?.at;
  for (const key of ["k/3", "k/5"]) await store.store({ namespace: "odd", key, value: "changed" });
  await store.delete("k/7", { namespace: "odd" });
  await store.store({ namespace: "odd", key: "new", value: "new" });
  expect(await store.restore(backup, { namespace: "odd", key: "k/3" })).toMatchObject({
    entries: 1,
  });
  const back = await store.retrieve("k/3", { namespace: "odd" });
  expect(back).toMatchObject({ value: "value 3 apples", at, agent: "ann", pinned: true });
  expect((await store.retrieve("k/5", { namespace: "odd" }))?.value).toBe("changed");
  const report = await store.restore(backup, { namespace: "odd" });
  expect(report).toMatchObject({ entries: 10 });
  expect(report).not.toHaveProperty("before");
  expect((await store.retrieve("k/7", { namespace: "odd" }))?.value).toBe("value 7 apples");
  expect((await store.retrieve("new", { namespace: "odd" }))?.value).toBe("new");
  for (const options of [{ key: "none" }, { namespace: "none" }]) {
    await expect(store.restore(backup, options)).rejects.toMatchObject({ code: "NOT_FOUND" });
  }
});

test.each(["db", "json"])("a changed byte anywhere in a .%s backup is refused", async (ending) => {
  const path = testFolder();
  const store = await testStore({ path });
  await fillStore(store, 30);
  const { path: backup } = await store.backup(join(path, `copy.${ending}`));
  const sound = readFileSync(backup);
  await store.store({ key: "live", value: "live" });
  const live = await allSaid(store);
  const random = seededRandom(7);
  const places = Array.from({ length: 25 }, () => Math.floor(random() * sound.length));
  for (const place of [
    ...places,
    0,
    20,
    97,
    sound.length - 1,
    sound.length - 40,
    sound.length - 90,
  ]) {
    const damaged = Buffer.from(sound);
    damaged[place] ^= 1 << Math.floor(random() * 8);
    writeFileSync(backup, damaged);
    await expect(store.restore(backup), `byte ${place}`).rejects.toMatchObject({
      code: expect.stringMatching(/DAMAGED|FORMAT/),
    });
  }
  for (const length of [0, 1, 100, 4096, sound.length >> 1, sound.length - 1]) {
    writeFileSync(backup, sound.subarray(0, length));
    await expect(store.restore(backup), `${length} bytes`).rejects.toMatchObject({
      code: expect.stringMatching(/DAMAGED|FORMAT/),
    });
  }
  expect(await allSaid(store)).toEqual(live);
  expect(readdirSync(path).filter((name) => name.startsWith("."))).toEqual([]);
});

test("a copy made by other means is restored when it is sound, and not called proven", async () => {
  const path = testFolder();
  const store = await testStore({ path });
  await fillStore(store, 5);
  const copy = join(path, "vacuumed.db");
  const { DatabaseSync } = await loadDriver();
  const file = new DatabaseSync(join(path, "memory.db"), { readOnly: true });
  file.prepare("VACUUM INTO ?").get(copy);
  file.close();
  await store.store({ key: "late", value: "late" });
  expect(await store.restore(copy)).toMatchObject({ entries: 5, isProven: false });
  expect(await store.retrieve("late")).toBeUndefined();
});

test("vectors of another embedder are made again", async () => {
  const embedder = {
    id: "test/two",
    dim: 2,
    kind: "semantic" as const,
    embed: async (texts: readonly string[]) =>
      Float32Array.from(texts.flatMap((text) => (text.includes("north") ? [0, 1] : [1, 0]))),
  };
  const open = await testStore();
  await open.store({ key: "a", value: "north wind" });
  await open.store({ key: "b", value: "warm rain" });
  const { path: backup } = await open.backup(join(testFolder(), "copy.db"));
  const store = await testStore({ embedder });
  await store.restore(backup);
  const { hits } = await store.search({ query: "to the north", mode: "semantic", limit: 1 });
  expect(hits.map(({ key }) => key)).toEqual(["a"]);
  expect(await store.verify()).toMatchObject({ ok: true });
});

test("a backup of the first schema is brought forward, and itself left as it is", async () => {
  const backup = join(testFolder(), "old.db");
  const { DatabaseSync } = await loadDriver();
  const file = new DatabaseSync(backup);
  file.exec(MIGRATIONS[0]);
  file.exec(`INSERT INTO entries (namespace, key, value, tags, metadata, at, created_at, updated_at, seq)
    VALUES ('default', 'old', 'from long ago', '[]', '{}', 1, 2, 3, 1);
    INSERT INTO words (rowid, key, title, tags, body) VALUES (1, 'old', '', '', 'from long ago');
    UPDATE facts SET value = 1; PRAGMA user_version = 1; PRAGMA application_id = ${0x53544947}`);
  file.close();
  const bytes = readFileSync(backup);
  const store = await testStore();
  expect(await store.restore(backup)).toMatchObject({ entries: 1, isProven: false });
  expect(await store.retrieve("old")).toMatchObject({
    value: "from long ago",
    at: 1,
    createdAt: 2,
  });
  expect((await store.search({ query: "long ago", mode: "semantic" })).hits).toHaveLength(1);
  expect(readFileSync(backup).equals(bytes)).toBe(true);
});

test("the latest backup is none that a clock which was ahead has named, unless there is no other", async () => {
  const path = testFolder();
  await using store = await MemoryStore.open({ path });
  await store.store({ key: "k", value: "then" });
  const ahead = join(path, "backups", "scheduled-2199-01-01T00-00-00-000Z.db");
  await store.backup(ahead);
  expect((await store.restore("latest")).path).toBe(ahead);
  await store.store({ key: "k", value: "now" });
  const { path: made } = await store.backup();
  await store.store({ key: "k", value: "later" });
  expect((await store.restore("latest")).path).toBe(made);
  expect((await store.retrieve("k"))?.value).toBe("now");
});
