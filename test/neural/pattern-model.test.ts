import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { decodeFile, encodeFile, type FileArray } from "#dist/neural/model-bytes.js";
import { PatternModel } from "#dist/neural/pattern-model.js";
import { seededRandom } from "#dist/util/random.js";
import { testFolder } from "../support/folder.ts";
import { spiral, topicTexts } from "../support/labeled.ts";

const XOR = {
  inputs: [
    [0, 0],
    [0, 1],
    [1, 0],
    [1, 1],
  ],
  labels: ["no", "yes", "yes", "no"],
};
const QUICK = { hidden: [32], epochs: 20, threads: 1 };

describe("learning", () => {
  test("a network with a hidden layer learns exclusive or", async () => {
    const model = await PatternModel.train({
      ...XOR,
      hidden: [16],
      epochs: 300,
      batchSize: 4,
      validation: 0,
      dropout: 0,
      threads: 1,
      learningRate: 0.02,
      labelSmoothing: 0,
      seed: 3,
    });
    expect(XOR.inputs.map((input) => model.predict(input).label)).toEqual(XOR.labels);
    expect(model.report.accuracy).toBeNull();
  });

  test.each(["relu", "gelu", "tanh"] as const)("it learns a spiral with %s", async (activation) => {
    const { inputs, labels } = spiral(900, 3, 5);
    const model = await PatternModel.train({
      inputs,
      dim: 2,
      labels,
      hidden: [48, 32],
      activation,
      epochs: 60,
      validation: 0.2,
      dropout: 0,
      learningRate: 0.01,
      refit: false,
      threads: 1,
    });
    expect(model.report.accuracy).toBeGreaterThan(0.95);
    expect(model.report.baselineAccuracy).toBeLessThan(0.4);
  });

  test("layer normalization learns the spiral too", async () => {
    const { inputs, labels } = spiral(900, 3, 5);
    const model = await PatternModel.train({
      inputs,
      dim: 2,
      labels,
      hidden: [48, 32],
      normalize: true,
      epochs: 60,
      dropout: 0,
      learningRate: 0.01,
      refit: false,
      threads: 1,
      validation: 0.2,
    });
    expect(model.report.accuracy).toBeGreaterThan(0.95);
  });

  test("texts are told apart by their words, far above the commonest label", async () => {
    const model = await PatternModel.train({ ...topicTexts(600, 6, 1), ...QUICK });
    const unseen = topicTexts(300, 6, 2);
    const answers = await model.predictMany(unseen.texts);
    const right = answers.filter(({ label }, i) => label === unseen.labels[i]).length;
    expect(right / 300).toBeGreaterThan(0.95);
    expect(model.report.accuracy).toBeGreaterThan(0.9);
    expect(model.report.baselineAccuracy).toBeLessThan(0.3);
  });

  test("a word of the heading counts for more than the same word below it", async () => {
    const { texts, labels } = topicTexts(1000, 4, 11);
    const below = topicTexts(1000, 4, 12).texts;
    const random = seededRandom(13);
    const documents = texts.map((heading) => {
      const others = [0, 1, 2].map(() => below[Math.floor(random() * below.length)]);
      return [heading, ...others].join("\n");
    });
    const share = async (rows: readonly string[]): Promise<number> => {
      const model = await PatternModel.train({ texts: rows, labels, ...QUICK });
      return model.report.accuracy ?? 0;
    };
    const flat = documents.map((text) => text.replaceAll("\n", " "));
    const [withHeading, without] = [await share(documents), await share(flat)];
    expect(withHeading).toBeGreaterThan(0.9);
    expect(without).toBeLessThan(withHeading - 0.2);
  });

  test("texts and vectors of a sample count together", async () => {
    // The label is the topic of the text and the sign of the number: neither tells it alone.
    const { texts, labels } = topicTexts(800, 2, 3);
    const random = seededRandom(4);
    const inputs = texts.map(() => [random() - 0.5]);
    const both = labels.map((label, i) => (inputs[i][0] > 0 ? label : `not ${label}`));
    const options = { labels: both, hidden: [32], epochs: 20, threads: 1 };
    const model = await PatternModel.train({ texts, inputs, ...options });
    const alone = await PatternModel.train({ texts, ...options });
    expect(model.report.accuracy).toBeGreaterThan(0.9);
    expect(alone.report.accuracy).toBeLessThan(0.75);
  });

  test("many numbers beside a text do not drown its words", async () => {
    const random = seededRandom(11);
    const noisy = (texts: readonly string[]) =>
      texts.map((text) => ({ text, noise: Array.from({ length: 128 }, () => random() - 0.5) }));
    const { texts, labels } = topicTexts(600, 6, 1);
    const model = await PatternModel.train({ inputs: noisy(texts), labels, ...QUICK });
    const unseen = topicTexts(300, 6, 2);
    const answers = await model.predictMany(noisy(unseen.texts));
    const right = answers.filter(({ label }, i) => label === unseen.labels[i]).length;
    expect(right / 300).toBeGreaterThan(0.95);
  });

  test("objects are learned from by their words, facts and numbers", async () => {
    const random = seededRandom(9);
    const inputs = Array.from({ length: 600 }, () => ({
      agent: random() < 0.5 ? "coder" : "tester",
      task: { size: Math.floor(random() * 100), tags: [random() < 0.5 ? "ui" : "db"] },
    }));
    const labels = inputs.map(({ agent, task }) => agent === "coder" && task.size < 50);
    const model = await PatternModel.train({
      inputs,
      labels,
      hidden: [16],
      epochs: 30,
      threads: 1,
    });
    expect(model.report.accuracy).toBeGreaterThan(0.93);
    const { influences } = model.explain({ agent: "coder", task: { size: 5, tags: ["ui"] } }, 2);
    const named = influences.map(({ feature }) => feature);
    expect(named.some((name) => name === "agent=coder" || name === "coder")).toBe(true);
  });

  test("chances, amounts and ranks are learned, each beside its baseline", async () => {
    const random = seededRandom(12);
    const inputs = Float32Array.from({ length: 1200 }, () => random() * 2 - 1);
    const rows = Array.from({ length: 600 }, (_, i) => [inputs[2 * i], inputs[2 * i + 1]]);
    const common = { inputs, dim: 2, hidden: [32], epochs: 40, threads: 1, dropout: 0 };
    const chance = await PatternModel.train({
      ...common,
      targets: rows.map(([a, b]) => (a + b > 0 ? 1 : 0)),
    });
    expect(chance.task).toBe("score");
    expect(chance.report.accuracy).toBeGreaterThan(0.93);
    expect(chance.score([0.8, 0.8])).toBeGreaterThan(0.9);
    expect(chance.score([-0.8, -0.8])).toBeLessThan(0.1);

    const amount = await PatternModel.train({
      ...common,
      targets: rows.map(([a, b]) => 1000 * Math.exp(2 * a + b)),
    });
    expect(amount.task).toBe("estimate");
    expect(amount.report.meanAbsoluteError ?? Infinity).toBeLessThan(
      (amount.report.baselineError ?? 0) / 4,
    );
    const said = amount.score([0.5, 0]);
    expect(Math.abs(Math.log(said / (1000 * Math.exp(1))))).toBeLessThan(0.2);

    const rank = await PatternModel.train({
      ...common,
      task: "rank",
      targets: rows.map(([a, b]) => a - 2 * b),
      groups: rows.map((_, i) => i % 60),
    });
    expect(rank.report.accuracy).toBeGreaterThan(0.93);
    expect(rank.score([1, -1])).toBeGreaterThan(rank.score([-1, 1]));
  });

  test("the same seed gives the same model, whatever the threads; another seed another", async () => {
    const data = topicTexts(300, 5, 7);
    const folder = testFolder();
    const bytes: Buffer[] = [];
    for (const [threads, seed] of [
      [1, 5],
      [2, 5],
      [4, 5],
      [1, 6],
    ]) {
      const model = await PatternModel.train({ ...data, hidden: [24], epochs: 4, threads, seed });
      const path = join(folder, `${threads}-${seed}.model`);
      await model.save(path);
      bytes.push(weightsIn(readFileSync(path)));
    }
    expect(bytes[1].equals(bytes[0])).toBe(true);
    expect(bytes[2].equals(bytes[0])).toBe(true);
    expect(bytes[3].equals(bytes[0])).toBe(false);
  });

  test("epochs are told as they end, and more of them fit better", async () => {
    const told: number[] = [];
    const data = topicTexts(300, 6, 11);
    const short = await PatternModel.train({ ...data, ...QUICK, epochs: 1, refit: false });
    const long = await PatternModel.train({
      ...data,
      ...QUICK,
      epochs: 10,
      refit: false,
      onEpoch: ({ epoch }) => told.push(epoch),
    });
    expect(told).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
    expect(long.report.epochs).toHaveLength(10);
    expect(long.report.loss ?? Infinity).toBeLessThan(short.report.loss ?? 0);
  });
});

