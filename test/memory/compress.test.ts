import { statSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { MemoryStore } from "#dist/index.js";
import { loadDriver } from "#dist/memory/file/driver.js";
import { trainDictionary } from "#dist/memory/entries/dictionary.js";
import { testFolder } from "../support/folder.ts";
import { seededRandom } from "../support/random.ts";
import { testStore } from "../support/store.ts";

const AGENTS = ["coder", "reviewer", "tester", "architect", "planner"];
const WORDS =
  "build test deploy review merge failed passed retry timeout schema endpoint user order cache queue index vector shard token".split(
    " ",
  );

/** What agents store: the result of a step, as JSON. */
function resultOf(i: number): string {
  const random = seededRandom(i + 1);
  const pick = (list: readonly string[]): string => list[Math.floor(random() * list.length)];
  return JSON.stringify({
    taskId: `task-${1000 + i}`,
    agent: { name: pick(AGENTS), type: pick(AGENTS), version: "2.1.0" },
    status: random() < 0.8 ? "completed" : "failed",
    startedAt: new Date(1_760_000_000_000 + i * 60_000).toISOString(),
    durationMs: Math.floor(random() * 100_000),
    files: Array.from({ length: 3 }, () => `src/${pick(WORDS)}/${pick(WORDS)}-${pick(WORDS)}.ts`),
    summary: Array.from({ length: 12 }, () => pick(WORDS)).join(" "),
    metrics: {
      tokensIn: Math.floor(random() * 9000),
      tokensOut: Math.floor(random() * 3000),
      retries: 0,
    },
  });
}

test("five thousand results of agents become three times smaller, and the file by as much", async () => {
  const store = await testStore();
  await store.configure("default", { vectors: false });
  for (let batch = 0; batch < 10; batch++) {
    await store.transaction((tx) => {
      for (let i = 0; i < 500; i++)
        tx.store({ key: `r/${batch * 500 + i}`, value: resultOf(batch * 500 + i) });
    });
  }
  const versions = (await store.list({ limit: 10_000 })).map(({ version }) => version);
  const report = await store.compress({ namespace: "default" });
  expect(report.entries).toBe(5000);
  expect(report.valueBytesBefore / report.valueBytesAfter).toBeGreaterThan(3);
  const saved = report.valueBytesBefore - report.valueBytesAfter;
  expect(report.bytesBefore - report.bytesAfter).toBeGreaterThan(saved * 0.85);
  const { path } = await store.stats();
  expect(statSync(path).size + statSync(`${path}-wal`).size).toBe(report.bytesAfter);

  const entries = await store.list({ limit: 10_000 });
  for (const { key, value } of entries) expect(value).toBe(resultOf(Number(key.slice(2))));
  expect(entries.map(({ version }) => version)).toEqual(versions);
  const { hits } = await store.search({ query: "task-1777", mode: "lexical" });
  expect(hits[0].key).toBe("r/777");

  // Again there is nothing to gain, and nothing grows.
  const again = await store.compress({ namespace: "default" });
  expect(again.entries).toBe(0);
  expect(again.bytesAfter).toBeLessThanOrEqual(again.bytesBefore);
});

test("what does not shrink is left as it is", async () => {
  const store = await testStore();
  const random = seededRandom(5);
  for (let i = 0; i < 50; i++) {
    const noise = Buffer.from(Array.from({ length: 300 }, () => Math.floor(random() * 256)));
    await store.store({ key: `k${i}`, value: noise.toString("base64") });
    await store.store({ key: `short${i}`, value: "ok" });
  }
  const report = await store.compress();
  expect(report.valueBytesAfter).toBeLessThanOrEqual(report.valueBytesBefore);
  expect(report.bytesAfter).toBeLessThanOrEqual(report.bytesBefore);
  expect((await store.retrieve("short7"))?.value).toBe("ok");
});

test("compressed values of a sealed store stay sealed, and their dictionary too", async () => {
  const path = testFolder();
  const encryptionKey = "0f".repeat(32);
  {
    await using store = await MemoryStore.open({ path, encryptionKey });
    for (let i = 0; i < 400; i++) await store.store({ key: `r/${i}`, value: resultOf(i) });
    const { entries, valueBytesBefore, valueBytesAfter } = await store.compress();
    expect(entries).toBe(400);
    expect(valueBytesBefore / valueBytesAfter).toBeGreaterThan(2);
    await store.rekey("1e".repeat(32));
    expect((await store.retrieve("r/5"))?.value).toBe(resultOf(5));
  }
  await using store = await MemoryStore.open({ path, encryptionKey: "1e".repeat(32) });
  for (let i = 0; i < 400; i++) expect((await store.retrieve(`r/${i}`))?.value).toBe(resultOf(i));
});

test("a compressed entry can be replaced, kept in history, and compressed again", async () => {
  const store = await testStore();
  await store.configure("default", { history: 3 });
  for (let i = 0; i < 300; i++) await store.store({ key: `r/${i}`, value: resultOf(i) });
  await store.compress();
  await store.store({ key: "r/1", value: resultOf(9001) });
  expect((await store.history("r/1")).map(({ value }) => value)).toEqual([resultOf(1)]);
  await store.compress();
  expect((await store.retrieve("r/1"))?.value).toBe(resultOf(9001));
  expect((await store.history("r/1")).map(({ value }) => value)).toEqual([resultOf(1)]);
  await store.gc();
  expect((await store.retrieve("r/2"))?.value).toBe(resultOf(2));
});

test("only what was untouched long enough is compressed when asked so", async () => {
  const store = await testStore();
  for (let i = 0; i < 100; i++) await store.store({ key: `r/${i}`, value: resultOf(i) });
  expect((await store.compress({ idleSeconds: 3600 })).entries).toBe(0);
  expect((await store.compress({ idleSeconds: 0 })).entries).toBe(100);
});

test("a dictionary holds what samples share, and fits deflate's window", () => {
  const samples = Array.from({ length: 500 }, (_, i) => Buffer.from(resultOf(i)));
  const dictionary = trainDictionary(samples);
  expect(dictionary.byteLength).toBeLessThanOrEqual(32_768 - 262);
  expect(Buffer.from(dictionary).toString()).toContain('"metrics":{"tokensIn":');
  expect(trainDictionary([]).byteLength).toBe(0);
  expect(trainDictionary([Buffer.from("abc")]).byteLength).toBe(3);
  expect(Buffer.from(trainDictionary(samples)).equals(Buffer.from(dictionary))).toBe(true);
});

const plan = (i: number): string =>
  JSON.stringify({
    task: `review the harbour plan number ${i}`,
    owner: `agent-${i % 7}`,
    status: "open",
    notes: `the quick brown fox jumps over the lazy dog again and again ${i}`,
  });
const invoice = (i: number): string =>
  JSON.stringify({ customer: `company limited ${i}`, lines: [`consulting in march, part ${i}`] });

async function fill(
  store: MemoryStore,
  valueOf: (i: number) => string,
  count = 1500,
): Promise<void> {
  await store.configure("default", { vectors: false });
  await store.transaction((tx) => {
    for (let i = 0; i < count; i++) tx.store({ key: `k${i}`, value: valueOf(i) });
  });
}

test("a process that has read compressed values reads those of a later dictionary, too", async () => {
  const path = testFolder();
  await using reader = await MemoryStore.open({ path });
  await using writer = await MemoryStore.open({ path });
  await fill(writer, plan);
  await writer.compress();
  const { path: backup } = await writer.backup();
  expect((await reader.retrieve("k5"))?.value).toBe(plan(5));
  await writer.clear();
  await writer.gc();
  await fill(writer, invoice);
  await writer.compress();
  expect((await reader.retrieve("k5"))?.value).toBe(invoice(5));
  await writer.restore(backup);
  expect((await reader.retrieve("k6"))?.value).toBe(plan(6));
});

test("what is erased or cleared away while others compress costs no value", async () => {
  const path = testFolder();
  await using one = await MemoryStore.open({ path });
  await using two = await MemoryStore.open({ path });
  await fill(one, plan, 4000);
  await one.store({ key: "x", value: "gone soon" });
  await two.delete("nothing", { erase: true });
  await one.search({ query: "harbour", mode: "lexical" });
  const { DatabaseSync } = await loadDriver();
  const file = new DatabaseSync(join(path, "memory.db"));
  const dictionaries = file.prepare("SELECT count(*) AS n FROM dictionaries");
  const compressing = one.compress();
  while (dictionaries.get()?.n === 0) await new Promise((resolve) => setImmediate(resolve));
  await two.delete("x", { erase: true });
  await compressing;
  file.close();
  // One that remembers no dictionary.
  await using three = await MemoryStore.open({ path });
  for (const { key, value } of await three.list({ limit: 5000 })) {
    expect(value).toBe(plan(Number(key.slice(1))));
  }
});
