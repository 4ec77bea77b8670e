import { describe, expect, test } from "vitest";
import { PatternModel } from "#dist/neural/model/pattern-model.js";
import { seededRandom } from "#dist/util/random.js";
import { topicTexts, XOR } from "../support/labeled.ts";

const QUICK = { hidden: [32], epochs: 20, threads: 1 };

describe("refusals", () => {
  const labels = ["a", "b"];
  test.each([
    ["no inputs", { labels }],
    ["no labels", { texts: ["x", "y"] }],
    ["nothing at all", { texts: [], labels: [] }],
    ["no vectors", { inputs: [], labels: [] }],
    ["none held out", { texts: ["x", "y"], labels, validation: { inputs: [], labels: [] } }],
    ["one label", { texts: ["x", "y"], labels: ["a", "a"] }],
    ["an empty label", { texts: ["x", "y"], labels: ["a", ""] }],
    ["NaN", { inputs: Float32Array.of(1, NaN), dim: 1, labels }],
    ["infinity", { inputs: [[1], [Infinity]], labels }],
    ["NaN in an object", { inputs: [{ size: NaN }, { size: 1 }], labels }],
    ["no dim", { inputs: Float32Array.of(1, 2), labels }],
    ["texts without words", { texts: [" ", ""], labels }],
    ["a target that is no number", { texts: ["x", "y"], targets: [1, NaN] }],
    ["a target that is absent", { texts: ["x", "y", "z"], targets: [1, null, 2] as never }],
    ["targets that are all the same", { texts: ["x", "y"], targets: [1, 1] }],
    ["an unknown task", { texts: ["x", "y"], labels, task: "guess" as "rank" }],
    ["labels to score", { texts: ["x", "y"], labels, task: "score" as const }],
    ["targets to classify", { texts: ["x", "y"], targets: [0, 1], task: "classify" as const }],
    ["nothing to rank", { inputs: [[1], [2]], targets: [1, 1], task: "rank" as const }],
    ["groups of one", { inputs: [[1], [2]], targets: [1, 2], groups: ["a", "b"] }],
    ["epochs of 0", { texts: ["x", "y"], labels, epochs: 0 }],
    ["a negative rate", { texts: ["x", "y"], labels, learningRate: -1 }],
    ["an unknown activation", { texts: ["x", "y"], labels, activation: "step" as "relu" }],
    ["a share of 1", { texts: ["x", "y"], labels, validation: 1 }],
    ["no threads", { texts: ["x", "y"], labels, threads: 0 }],
    ["a flag that is none", { texts: ["x", "y"], labels, refit: "no" as never }],
    ["a listener that is none", { texts: ["x", "y"], labels, onHeldOut: {} as never }],
    ["a linear model of vectors", { inputs: [[1], [2]], labels, linear: true }],
    ["a linear model of chances", { texts: ["x", "y"], targets: [0, 1], linear: true }],
    ["a label that is a bigint", { texts: ["x", "y"], labels: [1n, 2n] as never }],
    ["a vector of bigints", { inputs: [new BigInt64Array(1), [2]] as never, labels }],
    ["held-out samples that are none", { texts: ["x", "y"], labels, validation: "x" as never }],
  ])("%s is refused with a reason", async (_, options) => {
    await expect(PatternModel.train(options)).rejects.toMatchObject({ code: "INVALID_INPUT" });
  });

  test("what can't be learned from is named by its field, with what was expected", async () => {
    const self: Record<string, unknown> = {};
    self.self = self;
    const message = async (input: unknown) =>
      PatternModel.train({ inputs: [{ a: 1 }, input] as never, labels }).catch((error) => error);
    for (const [input, told] of [
      [{ a: { b: [{ c: NaN }] } }, 'input 1, "a.b.0.c": expected finite numbers, received NaN'],
      [
        { a: [1, -Infinity] },
        'input 1, "a": expected finite numbers, received -Infinity at value 1',
      ],
      [{ a: 1e39 }, 'input 1, "a": expected numbers within ±3.4e38, received 1e+39'],
      [{ a: new Date("no") }, 'input 1, "a": expected finite numbers, received NaN'],
      [{ a: new Map([["b", 1]]) }, /^input 1, "a": expected a text, .*, received a Map$/],
      [{ a: Promise.resolve([1]) }, /^input 1, "a": expected a text, .*, received a Promise$/],
      [{ a: 1n }, /^input 1, "a": .*, received bigint$/],
      [self, /^input 1, "self\.self\..*": expected at most 8 objects and lists within each other/],
    ] as const) {
      expect(await message(input)).toMatchObject({
        code: "INVALID_INPUT",
        message: typeof told === "string" ? told : expect.stringMatching(told),
      });
    }
  });

  test("what is wrong with samples is told by their place, and of which set they are", async () => {
    const inputs = Array.from({ length: 40 }, (_, i) => [i, -i]);
    const samples = { inputs, labels: inputs.map((_, i) => (i % 2 === 0 ? "a" : "b")) };
    const message = async (options: object) =>
      PatternModel.train({ ...samples, ...options }).then(String, ({ message }) => message);
    const ragged = inputs.map((each, i) => (i === 29 ? [1] : each));
    expect(await message({ inputs: ragged })).toBe("input 29: expected 2, received 1");
    for (const [validation, told] of [
      [{ inputs: [[1, 2], [1]], labels }, "input 1: expected 2, received 1"],
      [{ texts: ["x"], labels: ["a"] }, /^input 0: expected a vector, as those learned from are, /],
      [{ inputs: [[1, NaN]], labels: ["a"] }, /^input 0: expected finite numbers/],
      [{ inputs: [[1, 2]], labels }, "labels, one for each sample: expected 1, received 2"],
    ] as const) {
      const text = await message({ validation });
      expect(text.slice(0, 12)).toBe("validation: ");
      expect(text.slice(12)).toEqual(typeof told === "string" ? told : expect.stringMatching(told));
    }
    expect(await message({ validation: null })).toBe(
      "validation: expected a share from 0 to below 1, or samples, received null",
    );
  });

  test("more words and labels than fit are refused with the way out", async () => {
    const texts = Array.from({ length: 4000 }, (_, i) => `word${i} other${i} third${i}`);
    const training = PatternModel.train({ texts, labels: texts, hidden: [16_384], epochs: 1 });
    await expect(training).rejects.toMatchObject({
      code: "OUT_OF_HEAP",
      message: expect.stringMatching(/4000 outputs take .* GiB; give fewer samples, hidden values/),
    });
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