describe("honesty", () => {
  test("labels that have nothing to do with the texts are reported as no better than guessing", async () => {
    const { texts } = topicTexts(400, 4, 21);
    const random = seededRandom(22);
    const labels = texts.map(() => (random() < 0.8 ? "usual" : "rare"));
    const model = await PatternModel.train({ texts, labels, ...QUICK, validation: 0.25 });
    const { accuracy, baselineAccuracy } = model.report;
    expect(accuracy ?? 1).toBeLessThan((baselineAccuracy ?? 0) + 0.1);
  });

  test("confidence is brought near to being right", async () => {
    const { texts, labels } = topicTexts(900, 3, 31);
    const random = seededRandom(32);
    // Three of ten labels are wrong, so no model should be surer than about .8.
    const noisy = labels.map((label) =>
      random() < 0.3 ? `label ${Math.floor(random() * 3)}` : label,
    );
    const model = await PatternModel.train({ texts, labels: noisy, ...QUICK, validation: 0.3 });
    const { calibrationError } = model.report;
    expect(calibrationError?.after ?? 1).toBeLessThan(0.1);
    expect(model.predict(texts[0]).probability).toBeLessThan(0.97);
  });

  test("what is like nothing learned is out of scope, at the stated rate", async () => {
    const data = topicTexts(900, 5, 41);
    const model = await PatternModel.train({
      ...data,
      ...QUICK,
      validation: 0.3,
      rejectRate: 0.05,
    });
    const { reject } = model.report;
    expect(reject?.heldOutRate).toBeLessThanOrEqual(0.06);
    const strange = Array.from({ length: 50 }, (_, i) => `zebra${i} umbrella${i} quux${i}`);
    const answers = await model.predictMany(strange);
    expect(answers.filter(({ outOfScope }) => outOfScope).length).toBeGreaterThan(40);
    for (const { label } of answers) expect(model.labels).toContain(label);
  });

  test("rare labels count as much as common ones when asked", async () => {
    const { texts, labels } = topicTexts(600, 2, 51);
    const random = seededRandom(52);
    const kept = labels.map((label, i) => label === "label 0" || (i % 20 === 1 && random() < 1));
    const rare = {
      texts: texts.filter((_, i) => kept[i]),
      labels: labels.filter((_, i) => kept[i]),
    };
    const model = await PatternModel.train({ ...rare, ...QUICK, classWeights: "balanced" });
    const unseen = topicTexts(200, 2, 53);
    const answers = await model.predictMany(unseen.texts);
    const found = answers.filter(
      ({ label }, i) => label === "label 1" && unseen.labels[i] === "label 1",
    );
    expect(found.length).toBeGreaterThan(80);
  });
});

