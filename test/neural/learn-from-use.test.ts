import { describe, expect, test } from "vitest";
import type { PatternInput } from "#dist/neural/features/flat-input.js";
import { PatternModel } from "#dist/neural/model/pattern-model.js";
import { rareWordTexts, topicTexts } from "../support/labeled.ts";

const QUICK = { hidden: [32], epochs: 20, threads: 1 };

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

  test.each([
    ["words alone, through hidden values alone", { linear: false }, 0.02],
    ["words and vectors", { linear: undefined }, 0.05],
  ])("a label learned later leaves the old ones, by %s", async (_, options, lost) => {
    const isBoth = options.linear === undefined;
    const vectorOf = (text: string): number[] => [Number(/topic(\d)/.exec(text)?.[1]), text.length];
    const asked = ({ texts }: { texts: string[] }): PatternInput[] =>
      isBoth ? texts.map((text) => ({ text, vector: vectorOf(text) })) : texts;
    const known = rareWordTexts(200, [0, 1, 2, 3, 4], 65);
    const inputs = isBoth ? { inputs: known.texts.map(vectorOf) } : {};
    const model = await PatternModel.train({ ...known, ...inputs, ...options, ...QUICK });
    const share = async (of: { texts: string[]; labels: string[] }): Promise<number> => {
      const answers = await model.predictMany(asked(of));
      return answers.filter(({ label }, i) => label === of.labels[i]).length / answers.length;
    };
    const unseen = rareWordTexts(300, [0, 1, 2, 3, 4], 66);
    const before = await share(unseen);
    const fresh = rareWordTexts(20, [5], 67);
    await model.learn(asked(fresh), fresh.labels);
    expect(await share(rareWordTexts(100, [5], 68))).toBeGreaterThan(0.9);
    expect(await share(unseen)).toBeGreaterThan(before - lost);
    expect((await model.learn(asked(fresh), fresh.labels)).newLabels).toEqual([]);
    const again = PatternModel.fromBytes(model.toBytes());
    expect(await again.predictMany(asked(unseen))).toEqual(await model.predictMany(asked(unseen)));
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

    const texts = ["all well", "it failed", "well done", "failed again"];
    const scorer = await PatternModel.train({ texts, targets: [1, 0, 1, 0], ...QUICK, epochs: 2 });
    const score = scorer.score("well");
    for (const outcome of [null, [], "1", 2, NaN, 1n, undefined]) {
      const message = expect.stringMatching(/^outcome 0: expected 0 to 1, received /);
      const refused = { code: "INVALID_INPUT", message };
      await expect(scorer.learn(["well"], [outcome as number])).rejects.toMatchObject(refused);
    }
    expect(scorer.score("well")).toBe(score);
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
