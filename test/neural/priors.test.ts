import { describe, expect, test } from "vitest";
import { Network } from "#dist/neural/network/network.js";
import { PatternModel } from "#dist/neural/model/pattern-model.js";
import { takeBackPriors } from "#dist/neural/training/priors.js";
import { seededRandom } from "#dist/util/random.js";
import type { LabeledTexts } from "../support/labeled.ts";

const BEGAN = [0.5, -1, 2];

/** A linear network of three labels whose biases are known. */
function threeLabels(): Network {
  const shape = { dense: 0, features: 4, hidden: [], outputs: 3, normalize: false, wide: true };
  const network = Network.zeros({ ...shape, activation: "relu" });
  network.tensors.values("outputBias").set(BEGAN);
  return network;
}

function biasesAfter(labels: readonly number[], weights: readonly number[], taken: number) {
  const network = threeLabels();
  const learning = Uint32Array.from(labels.keys());
  takeBackPriors(network, Uint32Array.from(labels), Float32Array.from(weights), learning, taken);
  return [...network.tensors.values("outputBias").subarray(0, 3)];
}

describe("what a label has for being common alone", () => {
  test("is taken back in part, by the logarithm of its share", () => {
    const labels = [0, 0, 0, 0, 0, 1, 1, 2];
    const counts = [6, 3, 2]; // each one more than there are
    const biases = biasesAfter(labels, Array(8).fill(1), 0.4);
    counts.forEach((count, label) => {
      const expected = BEGAN[label] - 0.4 * Math.log((3 * count) / 11);
      expect(biases[label]).toBeCloseTo(expected, 6);
    });
  });

  test("is nothing where labels are as many each, or count as much", () => {
    expect(biasesAfter([0, 1, 2, 2, 1, 0], Array(6).fill(1), 1)).toEqual(BEGAN);
    expect(biasesAfter([0, 0, 1, 2], [0.5, 0.5, 1, 1], 1)).toEqual(BEGAN);
  });

  test("is not what samples held out have", () => {
    const network = threeLabels();
    const labels = Uint32Array.of(0, 1, 2, 2, 2, 2);
    takeBackPriors(network, labels, new Float32Array(6).fill(1), Uint32Array.of(0, 1, 2), 1);
    expect([...network.tensors.values("outputBias").subarray(0, 3)]).toEqual(BEGAN);
  });

  test("keeps texts of a rare label from going to a common one that has words with it", async () => {
    const model = await PatternModel.train({ ...unevenTexts(500, 2), threads: 1 });
    const { texts, labels } = unevenTexts(2000, 52);
    const answers = await model.predictMany(texts);
    const rare = [...labels.keys()].filter((i) => labels[i].startsWith("rare"));
    const isRight = (i: number): boolean => answers[i].label === labels[i];
    // It is .58; with all of the prior left .50.
    expect(rare.filter(isRight).length / rare.length).toBeGreaterThan(0.54);
    expect([...labels.keys()].filter(isRight).length / labels.length).toBeGreaterThan(0.97);
  });
});

/** Two pairs of labels; the words of a pair are mostly those of both, and one label is 15 times the other. */
function unevenTexts(count: number, seed: number): LabeledTexts {
  const random = seededRandom(seed);
  const pick = (from: number): number => Math.floor(random() * from);
  const texts: string[] = [];
  const labels: string[] = [];
  for (let i = 0; i < count; i++) {
    const pair = pick(2);
    const label = `${random() < 1 / 16 ? "rare" : "usual"} ${pair}`;
    const words = Array.from({ length: 6 }, () => `common${pick(60)}`);
    for (let k = 0; k < 3; k++) {
      const of = random() < 0.7 ? `pair${pair}` : label.replace(" ", "");
      words.push(`${of}x${pick(30)}`);
    }
    texts.push(words.join(" "));
    labels.push(label);
  }
  return { texts, labels };
}
