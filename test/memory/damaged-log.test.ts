import {
  copyFileSync,
  existsSync,
  openSync,
  readFileSync,
  writeFileSync,
  writeSync,
} from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { MemoryStore } from "#dist/index.js";
import { loadDriver } from "#dist/memory/file/driver.js";
import { testFolder } from "../support/folder.ts";
import { runCli } from "../support/process.ts";
import { testStore } from "../support/store.ts";

const PAGE = 4096;
const HEADER = 32;
const FRAME = PAGE + 24;

/** File and log as they stand when every process that has them open is killed at once. */
interface Killed {
  readonly file: Buffer;
  readonly log: Buffer;
}

async function killed(count = 30): Promise<Killed> {
  const path = testFolder();
  const store = await testStore({ path, embedder: "lexical-hash" });
  for (let i = 0; i < count; i++) await store.store({ key: `k${i}`, value: `value ${i}` });
  return readBoth(path);
}

function readBoth(path: string): Killed {
  const [file, log] = ["", "-wal"].map((end) => readFileSync(join(path, `memory.db${end}`)));
  return { file, log };
}

function laidOut({ file, log }: Killed): string {
  const path = testFolder();
  writeFileSync(join(path, "memory.db"), file);
  writeFileSync(join(path, "memory.db-wal"), log);
  return path;
}

const frames = (log: Buffer): number => (log.length - HEADER) / FRAME;
const isCommit = (log: Buffer, frame: number): boolean =>
  log.readUInt32BE(HEADER + (frame - 1) * FRAME + 4) !== 0;

async function keys(path: string): Promise<number> {
  await using store = await MemoryStore.open({ path, embedder: "lexical-hash" });
  expect(await store.verify({ full: true })).toMatchObject({ ok: true });
  return (await store.list({ limit: 1000 })).length;
}

test.each([
  ["a page", HEADER + 40 * FRAME + 100],
  ["a frame's salt", HEADER + 40 * FRAME + 9],
  ["a frame's checksum", HEADER + 40 * FRAME + 17],
  ["the log's magic number", 1],
  ["the log's salt", 18],
])("a log damaged in %s is refused before its commits are lost, and repaired", async (_, at) => {
  const { file, log } = await killed();
  log[at] ^= 4;
  const path = laidOut({ file, log });
  for (let i = 0; i < 2; i++) {
    const refused = MemoryStore.open({ path, embedder: "lexical-hash" });
    await expect(refused).rejects.toMatchObject({ code: "DAMAGED" });
    await expect(refused).rejects.toThrow(/log is damaged .* \d+ commits .* memory repair/);
  }
  const { code, stderr } = await runCli(["memory", "verify", "--path", path]);
  expect({ code, stderr }).toMatchObject({
    code: 1,
    stderr: expect.stringMatching(/DAMAGED.*log/),
  });
  const left = readBoth(path);
  expect([left.file.equals(file), left.log.equals(log)]).toEqual([true, true]);
  const report = await MemoryStore.repair(path, { embedder: "lexical-hash" });
  expect(report).toMatchObject({ repaired: true, entries: 30 });
  expect(report.lost).toContainEqual({ part: "file", detail: expect.stringMatching(/its log/) });
  expect(readFileSync(`${report.originalKept}-wal`).equals(log)).toBe(true);
  expect(await keys(path)).toBe(30);
});

test("a log that ends anywhere, as where its writer was killed, is no damage", async () => {
  const { file, log } = await killed(6);
  const last = frames(log);
  for (let frame = last - 12; frame < last; frame++) {
    for (const more of [0, 10, 24, 2000]) {
      const end = HEADER + frame * FRAME + more;
      const path = laidOut({ file, log: log.subarray(0, end) });
      expect(await keys(path)).toBeLessThanOrEqual(6);
      // What was there before the log was written over, or room that was never filled.
      const filled = Buffer.alloc(log.length);
      log.copy(filled, 0, 0, end);
      expect(await keys(laidOut({ file, log: filled }))).toBeLessThanOrEqual(6);
    }
  }
});

test("frames of the last commit that a loss of power tore are no damage", async () => {
  const { file, log } = await killed(8);
  const last = frames(log);
  let first = last;
  while (!isCommit(log, first - 1)) first--;
  expect(last - first).toBeGreaterThan(2);
  for (let frame = first; frame <= last; frame++) {
    const torn = Buffer.from(log);
    torn.fill(0, HEADER + (frame - 1) * FRAME, HEADER + frame * FRAME);
    expect(await keys(laidOut({ file, log: torn }))).toBe(7);
  }
});

test("what a killed commit left behind a shorter one is no damage, and does not come back", async () => {
  const path = testFolder();
  const store = await testStore({ path, embedder: "lexical-hash" });
  for (let i = 0; i < 4; i++) await store.store({ key: `k${i}`, value: `value ${i}` });
  const before = readBoth(path);
  // Written whole, but its process was killed before it could tell: others write over its beginning.
  await store.store({ key: "never", value: "acknowledged ".repeat(4000) });
  const { log: longer } = readBoth(path);
  const other = laidOut(before);
  const driver = await loadDriver();
  const writer = new driver.DatabaseSync(join(other, "memory.db"));
  writer.exec("UPDATE entries SET access_count = 7 WHERE key = 'k1'");
  const shorter = readBoth(other).log;
  expect(shorter.length).toBeLessThan(longer.length);
  const log = Buffer.from(longer);
  shorter.copy(log);
  writer.close();
  const left = laidOut({ file: before.file, log });
  expect(await keys(left)).toBe(4);
  const again = laidOut({ file: before.file, log });
  const report = await MemoryStore.repair(again, { embedder: "lexical-hash" });
  expect(report).toMatchObject({ repaired: false, entries: 4 });
});

test("verify tells of damage within the log that others are still using", async () => {
  const path = testFolder();
  const store = await testStore({ path, embedder: "lexical-hash" });
  for (let i = 0; i < 30; i++) await store.store({ key: `k${i}`, value: `value ${i}` });
  expect(await store.verify()).toMatchObject({ ok: true });
  const log = join(path, "memory.db-wal");
  copyFileSync(log, join(path, "log"));
  const file = openSync(log, "r+");
  const page = readFileSync(join(path, "log")).subarray(HEADER + 10 * FRAME + 24);
  // A byte of free space: only the log itself tells.
  const at = HEADER + 10 * FRAME + 24 + page.subarray(0, PAGE).indexOf(Buffer.alloc(64)) + 32;
  writeSync(file, Buffer.of(1), 0, 1, at);
  const report = await store.verify();
  expect(report.ok).toBe(false);
  expect(report.problems).toContainEqual({
    part: "file",
    detail: expect.stringMatching(/log is damaged behind frame 10, \d+ commits .* memory repair/),
  });
  // Who comes while it is in use reads what the others read.
  expect((await runCli(["memory", "get", "k3", "--path", path])).stdout).toContain("value 3");
  expect(existsSync(log)).toBe(true);
});
