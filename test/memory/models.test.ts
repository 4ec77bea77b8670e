import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { MemoryStore } from "#dist/index.js";
import { loadDriver } from "#dist/memory/file/driver.js";
import { PART_BYTES } from "#dist/memory/shelves/model-rows.js";
import { seededRandom } from "../support/random.ts";
import { testFolder } from "../support/folder.ts";
import { testStore } from "../support/store.ts";
import { countingTurns } from "../support/turns.ts";

const KEY = "0f".repeat(32);
const OTHER_KEY = "a1".repeat(32);

/** Bytes of no pattern, more than two parts of them. */
function bytesOf(seed: number, length = 1000): Uint8Array {
  const random = seededRandom(seed);
  return Uint8Array.from({ length }, () => Math.floor(random() * 256));
}

async function read(store: MemoryStore, name: string): Promise<Uint8Array | undefined> {
  const found = await store.models.findModel(name);
  return found && (await store.models.readModel(name, found.version));
}

test("a model comes back as it was stored, and the newest five versions are kept", async () => {
  const store = await testStore({ agent: "coder" });
  expect(await store.models.findModel("router")).toBeUndefined();
  const large = bytesOf(1, 2 * PART_BYTES + 7);
  const first = await store.models.saveModel({ name: "router", bytes: large, metadata: { a: 1 } });
  expect(first).toMatchObject({
    name: "router",
    version: 1,
    agent: "coder",
    bytes: large.length,
    metadata: { a: 1 },
    sha256: expect.stringMatching(/^[0-9a-f]{64}$/),
  });
  expect(Buffer.compare((await read(store, "router")) as Uint8Array, large)).toBe(0);
  for (let seed = 2; seed <= 7; seed++) {
    await store.models.saveModel({ name: "router", bytes: bytesOf(seed), metadata: {} });
  }
  const versions = (await store.models.listModels()).map(({ version }) => version);
  expect(versions).toEqual([7, 6, 5, 4, 3]);
  await expect(store.models.readModel("router", 1)).rejects.toMatchObject({ code: "NOT_FOUND" });
  const database = await openFile(store.folder);
  expect(database.prepare("SELECT count(*) AS n FROM model_parts").get()?.n).toBe(5);
  database.close();
});

test("a large model is read while others have the thread, also from rows as large as they once were", async () => {
  const store = await testStore();
  const bytes = new Uint8Array(24 * 2 ** 20 + 3).fill(1, 2 ** 20);
  await store.models.saveModel({ name: "m", bytes, metadata: {} });
  const database = await openFile(store.folder);
  const parts = (): unknown =>
    database.prepare("SELECT count(*) AS n, max(length(bytes)) AS most FROM model_parts").get();
  expect(parts()).toEqual({ n: 49, most: PART_BYTES });
  const { result, turns } = await countingTurns(() => read(store, "m"));
  expect(turns).toBeGreaterThan(2);
  expect(Buffer.compare(result as Uint8Array, bytes)).toBe(0);
  database.prepare("DELETE FROM model_parts").get();
  const size = 4 * 2 ** 20;
  for (let part = 0; part * size < bytes.length; part++) {
    database
      .prepare("INSERT INTO model_parts (model, part, encoding, bytes) VALUES (1, ?, 0, ?)")
      .get(part, bytes.subarray(part * size, (part + 1) * size));
  }
  expect(parts()).toEqual({ n: 7, most: size });
  expect(Buffer.compare((await read(store, "m")) as Uint8Array, bytes)).toBe(0);
  database.close();
});

test("a model that lacks bytes, has too many, or says so, is refused", async () => {
  for (const spoil of [
    "UPDATE model_parts SET bytes = x'00'",
    "UPDATE model_parts SET bytes = bytes || x'00'",
    "DELETE FROM model_parts",
    "UPDATE models SET size = -1",
    "UPDATE models SET size = 9007199254740000",
  ]) {
    const store = await testStore();
    await store.models.saveModel({ name: "m", bytes: bytesOf(1), metadata: {} });
    const database = await openFile(store.folder);
    database.prepare(spoil).get();
    database.close();
    await expect(read(store, "m")).rejects.toMatchObject({ code: "DAMAGED" });
  }
});

