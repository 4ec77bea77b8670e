import { describe, expect, test } from "vitest";
import { fitsLinear } from "#dist/neural/training/linear-part.js";
import type { PatternInput } from "#dist/neural/features/flat-input.js";
import { PatternModel } from "#dist/neural/model/pattern-model.js";
import { SequenceModel } from "#dist/neural/sequence/sequence-model.js";
import { seededRandom } from "#dist/util/random.js";
import { topicTexts } from "../support/labeled.ts";

const QUICK = { hidden: [16], epochs: 8, threads: 1 };

/** What a call is refused with. */
async function refusal(call: () => unknown): Promise<unknown> {
  try {
    await call();
  } catch (error) {
    return { code: (error as { code?: string }).code, message: (error as Error).message };
  }
  return "no refusal";
}

const INVALID = { code: "INVALID_INPUT", message: expect.stringMatching(/expected|received/) };

describe("an input of another kind than those learned from", () => {
  test("a model of texts answers no vector, and a model of vectors no text", async () => {
    const { texts, labels } = topicTexts(60, 2, 1);
    const ofTexts = await PatternModel.train({ texts, labels, ...QUICK });
    const inputs = labels.map((label, i) => [label === labels[0] ? 1 : -1, i % 3]);
    const ofVectors = await PatternModel.train({ inputs, labels, ...QUICK });
    expect(await refusal(() => ofTexts.predict(new Float32Array(2)))).toEqual(INVALID);
    expect(await refusal(() => ofTexts.predict({ size: 3 }))).toEqual(INVALID);
    expect(ofTexts.predict("").alternatives).toHaveLength(1);
    expect(await refusal(() => ofVectors.predict("words"))).toEqual(INVALID);
    expect(await refusal(() => ofVectors.learn(["words"], [labels[0]]))).toEqual(INVALID);
    expect(ofVectors.predict([1, 0]).label).toBe(labels[0]);
  });

  test("objects of a type of one's own are learned from; a Map or a Date, which have no fields, are no inputs", async () => {
    interface Issue {
      readonly title: string;
      readonly comments: number;
    }
    const { texts, labels } = topicTexts(60, 2, 1);
    const issues: Issue[] = texts.map((title, comments) => ({ title, comments }));
    const model = await PatternModel.train({ inputs: issues, labels, ...QUICK });
    expect(model.predict(issues[0]).label).toBe(labels[0]);
    for (const [input, kind] of [
      [new Map([["title", texts[0]]]), "a Map"],
      [new Date(0), "a Date"],
      [{ title: texts[0], words: new Set(["a"]) }, "a Set"],
    ] as const) {
      expect(await refusal(() => model.predict(input))).toEqual({
        code: "INVALID_INPUT",
        message: expect.stringMatching(`received ${kind}$`),
      });
    }
  });

  test("a model of numbers with names answers no vector", async () => {
    const inputs = Array.from({ length: 40 }, (_, i) => ({ size: i, age: i % 7 }));
    const labels = inputs.map(({ size }) => size > 20);
    const model = await PatternModel.train({ inputs, labels, ...QUICK });
    expect(await refusal(() => model.predict([30, 2]))).toEqual(INVALID);
    expect(await refusal(() => model.predict({ sice: 39 }))).toEqual({
      code: "INVALID_INPUT",
      message:
        "input 0: expected what the model learned from, numbers as size, received none of it",
    });
    expect(await refusal(() => model.explain({}))).toEqual(INVALID);
    expect(model.predict({ size: 39, age: 1 }).label).toBe("true");
    // The only number that it has is left out in turn, too.
    expect(model.explain({ size: 39 }).tried).toBe(1);
  });

  test("vectors and objects can't be learned from together", async () => {
    const inputs = [[1, 2], { a: 1 }, [2, 1], { a: 2 }];
    const labels = ["x", "y", "x", "y"];
    expect(await refusal(() => PatternModel.train({ inputs, labels, ...QUICK }))).toEqual({
      code: "INVALID_INPUT",
      message:
        "input 1: expected a vector, as input 0 is, received none; give all inputs the same form",
    });
  });

  test("a list is asked for where one input or nothing is given", async () => {
    const { texts, labels } = topicTexts(60, 2, 1);
    const model = await PatternModel.train({ texts, labels, ...QUICK });
    const nothing = undefined as never;
    for (const call of [
      () => model.learn("a text" as never, labels[0] as never),
      () => model.learn(nothing, nothing),
      () => model.predictMany("a text" as never),
      () => PatternModel.train(nothing),
      () => PatternModel.train({ texts: "texts" as never, labels }),
      () =>
        PatternModel.train({ inputs: [[1], [2]], texts: ["a", 5] as never, labels: ["x", "y"] }),
    ]) {
      expect(await refusal(call)).toEqual(INVALID);
    }
  });
});

