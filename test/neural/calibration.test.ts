import { expect, test } from "vitest";
import {
  calibrationError,
  confusionPairs,
  fitTemperature,
  macroF1,
  rejectThreshold,
  shareRange,
  softmax,
} from "#dist/neural/training/calibration.js";
import { Classes, splitByClass } from "#dist/neural/training/classes.js";
import { seededRandom } from "../support/random.ts";

test("softmax sums to 1, bears large logits, and cools to certainty or to none", () => {
  const chances = softmax([1e4, 1e4 - 1, -1e4]);
  expect(chances.reduce((sum, each) => sum + each, 0)).toBeCloseTo(1, 12);
  expect(chances[0] / chances[1]).toBeCloseTo(Math.E, 9);
  expect(softmax([3, 1], 0.01)[0]).toBeCloseTo(1, 9);
  expect(softmax([3, 1], 1000)[0]).toBeCloseTo(0.5, 2);
});

test("the temperature found is the one that logits were spoiled with", () => {
  const random = seededRandom(3);
  for (const spoiled of [0.25, 1, 4]) {
    const logits = new Float32Array(6000 * 3);
    const labels = new Uint32Array(6000);
    for (let i = 0; i < 6000; i++) {
      const row = [random() * 4, random() * 4, random() * 4];
      const chances = softmax(row);
      // Labels are drawn by the true chances, so the true temperature is 1 before spoiling.
      let draw = random();
      labels[i] = chances.findIndex((chance) => (draw -= chance) < 0);
      if (labels[i] > 2) labels[i] = 2;
      logits.set(
        row.map((value) => value * spoiled),
        i * 3,
      );
    }
    expect(Math.abs(Math.log(fitTemperature(logits, labels) / spoiled))).toBeLessThan(0.12);
  }
});

test("few right answers make a model sure by their number, and no surer", () => {
  for (const count of [1, 6, 60]) {
    for (const classes of [2, 10]) {
      const logits = new Float32Array(count * classes);
      for (let i = 0; i < count; i++) logits[i * classes] = 3;
      const temperature = fitTemperature(logits, new Uint32Array(count));
      const [chance] = softmax(logits.subarray(0, classes), temperature);
      // One more sample, of any label, is right in one of `classes` cases.
      expect(chance).toBeCloseTo((count + 1 / classes) / (count + 1), 3);
    }
  }
});

test("the calibration error is the gap between confidence and being right", () => {
  const rights = Array.from({ length: 100 }, (_, i) => i % 2 === 0);
  expect(calibrationError(Array.from({ length: 100 }).fill(0.5) as number[], rights)).toBeCloseTo(
    0,
  );
  expect(calibrationError(Array.from({ length: 100 }).fill(0.9) as number[], rights)).toBeCloseTo(
    0.4,
  );
  expect(calibrationError([], [])).toBe(0);
});

test("a share of few samples may be much else, and of many hardly", () => {
  // Wilson's interval, as tables have it.
  for (const [share, count, low, high] of [
    [1, 6, 0.6097, 1],
    [1, 24, 0.862, 1],
    [0, 10, 0, 0.2775],
    [0.5, 10, 0.2366, 0.7634],
    [0.9, 1000, 0.87985, 0.91709],
  ]) {
    const range = shareRange(share, count);
    expect(range[0]).toBeCloseTo(low, 4);
    expect(range[1]).toBeCloseTo(high, 4);
    expect(range[0]).toBeLessThanOrEqual(share);
    expect(range[1]).toBeGreaterThanOrEqual(share);
  }
});

test("the threshold rejects the stated share, and with few samples hardly more than none", () => {
  const confidences = Array.from({ length: 1000 }, (_, i) => (i + 1) / 1000);
  const threshold = rejectThreshold(confidences, 0.05);
  expect(confidences.filter((each) => each < threshold).length).toBe(50);
  expect(rejectThreshold([0.5, 0.8], 0.05)).toBeCloseTo(0.05);
  expect(rejectThreshold([], 0.05)).toBe(0);
  expect(rejectThreshold(confidences, 0)).toBe(0);
});

test("confusions are told most often first, and F1 counts every label alike", () => {
  const classes = new Classes(["a", "b", "c"]);
  const truth = Uint32Array.of(0, 0, 0, 0, 1, 1, 2);
  const said = Uint32Array.of(0, 0, 1, 1, 1, 2, 2);
  expect(confusionPairs(truth, said, classes, 1)).toEqual([{ label: "a", taken: "b", count: 2 }]);
  // By hand: a 2·2/(2+4), b 2·1/(3+2), c 2·1/(2+1).
  expect(macroF1(truth, said, 3)).toBeCloseTo((4 / 6 + 2 / 5 + 2 / 3) / 3, 12);
});

test("a split takes its share of every class, and never the last of one", () => {
  const numbers = Uint32Array.from({ length: 1000 }, (_, i) =>
    i < 900 ? 0 : i < 995 ? 1 : i - 993,
  );
  const { learning, heldOut } = splitByClass(numbers, 0.2, 1);
  expect(learning.length + heldOut.length).toBe(1000);
  const held = (label: number): number => heldOut.filter((i) => numbers[i] === label).length;
  expect([held(0), held(1)]).toEqual([180, 19]);
  for (let label = 2; label < 7; label++) expect(held(label)).toBe(0);
  expect(splitByClass(numbers, 0.2, 1)).toEqual({ learning, heldOut });
  expect(splitByClass(numbers, 0.2, 2).heldOut).not.toEqual(heldOut);
});
