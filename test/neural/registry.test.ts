import { expect, test } from "vitest";
import { MemoryStore } from "#dist/index.js";
import { readPatterns } from "#dist/neural/patterns/patterns.js";
import { ModelRegistry } from "#dist/neural/patterns/registry.js";
import { TrainedPattern } from "#dist/neural/patterns/trained-pattern.js";
import { givenRecords } from "#dist/neural/patterns/training-file.js";
import { Models } from "#dist/swarm/models.js";
import { modelLimit } from "#dist/swarm/model-limit.js";
import { testFolder } from "../support/folder.ts";
import { testStore } from "../support/store.ts";
import { labeledTexts } from "../support/training.ts";

const QUICK = { epochs: 3, hidden: [8], threads: 1 };

async function bytesOf(seed: number): Promise<Uint8Array> {
  const records = readPatterns("t", givenRecords(labeledTexts(30, seed)));
  return (await TrainedPattern.train(records, { ...QUICK, seed })).toBytes();
}

async function storeOf(names: readonly string[]): Promise<MemoryStore> {
  const store = await testStore();
  const bytes = await bytesOf(1);
  for (const name of names) await store.models.saveModel({ name, bytes, metadata: {} });
  return store;
}

test("at most so many models are in memory: the one used longest ago leaves, and comes back", async () => {
  const store = await storeOf(["a", "b", "c"]);
  const registry = new ModelRegistry(store.models, 2);
  const a = await registry.get("a");
  const b = await registry.get("b");
  expect(await registry.get("a")).toBe(a);
  await registry.get("c");
  expect([a, b].map(({ version }) => registry.holds(version))).toEqual([true, false]);
  expect(registry.stats()).toEqual({ held: 2, most: 2, hits: 1, loads: 3 });
  const again = await registry.get("b");
  expect(again).not.toBe(b);
  expect(again.pattern.predict("crash")).toEqual(b.pattern.predict("crash"));
});

test("a model that was read is the one that was stored, to the bit, and so is what it learns then", async () => {
  const store = await storeOf(["a"]);
  const models = new Models(store.models, 2);
  const bytes = await store.models.readModel("a", 1);
  const { pattern } = await models.get("a");
  expect(Buffer.compare(pattern.toBytes(), bytes)).toBe(0);
  const told = givenRecords([{ input: "paint the shed", label: "paint" }]);
  await models.learn("a", told);
  const here = TrainedPattern.fromBytes(bytes);
  await here.learn(readPatterns("t", told));
  const learned = (await models.get("a")).pattern;
  expect(Buffer.compare(learned.toBytes(), here.toBytes())).toBe(0);
});

test("calls for one model that is being read are one reading", async () => {
  const store = await storeOf(["a"]);
  const registry = new ModelRegistry(store.models, 2);
  const all = await Promise.all(Array.from({ length: 5 }, () => registry.get("a")));
  expect(new Set(all).size).toBe(1);
  expect(registry.stats().loads).toBe(1);
});

test("a version that another process has stored is seen at the next call", async () => {
  const path = testFolder();
  await using store = await MemoryStore.open({ path });
  await using other = await MemoryStore.open({ path });
  await store.models.saveModel({ name: "a", bytes: await bytesOf(1), metadata: {} });
  const registry = new ModelRegistry(store.models, 2);
  expect((await registry.get("a")).version.version).toBe(1);
  await other.models.saveModel({ name: "a", bytes: await bytesOf(2), metadata: {} });
  expect((await registry.get("a")).version.version).toBe(2);
  expect((await registry.get("a", 1)).version.version).toBe(1);
  await other.models.deleteModel("a");
  await expect(registry.get("a")).rejects.toMatchObject({ code: "NOT_FOUND" });
});

test("what could not be read is tried again, and what is no model is refused", async () => {
  const store = await storeOf(["a"]);
  await store.models.saveModel({ name: "junk", bytes: new Uint8Array(500), metadata: {} });
  let fails = true;
  const registry = new ModelRegistry(
    {
      assertMaySave: () => store.models.assertMaySave(),
      saveModel: (request) => store.models.saveModel(request),
      findModel: (name, version) => store.models.findModel(name, version),
      listModels: (name) => store.models.listModels(name),
      deleteModel: (name) => store.models.deleteModel(name),
      async readModel(name, version) {
        if (fails) throw new Error("the disk is away");
        return store.models.readModel(name, version);
      },
    },
    2,
  );
  await expect(registry.get("a")).rejects.toThrow("the disk is away");
  fails = false;
  expect((await registry.get("a")).version.name).toBe("a");
  await expect(registry.get("junk")).rejects.toMatchObject({ code: "FORMAT" });
  expect(registry.stats().held).toBe(1);
});

test("two processes that learn at once lose none of what either learned", async () => {
  const path = testFolder();
  await using store = await MemoryStore.open({ path });
  await using other = await MemoryStore.open({ path });
  const here = new Models(store.models, 2);
  const there = new Models(other.models, 2);
  await here.train({ ...QUICK, model: "m", data: labeledTexts(30) });
  const teach = (models: Models, label: string) =>
    models.learn("m", givenRecords([{ input: `walrus ${label}`, label }]));
  await Promise.all([
    ...["one", "two", "three"].map((label) => teach(here, label)),
    ...["four", "five", "six"].map((label) => teach(there, label)),
  ]);
  const { pattern, version } = await new Models(store.models, 2).get("m");
  expect(pattern.labels).toEqual(
    expect.arrayContaining(["bug", "one", "two", "three", "four", "five", "six"]),
  );
  expect(version).toMatchObject({ version: 7, metadata: { origin: "learned", learned: 6 } });
  expect((await store.models.listModels("m")).map((each) => each.version)).toEqual([7, 1]);
});

test("trainings of one process wait for one another, and one that is called off stores nothing", async () => {
  const store = await testStore();
  const models = new Models(store.models, 2);
  const cancel = new AbortController();
  const first = models.train({
    model: "a",
    data: labeledTexts(60),
    epochs: 10_000,
    hidden: [8],
    signal: cancel.signal,
    onProgress: () => cancel.abort(),
  });
  const second = models.train({ ...QUICK, model: "b", data: labeledTexts(30) });
  await expect(first).rejects.toMatchObject({ code: "CANCELLED" });
  expect((await second).model).toMatchObject({ name: "b", version: 1 });
  expect((await store.models.listModels()).map(({ name }) => name)).toEqual(["b"]);
  expect(models.state()).toMatchObject({ training: null, waiting: 0 });
});

test("our own name for the number of models wins, and what is no number is named", () => {
  expect(modelLimit({})).toBe(27);
  expect(modelLimit({ RUV_NEURAL_MODELS: "3" })).toBe(3);
  expect(modelLimit({ RUV_NEURAL_MODELS: "x", STIGMERGY_NEURAL_MODELS: "4" })).toBe(4);
  for (const text of ["x", "0", "1.5", "-1", "1e9"]) {
    expect(() => modelLimit({ RUV_NEURAL_MODELS: text })).toThrow(/RUV_NEURAL_MODELS: expected/);
  }
});
