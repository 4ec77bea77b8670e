import { join } from "node:path";
import { expect, test } from "vitest";
import { MemoryStore } from "#dist/index.js";
import { loadDriver } from "#dist/memory/file/driver.js";
import { testFolder } from "../support/folder.ts";
import { runModule } from "../support/process.ts";
import { testStore } from "../support/store.ts";

const KEY = "0f".repeat(32);

const told = async (store: MemoryStore): Promise<string[]> =>
  (await store.auditLines()).map(
    ({ action, outcome, namespace, key, agent }) =>
      `${agent ?? "-"} ${action} ${namespace ?? "-"} ${key ?? "-"} ${outcome}`,
  );

test("what is evicted to make room has a line of its own, what had expired has none", async () => {
  const store = await testStore({ audit: true, agent: "ann" });
  await store.configure("default", { maxEntries: 1, eviction: "lru" });
  await store.store({ key: "expired", value: "1", ttl: 0.001 });
  while ((await store.retrieve("expired")) !== undefined);
  await store.store({ key: "evicted", value: "2" });
  await store.store({ key: "left", value: "3" });
  const evictions = (await told(store)).filter((line) => line.includes(" evict "));
  expect(evictions).toEqual(["ann evict default evicted done"]);
});

test("with audit on, every operation has its line: who, what, where, how it ended", async () => {
  const path = testFolder();
  await using store = await MemoryStore.open({ path, audit: true, agent: "ann" });
  await store.store({ key: "k", value: "secret words" });
  await store.retrieve("k");
  await store.retrieve("none");
  await store.list();
  await store.search({ query: "secret words" });
  await store.delete("k");
  await store.send({ name: "done" });
  expect((await told(store)).toSorted()).toEqual(
    [
      "ann store default k done",
      "ann retrieve default k done",
      "ann retrieve default none absent",
      "ann list default - done",
      "ann search default - done",
      "ann delete default k done",
      "ann message - done done",
    ].toSorted(),
  );
  expect(JSON.stringify(await store.auditLines())).not.toContain("secret");
  expect(await store.verifyAudit()).toEqual({ ok: true, lines: 7, problems: [] });
});

test("without audit, operations on sealed namespaces are logged and others are not", async () => {
  const path = testFolder();
  await using store = await MemoryStore.open({ path, encryptionKey: KEY });
  await store.configure("open", { sealed: false });
  await store.store({ key: "a", value: "1", namespace: "open" });
  await store.retrieve("a", { namespace: "open" });
  await store.store({ key: "b", value: "2" });
  await store.retrieve("b");
  expect(await told(store)).toEqual([
    "- configure open - done",
    "- store default b done",
    "- retrieve default b done",
  ]);
  const plain = await testStore();
  await plain.store({ key: "a", value: "1" });
  expect(await told(plain)).toEqual([]);
});

test("what is refused is logged too", async () => {
  const path = testFolder();
  await using owner = await MemoryStore.open({ path, audit: true });
  await owner.setPolicy({
    roles: { admin: [{ namespace: "*", rights: ["admin"] }] },
    agents: { boss: { roles: ["admin"] } },
    requireSignatures: [],
  });
  {
    await using eve = await MemoryStore.open({ path, audit: true, agent: "eve" });
    await expect(eve.retrieve("k")).rejects.toMatchObject({ code: "FORBIDDEN" });
    await expect(eve.store({ key: "k", value: "v" })).rejects.toMatchObject({ code: "FORBIDDEN" });
  }
  expect(await told(owner)).toEqual([
    "- policy - - done",
    "eve retrieve default k refused",
    "eve store default k refused",
  ]);
});

test("any line that is edited, removed, added or cut off is found", async () => {
  for (const [encryptionKey, change] of [
    [undefined, "UPDATE audit SET key = 'other' WHERE line = 3"],
    [undefined, "DELETE FROM audit WHERE line = 4"],
    [undefined, "DELETE FROM audit WHERE line = 10"],
    [undefined, "DELETE FROM audit WHERE line = 1"],
    [
      undefined,
      "INSERT INTO audit SELECT 11, at, agent, action, namespace, key, outcome, detail, hash FROM audit WHERE line = 10",
    ],
    [undefined, "DELETE FROM facts WHERE name = 'audit_head'"],
    [
      KEY,
      `DELETE FROM audit WHERE line = 10; UPDATE facts SET value = (
       SELECT json_object('line', 9, 'hash', lower(hex(hash))) FROM audit WHERE line = 9)
       WHERE name = 'audit_head'`,
    ],
  ] as const) {
    const path = testFolder();
    const options = {
      path,
      audit: true,
      ...(encryptionKey === undefined ? {} : { encryptionKey }),
    };
    {
      await using store = await MemoryStore.open(options);
      for (let i = 1; i <= 10; i++) await store.store({ key: `k${i}`, value: "v" });
      expect(await store.verifyAudit()).toMatchObject({ ok: true, lines: 10 });
    }
    const { DatabaseSync } = await loadDriver();
    const file = new DatabaseSync(join(path, "memory.db"));
    // The store itself never changes a line; somebody with the file must first take the guard away.
    if (/^(UPDATE|DELETE FROM) audit/.test(change))
      expect(() => file.exec(change)).toThrow(/never/);
    file.exec("DROP TRIGGER audit_keeps_lines; DROP TRIGGER audit_keeps_words");
    file.exec(change);
    file.close();
    await using store = await MemoryStore.open(options);
    const { ok, problems } = await store.verifyAudit();
    expect(ok, change).toBe(false);
    expect(problems.length, change).toBeGreaterThan(0);
  }
});

test("a process that ends without closing its store writes the lines it holds", async () => {
  const path = testFolder();
  const { stderr, code } = await runModule(`
    import { MemoryStore } from "#dist/index.js";
    const store = await MemoryStore.open({ path: ${JSON.stringify(path)}, audit: true });
    await store.store({ key: "k", value: "v" });
    await store.retrieve("k");
    process.exit(0);`);
  expect({ stderr, code }).toEqual({ stderr: "", code: 0 });
  await using store = await MemoryStore.open({ path, audit: true });
  expect(await told(store)).toEqual(["- store default k done", "- retrieve default k done"]);
});

test("lines of several processes stand in one chain", async () => {
  const path = testFolder();
  const source = (name: string): string => `
    import { MemoryStore } from "#dist/index.js";
    const store = await MemoryStore.open({ path: ${JSON.stringify(path)}, audit: true, agent: "${name}" });
    for (let i = 0; i < 200; i++) {
      await store.store({ key: "${name}" + i, value: "v" });
      await store.retrieve("${name}" + i);
    }
    await store.close();`;
  const ended = await Promise.all(["a", "b", "c"].map((name) => runModule(source(name))));
  for (const { stderr, code } of ended) expect({ stderr, code }).toEqual({ stderr: "", code: 0 });
  await using store = await MemoryStore.open({ path });
  expect(await store.verifyAudit()).toEqual({ ok: true, lines: 1200, problems: [] });
});