describe("learning from use", () => {
  test("a new label is learned from a few samples, and the old ones are not forgotten", async () => {
    const model = await PatternModel.train({ ...topicTexts(600, 6, 61), ...QUICK });
    const unseen = topicTexts(300, 6, 62);
    const share = async (): Promise<number> => {
      const answers = await model.predictMany(unseen.texts);
      return answers.filter(({ label }, i) => label === unseen.labels[i]).length / 300;
    };
    const before = await share();
    const fresh = Array.from({ length: 12 }, (_, i) => `rocket launch common${i} engine`);
    const report = await model.learn(
      fresh,
      fresh.map(() => "rockets"),
    );
    expect(report.newLabels).toEqual(["rockets"]);
    expect(model.predict("rocket launch engine common30").label).toBe("rockets");
    expect(await share()).toBeGreaterThan(before - 0.02);
  });

  test("twenty updates, one sample each, leave what was known", async () => {
    const model = await PatternModel.train({ ...topicTexts(400, 4, 71), ...QUICK });
    const unseen = topicTexts(200, 4, 72);
    for (let i = 0; i < 20; i++) await model.learn([`novel words number ${i}`], ["label 1"]);
    const answers = await model.predictMany(unseen.texts);
    const right = answers.filter(({ label }, i) => label === unseen.labels[i]).length;
    expect(right / 200).toBeGreaterThan(0.93);
    expect(model.predict("novel words number 99").label).toBe("label 1");
  });

  test("what can't be learned is refused and changes nothing", async () => {
    const model = await PatternModel.train({ ...topicTexts(200, 3, 81), ...QUICK });
    const before = model.predict("topic1x2 common3");
    await expect(model.learn(["a"], [])).rejects.toMatchObject({ code: "DIMENSION" });
    await expect(model.learn([], [])).rejects.toMatchObject({ code: "INVALID_INPUT" });
    await expect(model.learn(["a"], [NaN])).rejects.toMatchObject({ code: "INVALID_INPUT" });
    await expect(model.compress().model.learn(["a"], ["b"])).rejects.toMatchObject({
      code: "NOT_SUPPORTED",
    });
    expect(model.predict("topic1x2 common3")).toEqual(before);
  });

  test("training can start from another model's values", async () => {
    const old = await PatternModel.train({ ...topicTexts(800, 6, 91), ...QUICK });
    const few = topicTexts(60, 6, 92);
    const options = { ...few, hidden: [32], epochs: 2, threads: 1, refit: false, batchSize: 8 };
    const cold = await PatternModel.train(options);
    const warm = await PatternModel.train({ ...options, from: old });
    expect(warm.report.loss ?? 9).toBeLessThan(cold.report.loss ?? 0);
  });
});