test("a training is refused before it begins: without options, or with a signal that is none", async () => {
  const { texts, labels } = topicTexts(60, 2, 1);
  const sequences = [
    ["a", "b"],
    ["b", "a"],
  ];
  const nothing = undefined as never;
  const wrong = { signal: new AbortController() as never };
  for (const call of [
    () => PatternModel.train({ texts, labels, ...wrong }),
    () => PatternModel.train({ texts, labels, onEpoch: 5 as never }),
    () => SequenceModel.train(nothing),
    () => SequenceModel.train({ sequences, ...wrong }),
  ]) {
    expect(await refusal(call)).toEqual(INVALID);
  }
});

test("as many labels are told as are asked for, the best first", async () => {
  const { texts, labels } = topicTexts(120, 12, 1);
  const model = await PatternModel.train({ texts, labels, ...QUICK });
  expect(model.predict(texts[0]).alternatives).toHaveLength(5);
  expect(model.predict(texts[0], 1).alternatives).toEqual([]);
  const all = model.predict(texts[0], 100);
  const chances = [all, ...all.alternatives].map(({ probability }) => probability);
  expect(chances).toEqual(chances.toSorted((a, b) => b - a));
  expect(chances.reduce((sum, each) => sum + each, 0)).toBeCloseTo(1, 9);
  expect(await refusal(() => model.predict(texts[0], 0))).toEqual(INVALID);
  expect(await refusal(() => model.explain(texts[0], -1))).toEqual(INVALID);
});

test("a model of texts and vectors is asked about both", async () => {
  // The label is the topic of the text and the sign of the number: neither tells it alone.
  const { texts, labels } = topicTexts(600, 2, 3);
  const random = seededRandom(4);
  const inputs = texts.map(() => [random() - 0.5, 0]);
  const both = labels.map((label, i) => (inputs[i][0] > 0 ? label : `not ${label}`));
  const model = await PatternModel.train({ texts, inputs, labels: both, hidden: [32], threads: 1 });
  const answers = await model.predictMany(texts.map((text, i) => ({ text, vector: inputs[i] })));
  const right = answers.filter(({ label }, i) => label === both[i]).length;
  expect(right / texts.length).toBeGreaterThan(0.9);
  expect(await refusal(() => model.predict({ text: "a", vector: [1] }))).toMatchObject({
    code: "DIMENSION",
  });
});

test("every number counts: of lists of lists, of objects in lists, and of dates", async () => {
  // The label is a sum of numbers that stand beside others of the same name.
  const random = seededRandom(5);
  const start = Date.UTC(2026, 0, 1);
  const drawn = Array.from({ length: 300 }, () => [random(), random(), random()]);
  const labels = drawn.map(([a, b, c]) => a + b + c > 1.5);
  const forms: readonly ((numbers: readonly number[]) => PatternInput)[] = [
    ([a, b, c]) => ({
      grid: [
        [a, b],
        [c, 0],
      ],
    }),
    ([a, b, c]) => ({ steps: [{ ms: a }, { ms: b }, { ms: c }, { name: "last" }] }),
    // Within an hour of each other, beside some billions of milliseconds.
    ([a, b, c]) => ({ at: new Date(start + (a + b + c) * 600_000) }),
  ];
  for (const inputOf of forms) {
    const inputs = drawn.map((numbers) => inputOf(numbers));
    const model = await PatternModel.train({ inputs, labels, threads: 1 });
    expect(model.report.accuracy).toBeGreaterThan(0.9);
    expect(model.predict(inputOf([0.9, 0.9, 0.9])).label).toBe("true");
    expect(model.predict(inputOf([0.1, 0.1, 0.1])).label).toBe("false");
  }
});

