import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { MemoryStore, type Entry } from "#dist/index.js";
import { testFolder } from "../support/folder.ts";
import { testStore } from "../support/store.ts";

/** What a store makes anew for entries that come from elsewhere, left out. */
const withoutIds = (entries: Entry[]) =>
  entries.map((entry) => ({ ...entry, id: 0, version: 0, accessCount: 0 }));

test("what one store exports another imports whole, and a second import changes nothing", async () => {
  for (const [format, name] of [
    ["json", "memory.json"],
    ["csv", "memory.csv"],
    ["md", "notes"],
  ] as const) {
    const from = await testStore();
    await from.store({ key: "api/users", value: '{"port": 3001}', tags: ["api"], ttl: 1000 });
    await from.store({
      key: "decision",
      namespace: "plans",
      value: "PostgreSQL 🐘\n---\nfor its row locks",
      metadata: { title: "Database", rank: 1 },
      agent: "architect",
      session: "s-1",
      provenance: "agent_output",
      at: 1_700_000_000_000,
      pinned: true,
      signature: "c2lnbmVk",
    });
    const path = join(testFolder(), name);
    expect(await from.export(path, { format })).toEqual({ format, entries: 2 });

    const into = await testStore();
    expect(await into.import(path)).toMatchObject({ read: 2, imported: 2, dryRun: false });
    expect(withoutIds(await into.list()), format).toEqual(withoutIds(await from.list()));
    const { hits } = await into.search({ query: "row locks" });
    expect(hits[0].key).toBe("decision");
    const versions = (await into.list()).map(({ version }) => version);
    expect(await into.import(path)).toMatchObject({ imported: 0, skipped: { unchanged: 2 } });
    expect((await into.list()).map(({ version }) => version)).toEqual(versions);
  }
});

test("an import keeps what was written later here, and a dry run writes nothing", async () => {
  const from = await testStore();
  await from.store({ key: "a", value: "old" });
  await from.store({ key: "b", value: "new" });
  const path = join(testFolder(), "memory.json");
  await from.export(path);
  const into = await testStore();
  const start = Date.now();
  while (Date.now() === start);
  await into.store({ key: "a", value: "edited here" });
  expect(await into.import(path, { dryRun: true })).toMatchObject({ imported: 1, dryRun: true });
  expect(await into.retrieve("b")).toBeUndefined();
  expect(await into.import(path)).toMatchObject({ imported: 1, skipped: { "newer here": 1 } });
  expect((await into.retrieve("a"))?.value).toBe("edited here");
});

test("a folder is imported around the store that stands in it", async () => {
  const project = testFolder();
  await using store = await MemoryStore.open({ path: join(project, "memory") });
  await store.store({ key: "k", value: "v" });
  const before = readFileSync(join(project, "memory", "memory.db"));
  expect(await store.import(project)).toMatchObject({ read: 0, imported: 0 });
  expect(readFileSync(join(project, "memory", "memory.db")).equals(before)).toBe(true);
  expect((await store.retrieve("k"))?.value).toBe("v");
});
