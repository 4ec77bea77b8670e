import { createHash } from "node:crypto";
import {
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { basename, join } from "node:path";
import { expect, test } from "vitest";
import { MemoryStore } from "#dist/index.js";
import { loadDriver } from "#dist/memory/file/driver.js";
import type { Right } from "#dist/security/policy.js";
import { testFolder } from "../support/folder.ts";
import { testStore } from "../support/store.ts";

const KEY = "11".repeat(32);

async function filled(path: string, count = 50): Promise<MemoryStore> {
  const store = await testStore({ path });
  for (let i = 0; i < count; i++) {
    await store.store({ key: `k/${i}`, value: `value ${i}`, tags: ["t"], metadata: { i } });
  }
  return store;
}

test("a backup without a path goes into the store's folder, private and proven by its sum", async () => {
  const path = testFolder();
  const store = await filled(path);
  const report = await store.backup();
  expect(report.path).toMatch(/\/backups\/\d{4}-\d\d-\d\dT[\d-]+Z\.db$/);
  const bytes = readFileSync(report.path);
  expect(report).toMatchObject({ entries: 50, bytes: bytes.byteLength });
  expect(createHash("sha256").update(bytes).digest("hex")).toBe(report.sha256);
  expect(statSync(report.path).mode & 0o777).toBe(0o600);
  const emergency = await store.backup(undefined, { emergency: true });
  expect(emergency.path).toMatch(/\/backups\/emergency-/);
  expect(readdirSync(join(path, "backups"))).toHaveLength(2);
});

test("a backup is one SQLite file that SQLite itself finds sound", async () => {
  const path = testFolder();
  const store = await filled(path);
  const { path: backup } = await store.backup(join(path, "copies", "one.sqlite"));
  expect(readdirSync(join(path, "copies"))).toEqual(["one.sqlite"]);
  const { DatabaseSync } = await loadDriver();
  const file = new DatabaseSync(backup, { readOnly: true });
  expect(file.prepare("PRAGMA integrity_check").get()).toMatchObject({ integrity_check: "ok" });
  expect(file.prepare("SELECT count(*) AS n FROM entries").get()).toMatchObject({ n: 50 });
  // Reading it makes no log beside it.
  expect(file.prepare("PRAGMA journal_mode").get()).toMatchObject({ journal_mode: "delete" });
  file.close();
});

test("a path that ends in .json gives a document that can be read without this package", async () => {
  const path = testFolder();
  const store = await filled(path);
  await store.store({
    key: "odd",
    value: "line\n\u2028 and \u{1f98a}",
    metadata: { base64: "YQ==" },
  });
  await store.configure("default", { ttl: 60 });
  const { path: backup } = await store.backup(join(path, "copy.json"));
  const text = readFileSync(backup, "utf8");
  const { manifest, namespaces, entries, sha256 } = JSON.parse(text);
  expect(manifest).toMatchObject({ format: "stigmergy-backup/1", entries: 51 });
  expect(namespaces).toEqual([{ name: "default", settings: { ttl: 60 } }]);
  expect(entries[3]).toMatchObject({
    key: "k/3",
    value: "value 3",
    tags: ["t"],
    metadata: { i: 3 },
  });
  const proven = text.slice(0, text.lastIndexOf('"sha256"'));
  expect(createHash("sha256").update(proven).digest("hex")).toBe(sha256);
});

test("what a sealed store holds stays sealed in both kinds of backup", async () => {
  const path = testFolder();
  const store = await testStore({ path, encryptionKey: KEY });
  await store.store({ key: "a", value: "the secret plan", metadata: { title: "hidden title" } });
  for (const name of ["a.json", "a.db"]) {
    const { path: backup } = await store.backup(join(path, name));
    const bytes = readFileSync(backup);
    for (const words of ["secret", "plan", "hidden"]) expect(bytes.includes(words)).toBe(false);
  }
});

test("a backup never takes the place of anything but an older backup", async () => {
  const path = testFolder();
  const store = await filled(path, 3);
  const other = join(path, "notes.txt");
  writeFileSync(other, "not a backup");
  symlinkSync(other, join(path, "link.db"));
  mkdirSync(join(path, "folder.db"));
  const refused = [
    "notes.txt",
    "link.db",
    "folder.db",
    "memory.db",
    "memory.db-wal",
    "package.json",
  ];
  writeFileSync(join(path, "package.json"), "{}");
  for (const name of refused) {
    await expect(store.backup(join(path, name)), name).rejects.toMatchObject({
      code: "INVALID_INPUT",
    });
  }
  expect(readFileSync(other, "utf8")).toBe("not a backup");
  const { path: mine } = await store.backup(join(path, "mine.db"));
  await store.store({ key: "more", value: "more" });
  expect(await store.backup(mine)).toMatchObject({ path: mine, entries: 4 });
});

test("only who may administer everything may back up and restore", async () => {
  const path = testFolder();
  const owner = await filled(path, 2);
  const { path: backup } = await owner.backup();
  const grant = (namespace: string, ...rights: Right[]) => [{ namespace, rights }];
  const policy = {
    roles: { all: grant("*", "admin"), some: grant("*", "read", "write") },
    agents: { boss: { roles: ["all"] }, ann: { roles: ["some"] } },
    requireSignatures: [],
  };
  await owner.setPolicy(policy);
  const store = await testStore({ path, agent: "ann" });
  const attempts = [() => store.backup(), () => store.restore(backup), () => store.verify()];
  for (const attempt of attempts) {
    await expect(attempt()).rejects.toMatchObject({ code: "FORBIDDEN" });
  }
});

test("the schedule makes one backup an hour for all processes, and clears away old ones", async () => {
  const path = testFolder();
  const one = await filled(path, 5);
  const other = await testStore({ path });
  const second = join(testFolder(), "second");
  let now = Date.parse("2030-01-01T00:00:00.000Z");
  const errors: unknown[] = [];
  const options = {
    clock: () => now,
    copyTo: second,
    onError: (error: unknown) => errors.push(error),
  };
  const schedules = [one.scheduleBackups(options), other.scheduleBackups(options)];
  const tick = () => Promise.all(schedules.map((schedule) => schedule.tick()));
  await tick();
  const names = (): string[] => readdirSync(join(path, "backups")).toSorted();
  expect(names()).toEqual(["scheduled-2030-01-01T00-00-00-000Z.db"]);
  now += 59 * 60_000;
  await tick();
  expect(names()).toHaveLength(1);
  now += 3 * 60_000;
  await tick();
  // The next is due an hour after the first, not after the late one.
  now = Date.parse("2030-01-01T02:00:00.000Z");
  await tick();
  expect(names().map((name) => name.slice(10, 29))).toEqual([
    ...["2030-01-01T00-00-00", "2030-01-01T01-02-00", "2030-01-01T02-00-00"],
  ]);
  const kept = await one.backup(undefined, { emergency: true });
  now = Date.parse("2030-03-01T00:00:00.000Z");
  await tick();
  expect(names()).toEqual([basename(kept.path), "scheduled-2030-03-01T00-00-00-000Z.db"]);
  expect(readdirSync(second)).toEqual(["scheduled-2030-03-01T00-00-00-000Z.db"]);
  await Promise.all(schedules.map((schedule) => schedule.stop()));
  expect(errors).toEqual([]);
});

test("the daily look at the newest backup finds a changed byte", async () => {
  const path = testFolder();
  const store = await filled(path, 5);
  let now = Date.parse("2030-01-01T00:00:00.000Z");
  const errors: unknown[] = [];
  const onError = (error: unknown) => errors.push(error);
  const schedule = store.scheduleBackups({ clock: () => now, everyMs: 1e12, onError });
  await schedule.tick();
  const backup = join(path, "backups", "scheduled-2030-01-01T00-00-00-000Z.db");
  const bytes = readFileSync(backup);
  bytes[5000] ^= 1;
  writeFileSync(backup, bytes);
  now += 25 * 3_600_000;
  await schedule.tick();
  expect(errors).toMatchObject([{ code: "DAMAGED" }]);
  await schedule.stop();
});

test("the drill restores the newest backup apart, compares it, and leaves nothing behind", async () => {
  const path = testFolder();
  const store = await filled(path);
  await expect(store.backupDrill()).rejects.toMatchObject({ code: "NOT_FOUND" });
  const { path: backup } = await store.backup();
  await store.store({ key: "k/1", value: "changed" });
  await store.delete("k/2");
  const before = readdirSync(path).toSorted();
  const report = await store.backupDrill();
  expect(report).toMatchObject({
    path: backup,
    entries: 50,
    changedSince: 2,
    ok: true,
    problems: [],
  });
  expect(readdirSync(path).toSorted()).toEqual(before);
  expect((await store.retrieve("k/1"))?.value).toBe("changed");
});

test("after a backup, a restore and a look the log can be emptied at once", async () => {
  const store = await filled(testFolder());
  const { path } = await store.backup();
  expect(await store.persist()).toMatchObject({ isInOneFile: true });
  await store.restore(path);
  expect(await store.persist()).toMatchObject({ isInOneFile: true });
  await store.backupDrill(path);
  await store.verify({ full: true });
  await store.store({ key: "a", value: "b" });
  expect(await store.persist()).toMatchObject({ isInOneFile: true });
});
