import { join } from "node:path";
import { expect, test } from "vitest";
import {
  assignAgents,
  AssignmentSolver,
  functionEmbedder,
  MemoryStore,
  PatternModel,
  SequenceModel,
  VectorIndex,
} from "#dist/index.js";
import { testFolder } from "../support/folder.ts";

// Programs hand on what they were given, or not: an option that is undefined counts as left out.

/** Options of these names, all undefined. */
function unset<Name extends string>(
  ...names: readonly Name[]
): { readonly [K in Name]: undefined } {
  return Object.fromEntries(names.map((name) => [name, undefined])) as never;
}

test("an index is made, searched and opened with options that are undefined", async () => {
  const rows = Float32Array.from([1, 2, 3, 4]);
  await using index = await VectorIndex.create({
    dim: 4,
    ...unset("metric", "kind", "precision", "threads", "seed", "m", "efConstruction"),
  });
  await index.add([7], rows);
  expect([...index.search(rows, unset("k", "efSearch", "filter")).keys]).toEqual([7]);
  const [many] = await index.searchMany(rows, unset("k", "efSearch", "filter", "signal"));
  expect([...many.keys]).toEqual([7]);
  await index.optimize(unset("signal", "onProgress"));
  const path = join(testFolder(), "index");
  await index.save(path);
  await using opened = await VectorIndex.open(path, unset("threads", "verify"));
  expect(opened.stats().rows).toBe(1);
});

test("a store is opened and used with options that are undefined", async () => {
  await using store = await MemoryStore.open({
    path: testFolder(),
    ...unset("embedder", "reembed", "encryptionKey", "agent", "ttl", "audit", "ranking"),
    ...unset("durability", "cacheCharacters"),
  });
  await store.store({
    key: "k",
    value: "walrus",
    ...unset("namespace", "ttl", "tags", "metadata", "agent", "session", "provenance", "at"),
    ...unset("pinned", "ifVersion", "signature"),
  });
  const { hits } = await store.search({
    query: "walrus",
    ...unset("namespace", "limit", "mode", "tags", "agent", "session", "since", "until"),
    ...unset("provenance", "threshold", "recency", "importance", "diversity", "fold", "context"),
    ...unset("detail", "maxTokens"),
  });
  expect(hits.map(({ key }) => key)).toEqual(["k"]);
  const embedder = await functionEmbedder({
    name: "two",
    embed: (texts) => texts.map(() => [1, 2]),
    ...unset("dim", "kind", "floor", "isLocal"),
  });
  expect(embedder.dim).toBe(2);
});

test("models learn with options that are undefined", async () => {
  const texts = Array.from({ length: 40 }, (_, i) => `${i % 2 === 0 ? "red apple" : "sky"} ${i}`);
  const model = await PatternModel.train({
    texts,
    labels: texts.map((text) => (text.startsWith("red") ? "fruit" : "weather")),
    epochs: 2,
    ...unset("inputs", "dim", "targets", "groups", "task", "hidden", "activation", "normalize"),
    ...unset("wide", "linear", "ensemble", "batchSize", "learningRate", "weightDecay", "dropout"),
    ...unset("featureDropout", "labelSmoothing", "classWeights", "seed", "validation", "refit"),
    ...unset("patience", "rejectRate", "from", "threads", "signal", "onEpoch"),
  });
  expect(model.labels).toEqual(["fruit", "weather"]);
  const sequences = await SequenceModel.train({
    sequences: Array.from({ length: 20 }, () =>
      ["a", "b", "c", "a"].map((event) => ({ event, ...unset("at", "attributes") })),
    ),
    epochs: 1,
    ...unset("task", "until", "family", "times", "width", "hidden", "batchSize", "learningRate"),
    ...unset("weightDecay", "dropout", "seed", "validation", "patience", "threads", "signal"),
    ...unset("onEpoch"),
  });
  expect(sequences.labels).toContain("b");
});

test("tasks are assigned with options that are undefined", async () => {
  const request = {
    tasks: [{ id: "t", text: "write tests" }],
    agents: [{ id: "a", type: "tester" }],
  };
  const asked = await assignAgents({
    ...request,
    weights: unset("failure", "lateness", "load", "price"),
    ...unset("history", "topology", "explain", "seed", "previous", "explore", "balance", "types"),
    ...unset("embedder", "network", "halfLifeDays", "now", "signal"),
  });
  expect(asked.totalCost).toBe((await assignAgents(request)).totalCost);
  const solver = new AssignmentSolver({
    cost: Float64Array.from([1, 2, 3, 4]),
    tasks: 2,
    agents: 2,
    capacities: [1, 1],
    ...unset("switchingCost", "running", "unassignedCost"),
  });
  solver.setAgent(0, unset("costs", "capacity"));
  expect(solver.solve().cost).toBe(5);
});
