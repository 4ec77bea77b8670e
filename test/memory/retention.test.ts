import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { MemoryStore } from "#dist/index.js";
import { loadDriver } from "#dist/memory/file/driver.js";
import { testFolder } from "../support/folder.ts";
import { testStore } from "../support/store.ts";

async function untilGone(store: MemoryStore, key: string): Promise<void> {
  while ((await store.retrieve(key)) !== undefined);
}

test("gc removes what has expired and gives its space back to the file system", async () => {
  const store = await testStore();
  for (let i = 0; i < 1200; i++) {
    await store.store({ key: `old${i}`, value: "x".repeat(2000), ttl: 0.5 });
  }
  await store.store({ key: "kept", value: "y" });
  await untilGone(store, "old1199");
  expect((await store.stats()).expired).toBe(1200);
  const dry = await store.gc({ dryRun: true });
  expect(dry).toMatchObject({ dryRun: true, expired: 1200, bytesAfter: dry.bytesBefore });
  const { expired, bytesBefore, bytesAfter } = await store.gc();
  expect(expired).toBe(1200);
  expect(bytesAfter).toBeLessThan(bytesBefore / 4);
  const { path } = await store.stats();
  expect(statSync(path).size + statSync(`${path}-wal`).size).toBe(bytesAfter);
  expect(await store.stats()).toMatchObject({ entries: 1, expired: 0 });
  expect((await store.search({ query: "y", mode: "lexical" })).hits).toHaveLength(1);
});

test("gc of one namespace leaves the others alone", async () => {
  const store = await testStore();
  await store.store({ key: "a", value: "1", ttl: 0.001, namespace: "one" });
  await store.store({ key: "b", value: "2", ttl: 0.001, namespace: "two" });
  while ((await store.retrieve("b", { namespace: "two" })) !== undefined);
  expect((await store.gc({ namespace: "one" })).expired).toBe(1);
  expect((await store.stats()).expired).toBe(1);
});

test("gc removes words and vectors that belong to no entry", async () => {
  const path = testFolder();
  await using store = await MemoryStore.open({ path });
  await store.store({ key: "a", value: "lost words" });
  await store.store({ key: "b", value: "found words" });
  expect((await store.search({ query: "words", mode: "lexical" })).hits).toHaveLength(2);
  // Words are added to the file some writes at a time.
  expect((await store.gc()).orphans).toBe(0);
  const { DatabaseSync } = await loadDriver();
  const file = new DatabaseSync(join(path, "memory.db"));
  file.exec("PRAGMA foreign_keys = OFF; DELETE FROM entries WHERE key = 'a'");
  file.close();
  expect((await store.gc({ dryRun: true })).orphans).toBe(2);
  expect((await store.gc()).orphans).toBe(2);
  expect((await store.gc()).orphans).toBe(0);
  expect((await store.search({ query: "words" })).hits.map(({ key }) => key)).toEqual(["b"]);
});

test("gc while another process has the store open is seen by it", async () => {
  const path = testFolder();
  await using one = await MemoryStore.open({ path });
  await using two = await MemoryStore.open({ path });
  await one.store({ key: "a", value: "zebra", ttl: 0.001 });
  await one.store({ key: "b", value: "zebra" });
  expect((await two.search({ query: "zebra" })).hits.at(-1)?.key).toBe("b");
  await untilGone(one, "a");
  await one.gc();
  expect((await two.search({ query: "zebra" })).hits.map(({ key }) => key)).toEqual(["b"]);
});

test("clear empties one namespace at once, its history too, and keeps its settings", async () => {
  const store = await testStore();
  await store.configure("default", { history: 2 });
  for (let i = 0; i < 50; i++) await store.store({ key: `k${i}`, value: "first" });
  await store.store({ key: "k0", value: "second" });
  await store.store({ key: "other", value: "stays", namespace: "other" });
  expect(await store.clear()).toBe(50);
  expect((await store.list()).map(({ key }) => key)).toEqual(["other"]);
  expect(await store.history("k0")).toEqual([]);
  expect((await store.search({ query: "first" })).hits).toEqual([]);
  expect(await store.configure("default")).toEqual({ history: 2 });
  expect(await store.clear({ namespace: "nothing" })).toBe(0);
});