test("a number that never varies says nothing later either", async () => {
  const inputs = Array.from({ length: 60 }, (_, i) => ({ size: i, build: 0.1 + 0.2, at: 1.7e12 }));
  const labels = inputs.map(({ size }) => size > 30);
  const model = await PatternModel.train({ inputs, labels, ...QUICK });
  for (const other of [{ build: 0.3 }, { build: 0.5 }, { at: 1.8e12 }]) {
    expect(model.predict({ ...inputs[50], ...other }).label).toBe("true");
    expect(model.predict({ ...inputs[10], ...other }).label).toBe("false");
  }
});

test("epochs are told of also where nothing is held out, and progress counts all that is fitted", async () => {
  const { texts, labels } = topicTexts(60, 3, 1);
  const epochs: number[] = [];
  const told: number[] = [];
  const train = async (options: object) => {
    const totals = new Set<number>();
    await PatternModel.train({
      ...{ texts, labels, ...QUICK, epochs: 3 },
      onEpoch: ({ epoch }) => epochs.push(epoch),
      onProgress: (done, total) => (told.push(done), totals.add(total)),
      ...options,
    });
    return { epochs: epochs.splice(0), told: told.splice(0), total: [...totals] };
  };
  const counted = (total: number) => Array.from({ length: total }, (_, i) => i + 1);
  // A network and a linear model, both of them once more with the samples that were held out.
  const each = { 6: { validation: 0 }, 12: { refit: true }, 3: { validation: 0, linear: false } };
  for (const [total, options] of Object.entries(each)) {
    expect(await train(options)).toEqual({
      ...{ epochs: [1, 2, 3], told: counted(Number(total)), total: [Number(total)] },
    });
  }
  expect(await refusal(() => train({ onProgress: 5 }))).toEqual(INVALID);
});

test("as many labels as texts are learned, the linear model left out where it would not fit", async () => {
  expect(fitsLinear({ features: 130_000, outputs: 200 } as never)).toBe(true);
  expect(fitsLinear({ features: 130_000, outputs: 10_000 } as never)).toBe(false);
  const texts = Array.from({ length: 400 }, (_, i) => `only${i} also${i}`);
  const told = { texts, labels: texts, hidden: [32], epochs: 30, threads: 1 };
  const model = await PatternModel.train(told);
  expect(model.report).toMatchObject({ labels: 400, heldOut: 0, accuracy: null });
  const answers = await model.predictMany(texts);
  expect(answers.filter(({ label }, i) => label === texts[i]).length).toBeGreaterThan(390);
});

describe("weights of classes", () => {
  const { texts, labels } = topicTexts(60, 2, 1);
  const train = (classWeights: unknown) =>
    PatternModel.train({ texts, labels, classWeights: classWeights as never, ...QUICK });

  test("one that is no factor, or of a label that no sample has, is named", async () => {
    const nothing = { [labels[0]]: 0, [labels[1]]: 0 };
    for (const wrong of [
      { [labels[0]]: NaN },
      { [labels[0]]: -1 },
      { typo: 2 },
      nothing,
      "even",
      null,
    ]) {
      expect(await refusal(() => train(wrong))).toEqual(INVALID);
    }
  });

  test("labels may be called as what every object has", async () => {
    const names = labels.map((label) => (label === labels[0] ? "constructor" : "__proto__"));
    const model = await PatternModel.train({
      texts,
      labels: names,
      classWeights: JSON.parse('{"__proto__": 2}'),
      ...QUICK,
    });
    expect(model.predict(texts[0])).toMatchObject({ label: "constructor", outOfScope: false });
  });
});
