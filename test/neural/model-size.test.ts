import { expect, test } from "vitest";
import { TextFeatures, type FeatureSource } from "#dist/neural/text-features.js";
import { PatternModel } from "#dist/neural/pattern-model.js";
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
  const [learned, asked] = [texts.slice(0, 200), texts.slice(200)];
  const model = await PatternModel.train({
    ...{ texts: learned, labels: labels.slice(0, 200), hidden: [32], epochs: 4, threads: 1 },
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
  const model = await PatternModel.train({
    ...{ texts, labels, hidden: [32], epochs: 4, threads: 1 },
  });
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
