import { describe, expect, test } from "vitest";
import { Trainer } from "#dist/neural/training/trainer.js";
import type { TrainerSettings } from "#dist/neural/training/training-heap.js";
import { seededRandom } from "#dist/util/random.js";

const SAMPLES = 93;
const INPUTS = 21;
const CLASSES = 13;
const EPOCHS = 3;
const random = seededRandom(11);
const rows = Float32Array.from({ length: SAMPLES * INPUTS }, () => 2 * random() - 1);
const labels = Uint32Array.from({ length: SAMPLES }, () => Math.floor(random() * CLASSES));

/** A network of dense inputs with one hidden layer; the last batch of an epoch is short. */
function settings(hidden: number, threads: number, clip = 0): TrainerSettings {
  return {
    shape: {
      dense: INPUTS,
      features: 0,
      hidden: [hidden],
      outputs: CLASSES,
      activation: "gelu",
      normalize: false,
      wide: false,
    },
    samples: { count: SAMPLES, dense: rows },
    targets: { kind: "softmax", labels, smoothing: 0.1 },
    weights: new Float32Array(SAMPLES).fill(1),
    learning: Uint32Array.from({ length: 80 }, (_, i) => i),
    heldOut: Uint32Array.from({ length: 13 }, (_, i) => 80 + i),
    batchSize: 24,
    seed: 3,
    threads,
    epochs: EPOCHS,
    learningRate: 0.01,
    warmUp: 0,
    decay: "linear",
    weightDecay: 0.01,
    tableRate: 1,
    clip,
    drops: { features: 0, hidden: 0.2 },
  };
}

/** All that is learned, and the losses and outputs on the way. */
async function train(given: TrainerSettings): Promise<Record<string, number[]>> {
  const trainer = new Trainer(given);
  try {
    const losses: number[] = [];
    let outputs: Float32Array = new Float32Array(0);
    for (let epoch = 0; epoch < EPOCHS; epoch++) {
      const { loss, heldOut } = await trainer.epoch();
      losses.push(loss);
      outputs = heldOut.values.slice();
    }
    const { tensors } = trainer;
    const values = tensors.list.map(({ name }) => [name, [...tensors.values(name)]] as const);
    return { ...Object.fromEntries(values), losses, outputs: [...outputs] };
  } finally {
    await trainer.close();
  }
}

describe.each([3, 45, 256, 530])("a hidden layer of %i values", (hidden) => {
  test("learns the same bits on one, two, three, four and nine threads", async () => {
    const alone = await train(settings(hidden, 1));
    expect(alone.losses[EPOCHS - 1]).toBeLessThan(alone.losses[0]);
    for (const threads of [2, 3, 4, 9]) {
      expect(await train(settings(hidden, threads)), `${threads} threads`).toEqual(alone);
    }
  });

  test("learns by columns what it learns by rows", async () => {
    // Gradients that are clipped at a length they never have are learned from by rows.
    const byColumns = await train(settings(hidden, 1));
    const byRows = await train(settings(hidden, 1, 1e9));
    for (const [name, values] of Object.entries(byRows)) {
      const largest = Math.max(...values.map(Math.abs));
      const apart = Math.max(...values.map((value, i) => Math.abs(value - byColumns[name][i])));
      expect(apart, name).toBeLessThan(2e-3 * largest);
    }
  });
});