test("a version that takes another's place removes it, and one that meets a change is refused", async () => {
  const store = await testStore();
  const save = (request: object) =>
    store.models.saveModel({ name: "m", bytes: bytesOf(1), metadata: {}, ...request });
  await save({ ifVersion: 0 });
  await save({ ifVersion: 1, replaces: 1 });
  expect((await store.models.listModels("m")).map(({ version }) => version)).toEqual([2]);
  await expect(save({ ifVersion: 1 })).rejects.toMatchObject({ code: "CONFLICT" });
  await expect(save({ ifVersion: 0 })).rejects.toMatchObject({ code: "CONFLICT" });
  await expect(save({ name: "" })).rejects.toMatchObject({ code: "INVALID_INPUT" });
  await expect(save({ metadata: { text: "x".repeat(70_000) } })).rejects.toMatchObject({
    code: "TOO_LARGE",
  });
  expect((await store.models.listModels()).length).toBe(1);
  expect(await store.models.deleteModel("m")).toBe(1);
  expect(await store.models.deleteModel("m")).toBe(0);
});

test("models and outcomes of a sealed store leave no trace, and a change of key seals them anew", async () => {
  const path = testFolder();
  const text = "the zebra launches at midnight ".repeat(40);
  const plain = Buffer.from(text);
  {
    await using store = await MemoryStore.open({ path });
    await store.models.saveModel({ name: "before", bytes: plain, metadata: { word: "wombat" } });
    await store.models.recordOutcome({ pattern: "prediction", data: { word: "quokka" } });
  }
  {
    await using store = await MemoryStore.open({ path, encryptionKey: KEY, audit: true });
    await store.models.saveModel({ name: "after", bytes: plain, metadata: { word: "wombat" } });
    await store.rekey(OTHER_KEY);
  }
  const bytes = everyByte(path);
  for (const word of ["zebra", "wombat", "quokka"]) expect(bytes.includes(word), word).toBe(false);
  await expect(MemoryStore.open({ path, encryptionKey: KEY })).rejects.toMatchObject({
    code: "WRONG_KEY",
  });
  await using store = await MemoryStore.open({ path, encryptionKey: OTHER_KEY, audit: true });
  for (const name of ["before", "after"]) {
    expect(Buffer.compare((await read(store, name)) as Uint8Array, plain), name).toBe(0);
    expect((await store.models.findModel(name))?.metadata).toEqual({ word: "wombat" });
  }
  expect((await store.models.listOutcomes())[0].data).toEqual({ word: "quokka" });
  expect(await store.verify()).toMatchObject({ ok: true, checked: { models: 2 } });
  const actions = (await store.auditLines(1000)).map(({ action }) => action);
  expect(actions).toEqual(expect.arrayContaining(["model-store", "model-read", "outcomes"]));
});

test("the rights of the namespaces models and outcomes count", async () => {
  const path = testFolder();
  {
    await using owner = await MemoryStore.open({ path });
    await owner.models.saveModel({ name: "m", bytes: bytesOf(1), metadata: {} });
    await owner.setPolicy({
      roles: {
        admin: [{ namespace: "*", rights: ["admin"] }],
        reader: [{ namespace: "models", rights: ["read"] }],
      },
      agents: { boss: { roles: ["admin"] }, ann: { roles: ["reader"] }, bob: { roles: [] } },
      requireSignatures: [],
    });
  }
  await using ann = await MemoryStore.open({ path, agent: "ann" });
  await using bob = await MemoryStore.open({ path, agent: "bob" });
  const forbidden = { code: "FORBIDDEN" };
  expect((await ann.models.findModel("m"))?.version).toBe(1);
  for (const refused of [
    () => ann.models.saveModel({ name: "m", bytes: bytesOf(2), metadata: {} }),
    () => ann.models.assertMaySave(),
    () => ann.models.deleteModel("m"),
    () => ann.models.recordOutcome({ pattern: "prediction", data: {} }),
    () => ann.models.listOutcomes(),
    () => bob.models.findModel("m"),
    () => bob.models.readModel("m", 1),
    () => bob.models.listModels(),
    () => bob.models.countOutcomes(),
  ]) {
    await expect(refused()).rejects.toMatchObject(forbidden);
  }
});

