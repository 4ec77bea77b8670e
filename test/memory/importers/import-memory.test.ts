import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { loadDriver } from "#dist/memory/file/driver.js";
import { importMemory } from "#dist/memory/importers/import-memory.js";
import {
  CLAUDE_FLOW_2,
  CLAUDE_FLOW_3,
  everyStore,
  MILLISECONDS,
  rowOf2,
  rowOf3,
  SECONDS,
  sqliteFile,
  textFile,
  unfinishedSqliteFile,
} from "../../support/foreign-stores.js";
import { testFolder } from "../../support/folder.js";
import { MapTarget } from "../../support/import-target.js";

test("every kind of store of a project is found, whatever its file is called", async () => {
  const project = testFolder();
  await everyStore(project);
  const target = new MapTarget();
  const report = await importMemory(target, project);
  expect(report.sources.filter(({ problem }) => problem !== undefined)).toEqual([]);
  expect(report.sources.map(({ path, format, read }) => [path, format, read])).toEqual([
    [".claude-flow/memory/store.json", "claude-flow 3 JSON memory", 1],
    [".claude-flow/memory/unified-memory.db", "claude-flow 2 unified memory", 1],
    [".claude-flow/neural/models.json", "claude-flow 3 neural patterns", 1],
    [".hive-mind/hive.db", "hive-mind collective memory", 1],
    [".hive-mind/hive.db", "hive-mind decisions", 0],
    [".hive-mind/memory.db", "hive-mind memories", 1],
    [".hive-mind/memory.db", "hive-mind shared memory", 1],
    [".swarm/agentdb-memory.db", "claude-flow 3 memory", 1],
    [".swarm/memory.db", "claude-flow 2 memory", 1],
    [".swarm/memory.db", "ReasoningBank", 1],
    ["backup/export.json", "ruflo-memory-export/v1", 1],
    ["data/hive-mind.db", "hive-mind memory", 1],
    ["memory/claude-flow-data.json", "claude-flow agents and tasks", 1],
    ["memory/memory-store.json", "claude-flow 2 JSON memory", 1],
    ["node_modules/ruv-swarm/data/ruv-swarm.db", "ruv-swarm agent memory", 1],
    ["notes", "Claude Code memory", 1],
  ]);
  expect(report).toMatchObject({ read: 15, imported: 15, skipped: {}, dryRun: false });
  const values = [...target.entries.values()].map(({ value }) => value);
  const kinds = [1, 2, 3, 5, 6, "6b", 7, 8, 9, "10 and 11", 12, 13, 14, 15];
  expect(values).toEqual(expect.arrayContaining(kinds.map((kind) => `kind ${kind}`)));
  expect(JSON.parse(target.of("agents agent-1").value)).toMatchObject({ name: "kind 4" });
  for (const { metadata } of target.entries.values()) {
    expect(metadata.importedFrom).toMatchObject({ format: expect.any(String) });
  }
});

test("importing twice changes nothing", async () => {
  const project = testFolder();
  await everyStore(project);
  const target = new MapTarget();
  await importMemory(target, project);
  const before = structuredClone([...target.entries]);
  const second = await importMemory(target, project);
  expect(second).toMatchObject({ read: 15, imported: 0, skipped: { unchanged: 15 } });
  expect([...target.entries]).toEqual(before);
});

test("a dry run tells what would be imported and stores nothing", async () => {
  const project = testFolder();
  await everyStore(project);
  const target = new MapTarget();
  const report = await importMemory(target, project, { dryRun: true });
  expect(report).toMatchObject({ dryRun: true, read: 15, imported: 15 });
  expect(target.entries.size).toBe(0);
});

test("the originals keep their bytes and times, and no file is added beside them", async () => {
  const project = testFolder();
  await everyStore(project);
  await unfinishedSqliteFile(join(project, "log.db"), CLAUDE_FLOW_2, rowOf2("w", "in the log"));
  const before = filesOf(project);
  await importMemory(new MapTarget(), project);
  expect(filesOf(project)).toEqual(before);
});

test("what stands in a database's log only is imported", async () => {
  const folder = testFolder();
  const path = await unfinishedSqliteFile(
    join(folder, "memory.db"),
    CLAUDE_FLOW_2,
    rowOf2("w", "in the log"),
  );
  const target = new MapTarget();
  await importMemory(target, path);
  expect(target.of("default w").value).toBe("in the log");
});