describe("files", () => {
  test("a file gives the same answers to the bit, and the same file again", async () => {
    const folder = testFolder();
    const model = await PatternModel.train({ ...topicTexts(200, 4, 101), ...QUICK, ensemble: 2 });
    const first = join(folder, "a.model");
    await model.save(first);
    const loaded = await PatternModel.load(first);
    const unseen = topicTexts(50, 4, 102).texts;
    expect(await loaded.predictMany(unseen)).toEqual(await model.predictMany(unseen));
    expect(loaded.report).toEqual(model.report);
    const second = join(folder, "b.model");
    await loaded.save(second);
    expect(readFileSync(second).equals(readFileSync(first))).toBe(true);
    await loaded.learn(["a new text"], ["label 2"]);
  });

  test("a compressed model is smaller and answers alike", async () => {
    const model = await PatternModel.train({ ...topicTexts(600, 6, 111), ...QUICK });
    const { model: small, report } = model.compress();
    expect(report.bytesAfter).toBeLessThan(report.bytesBefore * 0.7);
    expect(report.agreement).toBeGreaterThan(0.99);
    const path = join(testFolder(), "small.model");
    await small.save(path);
    const loaded = await PatternModel.load(path);
    const unseen = topicTexts(60, 6, 112).texts;
    expect(await loaded.predictMany(unseen)).toEqual(await small.predictMany(unseen));
    expect(() => small.compress()).toThrow(expect.objectContaining({ code: "NOT_SUPPORTED" }));
  });

  test("every damaged byte is noticed, and other files are refused", async () => {
    const folder = testFolder();
    const path = join(folder, "m.model");
    const model = await PatternModel.train({ ...topicTexts(60, 2, 121), ...QUICK, epochs: 1 });
    await model.save(path);
    const whole = readFileSync(path);
    const random = seededRandom(122);
    for (let i = 0; i < 40; i++) {
      const bytes = Buffer.from(whole);
      bytes[8 + Math.floor(random() * (bytes.length - 8))] ^= 1 << Math.floor(random() * 8);
      writeFileSync(path, bytes);
      await expect(PatternModel.load(path)).rejects.toMatchObject({ code: "DAMAGED" });
    }
    writeFileSync(path, whole.subarray(0, 300));
    await expect(PatternModel.load(path)).rejects.toMatchObject({ code: "DAMAGED" });
    writeFileSync(path, "not a model at all, but long enough to be looked at ".repeat(4));
    await expect(PatternModel.load(path)).rejects.toMatchObject({ code: "FORMAT" });
    const absent = PatternModel.load(join(folder, "none.model"));
    await expect(absent).rejects.toMatchObject({ code: "NOT_FOUND" });
    await expect(model.save(join(path, "below a file"))).rejects.toMatchObject({
      code: "IO_FAILED",
    });
  });
});

