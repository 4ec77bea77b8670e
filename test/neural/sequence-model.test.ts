import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { copyStreams, failureStreams } from "../support/streams.ts";
import { decodeFile, encodeFile } from "#dist/neural/model/model-bytes.js";
import { PatternModel } from "#dist/neural/model/pattern-model.js";
import { SequenceModel } from "#dist/neural/sequence/sequence-model.js";
import type { SequenceOptions } from "#dist/neural/sequence/options.js";
import { testFolder } from "../support/folder.ts";

const { sequences } = copyStreams(40, { symbols: 4, back: 3, length: 10 }, 1);
const QUICK = { width: 16, hidden: 16, times: 5, epochs: 2, threads: 1, batchSize: 32 };
const FAMILIES = ["gru", "convolution"] as const;

describe.each(FAMILIES)("a %s", (family) => {
  test("has the same bits whatever the threads, also when the last batch is short", async () => {
    const options = { ...QUICK, sequences, family, epochs: 3 };
    const [one, ...others] = await Promise.all(
      [1, 2, 4].map(async (threads) => SequenceModel.train({ ...options, threads })),
    );
    expect(one.report.samples % QUICK.batchSize).toBeGreaterThan(0);
    for (const other of others) {
      expect(tensorsOf(other)).toEqual(tensorsOf(one));
      expect(other.report.loss).toBe(one.report.loss);
    }
    const differently = await SequenceModel.train({ ...options, seed: 2 });
    expect(tensorsOf(differently)).not.toEqual(tensorsOf(one));
  });

  test("answers as before when it was saved and loaded, bit for bit", async () => {
    const path = join(testFolder(), "model");
    const model = await SequenceModel.train({ ...QUICK, sequences, family });
    await model.save(path);
    const loaded = await SequenceModel.load(path);
    expect(await loaded.predictMany(sequences)).toEqual(await model.predictMany(sequences));
    expect(loaded.labels).toEqual(model.labels);
    expect(loaded.report).toEqual(model.report);
    expect(Buffer.compare(loaded.toBytes(), readFileSync(path))).toBe(0);
  });

  test("answers one sequence as it answers it among others", async () => {
    const model = await SequenceModel.train({ ...QUICK, sequences, family });
    const many = await model.predictMany(sequences);
    expect(many).toEqual(sequences.map((events) => model.predict(events)));
  });

  test("times are saved and loaded too", async () => {
    const streams = failureStreams(20, 1);
    const options = { ...QUICK, sequences: streams, until: "failure", family };
    const model = await SequenceModel.train(options);
    const loaded = SequenceModel.fromBytes(model.toBytes());
    expect(await loaded.timeUntilMany(streams)).toEqual(await model.timeUntilMany(streams));
    expect(loaded.labels).toEqual([]);
  });
});

describe("answers", () => {
  test("have probabilities that sum to 1, the best first", async () => {
    const model = await SequenceModel.train({ ...QUICK, sequences });
    const { label, probability, alternatives } = model.predict(["value 1", "value 2"]);
    expect(model.labels).toContain(label);
    const all = [probability, ...alternatives.map((each) => each.probability)];
    expect(all).toHaveLength(model.labels.length);
    expect(all.reduce((sum, each) => sum + each, 0)).toBeCloseTo(1, 6);
    expect(all.toSorted((a, b) => b - a)).toEqual(all);
  });

  test("take all events that were never met for one", async () => {
    const model = await SequenceModel.train({ ...QUICK, sequences });
    const after = (event: string): unknown => model.predict(["value 1", event, "value 2"]);
    expect(after("never met")).toEqual(after("nor this"));
    expect(after("never met")).not.toEqual(after("value 3"));
  });

  test("depend on gaps and attributes, not on the order of attributes", async () => {
    const stream = (i: number): { event: string; at: number; attributes: object }[] => [
      { event: "a", at: 0, attributes: { red: true, size: "big" } },
      { event: i % 2 === 0 ? "b" : "c", at: i % 2 === 0 ? 10 : 10_000, attributes: {} },
      { event: "d", at: 20_000, attributes: {} },
    ];
    const streams = Array.from({ length: 40 }, (_, i) => stream(i)) as SequenceOptions["sequences"];
    const model = await SequenceModel.train({ ...QUICK, sequences: streams });
    const first = (attributes: Record<string, string | boolean>, at = 10): unknown =>
      model.predict([
        { event: "a", at: 0, attributes },
        { event: "b", at },
      ]);
    const usual = first({ red: true, size: "big" });
    expect(first({ size: "big", red: true })).toEqual(usual);
    expect(first({ red: true })).not.toEqual(usual);
    expect(first({ red: true, size: "big" }, 11)).toEqual(usual); // as good as the same gap
    expect(first({ red: true, size: "big" }, 10_000)).not.toEqual(usual);
  });

  test("look at the last events alone", async () => {
    const model = await SequenceModel.train({ ...QUICK, sequences });
    const last = ["value 0", "value 1", "value 2", "value 3", "value 0"];
    expect(model.predict(["value 3", ...last])).toEqual(model.predict(last));
    expect(model.predict(["value 3", ...last.slice(1)])).not.toEqual(model.predict(last));
  });

  test("are of the kind that was learned", async () => {
    const next = await SequenceModel.train({ ...QUICK, sequences });
    expect(() => next.timeUntil(["value 1"])).toThrow(/use predict/);
    const until = { sequences: failureStreams(20, 1), until: "failure" };
    const time = await SequenceModel.train({ ...QUICK, ...until });
    expect(() => time.predict(["check"])).toThrow(/use timeUntil/);
    expect(() => next.predict([])).toThrow("events: expected a list of events, received none");
  });
});

