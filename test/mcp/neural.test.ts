import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { PatternModel } from "#dist/neural/model/pattern-model.js";
import { LexicalHashEmbedder } from "#dist/text/lexical-hash.js";
import { connectedProject } from "../support/mcp.ts";
import { coordinationRuns, labeledTexts, taskOutcomes } from "../support/training.ts";

const QUICK = { epochs: 30, hidden: [16] };

test("a model is trained on a file, answers, explains itself, and is told of", async () => {
  const { call, lines } = await connectedProject();
  lines("issues.jsonl", labeledTexts(90));
  const trained = await call("neural_train", {
    pattern_type: "issues",
    training_data: "issues.jsonl",
    ...QUICK,
  });
  expect(trained.text).not.toContain('"isError"');
  expect(trained.data).toMatchObject({
    success: true,
    modelId: "issues",
    version: 1,
    samples: 90,
    epochs: 30,
    form: "labels",
    patternType: "issues",
    baselineAccuracy: expect.any(Number),
    heldOut: 9,
    accuracyRange: [expect.any(Number), expect.any(Number)],
    members: { label: { lastEpochs: expect.any(Array), temperature: expect.any(Number) } },
  });
  expect(trained.data.accuracy as number).toBeGreaterThan(0.8);
  expect(trained.data.loss as number).toBeLessThan(1);
  expect(trained.text.length).toBeLessThan(5000);

  const input = "crash when the parser starts";
  const { data } = await call("neural_predict", { modelId: "issues", input, topK: 2 });
  expect(data).toMatchObject({ label: "bug", input, version: 1 });
  expect(data.alternatives).toHaveLength(1);
  const explained = await call("neural_explain", { prediction: data });
  const [{ of, label, influences }] = explained.data.explanations as [
    { of: string; label: string; influences: { feature: string; effect: number }[] },
  ];
  expect({ of, label }).toEqual({ of: "label", label: "bug" });
  expect(influences.map(({ feature }) => feature)).toContain("crash");

  const again = await call("neural_train", {
    training_data: "issues.jsonl",
    modelId: "issues",
    seed: 2,
    ensemble: 2,
    ...QUICK,
  });
  expect(again.data).toMatchObject({ version: 2, patternType: "issues" });
  const status = await call("neural_status", { modelId: "issues", detailed: true });
  expect(status.data.models).toMatchObject([
    { modelId: "issues", version: 2, keptVersions: [2, 1], samples: 90, origin: "trained" },
  ]);
  expect(status.data).toMatchObject({ count: 1, training: null, registry: { most: 27 } });
  expect((await call("neural_predict", { input })).data).toMatchObject({ version: 2 });
});

test("epochs matter: one epoch knows less than many", async () => {
  const { call } = await connectedProject();
  const data = { samples: labeledTexts(120) };
  const loss = async (epochs: number) =>
    (await call("neural_train", { data, modelType: "classifier", hidden: [16], epochs })).data
      .loss as number;
  expect(await loss(30)).toBeLessThan((await loss(1)) / 2);
});

test("a prediction model tells how probable success is and how long a task takes", async () => {
  const { call } = await connectedProject();
  const trained = await call("neural_train", {
    pattern_type: "prediction",
    data: taskOutcomes(200),
    epochs: 20,
    hidden: [16],
  });
  expect(trained.data).toMatchObject({ form: "outcomes", modelId: "prediction" });
  expect(trained.data.accuracy as number).toBeGreaterThan(trained.data.baselineAccuracy as number);
  const ask = async (agent: string) =>
    (
      await call("neural_predict", {
        modelId: "prediction",
        input: JSON.stringify({ task: "write the parser", agent }),
      })
    ).data as { successProbability: number; durationMs: number };
  const coder = await ask("coder");
  const tester = await ask("tester");
  expect(coder.successProbability).toBeGreaterThan(tester.successProbability + 0.2);
  expect(coder.durationMs).toBeLessThan(3000);
  expect(tester.durationMs).toBeGreaterThan(10_000);
});