describe("files made on purpose", () => {
  test("parts that do not fit together are refused, although the checksum does", async () => {
    const path = join(testFolder(), "m.model");
    const model = await PatternModel.train({ ...topicTexts(60, 2, 151), ...QUICK, epochs: 1 });
    await model.save(path);
    const { content, arrays } = decodeFile(readFileSync(path));
    const spoil = async (change: (model: Crafted, parts: Map<string, FileArray>) => void) => {
      const crafted = structuredClone(content) as Crafted;
      const parts = new Map(arrays);
      change(crafted, parts);
      writeFileSync(path, encodeFile({ content: crafted, arrays: parts }));
      await expect(PatternModel.load(path)).rejects.toMatchObject({ code: "DAMAGED" });
    };
    await spoil(({ networks }) => (networks[0].shape.features = 3));
    await spoil(({ networks }) => (networks[0].shape.outputs = 7));
    await spoil(({ networks }) => (networks[0].shape.hidden = [-1]));
    await spoil(({ networks }) => (networks[0].shape.hidden = [1e12]));
    await spoil(({ networks }) => (networks[0].shape.dense = 4));
    await spoil((_, parts) => parts.set("0/output", new Float32Array(3)));
    await spoil((_, parts) => parts.delete("hashes"));
    await spoil((_, parts) => parts.set("hashes", new Uint32Array(1)));
    await spoil((_, parts) => parts.set("weights", new Float32Array(1)));
    await spoil((_, parts) => parts.get("kinds")?.fill(250));
    await spoil((_, parts) => parts.get("replay.ids")?.fill(0xffffffff));
    await spoil((_, parts) => parts.get("replay.starts")?.fill(9));
    await spoil((crafted) => (crafted.labels = ["a"]));
  });
});

interface Crafted {
  labels: string[];
  networks: { shape: Record<string, unknown> }[];
}

