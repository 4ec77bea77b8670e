import { readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { importMemory } from "#dist/memory/importers/import-memory.js";
import type { SourceReport } from "#dist/memory/importers/imported-entry.js";
import {
  CLAUDE_FLOW_2,
  CLAUDE_FLOW_3,
  rowOf2,
  rowOf3,
  sqliteFile,
  textFile,
} from "../../support/foreign-stores.js";
import { testFolder } from "../../support/folder.js";
import { MapTarget } from "../../support/import-target.js";
import { testStore } from "../../support/store.js";

test("an encrypted file is called encrypted, and never empty", async () => {
  const folder = testFolder();
  writeFileSync(join(folder, "memory.db"), Buffer.concat([Buffer.from("RFE1"), noise(4096)]));
  writeFileSync(join(folder, "store.json"), Buffer.concat([Buffer.from("RFE1"), noise(64)]));
  for (const { problem } of await sourcesOf(folder)) {
    expect(problem).toMatch(/^encrypted: claude-flow 3 sealed it/);
  }
});

test("a database file without SQLite's first bytes is called encrypted or damaged", async () => {
  const folder = testFolder();
  writeFileSync(join(folder, "a.db"), noise(4096));
  writeFileSync(join(folder, "b.db"), "");
  expect(await problemsOf(folder)).toEqual([
    expect.stringMatching(/^encrypted or damaged: /),
    expect.stringMatching(/^empty: /),
  ]);
});

test("another program's database is called foreign", async () => {
  const folder = testFolder();
  await sqliteFile(
    join(folder, "places.sqlite"),
    `CREATE TABLE moz_places (id INTEGER, url TEXT);
     CREATE VIRTUAL TABLE memory_entries USING fts5 (key, namespace, content);
     CREATE VIEW agent_memory AS SELECT 1 AS agent_id, 2 AS key, 3 AS value;`,
  );
  expect(await problemsOf(folder)).toEqual([expect.stringMatching(/^foreign: another program/)]);
});

test("a store of ours is called one, where it is named, and is no part of a project", async () => {
  const project = testFolder();
  const path = join(project, ".stigmergy");
  const store = await testStore({ path });
  await store.store({ key: "k", value: "v" });
  expect(await sourcesOf(project)).toEqual([]);
  expect(await problemsOf(path)).toEqual([expect.stringMatching(/^foreign: it is a stigmergy/)]);
});

test("the store that is imported into is not opened a second time", async () => {
  const project = testFolder();
  const store = await testStore({ path: join(project, "memories") });
  await store.store({ key: "k", value: "v" });
  const except = join(project, "memories", "memory.db");
  const target = new MapTarget();
  expect((await importMemory(target, project, {}, except)).sources).toEqual([]);
  await expect(importMemory(target, except, {}, except)).rejects.toMatchObject({
    code: "INVALID_INPUT",
  });
});

test("a truncated database is called damaged", async () => {
  const folder = testFolder();
  const path = await sqliteFile(join(folder, "a.db"), manyRows(500));
  writeFileSync(path, readFileSync(path).subarray(0, 8192));
  expect(await problemsOf(folder)).toEqual([expect.stringMatching(/^damaged: SQLite answered/)]);
});

test("of a database that is damaged further in, the rows before are imported", async () => {
  const folder = testFolder();
  const path = await sqliteFile(join(folder, "a.db"), manyRows(500));
  const bytes = readFileSync(path);
  bytes.fill(0xa5, bytes.length / 2);
  writeFileSync(path, bytes);
  const [report] = await sourcesOf(folder);
  expect(report.problem).toMatch(/^damaged: SQLite answered ".*" after \d+ rows$/);
  expect(report.imported).toBeGreaterThan(0);
  expect(report.imported).toBeLessThan(500);
});

test("JSON that is broken where memory is kept is called damaged, and elsewhere is none", async () => {
  const folder = testFolder();
  textFile(join(folder, "memory/memory-store.json"), '{"default": [{"key": "a", "val');
  textFile(join(folder, "tsconfig.json"), '{ // a comment\n "files": [] }');
  textFile(join(folder, "package.json"), { name: "a", version: "1.0.0" });
  textFile(join(folder, ".vscode/tasks.json"), { version: "2.0.0", tasks: [{ label: "build" }] });
  expect(await sourcesOf(folder)).toEqual([
    {
      path: "memory/memory-store.json",
      format: "JSON",
      read: 0,
      imported: 0,
      skipped: {},
      problem: expect.stringMatching(/^damaged: /),
    },
  ]);
});

test("a file that is named and is no memory is called foreign", async () => {
  const folder = testFolder();
  for (const [name, content] of [
    ["package.json", '{"name": "a"}'],
    ["photo.png", "\x89PNG"],
    ["notes.txt", "hello"],
  ]) {
    const path = textFile(join(folder, name), content);
    expect(await problemsOf(path), name).toEqual([expect.stringMatching(/^foreign: /)]);
  }
});

test("a store under a name that tells nothing is found by what it holds", async () => {
  const folder = testFolder();
  await sqliteFile(join(folder, "memory.db.bak-2"), CLAUDE_FLOW_2 + rowOf2("k", "v"));
  await sqliteFile(join(folder, "deep/er/x"), CLAUDE_FLOW_3 + rowOf3("l", "w"));
  expect(await sourcesOf(folder)).toMatchObject([
    { path: "deep/er/x", format: "claude-flow 3 memory", imported: 1 },
    { path: "memory.db.bak-2", format: "claude-flow 2 memory", imported: 1 },
  ]);
});

test("links that lead out of the folder are not followed", async () => {
  const outside = testFolder();
  await sqliteFile(join(outside, "a.db"), CLAUDE_FLOW_2 + rowOf2("k", "v"));
  const folder = testFolder();
  symlinkSync(outside, join(folder, "folder"));
  symlinkSync(join(outside, "a.db"), join(folder, "file.db"));
  symlinkSync(folder, join(folder, "circle"));
  expect(await sourcesOf(folder)).toEqual([]);
});

test("what a package or git keeps is not taken for memory of the project", async () => {
  const folder = testFolder();
  for (const path of ["node_modules/a/memory.db", ".git/memory.db"]) {
    await sqliteFile(join(folder, path), CLAUDE_FLOW_2 + rowOf2("k", "v"));
  }
  expect(await sourcesOf(folder)).toEqual([]);
});

async function sourcesOf(path: string): Promise<readonly SourceReport[]> {
  return (await importMemory(new MapTarget(), path)).sources;
}

async function problemsOf(path: string): Promise<(string | undefined)[]> {
  return (await sourcesOf(path)).map(({ problem }) => problem);
}

function manyRows(count: number): string {
  const rows = Array.from({ length: count }, (_, i) => rowOf2(`key ${i}`, "long ".repeat(100)));
  return `${CLAUDE_FLOW_2} BEGIN; ${rows.join("")} COMMIT;`;
}

function noise(bytes: number): Buffer {
  return Buffer.from(Array.from({ length: bytes }, (_, i) => (i * 167 + 13) % 256));
}
