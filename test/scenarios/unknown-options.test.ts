import { join } from "node:path";
import { expect, test } from "vitest";
import {
  agentsOf,
  assignAgents,
  AssignmentSolver,
  endpointEmbedder,
  functionEmbedder,
  loadAgentTypes,
  MemoryStore,
  PatternModel,
  recordTask,
  selectAgents,
  SequenceModel,
  solveAssignmentAsync,
  solveBalancedAssignment,
  solveGeneralizedAssignment,
  solveGeneralizedAssignmentAsync,
  StigmergyError,
  transformersEmbedder,
  VectorIndex,
} from "#dist/index.js";
import { createServer, Log, serveOnStdio } from "#dist/mcp/index.js";
import { testFolder } from "../support/folder.ts";
import { testStore } from "../support/store.ts";

// Whom no compiler checks is told of a name that nobody knows, instead of being answered by a default.

const NAME = "unheardOf";
/** Options with a name that there is not, for calls that want options of their own kind. */
const unknown = { [NAME]: 1 } as never;
/** The same beside options that are known. */
const extra = { [NAME]: 1 };

type Call = readonly [name: string, call: () => unknown];

/** Each must refuse `unheardOf`, and tell of a name that there is. */
async function expectRefused(calls: readonly Call[]): Promise<void> {
  const answers = await Promise.all(
    calls.map(async ([name, call]) => [name, await answerOf(call)] as const),
  );
  for (const [name, answer] of answers) {
    expect(answer, name).toBeInstanceOf(StigmergyError);
    const { code, message } = answer as StigmergyError;
    expect(code, name).toBe("INVALID_INPUT");
    expect(message, name).toMatch(/^\w+: expected \w+[\w, ]*, received "unheardOf"$/);
  }
}

async function answerOf(call: () => unknown): Promise<unknown> {
  try {
    return await call();
  } catch (error) {
    return error;
  }
}

test("an index refuses options that it does not know", async () => {
  await using index = await VectorIndex.create({ dim: 2 });
  const vector = Float32Array.of(1, 2);
  await index.add([1], vector);
  const path = join(testFolder(), "index");
  await index.save(path);
  await expectRefused([
    ["create", () => VectorIndex.create({ dim: 2, ...extra })],
    ["open", () => VectorIndex.open(path, unknown)],
    ["search", () => index.search(vector, unknown)],
    ["searchMany", () => index.searchMany(vector, unknown)],
    ["optimize", () => index.optimize(unknown)],
  ]);
});

test("a store refuses options that it does not know, and nothing is changed", async () => {
  const path = testFolder();
  const store = await testStore({ path });
  await store.store({ key: "k", value: "v" });
  const { path: backup } = await store.backup();
  const before = await store.list();
  await expectRefused([
    ["open", () => MemoryStore.open({ path, ...extra })],
    ["open, ranking", () => MemoryStore.open({ path, ranking: unknown })],
    ["repair", () => MemoryStore.repair(path, unknown)],
    ["restoreAnew, what", () => MemoryStore.restoreAnew(path, backup, unknown)],
    ["restoreAnew, how", () => MemoryStore.restoreAnew(path, backup, {}, unknown)],
    ["store", () => store.store({ key: "k", value: "w", ...extra })],
    ["retrieve", () => store.retrieve("k", unknown)],
    ["delete", () => store.delete("k", unknown)],
    ["list", () => store.list(unknown)],
    ["search", () => store.search({ query: "v", ...extra })],
    ["transaction", () => store.transaction(() => undefined, unknown)],
    ["tx.store", () => store.transaction((tx) => tx.store({ key: "k", value: "w", ...extra }))],
    ["tx.retrieve", () => store.transaction((tx) => tx.retrieve("k", unknown))],
    ["tx.delete", () => store.transaction((tx) => tx.delete("k", unknown))],
    ["watch", () => store.watch(unknown)],
    ["send", () => store.send({ name: "m", ...extra })],
    ["history", () => store.history("k", unknown)],
    ["configure", () => store.configure("default", unknown)],
    ["stats", () => store.stats(unknown)],
    ["clear", () => store.clear(unknown)],
    ["gc", () => store.gc(unknown)],
    ["compress", () => store.compress(unknown)],
    ["rekey", () => store.rekey("1".repeat(64), unknown)],
    ["import", () => store.import(path, unknown)],
    ["export", () => store.export(join(path, "out.json"), unknown)],
    ["backup", () => store.backup(join(path, "copy.db"), unknown)],
    ["restore", () => store.restore(backup, unknown)],
    ["scheduleBackups", () => store.scheduleBackups(unknown)],
    ["verify", () => store.verify(unknown)],
    ["reembed", () => store.reembed(unknown)],
    ["analytics", () => store.analytics(unknown)],
    ["persist", () => store.persist(unknown)],
    ["scan", () => store.scan(unknown)],
    ["dropCached", () => store.dropCached(unknown)],
    ["saveModel", () => store.models.saveModel(unknown)],
    ["recordOutcome", () => store.models.recordOutcome(unknown)],
    ["listOutcomes", () => store.models.listOutcomes(unknown)],
  ]);
  expect(await store.list()).toEqual(before);
  expect((await store.stats()).entries).toBe(1);
});