describe("refusals", () => {
  const labels = ["a", "b"];
  test.each([
    ["no inputs", { labels }],
    ["no labels", { texts: ["x", "y"] }],
    ["nothing at all", { texts: [], labels: [] }],
    ["one label", { texts: ["x", "y"], labels: ["a", "a"] }],
    ["an empty label", { texts: ["x", "y"], labels: ["a", ""] }],
    ["NaN", { inputs: Float32Array.of(1, NaN), dim: 1, labels }],
    ["infinity", { inputs: [[1], [Infinity]], labels }],
    ["NaN in an object", { inputs: [{ size: NaN }, { size: 1 }], labels }],
    ["no dim", { inputs: Float32Array.of(1, 2), labels }],
    ["texts without words", { texts: [" ", ""], labels }],
    ["a target that is no number", { texts: ["x", "y"], targets: [1, NaN] }],
    ["targets that are all the same", { texts: ["x", "y"], targets: [1, 1] }],
    ["epochs of 0", { texts: ["x", "y"], labels, epochs: 0 }],
    ["a negative rate", { texts: ["x", "y"], labels, learningRate: -1 }],
    ["an unknown activation", { texts: ["x", "y"], labels, activation: "step" as "relu" }],
    ["a share of 1", { texts: ["x", "y"], labels, validation: 1 }],
    ["no threads", { texts: ["x", "y"], labels, threads: 0 }],
  ])("%s is refused with a reason", async (_, options) => {
    await expect(PatternModel.train(options)).rejects.toMatchObject({ code: "INVALID_INPUT" });
  });

  test("counts that do not agree are refused with both", async () => {
    const uneven = PatternModel.train({ texts: ["x", "y", "z"], labels });
    await expect(uneven).rejects.toMatchObject({ code: "DIMENSION", expected: 3, received: 2 });
    const ragged = PatternModel.train({ inputs: Float32Array.of(1, 2, 3), dim: 2, labels });
    await expect(ragged).rejects.toMatchObject({ code: "DIMENSION" });
    const model = await PatternModel.train({ ...XOR, ...QUICK, validation: 0 });
    expect(() => model.predict([1, 2, 3])).toThrow(expect.objectContaining({ code: "DIMENSION" }));
    expect(() => model.predict([1, NaN])).toThrow(
      expect.objectContaining({ code: "INVALID_INPUT" }),
    );
  });

  test("a question that the model was not trained for is refused", async () => {
    const model = await PatternModel.train({ ...XOR, ...QUICK, validation: 0 });
    expect(() => model.score([1, 0])).toThrow(expect.objectContaining({ code: "NOT_SUPPORTED" }));
    const targets = [0, 1, 1, 0];
    const score = await PatternModel.train({
      inputs: XOR.inputs,
      targets,
      ...QUICK,
      validation: 0,
    });
    expect(() => score.predict([1, 0])).toThrow(expect.objectContaining({ code: "NOT_SUPPORTED" }));
  });

  test("a training whose steps are too large says so instead of keeping nonsense", async () => {
    const random = seededRandom(141);
    const inputs = Float32Array.from({ length: 400 }, () => random() - 0.5);
    const targets = Array.from({ length: 200 }, (_, i) => inputs[2 * i]);
    const wild = {
      hidden: [32, 32, 32],
      epochs: 60,
      learningRate: 10,
      weightDecay: 100,
      threads: 1,
    };
    const training = PatternModel.train({ inputs, dim: 2, targets, task: "estimate", ...wild });
    await expect(training).rejects.toMatchObject({ code: "DIVERGED" });
  });

  test("a cancelled training ends with the signal's reason", async () => {
    const abort = new AbortController();
    const training = PatternModel.train({
      ...topicTexts(600, 6, 131),
      epochs: 10_000,
      threads: 2,
      signal: abort.signal,
      onEpoch: () => abort.abort(new Error("enough")),
    });
    await expect(training).rejects.toThrow("enough");
  });
});

/** A model's arrays, without its report, which has times in it. */
function weightsIn(bytes: Buffer): Buffer {
  const length = bytes.readUInt32LE(8);
  return bytes.subarray(Math.ceil((12 + length) / 64) * 64, bytes.length - 32);
}