describe("training", () => {
  test("ends with the reason of a signal", async () => {
    const controller = new AbortController();
    const epochs: number[] = [];
    const training = SequenceModel.train({
      ...QUICK,
      sequences,
      epochs: 1000,
      signal: controller.signal,
      onEpoch: ({ epoch }) => {
        epochs.push(epoch);
        controller.abort(new Error("enough"));
      },
    });
    await expect(training).rejects.toThrow("enough");
    expect(epochs).toEqual([1]);
  });

  test("that a learning rate drives out of all numbers says so", async () => {
    const training = SequenceModel.train({
      ...QUICK,
      sequences: failureStreams(20, 1),
      until: "failure",
      epochs: 30,
      family: "convolution",
      learningRate: 10,
      weightDecay: 100,
    });
    await expect(training).rejects.toMatchObject({ code: "DIVERGED" });
  });
});

describe("files", () => {
  test("of other models are refused both ways, damaged ones too", async () => {
    const folder = testFolder();
    const paths = { sequence: join(folder, "sequence"), pattern: join(folder, "pattern") };
    const model = await SequenceModel.train({ ...QUICK, sequences });
    await model.save(paths.sequence);
    const texts = ["red", "blue", "red apple", "blue sky"];
    const labels = ["a", "b", "a", "b"];
    const pattern = await PatternModel.train({ texts, labels, epochs: 1, threads: 1 });
    await pattern.save(paths.pattern);
    await expect(SequenceModel.load(paths.pattern)).rejects.toMatchObject({ code: "FORMAT" });
    await expect(PatternModel.load(paths.sequence)).rejects.toMatchObject({ code: "FORMAT" });
    const bytes = readFileSync(paths.sequence);
    bytes[bytes.length >> 1] ^= 1;
    writeFileSync(paths.sequence, bytes);
    await expect(SequenceModel.load(paths.sequence)).rejects.toMatchObject({ code: "DAMAGED" });
    const absent = SequenceModel.load(join(folder, "absent"));
    await expect(absent).rejects.toMatchObject({ code: "NOT_FOUND" });
  });

  test.each<[string, Record<string, unknown> & { shape?: object | null }]>([
    ["another task", { task: "time" }],
    ["no temperature", { temperature: 0 }],
    ["fewer symbols than the table has rows", { symbols: ["event a"] }],
    ["more labels than outputs", { labels: ["a", "b"] }],
    ["no shape", { shape: null }],
    ["a shape of another width", { shape: { width: 32 } }],
    ["a shape of no whole blocks", { shape: { hidden: 20 } }],
    ["a shape without times", { shape: { times: 0 } }],
    ["another family", { shape: { family: "lstm" } }],
  ])("whose parts do not fit together are refused: %s", async (_, change) => {
    const model = await SequenceModel.train({ ...QUICK, sequences, epochs: 1 });
    const { content, arrays } = decodeFile(model.toBytes());
    const { shape } = content as { shape: object };
    const changed: { shape?: object | null } = { ...(content as object), ...change };
    if (change.shape) changed.shape = { ...shape, ...change.shape };
    const bytes = encodeFile({ content: changed, arrays });
    expect(() => SequenceModel.fromBytes(bytes)).toThrow(
      expect.objectContaining({ code: "DAMAGED" }),
    );
  });
});

function tensorsOf(model: SequenceModel): unknown {
  return [...decodeFile(model.toBytes()).arrays];
}
