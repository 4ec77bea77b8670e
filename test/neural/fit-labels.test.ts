import { expect, test } from "vitest";
import { PatternModel } from "#dist/neural/model/pattern-model.js";
import { decodeFile, encodeFile } from "#dist/neural/model/model-bytes.js";
import { topicTexts } from "../support/labeled.ts";

const QUICK = { hidden: [32], epochs: 20, threads: 1 };
const TOPICS = 8;
const LATER = ["label 6", "label 7"];

/** Texts of six labels to train with, of two more to be told of later, and of all eight to ask. */
function texts() {
  const all = topicTexts(1200, TOPICS, 61);
  const of = (wanted: (label: string) => boolean, most = Infinity) => {
    const met = new Map<string, number>();
    const kept = all.labels.flatMap((label, i) => {
      const count = (met.get(label) ?? 0) + 1;
      met.set(label, count);
      return wanted(label) && count <= most ? [i] : [];
    });
    return { texts: kept.map((i) => all.texts[i]), labels: kept.map((i) => all.labels[i]) };
  };
  return {
    known: of((label) => !LATER.includes(label)),
    few: (most: number) => of((label) => LATER.includes(label), most),
    asked: topicTexts(800, TOPICS, 62),
  };
}

async function shares(model: PatternModel, asked: { texts: string[]; labels: string[] }) {
  const answers = await model.predictMany(asked.texts);
  const right = (isLater: boolean): number => {
    const some = asked.labels.flatMap((label, i) => (LATER.includes(label) === isLater ? [i] : []));
    return some.filter((i) => answers[i].label === asked.labels[i]).length / some.length;
  };
  return { later: right(true), before: right(false) };
}

test.each([
  ["a network and a linear model of words", {}],
  ["two of them", { ensemble: 2 }],
  ["words that reach the outputs beside a hidden layer", { wide: true }],
  ["no hidden layer", { hidden: [] }],
])("labels told of later are known by %s, and the others stay", async (_, options) => {
  const { known, few, asked } = texts();
  const model = await PatternModel.train({ ...known, ...QUICK, ...options });
  const { before } = await shares(model, asked);
  const told = few(10);
  const report = await model.learn(told.texts, told.labels);
  expect(report).toMatchObject({ samples: 20, replayed: known.texts.length, newLabels: LATER });
  const after = await shares(model, asked);
  expect(after.later).toBeGreaterThan(0.8);
  expect(after.before).toBeGreaterThan(before - 0.02);
});

test("labels of numbers alone are learned later, with a hidden layer and without", async () => {
  const point = (label: number, i: number) =>
    [0, 1, 2].map((j) => (j === label ? 3 : 0) + Math.sin(7 * i + j));
  const some = (labels: readonly number[], count: number) => {
    const all = labels.flatMap((label) =>
      Array.from({ length: count }, (__, i) => ({ label, input: point(label, i) })),
    );
    return { inputs: all.map(({ input }) => input), labels: all.map(({ label }) => label) };
  };
  for (const hidden of [[16], []]) {
    const model = await PatternModel.train({ ...some([0, 1], 60), ...QUICK, hidden });
    const { inputs, labels } = some([2], 8);
    await model.learn(inputs, labels);
    const answers = await Promise.all(
      [0, 1, 2].map((label) => model.predictMany(some([label], 40).inputs)),
    );
    answers.forEach((each, label) => {
      const right = each.filter((answer) => answer.label === String(label)).length;
      expect(right, `${label} of ${hidden.length} hidden layers`).toBeGreaterThan(34);
    });
  }
});

test("what a label is told to be is corrected, and other labels stay", async () => {
  const { known, asked } = texts();
  const model = await PatternModel.train({ ...known, ...QUICK });
  const odd = Array.from({ length: 12 }, (_, i) => `gravel common${i} quarry common${i + 9}`);
  const { before } = await shares(model, asked);
  const report = await model.learn(
    odd,
    odd.map(() => "label 3"),
  );
  expect(report.newLabels).toEqual([]);
  expect(model.predict("common30 quarry gravel").label).toBe("label 3");
  expect((await shares(model, asked)).before).toBeGreaterThan(before - 0.02);
});

test("both labels of two are corrected at once, beside a third that is new", async () => {
  const { texts: all, labels } = topicTexts(120, 2, 5);
  const model = await PatternModel.train({ texts: all, labels, ...QUICK });
  const told = { gravel: "label 0", harbor: "label 1", violin: "music" };
  const words = Object.keys(told).flatMap((word) => [`${word} common1`, `${word} common2 x`]);
  await model.learn(
    words,
    words.map((word) => told[word.split(" ")[0] as keyof typeof told]),
  );
  for (const [word, label] of Object.entries(told)) {
    expect(model.predict(`${word} common2`).label).toBe(label);
  }
  const right = all.filter((text, i) => model.predict(text).label === labels[i]).length;
  expect(right / all.length).toBeGreaterThan(0.97);
});

test("threads of the training change nothing, nor does a file between two calls", async () => {
  const { known, few } = texts();
  const first = few(3);
  const more = few(6);
  const learned = await Promise.all(
    [1, 2, 4].map(async (threads) => {
      const model = await PatternModel.train({ ...known, ...QUICK, epochs: 4, threads });
      await model.learn(first.texts, first.labels);
      const read = PatternModel.fromBytes(model.toBytes());
      await model.learn(more.texts, more.labels);
      await read.learn(more.texts, more.labels);
      expect(Buffer.compare(read.toBytes(), model.toBytes())).toBe(0);
      // How long a training took is told in its report.
      const { content, arrays } = decodeFile(model.toBytes());
      return { arrays: Buffer.from(encodeFile({ content: {}, arrays })), content };
    }),
  );
  for (const { arrays, content } of learned) {
    expect(arrays.equals(learned[0].arrays)).toBe(true);
    expect(content).toMatchObject({ laterFrom: 6 });
  }
});

test("a file whose later labels begin where there are none is refused", async () => {
  const { known, few } = texts();
  const model = await PatternModel.train({ ...known, ...QUICK, epochs: 1 });
  await model.learn(few(1).texts, few(1).labels);
  const { content, arrays } = decodeFile(model.toBytes());
  for (const laterFrom of [0, 8, 1.5, "6"]) {
    const bytes = encodeFile({ content: { ...(content as object), laterFrom }, arrays });
    expect(() => PatternModel.fromBytes(bytes)).toThrow(/labels learned later/);
  }
});