test("an erased entry leaves nothing in the store's files: no value, no word, no earlier value", async () => {
  const path = testFolder();
  await using store = await MemoryStore.open({ path });
  await store.configure("default", { history: 5 });
  for (let i = 0; i < 300; i++) await store.store({ key: `k${i}`, value: `harmless text ${i}` });
  await store.store({ key: "oops", value: "password quokka123 wombatpass" });
  await store.store({ key: "oops", value: "password numbat456" });
  await store.search({ query: "quokka123" });
  expect(await store.delete("oops", { erase: true })).toBe(true);
  const bytes = readdirSync(path, { recursive: true, encoding: "utf8" })
    .map((name) => join(path, name))
    .filter((file) => statSync(file).isFile())
    .map((file) => readFileSync(file, "latin1"))
    .join();
  for (const word of ["quokka123", "wombatpass", "numbat456"]) {
    expect(bytes.includes(word), word).toBe(false);
  }
  expect(await store.history("oops")).toEqual([]);
  expect(
    (await store.search({ query: "harmless text 7", mode: "lexical" })).hits.length,
  ).toBeGreaterThan(0);
  expect(await store.delete("oops", { erase: true })).toBe(false);
});

test("erasing leaves nothing of values that were overwritten or deleted long before, either", async () => {
  const path = testFolder();
  await using store = await MemoryStore.open({ path });
  const long = (marker: string): string => `${marker} `.repeat(400);
  for (let i = 0; i < 20; i++) await store.store({ key: "oops", value: long("quokka123") });
  await store.store({ key: "oops", value: "harmless now" });
  await store.store({ key: "gone", value: long("wombat456") });
  await store.delete("gone");
  await store.delete("oops", { erase: true });
  await store.delete("gone", { erase: true });
  const bytes = readFileSync(join(path, "memory.db"), "latin1");
  for (const word of ["quokka123", "wombat456"]) expect(bytes.includes(word), word).toBe(false);
});

test("erasing beside a process that reads the store as it was says that it is not done", async () => {
  const path = testFolder();
  await using store = await MemoryStore.open({ path });
  await store.store({ key: "oops", value: "quokka123" });
  const { DatabaseSync } = await loadDriver();
  const reader = new DatabaseSync(join(path, "memory.db"));
  reader.exec("BEGIN");
  expect(reader.prepare("SELECT count(*) AS n FROM entries").get()?.n).toBe(1);
  await expect(store.delete("oops", { erase: true })).rejects.toMatchObject({
    code: "STORE_BUSY",
    message: expect.stringMatching(/the entry is deleted, but .* still hold what was there/),
  });
  reader.exec("ROLLBACK");
  reader.close();
  expect(await store.retrieve("oops")).toBeUndefined();
  expect(await store.delete("oops", { erase: true })).toBe(false);
  const bytes = readFileSync(join(path, "memory.db"), "latin1");
  expect(bytes.includes("quokka123")).toBe(false);
});

test("erasing also forgets what compression had learned from the entry", async () => {
  const path = testFolder();
  await using store = await MemoryStore.open({ path });
  const value = (i: number): string =>
    `{"step":${i},"quokka123":"common to all","status":"done well"}`;
  for (let i = 0; i < 1500; i++) await store.store({ key: `k${i}`, value: value(i) });
  expect((await store.compress()).entries).toBe(1500);
  await store.delete("k7", { erase: true });
  const { DatabaseSync } = await loadDriver();
  const file = new DatabaseSync(join(path, "memory.db"), { readOnly: true });
  expect(file.prepare("SELECT count(*) AS n FROM dictionaries").get()?.n).toBe(0);
  file.close();
  expect((await store.retrieve("k8"))?.value).toBe(value(8));
});

test("an aggressive gc also compacts the file and compresses what is cold", async () => {
  const path = testFolder();
  await using store = await MemoryStore.open({ path });
  for (let i = 0; i < 400; i++) {
    await store.store({
      key: `k${i}`,
      value: `{"status":"done","attempt":${i},"note":"the same text again"}`,
    });
  }
  expect((await store.gc({ aggressive: true })).compressed).toBe(0);
  const { DatabaseSync } = await loadDriver();
  const file = new DatabaseSync(join(path, "memory.db"));
  file.exec("UPDATE entries SET updated_at = updated_at - 8 * 86400000");
  file.close();
  expect((await store.gc({ aggressive: true })).compressed).toBe(400);
  expect((await store.retrieve("k7"))?.value).toContain('"attempt":7');
});