test("a store that another program is writing is imported as it stood before", async () => {
  const path = await sqliteFile(
    join(testFolder(), "memory.db"),
    CLAUDE_FLOW_2 + rowOf2("k", "committed"),
  );
  const { DatabaseSync } = await loadDriver();
  const writer = new DatabaseSync(path);
  onTestFinished(() => writer.close());
  writer.exec("BEGIN EXCLUSIVE; UPDATE memory_entries SET value = 'not yet'");
  const target = new MapTarget();
  await importMemory(target, path);
  expect(target.of("default k").value).toBe("committed");
});

test("of one key in several stores the last written is taken, whatever unit tells it", async () => {
  const folder = testFolder();
  await sqliteFile(
    join(folder, "a.db"),
    CLAUDE_FLOW_2 + rowOf2("k", "newer", { updated_at: SECONDS + 10 }),
  );
  await sqliteFile(join(folder, "b.db"), CLAUDE_FLOW_3 + rowOf3("k", "older"));
  textFile(join(folder, "c.json"), {
    default: [
      { key: "k", value: "oldest", timestamp: MILLISECONDS - 1 },
      { key: "k", value: "older", timestamp: MILLISECONDS },
    ],
  });
  const target = new MapTarget();
  const report = await importMemory(target, folder);
  expect(target.of("default k")).toMatchObject({
    value: "newer",
    updatedAt: MILLISECONDS + 10_000,
    metadata: { importedFrom: { format: "claude-flow 2 memory", path: "a.db", id: 1 } },
  });
  expect(report).toMatchObject({ read: 4, imported: 1, skipped: { duplicate: 3 } });
});

test("what the store has changed since is left as it is", async () => {
  const folder = testFolder();
  const path = await sqliteFile(join(folder, "a.db"), CLAUDE_FLOW_2 + rowOf2("k", "then"));
  const target = new MapTarget();
  await importMemory(target, path);
  const now = { ...target.of("default k"), value: "now", updatedAt: Date.now() };
  target.entries.set("default k", now);
  const report = await importMemory(target, path);
  expect(report).toMatchObject({ imported: 0, skipped: { "newer here": 1 } });
  expect(target.of("default k").value).toBe("now");
});

test("one namespace can be imported alone", async () => {
  const folder = testFolder();
  const path = await sqliteFile(
    join(folder, "a.db"),
    CLAUDE_FLOW_2 + rowOf2("k", "v") + rowOf2("k", "w", { namespace: "swarm/one" }),
  );
  const target = new MapTarget();
  const report = await importMemory(target, path, { namespace: "swarm/one" });
  expect(report).toMatchObject({ imported: 1, skipped: { "other namespace": 1 } });
  expect(target.of("swarm/one k").value).toBe("w");
});

test("thousands of entries come in batches, and none is lost", async () => {
  const folder = testFolder();
  const rows = Array.from({ length: 3000 }, (_, i) => rowOf2(`key ${i}`, `value ${i}`));
  const path = await sqliteFile(
    join(folder, "a.db"),
    `${CLAUDE_FLOW_2} BEGIN; ${rows.join("")} COMMIT;`,
  );
  const target = new MapTarget();
  const report = await importMemory(target, path);
  expect(report.imported).toBe(3000);
  expect(target.of("default key 2999").value).toBe("value 2999");
});

test("a path with nothing at it is an error, an empty folder an empty report", async () => {
  const folder = testFolder();
  await expect(importMemory(new MapTarget(), join(folder, "none"))).rejects.toMatchObject({
    code: "NOT_FOUND",
  });
  expect(await importMemory(new MapTarget(), folder)).toEqual({
    dryRun: false,
    read: 0,
    imported: 0,
    skipped: {},
    sources: [],
  });
});

function filesOf(folder: string): [path: string, bytes: string, time: number][] {
  return readdirSync(folder, { recursive: true, encoding: "utf8" })
    .toSorted()
    .map((path) => join(folder, path))
    .filter((path) => statSync(path).isFile())
    .map((path) => [path, readFileSync(path, "hex"), statSync(path).mtimeMs]);
}
