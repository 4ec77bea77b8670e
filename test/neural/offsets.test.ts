import { expect, test } from "vitest";
import { linearShape } from "#dist/neural/training/linear.js";
import { Trainer } from "#dist/neural/training/trainer.js";
import { seededRandom } from "#dist/util/random.js";

const SAMPLES = 48;
const FEATURES = 10;
const LABELS = 5;

function settings(offsets: Float32Array | undefined, threads: number, hidden: readonly number[]) {
  const random = seededRandom(4);
  return {
    shape: { ...linearShape(FEATURES, LABELS), hidden, wide: hidden.length === 0 },
    samples: {
      count: SAMPLES,
      sparse: {
        starts: Uint32Array.from({ length: SAMPLES + 1 }, (_, i) => i),
        ids: Uint32Array.from({ length: SAMPLES }, () => Math.floor(FEATURES * random())),
        values: new Float32Array(SAMPLES).fill(1),
      },
    },
    targets: {
      kind: "softmax" as const,
      labels: Uint32Array.from({ length: SAMPLES }, (_, i) => i % LABELS),
      smoothing: 0,
    },
    weights: new Float32Array(SAMPLES).fill(1),
    ...(offsets === undefined ? {} : { offsets }),
    learning: Uint32Array.from({ length: 40 }, (_, i) => i),
    heldOut: Uint32Array.from({ length: 8 }, (_, i) => 40 + i),
    batchSize: 16,
    seed: 1,
    threads,
    epochs: 5,
    learningRate: 0.05,
    warmUp: 0,
    decay: "constant" as const,
    drops: { features: 0.3, hidden: 0.3 },
    weightDecay: 0.01,
    tableRate: 1,
    clip: 0,
  };
}

function offsetsOf(label: (sample: number) => number, value: number): Float32Array {
  const offsets = new Float32Array(SAMPLES * LABELS);
  for (let i = 0; i < SAMPLES; i++) offsets[i * LABELS + label(i)] = value;
  return offsets;
}

async function learned(
  offsets: Float32Array | undefined,
  threads = 1,
  hidden: readonly number[] = [],
) {
  const trainer = new Trainer(settings(offsets, threads, hidden));
  const losses: number[] = [];
  let heldOut = new Float32Array(0);
  for (let epoch = 0; epoch < 5; epoch++) {
    const outcome = await trainer.epoch();
    losses.push(outcome.loss);
    heldOut = Float32Array.from(outcome.heldOut.values);
  }
  const values = trainer.tensors.list.map(({ name }) => [...trainer.tensors.values(name)]);
  await trainer.close();
  return { losses, heldOut, values };
}

test("what is added to outputs while they learn counts in the loss, and is no part of what is learned", async () => {
  const sure = await learned(offsetsOf((i) => i % LABELS, 30));
  // The truth is told already: there is nothing to learn.
  for (const loss of sure.losses) expect(loss).toBeLessThan(1e-6);
  for (const row of sure.values)
    for (const value of row) expect(Math.abs(value)).toBeLessThan(1e-4);
  const plain = await learned(undefined);
  expect(plain.losses[0]).toBeGreaterThan(1);
  expect((await learned(new Float32Array(SAMPLES * LABELS))).values).toEqual(plain.values);
});

test("samples held out are looked at with what is added to theirs", async () => {
  const { heldOut } = await learned(offsetsOf((i) => i % LABELS, 30));
  for (let i = 0; i < 8; i++) {
    const row = [...heldOut.subarray((i * heldOut.length) / 8, (i * heldOut.length) / 8 + LABELS)];
    expect(row.indexOf(Math.max(...row))).toBe((40 + i) % LABELS);
  }
});

test("beside what is added, hidden layers learn the same to the bit on one thread and on four", async () => {
  const offsets = offsetsOf((i) => (i * 3) % LABELS, 1.5);
  const [one, four] = [await learned(offsets, 1, [12]), await learned(offsets, 4, [12])];
  expect(four.values).toEqual(one.values);
  expect(four.heldOut).toEqual(one.heldOut);
});
