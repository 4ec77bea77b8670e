import { once } from "node:events";
import { chmodSync, mkdirSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { MemoryStore } from "#dist/index.js";
import { Database } from "#dist/memory/file/database.js";
import { loadDriver } from "#dist/memory/file/driver.js";
import { testFolder } from "../support/folder.ts";
import { ROOT, startNode } from "../support/process.ts";
import { seededRandom } from "../support/random.ts";

/** Starts a module that opens the store of a folder as `store`, and waits for what it says first. */
async function start(path: string, source: string) {
  const child = startNode(
    [
      ...["--input-type=module", "--eval"],
      `import { writeSync } from "node:fs";
       import { MemoryStore } from "#dist/memory/memory-store.js";
       const say = (text) => writeSync(1, text + "\\n");
       const store = await MemoryStore.open({ path: ${JSON.stringify(path)} });
       ${source}`,
    ],
    { cwd: ROOT },
  );
  let told = "";
  child.stdout.on("data", (chunk: Buffer) => (told += chunk.toString()));
  child.stderr.on("data", (chunk: Buffer) => (told += chunk.toString()));
  const ended = once(child, "close");
  await once(child.stdout, "data");
  return { child, ended, told: () => told };
}

test("backups and restores while another process writes pairs never split a pair", async () => {
  const path = testFolder();
  await using store = await MemoryStore.open({ path });
  // Both of a pair are written at once, and read at once: they are always of one number.
  const pair = `
    for (let i = 0; ; i++) {
      await store.transaction(async (transaction) => {
        transaction.store({ namespace: "pairs", key: "left", value: "number " + i });
        transaction.store({ namespace: "pairs", key: "right", value: "number " + i });
      });
      await store.store({ key: "many/" + (i % 500), value: "entry " + i });
      const [left, right] = (await store.list({ namespace: "pairs" })).map(({ value }) => value);
      if (left !== right) say("split: " + left + " " + right);
      if (i === 20) say("begun");
    }`;
  const { child, ended, told } = await start(path, pair);
  let before = "";
  for (let round = 0; round < 6; round++) {
    const { path: backup, entries } = await store.backup(
      join(path, `copy.${round % 2 === 0 ? "db" : "json"}`),
    );
    const { DatabaseSync } = await loadDriver();
    if (round % 2 === 0) {
      const file = new DatabaseSync(backup, { readOnly: true });
      const values = file.prepare("SELECT value FROM entries WHERE key IN ('left', 'right')").all();
      expect(values[0]).toEqual(values[1]);
      file.close();
    } else {
      const values = JSON.parse(readFileSync(backup, "utf8")).entries.filter(
        ({ key }: { key: string }) => key === "left" || key === "right",
      );
      expect(values[0].value).toBe(values[1].value);
    }
    const report = await store.restore(backup);
    expect(report.entries).toBe(entries);
    before = report.before as string;
  }
  expect(await store.verify({ full: true })).toMatchObject({ ok: true });
  child.kill("SIGKILL");
  await ended;
  expect(told()).toBe("begun\n");
  expect(await store.verify({ full: true })).toMatchObject({ ok: true });
  // What the store held in the moment of a restore is whole too, with what was written meanwhile.
  expect(await store.restore(before)).toMatchObject({ isProven: true });
  expect(await store.verify({ full: true })).toMatchObject({ ok: true });
  const [left, right] = (await store.list({ namespace: "pairs" })).map(({ value }) => value);
  expect(left).toBe(right);
  const late = (await store.list({ limit: 1, pattern: "many/*" }))[0];
  const { hits } = await store.search({ query: late.value, mode: "lexical", limit: 5 });
  expect(hits.map(({ key }) => key)).toContain(late.key);
});

test("SIGKILL in the middle of a restore leaves the old store or the new one", async () => {
  const path = testFolder();
  const backup = join(path, "copy.db");
  const count = 400;
  const write = async (store: MemoryStore, what: string): Promise<void> => {
    await store.transaction((transaction) => {
      for (let i = 0; i < count; i++) transaction.store({ key: `k${i}`, value: `${what} ${i}` });
    });
  };
  {
    await using store = await MemoryStore.open({ path });
    await write(store, "backed-up");
    await store.backup(backup);
  }
  const random = seededRandom(5);
  const outcomes = new Set<string>();
  // The first is left to end, and tells how long one takes.
  let took = 0;
  for (let round = 0; round < 10; round++) {
    {
      await using store = await MemoryStore.open({ path });
      await write(store, "live");
    }
    const restoring = await start(
      path,
      `say("begun"); await store.restore(${JSON.stringify(backup)}); say("done"); await store.close();`,
    );
    const begun = performance.now();
    if (round > 0) setTimeout(() => restoring.child.kill("SIGKILL"), random() * took);
    await restoring.ended;
    if (round === 0) took = performance.now() - begun;
    await using store = await MemoryStore.open({ path });
    const values = (await store.list({ limit: 10_000 })).map(({ value }) => value.split(" ")[0]);
    expect(values).toHaveLength(count);
    expect(new Set(values).size).toBe(1);
    if (restoring.told().includes("done")) expect(values[0]).toBe("backed-up");
    outcomes.add(values[0]);
    expect(await store.verify({ full: true })).toMatchObject({ ok: true, problems: [] });
    const { hits } = await store.search({ query: "backed", mode: "lexical", limit: 1 });
    expect(hits.length).toBe(values[0] === "live" ? 0 : 1);
  }
  expect(outcomes).toEqual(new Set(["live", "backed-up"]));
});

test("a file that another process holds is told of after five seconds, and nothing is lost", async () => {
  const path = testFolder();
  await using store = await MemoryStore.open({ path });
  await store.store({ key: "a", value: "first" });
  const { path: backup } = await store.backup();
  const { child, ended } = await start(
    path,
    `const { Database } = await import("#dist/memory/file/database.js");
     const database = await Database.openFile(${JSON.stringify(join(path, "memory.db"))});
     database.execute("BEGIN EXCLUSIVE");
     say("held");
     setInterval(() => {}, 1000);`,
  );
  const begun = Date.now();
  await expect(store.restore(backup)).rejects.toMatchObject({ code: "STORE_BUSY" });
  expect(Date.now() - begun).toBeLessThan(9000);
  // A backup only reads.
  expect(await store.backup()).toMatchObject({ entries: 1 });
  child.kill("SIGKILL");
  await ended;
  expect(await store.retrieve("a")).toMatchObject({ value: "first" });
  await store.restore(backup);
  expect(await store.verify()).toMatchObject({ ok: true });
});

test("a disk that is full in the middle of a restore leaves the store as it was", async () => {
  const path = testFolder();
  await using store = await MemoryStore.open({ path });
  for (let i = 0; i < 30; i++) await store.store({ key: `k${i}`, value: `${i} `.repeat(10_000) });
  const { path: backup } = await store.backup();
  for (let i = 0; i < 30; i++) await store.delete(`k${i}`);
  await store.store({ key: "live", value: "live" });
  // Files of a child may not grow beyond what ulimit says: to it, the disk is full.
  const child = startNode(
    [
      ...["--input-type=module", "--eval"],
      `import { spawnSync } from "node:child_process";
       const source = ${JSON.stringify(`
         import { MemoryStore } from "#dist/index.js";
         process.on("SIGXFSZ", () => {});
         const store = await MemoryStore.open({ path: ${JSON.stringify(path)} });
         await store.restore("latest").then(
           () => console.log("restored"),
           ({ code, message }) => console.log(code, message));
         await store.store({ key: "after", value: "after" });
         await store.close();`)};
       const { stdout, stderr } = spawnSync("bash", ["-c",
         'ulimit -f 600; exec "$0" --input-type=module --eval "$1"', process.execPath, source]);
       process.stdout.write(stdout); process.stderr.write(stderr);`,
    ],
    { cwd: ROOT },
  );
  let told = "";
  child.stdout.on("data", (chunk: Buffer) => (told += chunk.toString()));
  child.stderr.on("data", (chunk: Buffer) => (told += chunk.toString()));
  await once(child, "close");
  expect(told).toMatch(/^(STORE_FAILED|IO_FAILED) .*\n/);
  expect(told).not.toContain(path);
  expect((await store.list()).map(({ key }) => key)).toContain("live");
  expect((await store.list()).filter(({ key }) => key.startsWith("k"))).toEqual([]);
  expect(await store.verify({ full: true })).toMatchObject({ ok: true });
  expect(readdirSync(path).filter((name) => name.startsWith(".restoring"))).toEqual([]);
  expect(await store.restore(backup)).toMatchObject({ entries: 30 });
});

test("a backup into a place that can't be written is refused and leaves nothing", async () => {
  const path = testFolder();
  await using store = await MemoryStore.open({ path });
  await store.store({ key: "a", value: "b" });
  const file = join(path, "file");
  await store.backup(file);
  // A file where a folder must be can't be written by anybody, whatever their rights.
  await expect(store.backup(join(file, "copy.db"))).rejects.toMatchObject({ code: "IO_FAILED" });
  const folder = join(path, "read-only");
  mkdirSync(folder);
  chmodSync(folder, 0o500);
  const isRoot = process.getuid?.() === 0;
  const attempt = store.backup(join(folder, "copy.db"));
  if (isRoot) await attempt;
  else await expect(attempt).rejects.toMatchObject({ code: "IO_FAILED" });
  chmodSync(folder, 0o700);
  expect(readdirSync(folder)).toEqual(isRoot ? ["copy.db"] : []);
  const database = await Database.openFile(join(path, "memory.db"));
  expect(database.pragma("integrity_check")).toBe("ok");
  database.close();
});