test("models and embedders refuse options that they do not know", async () => {
  const texts = ["a", "b", "c", "d"];
  await expectRefused([
    ["PatternModel", () => PatternModel.train({ texts, labels: texts, ...extra })],
    ["validation", () => PatternModel.train({ texts, labels: texts, validation: unknown })],
    ["load", () => PatternModel.load("no.model", unknown)],
    ["fromBytes", () => PatternModel.fromBytes(new Uint8Array(0), unknown)],
    ["SequenceModel", () => SequenceModel.train({ sequences: [texts], ...extra })],
    [
      "endpointEmbedder",
      () => endpointEmbedder({ url: "http://127.0.0.1:1/v1", model: "m", ...extra }),
    ],
    ["functionEmbedder", () => functionEmbedder({ name: "n", embed: () => [], ...extra })],
    ["transformersEmbedder", () => transformersEmbedder(unknown)],
  ]);
});

test("assignments and agents refuse options that they do not know", async () => {
  const store = await testStore();
  const types = await loadAgentTypes(store.folder);
  const registry = agentsOf(store);
  const [{ id }] = await registry.spawn(types, [{ type: "coder" }]);
  const cost = Float64Array.of(1, 2, 3, 4);
  const size = { cost, tasks: 2, agents: 2, capacities: [1, 1] };
  const solver = new AssignmentSolver(size);
  await expectRefused([
    ["assignAgents", () => assignAgents({ tasks: [], agents: [], ...extra })],
    ["weights", () => assignAgents({ tasks: [], agents: [], weights: unknown })],
    ["explore", () => assignAgents({ tasks: [], agents: [], explore: unknown })],
    ["selectAgents", () => selectAgents("a parser", unknown)],
    ["AssignmentSolver", () => new AssignmentSolver({ ...size, ...extra })],
    ["setAgent", () => solver.setAgent(0, unknown)],
    ["solveAssignmentAsync", () => solveAssignmentAsync(cost, 2, 2, unknown)],
    ["solveBalancedAssignment", () => solveBalancedAssignment(unknown)],
    ["solveGeneralizedAssignment", () => solveGeneralizedAssignment(unknown)],
    ["… async", () => solveGeneralizedAssignmentAsync(unknown)],
    ["… async, watch", () => solveGeneralizedAssignmentAsync({ ...size, sizes: [1, 1] }, unknown)],
    ["spawn", () => registry.spawn(types, [{ type: "coder", ...extra }])],
    ["restart policy", () => registry.spawn(types, [{ type: "coder", restart: unknown }])],
    ["registry.list", () => registry.list(unknown)],
    ["heartbeat", () => registry.heartbeat(id, unknown)],
    ["restartMany", () => registry.restartMany(unknown)],
    ["stop", () => registry.stop(id, unknown)],
    ["recordTask", () => recordTask(store, unknown)],
    ["createServer", () => createServer({ memory: store, log: new Log("error"), ...extra })],
    ["serveOnStdio", () => serveOnStdio(unknown)],
  ]);
  expect((await registry.list()).map((agent) => agent.id)).toEqual([id]);
});

test("a refusal tells of the name that was meant", async () => {
  await using index = await VectorIndex.create({ dim: 2 });
  const store = await testStore();
  const calls: readonly (readonly [() => unknown, string])[] = [
    [() => index.search(Float32Array.of(1, 2), { limit: 3 } as never), "k"],
    [() => MemoryStore.open({ pth: "memory" } as never), "path"],
    [() => PatternModel.train({ texts: [], labels: [], epoch: 3 } as never), "epochs"],
    [() => assignAgents({ task: [], agents: [] } as never), "tasks"],
    [() => store.search({ query: "q", topK: 3 } as never), "limit"],
    [() => store.search({ text: "q" } as never), "query"],
    [() => store.store({ key: "k", value: "v", version: 0 } as never), "ifVersion"],
    [() => store.store({ key: "k", value: "v", nameSpace: "n" } as never), "namespace"],
  ];
  for (const [call, meant] of calls) {
    const error = await answerOf(call);
    expect(error).toMatchObject({ code: "INVALID_INPUT" });
    expect((error as Error).message).toMatch(new RegExp(`; did you mean ${meant}\\?$`));
  }
});

test("what is no object is refused, and a name that all objects were given is not asked for", async () => {
  const store = await testStore();
  for (const options of ["default", 3, null, ["default"]]) {
    await expect(store.list(options as never)).rejects.toMatchObject({
      code: "INVALID_INPUT",
      message: expect.stringMatching(/^list: expected an object, received /),
    });
  }
  const inherited = Object.create({ namespace: "elsewhere" }) as { namespace: string };
  await store.store({ key: "k", value: "v" });
  expect(await store.list(inherited)).toEqual([]);
  const misspelled = Object.create({ nmespace: "elsewhere" }) as object;
  await expect(store.list(misspelled)).rejects.toMatchObject({ code: "INVALID_INPUT" });
});
