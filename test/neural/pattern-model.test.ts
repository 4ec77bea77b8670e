import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { PatternModel } from "#dist/neural/model/pattern-model.js";
import { seededRandom } from "#dist/util/random.js";
import { testFolder } from "../support/folder.ts";
import { spiral, topicTexts, XOR } from "../support/labeled.ts";

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
    const withHeading = await share(documents);
    const without = await share(flat);
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

  test("an empty text is out of scope, however common a label is", async () => {
    const { texts, labels } = topicTexts(200, 2, 53);
    const mostly = labels.map((label, i) => (i % 10 === 1 ? label : "label 0"));
    const model = await PatternModel.train({ texts, labels: mostly, ...QUICK });
    const [, ...answers] = await model.predictMany(["topic0x1 common3", "", "  "]);
    for (const answer of answers) {
      expect(answer).toMatchObject({ label: "label 0", outOfScope: true });
    }
    expect(model.predict("topic0x1 common3 topic0x2").outOfScope).toBe(false);
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

/** A model's arrays, without its report, which has times in it. */
function weightsIn(bytes: Buffer): Buffer {
  const length = bytes.readUInt32LE(8);
  return bytes.subarray(Math.ceil((12 + length) / 64) * 64, bytes.length - 32);
}
