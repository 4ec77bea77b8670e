import { describe, expect, test } from "vitest";
import { SequenceHeap } from "#dist/neural/sequence/sequence-heap.js";
import { sequenceTensors, type SequenceShape } from "#dist/neural/sequence/shape.js";
import type { Targets } from "#dist/neural/training/training-heap.js";
import { seededRandom } from "../support/random.js";
import {
  referenceGradients,
  referenceLoss,
  referenceTensors,
  type ReferenceSample,
} from "../support/sequence-reference.js";

const BATCH = 5;
const SYMBOLS = 9;
const PLACES = 40; // of each tensor
// What f32 sums of a few hundred terms leave of gradients below 1.
const TOLERANCE = 3e-6;

describe.each(["gru", "convolution"] as const)("%s", (family) => {
  const shape = { family, symbols: SYMBOLS, width: 16, hidden: 16, times: 7, outputs: 3 };

  test("gradients of every tensor are those of finite differences", () => {
    checkGradients(shape, "softmax", BATCH, 0);
  });

  test("of squared errors too", () => {
    checkGradients({ ...shape, outputs: 1 }, "squared", BATCH, 0);
  });

  test.each([1, 3, 4])("of a last batch of %i, whatever the one before left", (rows) => {
    checkGradients(shape, "softmax", BATCH + rows, 1);
  });

  test.each([1, 2, 16, 17])("of the last %i events", (times) => {
    checkGradients({ ...shape, times }, "softmax", BATCH + 2, 1);
  });

  test("of wider events than states, and the other way round", () => {
    checkGradients({ ...shape, width: 32 }, "softmax", BATCH, 0);
    checkGradients({ ...shape, hidden: 32 }, "softmax", BATCH, 0);
  });
});

/** Holds gradients of one batch, after those before it, to the reference. */
function checkGradients(
  shape: SequenceShape,
  kind: "softmax" | "squared",
  count: number,
  batch: number,
): void {
  const samples = drawSamples(count, shape, kind);
  const place = heapOf(shape, samples, kind);
  const tensors = referenceTensors(shape, (name) => place.tensors.values(name));
  place.learning.run(0, batch + 1, 0);
  const rows = samples.slice(batch * BATCH, (batch + 1) * BATCH);
  const loss = (values: typeof tensors): number => referenceLoss(shape, values, rows, kind);
  expect(place.learning.outcomes[2 * batch] / rows.length).toBeCloseTo(loss(tensors), 5);
  const met = [...place.met.ids.subarray(0, place.met.count[0])];
  for (const { name, rows: all, cols, stride, isTable } of sequenceTensors(shape)) {
    const random = seededRandom(3);
    const gradients = place.gradients.get(name) as Float32Array;
    const places = Array.from({ length: PLACES }, () => {
      const row = Math.floor(random() * (isTable ? met.length : all));
      return { row, col: Math.floor(random() * cols) };
    });
    const expected = referenceGradients(
      loss,
      tensors,
      name,
      places.map(({ row, col }) => (isTable ? met[row] : row) * stride + col),
    );
    const largest = expected.reduce((most, each) => Math.max(most, Math.abs(each)), 0);
    // With one event no state comes before it.
    const isUsed = shape.times > 1 || name !== "state";
    if (isUsed) expect(largest, `${name} tells something`).toBeGreaterThan(1000 * TOLERANCE);
    places.forEach(({ row, col }, i) => {
      const apart = Math.abs(gradients[row * stride + col] - expected[i]);
      expect(apart, `${name} ${row} ${col}: ${expected[i]}`).toBeLessThan(TOLERANCE);
    });
  }
  if (batch === 0) return;
  const known = new Set(rows.flatMap(({ events }) => events.slice(-shape.times).flat()));
  expect(met.toSorted((a, b) => a - b)).toEqual([...known].toSorted((a, b) => a - b));
}

/** Sequences shorter and longer than what is looked at. */
function drawSamples(
  count: number,
  { times, outputs }: SequenceShape,
  kind: string,
): ReferenceSample[] {
  const random = seededRandom(11);
  const below = (limit: number): number => Math.floor(random() * limit);
  return Array.from({ length: count }, () => ({
    events: Array.from({ length: 1 + below(times + 3) }, () => [
      ...new Set(Array.from({ length: 1 + below(3) }, () => below(SYMBOLS))),
    ]),
    target: kind === "softmax" ? below(outputs) : 2 * random() - 1,
  }));
}

function heapOf(
  shape: SequenceShape,
  samples: readonly ReferenceSample[],
  kind: "softmax" | "squared",
): SequenceHeap {
  const events = samples.flatMap((sample) => sample.events);
  const ids = Uint32Array.from(events.flat());
  const spans: number[] = [];
  const starts = [0];
  for (const each of events) starts.push((starts.at(-1) as number) + each.length);
  for (const each of samples) {
    const from = spans.at(-1) ?? 0;
    spans.push(from, from + each.events.length);
  }
  const targets: Targets =
    kind === "softmax"
      ? { kind, labels: Uint32Array.from(samples, ({ target }) => target), smoothing: 0 }
      : { kind, values: Float32Array.from(samples, ({ target }) => target), knee: 1e6 };
  const place = new SequenceHeap({
    shape,
    samples: {
      count: samples.length,
      spans: Uint32Array.from(spans),
      events: {
        starts: Uint32Array.from(starts),
        ids,
        values: new Float32Array(ids.length).fill(1),
      },
    },
    targets,
    learning: Uint32Array.from(samples.keys()),
    heldOut: new Uint32Array(0),
    batchSize: BATCH,
    seed: 5,
    threads: 1,
    epochs: 1,
    learningRate: 0,
    warmUp: 0,
    decay: "constant",
    dropout: 0,
    weightDecay: 0,
    clip: 0,
  });
  // Biases that begin at zero would hide what they do.
  const random = seededRandom(7);
  for (const { name, rows, cols, stride } of sequenceTensors(shape)) {
    if (rows > 1) continue;
    const values = place.tensors.values(name);
    for (let i = 0; i < cols; i++) values[i] = random() - 0.5;
    values.fill(0, cols, stride);
  }
  return place;
}
