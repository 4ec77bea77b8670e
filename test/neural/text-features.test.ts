import { expect, test } from "vitest";
import { decodeFile, encodeFile } from "#dist/neural/model/model-bytes.js";
import { InputEncoder, flattenInputs } from "#dist/neural/features/encoder.js";
import { PatternModel } from "#dist/neural/model/pattern-model.js";
import { TextFeatures } from "#dist/neural/features/text-features.js";

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
    ...rest,
    hasStems: false,
    hasPlaces: false,
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

test("the first words of a short text weigh up to twice as much as those from the 17th on", () => {
  const words = Array.from({ length: 40 }, (_, i) => `zq${String.fromCharCode(97 + (i % 20))}${i}`);
  const texts = [words.join(" "), words.toReversed().join(" ")];
  const features = TextFeatures.learn(flattenInputs(texts, undefined));
  expect(features.state.hasPlaces).toBe(true);
  const plain = TextFeatures.from({ ...features.state, hasPlaces: false });
  const [placed, even] = [features, plain].map((each) => {
    const { ids, values } = each.encode(flattenInputs([words.join(" ")], undefined));
    return new Map(Array.from(ids, (id, i) => [id, values[i]]));
  });
  // Of each kind all words are as rare: what differs between two of them is their place.
  const TOKENS = 0;
  const ratios = [...placed]
    .filter(([id]) => features.state.kinds[id] === TOKENS)
    .map(([id, value]) => value / (even.get(id) as number));
  const first = ratios[0];
  const ninth = ratios[8];
  const last = ratios[39];
  expect(first / last).toBeCloseTo(2, 5);
  expect(ninth / last).toBeCloseTo(1.5, 5);
  expect(ratios[16] / last).toBeCloseTo(1, 5);
});

test("a word met again weighs by the place where it was met first", () => {
  const learned = ["find me a flat", "rent a car", "a flat or a car"];
  const features = TextFeatures.learn(flattenInputs(learned, undefined));
  const [once, first, later] = ["flat", "flat or so and flat", "so or and flat flat"].map((text) =>
    sharedWith(text, "flat", features),
  );
  expect(once).toBeGreaterThan(first);
  expect(first).toBeGreaterThan(later);
});

test("long texts are told by their words as they stand", () => {
  const long = TEXTS.map((text) => `${text} `.repeat(40));
  const { hasStems, hasPlaces } = TextFeatures.learn(flattenInputs(long, undefined)).state;
  expect([hasStems, hasPlaces]).toEqual([false, false]);
});

test("a model that learns what was held out knows its words too", async () => {
  const texts = Array.from({ length: 60 }, (_, i) => `${i % 2 ? "rent" : "translate"} word${i}x`);
  const labels = texts.map((_, i) => (i % 2 ? "rent" : "translate"));
  const { report } = await PatternModel.train({ texts, labels, epochs: 2, threads: 1 });
  expect(report.refit).toBe(true);
  const whole = InputEncoder.learn(flattenInputs(texts, undefined));
  expect(report.features).toBe(whole.text?.size);
});

test("a model file of before there were places is read as one without", async () => {
  const labels = TEXTS.map((_, i) => (i < 2 ? "rent" : "translate"));
  const whole = { texts: TEXTS, labels, epochs: 2, validation: 0, threads: 1 };
  const bytes = (await PatternModel.train(whole)).toBytes();
  const sureness = (change: (texts: { hasPlaces?: boolean }) => void): number => {
    const { content, arrays } = decodeFile(bytes);
    change((content as { texts: { hasPlaces?: boolean } }).texts);
    return PatternModel.fromBytes(encodeFile({ content, arrays })).predict(TEXTS[3]).probability;
  };
  const older = sureness((texts) => delete texts.hasPlaces);
  expect(older).toBe(sureness((texts) => (texts.hasPlaces = false)));
  expect(older).not.toBe(sureness((texts) => (texts.hasPlaces = true)));
});