test("a coordination model chooses the topology and agents that took least", async () => {
  const { call, write } = await connectedProject();
  write("historical_coordination_patterns.json", JSON.stringify(coordinationRuns(60)));
  const trained = await call("neural_train", {
    pattern_type: "coordination",
    hidden: [32],
    epochs: 60,
    training_data: "historical_coordination_patterns.json",
  });
  expect(trained.data).toMatchObject({ form: "choices", choice: { inputs: 5 } });
  expect(trained.data.accuracy as number).toBeGreaterThan(trained.data.baselineAccuracy as number);
  const { data } = await call("neural_predict", {
    modelId: "coordination",
    input: { kind: "web", files: 90 },
    topK: 2,
  });
  expect(data).toMatchObject({ choice: { topology: "hierarchical" }, tried: 6 });
  expect(data.alternatives).toHaveLength(1);
  const { data: explained } = await call("neural_explain", { input: { kind: "web", files: 90 } });
  expect(explained.explanations).toMatchObject([{ of: "cost" }]);
});

test("outcomes are recorded, learned from at once, analyzed, and trained from", async () => {
  const { call, store } = await connectedProject();
  const tell = (operation: string, outcome: string, agent: string, durationMs: number) =>
    call("neural_patterns", {
      action: "learn",
      operation,
      outcome,
      metadata: { agent, durationMs },
    });
  const first = await tell("review", "success", "ann", 100);
  expect(first.data).toMatchObject({ recorded: true, learned: false, patternType: "prediction" });
  expect(first.data.reason).toMatch(/no model/);
  for (let i = 0; i < 20; i++) {
    await tell("review", "success", "ann", 100 + i);
    await tell("review", "failure", "bob", 900 + i);
  }
  const analyzed = await call("neural_patterns", { action: "analyze", operation: "review" });
  expect(analyzed.data).toMatchObject({
    outcomes: 41,
    patterns: [{ name: "prediction", successRate: 21 / 41, costName: "durationMs" }],
    agents: [
      { name: "ann", outcomes: 21, successRate: 1 },
      { name: "bob", outcomes: 20, successRate: 0 },
    ],
  });
  const trained = await call("neural_train", { pattern_type: "prediction", ...QUICK, epochs: 40 });
  expect(trained.data).toMatchObject({ samples: 41, form: "outcomes", version: 1 });
  const predict = async (agent: string) =>
    (await call("neural_patterns", { action: "predict", operation: "review", metadata: { agent } }))
      .data.successProbability as number;
  expect(await predict("ann")).toBeGreaterThan(await predict("bob"));
  const before = await predict("cyd");
  for (let i = 0; i < 6; i++) {
    const { data } = await tell("review", "failure", "cyd", 500);
    expect(data).toMatchObject({ recorded: true, learned: true, version: i + 2 });
  }
  expect(await predict("cyd")).toBeLessThan(before);
  expect(await predict("ann")).toBeGreaterThan(0.5);
  const kept = (await store.models.listModels("prediction")).map(({ version }) => version);
  expect(kept).toEqual([7, 1]);
  const outcomes = (await call("neural_status")).data.outcomes;
  expect(outcomes).toEqual({ prediction: 47 });
});

