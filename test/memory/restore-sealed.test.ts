import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { MemoryStore } from "#dist/index.js";
import { Database } from "#dist/memory/file/database.js";
import { allSaid, fillStore } from "../support/entries.ts";
import { testFolder } from "../support/folder.ts";
import { testStore } from "../support/store.ts";

const KEY = "11".repeat(32);
const OTHER_KEY = "22".repeat(32);

test("a sealed backup needs its key, and is sealed with the store's own from then on", async () => {
  const from = testFolder();
  const to = testFolder();
  const sealed = await testStore({ path: from, encryptionKey: KEY });
  await fillStore(sealed, 12);
  const before = await allSaid(sealed);
  for (const ending of ["db", "json"]) {
    const { path: backup } = await sealed.backup(join(from, `copy.${ending}`));
    const open = await testStore({ path: testFolder() });
    await expect(open.restore(backup)).rejects.toMatchObject({ code: "KEY_REQUIRED" });
    await expect(open.restore(backup, { encryptionKey: OTHER_KEY })).rejects.toMatchObject({
      code: "WRONG_KEY",
    });
    await open.restore(backup, { encryptionKey: KEY });
    expect(await allSaid(open)).toEqual(before);
    expect((await open.search({ query: "value 7 apples", mode: "lexical" })).hits[0].key).toBe(
      "k/7",
    );
    const other = await testStore({ path: join(to, ending), encryptionKey: OTHER_KEY });
    await other.store({ key: "own", value: "own" });
    await expect(other.restore(backup)).rejects.toMatchObject({ code: "WRONG_KEY" });
    await other.restore(backup, { encryptionKey: KEY });
    expect(await allSaid(other)).toEqual(before);
    expect(await other.verify({ full: true })).toMatchObject({ ok: true });
    await other.close();
    const again = await testStore({ path: join(to, ending), encryptionKey: OTHER_KEY });
    expect(await allSaid(again)).toEqual(before);
  }
});

test("a backup in the clear is sealed when it is restored into a sealed store", async () => {
  const path = testFolder();
  const open = await testStore();
  await open.store({ key: "a", value: "clearly legible words", metadata: { title: "legible" } });
  const { path: backup } = await open.backup(join(testFolder(), "copy.db"));
  const sealed = await testStore({ path, encryptionKey: KEY });
  await sealed.restore(backup);
  expect((await sealed.retrieve("a"))?.value).toBe("clearly legible words");
  expect((await sealed.search({ query: "legible" })).hits).toHaveLength(1);
  expect(await sealed.verify({ full: true })).toMatchObject({ ok: true });
  await sealed.close();
  for (const name of ["memory.db", "memory.db-wal"]) {
    const bytes = readFileSync(join(path, name), { flag: "a+" });
    expect(bytes.includes("legible"), name).toBe(false);
  }
});

test("policy and audit log stay those of the store, and a restore is logged", async () => {
  const path = testFolder();
  const store = await testStore({ path, audit: true });
  await store.store({ key: "a", value: "b" });
  await store.backup();
  await store.store({ key: "late", value: "b" });
  await store.restore("latest");
  const report = await store.verify();
  expect(report).toMatchObject({ ok: true });
  expect(report.checked.auditLines).toBeGreaterThanOrEqual(4);
  const database = await Database.openFile(join(path, "memory.db"));
  const actions = database.sql("SELECT action FROM audit ORDER BY line").all();
  expect(actions.map(({ action }) => action)).toEqual(["store", "backup", "store", "restore"]);
  database.close();
});

test("a backup that another key sealed says so, and opens with that key", async () => {
  const path = testFolder();
  const elsewhere = testFolder();
  const file = join(testFolder(), "sealed.db");
  {
    await using other = await MemoryStore.open({ path: elsewhere, encryptionKey: "1a".repeat(32) });
    await other.store({ key: "k", value: "sealed elsewhere" });
    await other.backup(file);
  }
  await using store = await MemoryStore.open({ path });
  await expect(store.restore(file)).rejects.toMatchObject({
    code: "KEY_REQUIRED",
    message: expect.stringMatching(/^backup: it is sealed with another key .* give the one/),
  });
  await store.restore(file, { encryptionKey: "1a".repeat(32) });
  expect((await store.retrieve("k"))?.value).toBe("sealed elsewhere");
});
