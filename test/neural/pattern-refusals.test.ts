import { describe, expect, test } from "vitest";
import { PatternModel } from "#dist/neural/pattern-model.js";
import { seededRandom } from "#dist/util/random.js";
import { topicTexts, XOR } from "../support/labeled.ts";

const QUICK = { hidden: [32], epochs: 20, threads: 1 };

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
