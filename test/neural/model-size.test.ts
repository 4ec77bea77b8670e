import { createHash } from "node:crypto";
import { expect, test } from "vitest";
import { decodeFile, encodeFile, type FileArray } from "#dist/neural/model/model-bytes.js";
import type { FeatureSource } from "#dist/neural/features/source-features.js";
import { TextFeatures } from "#dist/neural/features/text-features.js";
import { PatternModel } from "#dist/neural/model/pattern-model.js";
import { seededRandom } from "#dist/util/random.js";

const COMMON = 40;

/** Texts of 200 words, of which 120 stand in no other; what is common says which kind it is. */
function longTexts(count: number): { texts: string[]; labels: string[] } {
  const random = seededRandom(5);
  const labels = Array.from({ length: count }, (_, i) => (i % 2 === 0 ? "even" : "odd"));
  const texts = labels.map((label, i) => {
    const words = Array.from({ length: 200 }, (_, k) =>
      k % 5 < 2 ? `${label}${Math.floor(random() * COMMON)}` : `own${i}word${k}`,
    );
    return words.join(" ");
  });
  return { texts, labels };
}

function sourcesOf(texts: readonly string[]): FeatureSource[] {
  return texts.map((text) => ({ text, exact: [] }));
}

test("a model of many long texts holds what several of them have, and answers by it", async () => {
  const { texts, labels } = longTexts(240);
  const learned = texts.slice(0, 200);
  const asked = texts.slice(200);
  const model = await PatternModel.train({
    texts: learned,
    labels: labels.slice(0, 200),
    hidden: [32],
    epochs: 4,
    threads: 1,
  });
  const answers = await model.predictMany(asked);
  expect(answers.map(({ label }) => label)).toEqual(labels.slice(200));
  const size = TextFeatures.learn(sourcesOf(learned)).size;
  // 24,000 words stand in one text alone, and as many pairs.
  expect(size).toBeGreaterThan(2 * COMMON);
  expect(size).toBeLessThan(4000);
});

test("of few long texts, and of short ones, every word is held", () => {
  const { texts } = longTexts(60);
  expect(TextFeatures.learn(sourcesOf(texts)).size).toBeGreaterThan(60 * 120);
  const short = texts.flatMap((text) => text.match(/(?:\S+ ){19}\S+/g) ?? []);
  expect(TextFeatures.learn(sourcesOf(short)).size).toBeGreaterThan(60 * 120);
});

test("words that no text of the training had are learned later", async () => {
  const { texts, labels } = longTexts(120);
  const model = await PatternModel.train({ texts, labels, hidden: [32], epochs: 4, threads: 1 });
  const strange = Array.from({ length: 60 }, (_, i) => `strange${i}`).join(" ");
  const sure = (label: string): number => {
    const { label: best, probability, alternatives } = model.predict(strange);
    return best === label
      ? probability
      : (alternatives.find((each) => each.label === label)?.probability ?? 0);
  };
  const before = sure("odd");
  await model.learn(
    Array.from({ length: 8 }, () => strange),
    Array.from({ length: 8 }, () => "odd"),
  );
  expect(sure("odd")).toBeGreaterThan(Math.max(0.6, before));
});

test("a model of texts is its codes: a byte for each value of a table", async () => {
  const { texts, labels } = longTexts(120);
  const model = await PatternModel.train({ texts, labels, hidden: [64], epochs: 2, threads: 1 });
  const { model: small, report } = model.compress();
  const before = model.toBytes();
  const after = small.toBytes();
  expect(report).toMatchObject({ bytesBefore: before.length, bytesAfter: after.length });
  const tableOf = (bytes: Uint8Array): number =>
    decodeFile(bytes).arrays.get("0/table")?.byteLength ?? 0;
  expect(tableOf(before)).toBe(model.report.features * 64);
  expect(tableOf(after)).toBe(model.report.features * 32);
});

test("a file of format 1, whose tables are f32, is read, and one of a later format is refused", async () => {
  const { texts, labels } = longTexts(60);
  const model = await PatternModel.train({ texts, labels, hidden: [32], epochs: 4, threads: 1 });
  const { content, arrays } = decodeFile(model.toBytes());
  const { networks } = content as { networks: { tableBits?: number }[] };
  for (const network of networks) delete network.tableBits;
  const floats = new Map<string, FileArray>();
  for (const [name, values] of arrays) {
    const scales = arrays.get(`${name}/scales`);
    if (name.endsWith("/scales")) continue;
    if (scales === undefined) floats.set(name, values);
    else {
      const stride = values.length / scales.length;
      floats.set(
        name,
        Float32Array.from(values, (code, i) => code * scales[Math.floor(i / stride)]),
      );
    }
  }
  const old = encodeFile({ content, arrays: floats });
  const read = PatternModel.fromBytes(ofFormat(old, 1));
  const asked = longTexts(90).texts.slice(60);
  const answers = await read.predictMany(asked);
  const before = await model.predictMany(asked);
  answers.forEach(({ label, probability }, i) => {
    expect(label).toBe(before[i].label);
    expect(probability).toBeCloseTo(before[i].probability, 4);
  });
  await read.learn(["a new text"], ["odd"]);
  expect(() => PatternModel.fromBytes(ofFormat(old, 3))).toThrow(
    expect.objectContaining({ code: "FORMAT", message: expect.stringMatching(/newer version/) }),
  );
});

/** The bytes of a file that says it is of another format, under a checksum that fits. */
function ofFormat(bytes: Uint8Array, format: number): Uint8Array {
  const size = bytes.length - 32;
  const text = Buffer.from(bytes.subarray(0, size)).toString("latin1");
  const changed = Buffer.from(text.replace('"format":2', `"format":${format}`), "latin1");
  return Buffer.concat([changed, createHash("sha256").update(changed).digest()]);
}
