import { expect, test } from "vitest";
import { InputEncoder, flattenInputs } from "#dist/neural/encoder.js";
import { PatternModel } from "#dist/neural/pattern-model.js";
import { TextFeatures } from "#dist/neural/text-features.js";

const TEXTS = [
  "Please find an apartment that I can rent in Rome",
  "Which flats are rented out near the station?",
  "Translate this letter into Spanish for me",
  "I would like to have two pages translated",
];

function sharedWith(text: string, learned: string, features: TextFeatures): number {
  const [a, b] = [text, learned].map((each) => {
    const { ids, values } = features.encode(flattenInputs([each], undefined));
    return new Map(Array.from(ids, (id, i) => [id, values[i]]));
  });
  return [...a].reduce((sum, [id, value]) => sum + value * (b.get(id) ?? 0), 0);
}

test("a word in another form, and neighbors with a stop word between them, are the same features", () => {
  const learned = [
    "rented apartments near Rome",
    "letters to Milan",
    "who rents the apartment near Rome",
    "a letter for Milan",
  ];
  const features = TextFeatures.learn(flattenInputs(learned, undefined));
  const { hasStems, ...rest } = features.state;
  expect(hasStems).toBe(true);
  const without = TextFeatures.from({ ...rest, hasStems: false });
  const asked = "renting the apartment in Rome";
  const more = sharedWith(asked, learned[0], features);
  expect(more).toBeGreaterThan(1.1 * sharedWith(asked, learned[0], without));
  expect(more).toBeGreaterThan(5 * sharedWith(asked, learned[1], features));
});

test("features of before there were stems give what they gave", () => {
  const { hashes, kinds, weights, ...rest } = TextFeatures.learn(
    flattenInputs(TEXTS, undefined),
  ).state;
  const STEMS = 6;
  const kept = [...kinds.keys()].filter((i) => kinds[i] !== STEMS);
  const old = TextFeatures.from({
    ...{ ...rest, hasStems: false },
    hashes: Uint32Array.from(kept, (i) => hashes[i]),
    kinds: Uint8Array.from(kept, (i) => kinds[i]),
    weights: Float32Array.from(kept, (i) => weights[i]),
  });
  const lengthBy = (features: TextFeatures): number =>
    Math.hypot(...features.encode(flattenInputs([TEXTS[0]], undefined)).values);
  // Were stems looked for, all of them would be unknown and take their part of the length.
  const misread = TextFeatures.from({ ...old.state, hasStems: true });
  expect(lengthBy(old)).toBeGreaterThan(1.05 * lengthBy(misread));
});

test("long texts are told by their words as they stand", () => {
  const long = TEXTS.map((text) => `${text} `.repeat(40));
  expect(TextFeatures.learn(flattenInputs(long, undefined)).state.hasStems).toBe(false);
});

test("a model that learns what was held out knows its words too", async () => {
  const texts = Array.from({ length: 60 }, (_, i) => `${i % 2 ? "rent" : "translate"} word${i}x`);
  const labels = texts.map((_, i) => (i % 2 ? "rent" : "translate"));
  const { report } = await PatternModel.train({ texts, labels, epochs: 2, threads: 1 });
  expect(report.refit).toBe(true);
  const whole = InputEncoder.learn(flattenInputs(texts, undefined));
  expect(report.features).toBe(whole.text?.size);
});