test("backups of both kinds hold models and outcomes, and a restore brings them back", async () => {
  for (const [name, options] of [
    ["copy.db", {}],
    ["copy.json", {}],
    ["copy.json", { encryptionKey: KEY }],
  ] as const) {
    const store = await testStore(options);
    const bytes = bytesOf(3, PART_BYTES + 5);
    await store.store({ key: "k", value: "v" });
    await store.models.saveModel({ name: "m", bytes, metadata: { a: [1] } });
    await store.models.recordOutcome({ pattern: "p", data: { ok: true }, agent: "a" });
    const { path } = await store.backup(join(store.folder, name));
    await store.models.deleteModel("m");
    await store.models.saveModel({ name: "other", bytes: bytesOf(4), metadata: {} });
    await store.restore(path);
    expect(await store.models.listModels()).toMatchObject([{ name: "m", metadata: { a: [1] } }]);
    expect(Buffer.compare((await read(store, "m")) as Uint8Array, bytes)).toBe(0);
    expect(await store.models.listOutcomes()).toMatchObject([{ agent: "a", data: { ok: true } }]);
    expect((await store.verify()).problems).toEqual([]);
    // Into a store of another key they are brought, too.
    const other = await testStore({ encryptionKey: OTHER_KEY });
    await other.restore(path, options);
    expect(Buffer.compare((await read(other, "m")) as Uint8Array, bytes)).toBe(0);
    expect((await other.verify()).problems).toEqual([]);
  }
});

test("clearing a namespace and collecting garbage leave models alone", async () => {
  const store = await testStore();
  await store.store({ key: "k", value: "v", namespace: "models" });
  await store.models.saveModel({ name: "m", bytes: bytesOf(1), metadata: {} });
  await store.clear({ namespace: "models" });
  await store.gc({ aggressive: true });
  expect((await read(store, "m"))?.length).toBe(1000);
});

test("a model whose bytes were changed is refused, verify names it, and repair takes it out", async () => {
  const path = testFolder();
  {
    await using store = await MemoryStore.open({ path });
    await store.store({ key: "k", value: "v" });
    await store.models.saveModel({ name: "good", bytes: bytesOf(1), metadata: {} });
    await store.models.saveModel({ name: "bad", bytes: bytesOf(2), metadata: {} });
  }
  const database = await openFile(path);
  database.exec("UPDATE model_parts SET bytes = zeroblob(1000) WHERE model = 2");
  database.close();
  {
    await using store = await MemoryStore.open({ path });
    await expect(store.models.readModel("bad", 1)).rejects.toMatchObject({ code: "DAMAGED" });
    const { ok, problems } = await store.verify();
    expect({ ok, problems }).toMatchObject({
      ok: false,
      problems: [{ part: "models", key: "bad" }],
    });
  }
  // The driver's own file must be closed by now: repair refuses a store that is in use.
  const report = await MemoryStore.repair(path);
  expect(report).toMatchObject({ repaired: true, entries: 1 });
  expect(report.lost).toMatchObject([{ part: "models", key: "bad" }]);
  await using store = await MemoryStore.open({ path });
  expect((await store.models.listModels()).map(({ name }) => name)).toEqual(["good"]);
  expect((await store.retrieve("k"))?.value).toBe("v");
  expect((await read(store, "good"))?.length).toBe(1000);
});

test("outcomes are listed in order, by pattern, by agent and since one of them, and counted", async () => {
  const store = await testStore();
  const record = (pattern: string, agent: string, n: number) =>
    store.models.recordOutcome({ pattern, agent, data: { n } });
  const first = await record("prediction", "ann", 1);
  await record("coordination", "ann", 2);
  const last = await record("prediction", "bob", 3);
  const numbers = async (request: object) =>
    (await store.models.listOutcomes(request)).map(({ data }) => data.n);
  expect(await numbers({})).toEqual([1, 2, 3]);
  expect(await numbers({ pattern: "prediction" })).toEqual([1, 3]);
  expect(await numbers({ agent: "ann" })).toEqual([1, 2]);
  expect(await numbers({ after: first.id })).toEqual([2, 3]);
  expect(await numbers({ limit: 2 })).toEqual([2, 3]);
  expect(await numbers({ before: last.id, limit: 1 })).toEqual([2]);
  expect(await numbers({ after: first.id, before: last.id })).toEqual([2]);
  expect(await store.models.countOutcomes()).toMatchObject([
    { pattern: "coordination", outcomes: 1 },
    { pattern: "prediction", outcomes: 2 },
  ]);
  await expect(
    store.models.recordOutcome({ pattern: "p", data: { text: "x".repeat(70_000) } }),
  ).rejects.toMatchObject({ code: "TOO_LARGE" });
});

function everyByte(folder: string): string {
  return readdirSync(folder, { recursive: true, encoding: "utf8" })
    .map((name) => join(folder, name))
    .filter((path) => statSync(path).isFile())
    .map((path) => readFileSync(path, "latin1"))
    .join("\n");
}

async function openFile(folder: string) {
  const { DatabaseSync } = await loadDriver();
  return new DatabaseSync(join(folder, "memory.db"));
}
