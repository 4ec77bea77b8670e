import { describe, expect, test } from "vitest";
import { LABELS_AT_ONCE, supportVectors } from "#dist/wasm/network/support-vectors.js";
import { seededRandom } from "../support/random.ts";
import { BUILDS, testRuntime } from "../support/runtime.ts";

const SAMPLES = 240;
const FEATURES = 60;
const LABELS = 6;

describe.each(BUILDS)("build %s", (build) => {
  test("support vector machines reach the optimum: the primal and the dual value meet", () => {
    const { input, room, heap, run } = problem(build, 1);
    run(supportVectors(heap, input, room, 0, 500, 1e-3, 7));
    for (let label = 0; label < LABELS_AT_ONCE; label++) {
      const { primal, dual } = values(input, room, label);
      expect(dual).toBeLessThanOrEqual(primal * (1 + 1e-4));
      expect((primal - dual) / primal).toBeLessThan(2e-3);
      // Better than to say nothing at all, whose value is the sum of the costs.
      expect(primal).toBeLessThan(0.9 * SAMPLES);
    }
  });

  test("labels beyond the last are told from all, and a second run gives the same bits", () => {
    const a = problem(build, 2);
    const passes = a.run(supportVectors(a.heap, a.input, a.room, 4, 40, 0.1, 7));
    const b = problem(build, 2);
    expect(b.run(supportVectors(b.heap, b.input, b.room, 4, 40, 0.1, 7))).toBe(passes);
    expect(b.room.weights).toEqual(a.room.weights);
    expect(passes).toBeGreaterThan(1);
    // Nothing has label 6 or 7: the best is to say no to everything.
    const bias = FEATURES * LABELS_AT_ONCE;
    expect(a.room.weights[bias + 2]).toBeLessThan(-0.5);
  });

  test("a sample that costs more is fitted more closely", () => {
    const cheap = problem(build, 3, 1);
    const dear = problem(build, 3, 50);
    for (const { heap, input, room, run } of [cheap, dear]) {
      run(supportVectors(heap, input, room, 0, 200, 1e-2, 7));
    }
    expect(errorOf(dear)).toBeLessThan(errorOf(cheap));
  });

  test("arrays of other lengths are refused", () => {
    const { heap, input, room } = problem(build, 4);
    const make = (change: object): (() => unknown) => {
      return () => supportVectors(heap, { ...input, ...change }, room, 0, 1, 1, 1);
    };
    const dimension = expect.objectContaining({ code: "DIMENSION" });
    expect(make({ features: FEATURES + 1 })).toThrow(dimension);
    expect(make({ labels: heap.u32(3) })).toThrow(dimension);
    expect(make({ values: heap.f32(3) })).toThrow(dimension);
    const short = { ...room, eases: heap.f32(3) };
    expect(() => supportVectors(heap, input, short, 0, 1, 1, 1)).toThrow(dimension);
    const offHeap = expect.objectContaining({ code: "OFF_HEAP" });
    expect(make({ starts: new Uint32Array(SAMPLES + 1) })).toThrow(offHeap);
  });
});

type Problem = ReturnType<typeof problem>;

/** Sparse samples of unit length whose label shows in some features, with noise. */
function problem(build: (typeof BUILDS)[number], seed: number, cost = 1) {
  const { heap, run } = testRuntime(build, 4 << 20);
  const random = seededRandom(seed);
  const starts = heap.u32(SAMPLES + 1);
  const ids: number[] = [];
  const values: number[] = [];
  const labels = heap.u32(SAMPLES);
  for (let i = 0; i < SAMPLES; i++) {
    labels[i] = Math.floor(random() * LABELS);
    const chosen = new Set<number>();
    for (let k = 0; k < 8; k++) {
      const own = labels[i] * 10 + Math.floor(random() * 10);
      chosen.add(random() < 0.4 ? own : Math.floor(random() * FEATURES));
    }
    for (const id of chosen) {
      ids.push(id);
      values.push(1 / Math.sqrt(chosen.size));
    }
    starts[i + 1] = ids.length;
  }
  const input = {
    starts,
    ids: heap.u32(ids.length),
    values: heap.f32(values.length),
    labels,
    costs: heap.f32(SAMPLES).fill(cost),
    features: FEATURES,
  };
  input.ids.set(ids);
  input.values.set(values);
  const room = {
    samples: heap.u32(SAMPLES),
    weights: heap.f32((FEATURES + 1) * LABELS_AT_ONCE),
    eases: heap.f32(FEATURES * LABELS_AT_ONCE),
    alphas: heap.f32(SAMPLES * LABELS_AT_ONCE),
    squares: heap.f32(SAMPLES * LABELS_AT_ONCE),
  };
  room.eases.forEach((_, i) => (room.eases[i] = 0.2 + 2 * random()));
  room.samples.set(Uint32Array.from({ length: SAMPLES }, (_, i) => i));
  return { heap, run, input, room };
}

function marginOf({ input, room }: Pick<Problem, "input" | "room">, i: number, label: number) {
  let sum = room.weights[FEATURES * LABELS_AT_ONCE + label];
  for (let at = input.starts[i]; at < input.starts[i + 1]; at++) {
    sum += input.values[at] * room.weights[input.ids[at] * LABELS_AT_ONCE + label];
  }
  return (input.labels[i] === label ? 1 : -1) * sum;
}

/** f64 values of the two problems at what was found; equal at the optimum alone. */
function values(
  input: Problem["input"],
  room: Problem["room"],
  label: number,
): { primal: number; dual: number } {
  let length = 0;
  for (let row = 0; row <= FEATURES; row++) {
    const at = row * LABELS_AT_ONCE + label;
    length += room.weights[at] ** 2 / (row === FEATURES ? 1 : room.eases[at]);
  }
  let primal = length / 2;
  let dual = -length / 2;
  for (let i = 0; i < SAMPLES; i++) {
    const alpha = room.alphas[i * LABELS_AT_ONCE + label];
    primal += input.costs[i] * Math.max(0, 1 - marginOf({ input, room }, i, label)) ** 2;
    dual += alpha - (alpha * alpha) / (4 * input.costs[i]);
  }
  return { primal, dual };
}

function errorOf(of: Problem): number {
  let error = 0;
  for (let i = 0; i < SAMPLES; i++) error += Math.max(0, 1 - marginOf(of, i, 0)) ** 2;
  return error;
}
