import { readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { MemoryStore } from "#dist/index.js";
import { Database } from "#dist/memory/file/database.js";
import { saidOf } from "../support/entries.ts";
import { testFolder } from "../support/folder.ts";
import { runModule } from "../support/process.ts";
import { testStore } from "../support/store.ts";

const KEY = "11".repeat(32);
const PAGE = 4096;

/** A closed store of entries short and long, some of them deleted. */
async function closedStore(options = {}, count = 80): Promise<string> {
  const path = testFolder();
  // A process of its own: what it leaves behind when it has ended is the file and nothing else.
  const { code, stderr } = await runModule(`
    import { MemoryStore } from "#dist/index.js";
    const options = ${JSON.stringify({ path, ...options })};
    const store = await MemoryStore.open(options);
    await store.configure("default", { history: 2, ttl: 100_000 });
    for (let i = 0; i < ${count}; i++) {
      const value = ("value " + i + " of words ").repeat(i % 8 === 0 ? 500 : 3);
      await store.store({ key: "k" + i, value, tags: ["t"], metadata: { i } });
    }
    await store.delete("k1");
    await store.store({ key: "k2", value: "second value" });
    await store.search({ query: "value" });
    await store.close();
    `);
  expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
  expect(readdirSync(path)).toEqual(["memory.db"]);
  return path;
}

async function said(path: string, options = {}): Promise<Map<string, unknown>> {
  await using store = await MemoryStore.open({ path, ...options });
  const entries = await store.list({ limit: 10_000 });
  return new Map(entries.map((entry) => [entry.key, saidOf(entry)]));
}

function damage(path: string, change: (bytes: Buffer) => void): Buffer {
  const file = join(path, "memory.db");
  const bytes = readFileSync(file);
  change(bytes);
  writeFileSync(file, bytes);
  return bytes;
}

test("a store that is whole is left as it is", async () => {
  const path = await closedStore();
  const bytes = readFileSync(join(path, "memory.db"));
  const report = await MemoryStore.repair(path);
  expect(report).toEqual({ repaired: false, entries: 79, lost: [], rebuilt: [] });
  expect(readFileSync(join(path, "memory.db")).equals(bytes)).toBe(true);
});

test("words, vectors and counters are made again in place, and the store is kept as a backup", async () => {
  const path = await closedStore();
  const before = await said(path);
  const database = await Database.openFile(join(path, "memory.db"));
  database.openShadowTables();
  database.execute(`DELETE FROM words_data WHERE id > 100; DELETE FROM words_docsize WHERE id = 3;
    UPDATE vectors SET vector = zeroblob(8) WHERE entry < 9; UPDATE namespaces SET entries = 1`);
  database.close();
  const report = await MemoryStore.repair(path);
  expect(report).toMatchObject({ repaired: true, entries: 79, lost: [] });
  expect(new Set(report.rebuilt)).toEqual(new Set(["words", "vectors", "namespaces"]));
  expect(report.originalKept).toMatch(/backups\/before-repair-/);
  expect(await said(path)).toEqual(before);
  await using store = await MemoryStore.open({ path });
  expect(await store.verify({ full: true })).toMatchObject({ ok: true });
  expect((await store.search({ query: "value 3 words", mode: "lexical" })).hits).not.toEqual([]);
});

test.each([
  ["a header of garbage", (bytes: Buffer) => void bytes.fill(0x55, 0, 100)],
  ["a first page of zeros", (bytes: Buffer) => void bytes.fill(0, 0, PAGE)],
])("all entries come back from a file with %s", async (_, change) => {
  const path = await closedStore();
  const before = await said(path);
  const bytes = damage(path, change);
  await expect(MemoryStore.open({ path })).rejects.toMatchObject({ code: "DAMAGED" });
  expect(readFileSync(join(path, "memory.db")).equals(bytes)).toBe(true);
  const report = await MemoryStore.repair(path);
  expect(report).toMatchObject({ repaired: true, entries: 79 });
  expect(report.lost.map(({ part }) => part)).not.toContain("entries");
  expect(readFileSync(report.originalKept as string).equals(bytes)).toBe(true);
  expect(await said(path)).toEqual(before);
  await using store = await MemoryStore.open({ path });
  expect(await store.verify({ full: true })).toMatchObject({ ok: true });
});

test("what lies before the cut of a truncated file comes back, and no version is given again", async () => {
  // Whose vectors are long enough that entries lie in the first half.
  const path = await closedStore({ embedder: "lexical-hash" });
  const before = await said(path);
  const file = join(path, "memory.db");
  truncateSync(file, Math.floor(readFileSync(file).length / 2));
  const report = await MemoryStore.repair(path);
  const after = await said(path);
  expect(after.size).toBe(report.entries);
  expect(after.size).toBeGreaterThan(10);
  for (const [key, entry] of after) expect(entry).toEqual(before.get(key));
  await using store = await MemoryStore.open({ path });
  const { version } = await store.store({ key: "new", value: "new" });
  expect(version).toBeGreaterThan(2 ** 20);
});

test("a value whose bytes have changed is never given back as if it were right", async () => {
  const path = await closedStore();
  damage(path, (bytes) => {
    // Pages keep copies from before they were split.
    const text = "value 4 of words";
    for (let at = bytes.indexOf(text); at >= 0; at = bytes.indexOf(text, at)) bytes[at + 6] ^= 1;
  });
  await using store = await MemoryStore.open({ path });
  const found = await store.verify();
  expect(found.problems).toContainEqual(
    expect.objectContaining({ part: "entries", namespace: "default", key: "k4" }),
  );
  await store.close();
  const report = await MemoryStore.repair(path);
  expect(report).toMatchObject({ repaired: true, entries: 78 });
  expect(report.lost).toMatchObject([{ part: "entries", key: "k4" }]);
  expect((await said(path)).has("k4")).toBe(false);
});

test("commits behind a damaged frame of the log come back", async () => {
  const path = testFolder();
  const copy = testFolder();
  const store = await testStore({ path });
  for (let i = 0; i < 30; i++) await store.store({ key: `k${i}`, value: `value ${i}` });
  const log = readFileSync(join(path, "memory.db-wal"));
  writeFileSync(join(copy, "memory.db"), readFileSync(join(path, "memory.db")));
  log[32 + 40 * (24 + PAGE) + 100] ^= 1;
  writeFileSync(join(copy, "memory.db-wal"), log);
  const report = await MemoryStore.repair(copy);
  expect(report).toMatchObject({ repaired: true, entries: 30 });
  expect(readFileSync(`${report.originalKept}-wal`).equals(log)).toBe(true);
  expect((await said(copy)).size).toBe(30);
});

test("sealed entries are carried over, with the key or without", async () => {
  const path = await closedStore({ encryptionKey: KEY });
  const before = await said(path, { encryptionKey: KEY });
  damage(path, (bytes) => bytes.fill(0x55, 0, 100));
  const bytes = readFileSync(join(path, "memory.db"));
  const report = await MemoryStore.repair(path);
  expect(report).toMatchObject({ entries: 79 });
  expect(report.lost.filter(({ part }) => part === "vectors").length).toBe(79);
  expect(await said(path, { encryptionKey: KEY })).toEqual(before);
  await expect(MemoryStore.open({ path })).rejects.toMatchObject({ code: "KEY_REQUIRED" });
  writeFileSync(join(path, "memory.db"), bytes);
  const withKey = await MemoryStore.repair(path, { encryptionKey: KEY });
  expect(withKey.lost.filter(({ part }) => part === "vectors")).toEqual([]);
  await using store = await MemoryStore.open({ path, encryptionKey: KEY });
  expect(
    (await store.verify({ full: true })).problems.filter(({ part }) => part !== "audit"),
  ).toEqual([]);
});

test("a file of which nothing is left stays as it is, and the newest backup is named", async () => {
  const path = await closedStore();
  const store = await MemoryStore.open({ path });
  const { path: backup } = await store.backup();
  await store.close();
  for (const bytes of [Buffer.alloc(0), Buffer.alloc(100_000, 7)]) {
    writeFileSync(join(path, "memory.db"), bytes);
    for (const end of ["-wal", "-shm"]) rmSync(join(path, `memory.db${end}`), { force: true });
    const listed = readdirSync(path);
    const attempt = MemoryStore.repair(path);
    await expect(attempt).rejects.toMatchObject({ code: "DAMAGED" });
    await expect(attempt).rejects.toThrow(backup.split("/").pop());
    await expect(MemoryStore.open({ path })).rejects.toMatchObject({ code: "DAMAGED" });
    expect(readFileSync(join(path, "memory.db")).equals(bytes)).toBe(true);
    expect(readdirSync(path).toSorted()).toEqual(listed.toSorted());
  }
  await expect(MemoryStore.repair(testFolder())).rejects.toMatchObject({ code: "NOT_FOUND" });
});

test("a damaged store that a process has open is not repaired under its feet", async () => {
  const path = await closedStore();
  await using store = await MemoryStore.open({ path });
  damage(path, (bytes) => {
    const place = bytes.indexOf("value 8 of words");
    bytes.fill(0, place, place + PAGE);
  });
  await expect(MemoryStore.repair(path)).rejects.toMatchObject({ code: "STORE_BUSY" });
  const { stdout } = await runModule(`
    import { MemoryStore } from "#dist/index.js";
    await MemoryStore.repair(${JSON.stringify(path)}).catch(({ code }) => console.log(code));`);
  expect(stdout.trim()).toBe("STORE_BUSY");
  await store.close();
});
