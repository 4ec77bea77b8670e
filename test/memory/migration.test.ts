import { mkdirSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { setImmediate as nextTurn } from "node:timers/promises";
import { expect, test } from "vitest";
import { MemoryStore } from "#dist/index.js";
import { loadDriver } from "#dist/memory/file/driver.js";
import { APPLICATION_ID, MIGRATIONS } from "#dist/memory/file/schema.js";
import { wordColumns } from "#dist/memory/words/lexical.js";
import { testFolder } from "../support/folder.ts";
import { runModule } from "../support/process.ts";

/** A store as the first version of this package wrote it. */
async function firstStore(path: string, rows: number): Promise<void> {
  mkdirSync(path, { recursive: true });
  const { DatabaseSync } = await loadDriver();
  const database = new DatabaseSync(join(path, "memory.db"));
  database.exec("PRAGMA journal_mode = WAL");
  database.exec(MIGRATIONS[0]);
  database.exec(`PRAGMA user_version = 1; PRAGMA application_id = ${APPLICATION_ID}`);
  database.exec("INSERT INTO facts VALUES ('embedder', 'lexical-hash-1-512'), ('dim', 512)");
  for (let i = 1; i <= rows; i++) {
    const entry = { key: `k/${i}`, value: `old harbour ${i} ü`, tags: [], metadata: {} };
    database
      .prepare(
        `INSERT INTO entries (namespace, key, value, tags, metadata, at, created_at, updated_at, seq)
         VALUES ('default', ?, ?, '[]', '{}', 5, 6, 7, ?)`,
      )
      .get(entry.key, entry.value, i);
    database
      .prepare("INSERT INTO words (rowid, key, title, tags, body) VALUES (?, ?, ?, ?, ?)")
      .get(i, ...wordColumns(entry));
  }
  database.exec(`UPDATE facts SET value = ${rows} WHERE name = 'seq'`);
  database.close();
}

test("a store of the first schema is brought forward after a copy of it has been put away", async () => {
  const path = testFolder();
  await firstStore(path, 300);
  await using store = await MemoryStore.open({ path });
  expect(await store.retrieve("k/7")).toMatchObject({
    value: "old harbour 7 ü",
    version: 7,
    provenance: "unknown",
    pinned: false,
    at: 5,
    createdAt: 6,
    updatedAt: 7,
  });
  const { namespaces } = await store.stats();
  const bytes = Array.from({ length: 300 }, (_, i) => Buffer.byteLength(`old harbour ${i + 1} ü`));
  expect(namespaces).toMatchObject([
    { entries: 300, valueBytes: bytes.reduce((sum, each) => sum + each, 0) },
  ]);
  expect((await store.search({ query: "harbour 12", mode: "lexical" })).hits[0].key).toBe("k/12");
  const next = await store.store({ key: "new", value: "walrus" });
  expect(next.version).toBe(301);
  expect((await store.search({ query: "walrus", mode: "lexical" })).hits[0].key).toBe("new");

  const [copy] = readdirSync(join(path, "backups"));
  expect(copy).toMatch(/^before-schema-2-.*\.db$/);
  const { DatabaseSync } = await loadDriver();
  const before = new DatabaseSync(join(path, "backups", copy), { readOnly: true });
  expect(before.prepare("PRAGMA user_version").get()?.user_version).toBe(1);
  expect(before.prepare("SELECT count(*) AS n FROM entries").get()?.n).toBe(300);
  before.close();
});

test("four processes that open an old store at once bring it forward once", async () => {
  const path = testFolder();
  await firstStore(path, 50);
  const open = `import { MemoryStore } from "#dist/index.js";
    const store = await MemoryStore.open({ path: ${JSON.stringify(path)} });
    console.log((await store.list()).length);
    await store.close();`;
  // None gets the lock before two have found the old schema, and have put a copy of it away.
  const { DatabaseSync } = await loadDriver();
  const holder = new DatabaseSync(join(path, "memory.db"));
  holder.exec("BEGIN IMMEDIATE");
  const opening = Promise.all(Array.from({ length: 4 }, () => runModule(open)));
  const copies = (): string[] => readdirSync(path, { recursive: true, encoding: "utf8" });
  while (copies().filter((name) => name.endsWith("Z.db")).length < 2) await nextTurn();
  holder.exec("ROLLBACK");
  holder.close();
  const ended = await opening;
  for (const each of ended) expect(each).toEqual({ stdout: "50\n", stderr: "", code: 0 });
});

test("a newer schema is refused, and the file stays as it is", async () => {
  const path = testFolder();
  await firstStore(path, 3);
  const { DatabaseSync } = await loadDriver();
  const database = new DatabaseSync(join(path, "memory.db"));
  database.exec("PRAGMA user_version = 99; PRAGMA wal_checkpoint(TRUNCATE)");
  database.close();
  const bytes = readFileSync(join(path, "memory.db"));
  await expect(MemoryStore.open({ path })).rejects.toMatchObject({
    code: "FORMAT",
    message: expect.stringMatching(/received 99; a newer stigmergy wrote it/),
  });
  expect(readFileSync(join(path, "memory.db")).equals(bytes)).toBe(true);
});
