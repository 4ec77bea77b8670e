import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { setImmediate as nextTurn } from "node:timers/promises";
import { expect, test } from "vitest";
import type { MemoryStore } from "#dist/index.js";
import { Database } from "#dist/memory/file/database.js";
import { findingsOf } from "#dist/memory/integrity/file-check.js";
import { testFolder } from "../support/folder.ts";
import { testStore } from "../support/store.ts";

const ENTRIES = 4500;

async function filled(path: string, count = ENTRIES): Promise<MemoryStore> {
  const store = await testStore({ path });
  await store.transaction((tx) => {
    for (let i = 0; i < count; i++) {
      tx.store({ namespace: "logs", key: `k${i}`, value: `value ${i}` });
    }
  });
  return store;
}

/** Does something again and again, a turn of this thread apart, until work is done, and counts how often. */
async function timesDuring(
  work: Promise<unknown>,
  something: (time: number) => Promise<unknown>,
): Promise<number> {
  const state = { isDone: false };
  const done = work.finally(() => (state.isDone = true));
  let times = 0;
  for (; !state.isDone; times++) {
    await something(times);
    await nextTurn();
  }
  await done;
  return times;
}

/** Writes by another connection until work is done, and counts the writes. */
async function writesDuring(other: MemoryStore, work: Promise<unknown>): Promise<number> {
  return timesDuring(work, (time) =>
    other.store({ namespace: "logs", key: `later${time}`, value: "written meanwhile" }),
  );
}

test("SQLite reads a large file on a thread of its own, and this one has its turns", async () => {
  const path = testFolder();
  await filled(path, 100);
  const findings = findingsOf({ path: join(path, "memory.db"), orphans: true }, 0);
  expect(await timesDuring(findings, () => nextTurn())).toBeGreaterThan(20);
  expect(await findings).toEqual({ said: ["ok"], orphans: [] });
});

test("what is wrong with a file is told by a thread as it is without one", async () => {
  const path = testFolder();
  const store = await filled(path, 100);
  const { path: backup } = await store.backup(join(path, "copies", "one.db"));
  const file = await Database.openFile(backup);
  file.execute("PRAGMA foreign_keys = OFF; DELETE FROM entries WHERE id = 8");
  file.close();
  const check = { path: backup, orphans: true };
  const told = await findingsOf(check, 0);
  expect(told).toEqual({ said: ["ok"], orphans: ["vectors"] });
  expect(await findingsOf(check)).toEqual(told);
  writeFileSync(backup, "no database at all ".repeat(1000));
  await expect(findingsOf(check, 0)).rejects.toMatchObject({ code: "DAMAGED" });
});

test("others write while a large namespace is cleared, and what they write stays", async () => {
  const path = testFolder();
  const store = await filled(path);
  const other = await testStore({ path });
  const clearing = store.clear({ namespace: "logs" });
  const writes = await writesDuring(other, clearing);
  expect(await clearing).toBe(ENTRIES);
  expect(writes).toBeGreaterThan(1);
  const left = await store.list({ namespace: "logs", limit: 10_000 });
  expect(left.map(({ key }) => key).toSorted()).toEqual(
    Array.from({ length: writes }, (_, i) => `later${i}`).toSorted(),
  );
  expect(await store.verify({ full: true })).toMatchObject({ ok: true, problems: [] });
});

test("others write while gc removes many expired entries, their words and vectors", async () => {
  const path = testFolder();
  const store = await filled(path);
  await store.search({ query: "value", mode: "lexical" });
  // By the rows, so that nobody has to wait for it.
  const file = await Database.openFile(join(path, "memory.db"));
  file.execute("UPDATE entries SET expires_at = 1000 WHERE namespace = 'logs'");
  file.close();
  const other = await testStore({ path });
  const gc = store.gc();
  const writes = await writesDuring(other, gc);
  expect(await gc).toMatchObject({ expired: ENTRIES });
  expect(writes).toBeGreaterThan(5);
  expect(await store.list({ namespace: "logs", limit: 10_000 })).toHaveLength(writes);
  expect(await store.verify({ full: true })).toMatchObject({ ok: true, problems: [] });
});
