import { join } from "node:path";
import { expect, test } from "vitest";
import { MemoryStore, type StoreReport } from "#dist/index.js";
import { Database } from "#dist/memory/file/database.js";
import { testFolder } from "../support/folder.ts";
import { testStore } from "../support/store.ts";

const KEY = "11".repeat(32);

async function filled(path: string, options = {}): Promise<MemoryStore> {
  const store = await testStore({ path, ...options });
  await store.configure("kept", { history: 3 });
  for (let i = 0; i < 40; i++) {
    const namespace = i % 4 === 0 ? "kept" : "default";
    await store.store({ namespace, key: `k${i}`, value: `value ${i} of a text`, tags: ["t"] });
  }
  await store.store({ namespace: "kept", key: "k0", value: "another value" });
  await store.delete("k1");
  await store.compress({ namespace: "default" });
  await store.search({ query: "value" });
  return store;
}

/** Writes into the file behind the store's back. */
async function meddle(path: string, sql: string): Promise<void> {
  const database = await Database.openFile(join(path, "memory.db"));
  database.openShadowTables();
  database.execute(`PRAGMA foreign_keys = OFF; ${sql}`);
  database.close();
}

function told({ problems }: StoreReport): string[] {
  return problems.map(({ part, key }) => (key === undefined ? part : `${part} ${key}`));
}

test.each([{}, { encryptionKey: KEY }])(
  "a store that is whole is found whole: %o",
  async (options) => {
    const store = await filled(testFolder(), { ...options, audit: true });
    const report = await store.verify({ full: true });
    expect(report).toMatchObject({ ok: true, entries: 39, problems: [] });
    expect(report.checked).toMatchObject({ history: 1, vectors: 39 });
    expect(report.checked.auditLines).toBeGreaterThan(40);
    expect(await store.verify()).toMatchObject({ ok: true });
  },
);

test("a store of the words and vectors that are still to be added is whole", async () => {
  const store = await testStore();
  for (let i = 0; i < 20; i++) await store.store({ key: `k${i}`, value: `words ${i}` });
  await store.search({ query: "words" });
  await store.store({ key: "k1", value: "other" });
  await store.delete("k2");
  expect(await store.verify({ full: true })).toMatchObject({ ok: true, entries: 19 });
});

test.each([
  ["UPDATE entries SET metadata = '{\"a\":1' WHERE key = 'k8'", ["entries k8"]],
  ["UPDATE entries SET tags = '{}' WHERE key = 'k8'", ["entries k8"]],
  ["UPDATE entries SET size = size + 1 WHERE key = 'k8'", ["entries k8", "namespaces"]],
  ["UPDATE entries SET seq = 1000000 WHERE key = 'k8'", ["entries k8"]],
  ["UPDATE entries SET seq = (SELECT min(seq) FROM entries) WHERE key = 'k8'", ["entries k8"]],
  ["UPDATE entries SET checksum = checksum + 1 WHERE key = 'k8'", ["entries k8"]],
  ["UPDATE namespaces SET entries = 7 WHERE name = 'kept'", ["namespaces"]],
  ["DELETE FROM namespaces WHERE name = 'default'", ["namespaces"]],
  ["DELETE FROM words WHERE rowid = (SELECT id FROM entries WHERE key = 'k8')", ["words k8"]],
  ["INSERT INTO words (rowid, body) VALUES (9999, 'nothing')", ["words"]],
  [
    "UPDATE vectors SET embedder = 'x' WHERE entry = (SELECT id FROM entries WHERE key = 'k8')",
    ["vectors k8"],
  ],
  [
    "UPDATE vectors SET vector = zeroblob(8) WHERE entry = (SELECT id FROM entries WHERE key = 'k8')",
    ["vectors k8"],
  ],
  [
    "UPDATE vectors SET vector = zeroblob(length(vector)) WHERE entry = (SELECT id FROM entries WHERE key = 'k8')",
    ["vectors k8"],
  ],
  ["INSERT INTO vectors SELECT 9999, embedder, vector FROM vectors LIMIT 1", ["vectors"]],
  ["UPDATE history SET value = x'00', encoding = 1", ["history k0"]],
  ["UPDATE facts SET value = 'zz' WHERE name = 'epoch'", ["facts"]],
  ["INSERT INTO audit VALUES (1, 1, NULL, 'x', NULL, NULL, 'done', NULL, x'00')", ["audit"]],
])("%s is found", async (sql, parts) => {
  const path = testFolder();
  const store = await filled(path);
  await meddle(path, sql);
  const report = await store.verify({ full: true });
  expect(report.ok).toBe(false);
  const found = [
    ...new Set(told(report).map((each) => each.replace(/^(namespaces|audit).*/, "$1"))),
  ];
  for (const part of parts) expect(found).toContain(part);
  expect(JSON.stringify(report)).not.toContain("of a text");
});

test("the words and vector of one entry that stand at another are found", async () => {
  const path = testFolder();
  const store = await filled(path);
  await store.store({ key: "one", value: "apples and pears" });
  await store.store({ key: "two", value: "engines of ships" });
  // Words are added to the file some writes at a time.
  await store.gc();
  const id = (key: string): string => `(SELECT id FROM entries WHERE key = '${key}')`;
  await meddle(
    path,
    `UPDATE vectors SET vector = (SELECT vector FROM vectors WHERE entry = ${id("two")})
       WHERE entry = ${id("one")};
     INSERT OR REPLACE INTO words (rowid, key, title, tags, body)
       VALUES (${id("one")}, 'one', '', '', 'engines of ships');`,
  );
  expect(told(await store.verify({ full: true }))).toEqual(["words one", "vectors one"]);
});

test("a sealed value that was moved to another key is found", async () => {
  const path = testFolder();
  const store = await filled(path, { encryptionKey: KEY });
  await meddle(
    path,
    `UPDATE entries SET value = (SELECT value FROM entries WHERE key = 'k9') WHERE key = 'k8'`,
  );
  expect(told(await store.verify())).toContain("entries k8");
});

test("verifying does not keep others from writing, and sees one moment", async () => {
  const path = testFolder();
  const store = await filled(path);
  const other = await testStore({ path });
  const progress = { isDone: false };
  const verifying = store.verify({ full: true }).finally(() => (progress.isDone = true));
  let written = 0;
  while (!progress.isDone)
    await other.store({ key: `more/${written++}`, value: `more ${written}` });
  expect(await verifying).toMatchObject({ ok: true });
  expect(written).toBeGreaterThan(1);
});