test("a compressed model is small and answers alike, and the one it was made of goes on learning", async () => {
  const { call } = await connectedProject();
  await call("neural_train", { modelId: "m", data: labeledTexts(90), ...QUICK });
  const refused = await call("neural_compress", { modelId: "m", ratio: 0.01 });
  expect(refused).toMatchObject({ isError: true });
  expect(refused.text).toMatch(/NOT_SUPPORTED/);
  const itself = await call("neural_compress", { modelId: "m", as: "m" });
  expect(itself.text).toMatch(/INVALID_INPUT.*as: expected another name than/s);
  const { data } = await call("neural_compress", { modelId: "m" });
  expect(data).toMatchObject({
    modelId: "m-int8",
    compressedFrom: "m",
    version: 1,
    members: { label: { agreement: expect.any(Number), accuracyBefore: expect.any(Number) } },
  });
  expect(data.bytesAfter as number).toBeLessThan(data.bytesBefore as number);
  const { data: status } = await call("neural_status");
  expect(status.models).toMatchObject([{ bytes: data.bytesBefore }, { bytes: data.bytesAfter }]);
  const input = "how do I install this";
  const small = await call("neural_predict", { modelId: "m-int8", input });
  const large = await call("neural_predict", { modelId: "m", input });
  expect(small.data.label).toBe(large.data.label);
  const again = await call("neural_compress", { modelId: "m-int8" });
  expect(again.text).toMatch(/NOT_SUPPORTED/);
  const learned = await call("neural_patterns", {
    action: "learn",
    operation: "x",
    outcome: "bug",
    modelId: "m",
    pattern_type: "notes",
  });
  expect(learned.data).toMatchObject({ learned: true, modelId: "m", version: 2 });
});

test("a saved model comes back bit for bit, and a damaged or foreign file is refused", async () => {
  const { call, root, store, write } = await connectedProject();
  await call("neural_train", { modelId: "m", data: labeledTexts(60), ...QUICK });
  const saved = await call("model_save", { modelId: "m", path: "m.model" });
  const bytes = readFileSync(join(root, "m.model"));
  expect(saved.data).toMatchObject({ path: "m.model", version: 1, bytes: bytes.length });
  const same = await call("model_load", { modelPath: "m.model" });
  expect(same.data).toMatchObject({ modelId: "m", version: 1, isNew: false });
  const loaded = await call("model_load", { modelPath: "m.model", modelId: "copy" });
  expect(loaded.data).toMatchObject({ isNew: true, version: 1, sha256: saved.data.sha256 });
  expect(Buffer.compare(await store.models.readModel("copy", 1), bytes)).toBe(0);
  const input = "please add a filter";
  const answers = await Promise.all(
    ["m", "copy"].map((modelId) => call("neural_predict", { modelId, input })),
  );
  expect(answers[0].data.probability).toBe(answers[1].data.probability);

  expect((await call("model_save", { modelId: "m", path: "m.model" })).text).toMatch(/CONFLICT/);
  for (const at of [9, bytes.length >> 1, bytes.length - 1]) {
    const damaged = Buffer.from(bytes);
    damaged[at] ^= 1;
    writeFileSync(join(root, "damaged.model"), damaged);
    const answer = await call("model_load", { modelPath: "damaged.model" });
    expect(answer.isError, String(at)).toBe(true);
    expect(answer.text).toMatch(/DAMAGED|FORMAT/);
  }
  write("foreign.model", "not a model at all, and long enough to look like one".repeat(4));
  expect((await call("model_load", { modelPath: "foreign.model" })).text).toMatch(/FORMAT/);
  expect((await store.models.listModels()).map(({ name }) => name)).toEqual(["copy", "m"]);
});

test("a loaded model that needs an embedder for texts says which, and answers vectors", async () => {
  const { call, root } = await connectedProject();
  const embedder = new LexicalHashEmbedder();
  const [texts, labels] = [
    ["bake bread", "pay a bill"],
    ["cooking", "money"],
  ];
  const quick = { ...QUICK, validation: 0, threads: 1 };
  const model = await PatternModel.train({ texts, labels, embedder, ...quick });
  await model.save(join(root, "m.model"));
  await call("model_load", { modelPath: "m.model" });
  const refused = await call("neural_predict", { modelId: "m", input: "bake bread" });
  expect(refused.isError).toBe(true);
  expect(refused.text).toMatch(/NOT_SUPPORTED.*lexical-hash-1-512/s);
  const vector = [...embedder.embedNow(["bake bread"])];
  const input = { text: "bake bread", vector };
  const answer = await call("neural_predict", { modelId: "m", input });
  expect(answer.data).toMatchObject({ label: "cooking" });
});
