import { expect, test } from "vitest";
import { PatternModel, StigmergyError, type Prediction } from "#dist/index.js";
import { readPatterns } from "#dist/neural/patterns/patterns.js";
import {
  compressPatternApart,
  learnPatternApart,
  trainApart,
  trainPatternApart,
} from "#dist/neural/train-apart.js";
import { TrainedPattern } from "#dist/neural/patterns/trained-pattern.js";
import { runApart } from "#dist/pool/apart.js";
import { runModule } from "../support/process.ts";
import { countingTurns } from "../support/turns.ts";

const texts = Array.from({ length: 60 }, (_, i) => `${i % 2 === 0 ? "paint" : "parse"} part ${i}`);
const labels = texts.map((text) => text.split(" ")[0]);

test("a model trained on a thread of its own is the one trained here, and this thread is free meanwhile", async () => {
  const { result: apart, turns } = await countingTurns(
    () => trainApart({ texts, labels, seed: 3 }).result,
  );
  expect(turns).toBeGreaterThan(10);
  const here = await PatternModel.train({ texts, labels, seed: 3 });
  const asked = ["paint the wall", "parse the file", "neither"];
  expect(await apart.model.predictMany(asked)).toEqual(await here.predictMany(asked));
  expect(apart.heldOut.size).toBe(here.report.heldOut);
});

test("what is told of texts held out is said by a model that did not learn from them", async () => {
  for (const validation of [0.2, { texts: ["paint it", "parse it"], labels: ["paint", "parse"] }]) {
    let told: ReadonlyMap<number, Prediction> = new Map();
    const onHeldOut = (answers: typeof told): typeof told => (told = answers);
    const model = await PatternModel.train({ texts, labels, validation, refit: false, onHeldOut });
    const all = typeof validation === "number" ? texts : [...texts, ...validation.texts];
    expect(told.size).toBe(typeof validation === "number" ? 12 : 2);
    for (const [place, answer] of told) expect(answer).toEqual(model.predict(all[place]));
  }
});

test("what a training there refuses is refused here, by its code", async () => {
  const refused = trainApart({ texts: [], labels: [], seed: 1 }).result;
  await expect(refused).rejects.toBeInstanceOf(StigmergyError);
  await expect(refused).rejects.toMatchObject({ code: "INVALID_INPUT" });
});

const records = texts.map((input, i) => ({ fields: { input, label: labels[i] }, place: `${i}` }));
const samples = readPatterns("classification", records);

test("a pattern trained on a thread of its own is the one trained here, and tells its progress", async () => {
  const told: number[] = [];
  const onProgress = (done: number): number => told.push(done);
  const options = { epochs: 5, seed: 3, threads: 2 };
  const first = await TrainedPattern.train(samples, { ...options, onProgress });
  const here = await TrainedPattern.train(samples, { ...options, from: first, onProgress });
  const wanted = told.splice(0);
  const from = (await trainPatternApart(samples, { ...options, onProgress })).bytes;
  const apart = await trainPatternApart(samples, { ...options, from, onProgress });
  expect(told).toEqual(wanted);
  expect(TrainedPattern.fromBytes(apart.bytes).report).toEqual(apart.pattern.report);
  for (const asked of ["paint the wall", "parse the file", "neither"]) {
    expect(apart.pattern.predict(asked)).toEqual(here.predict(asked));
  }
});

test("a signal ends a pattern's training with its reason: before it, and wherever it is", async () => {
  const reason = new Error("enough");
  const before = trainPatternApart(samples, { signal: AbortSignal.abort(reason) });
  await expect(before).rejects.toBe(reason);
  const control = new AbortController();
  const onProgress = (): void => control.abort(reason);
  const options = { epochs: 100_000, patience: 100_000, signal: control.signal, onProgress };
  await expect(trainPatternApart(samples, options)).rejects.toBe(reason);
});

const more = readPatterns("classification", [
  { fields: { input: "polish the floor", label: "polish" }, place: "more" },
]);

test("what a pattern learns on a thread of its own is what it learns here, and the one given stays", async () => {
  const pattern = await TrainedPattern.train(samples, { epochs: 5, hidden: [16] });
  const before = pattern.toBytes();
  const { result: apart, turns } = await countingTurns(() =>
    learnPatternApart(pattern.toBytes(), more),
  );
  expect(turns).toBeGreaterThan(10);
  expect(pattern.toBytes()).toEqual(before);
  const report = (await pattern.learn(more)).get("label");
  expect(apart.reports.get("label")).toEqual({ ...report, seconds: expect.any(Number) });
  expect(Buffer.compare(apart.bytes, pattern.toBytes())).toBe(0);
  expect(apart.pattern.predict("polish it")).toEqual(pattern.predict("polish it"));
  const small = await compressPatternApart(apart.pattern.toBytes());
  expect(Buffer.compare(small.bytes, pattern.compress().pattern.toBytes())).toBe(0);
  const refused = learnPatternApart(small.bytes, more);
  await expect(refused).rejects.toMatchObject({ code: "NOT_SUPPORTED" });
});

test("a signal ends learning with its reason, and the pattern is as before", async () => {
  const pattern = await TrainedPattern.train(samples, { epochs: 5, hidden: [16] });
  const before = pattern.toBytes();
  const control = new AbortController();
  const learning = learnPatternApart(pattern.toBytes(), more, control.signal);
  control.abort(new Error("enough"));
  await expect(learning).rejects.toBe(control.signal.reason);
  expect(pattern.toBytes()).toEqual(before);
});

test("a thread that ends before its work is done is told", async () => {
  const source = "export default () => new Promise(() => process.exit(3))";
  const module = new URL(`data:text/javascript,${encodeURIComponent(source)}`);
  await expect(runApart(module, {}).result).rejects.toMatchObject({ code: "WORKER_DIED" });
});

test("a process lives on for a network that is waited for, and not for one that is not", async () => {
  const source = (last: string) => `
    import { assignAgents } from "#dist/index.js";
    const history = Array.from({ length: 1200 }, (_, i) => (
      { text: "part " + (i % 40), agent: i % 2 === 0 ? "coder" : "tester", success: true }));
    const request = { tasks: [{ id: "t", text: "part 3" }], history,
      agents: [{ id: "coder", type: "coder" }, { id: "tester", type: "tester" }] };
    await assignAgents({ ...request, network: "background" });
    process.on("exit", () => console.log("ended"));
    ${last}`;
  const without = await runModule(source(""));
  expect(without).toMatchObject({ code: 0, stdout: "ended\n" });
  const waiting = "console.log((await assignAgents(request)).assignments[0].agent);";
  expect(await runModule(source(waiting))).toMatchObject({ code: 0, stdout: "tester\nended\n" });
});
