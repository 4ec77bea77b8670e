import { describe, expect, test } from "vitest";
import { OPERATION } from "#dist/wasm/network/program.js";
import {
  binaryReference,
  differences,
  pairReference,
  softmaxReference,
  squaredReference,
  sumOf,
} from "../support/network-reference.ts";
import { inShares, rowsOf, testProgram, worstOf } from "../support/program.ts";
import { BUILDS } from "../support/runtime.ts";

const SOFTMAX = 0;
const BINARY = 1;
const SQUARED = 2;
const PAIRS = 3;
const ROWS = 10;

describe.each(BUILDS)("build %s", (build) => {
  test.each([
    [2, 0],
    [3, 0.1],
    [4, 0],
    [5, 0.3],
    [9, 0.1],
    [100, 0.1],
  ])("softmax of %i classes with smoothing %s: loss and gradient", (classes, smoothing) => {
    const labels = Array.from({ length: ROWS }, (_, i) => (i * 7) % classes);
    const found = losses(build, SOFTMAX, classes, { labels, extra: smoothing });
    check(found, (outputs, sample) => softmaxReference(outputs, labels[sample], smoothing));
    found.samples.forEach((sample, row) => {
      const top = found.rows[row].indexOf(Math.max(...found.rows[row]));
      expect(found.right[row]).toBe(top === labels[sample] ? 1 : 0);
    });
  });

  test.each([1, 3, 4, 6])("%i binary outputs: loss and gradient", (count) => {
    const found = losses(build, BINARY, count, { targets: (value) => (value + 1) / 2 });
    check(found, (outputs, sample) => binaryReference(outputs, found.targets[sample]));
    found.samples.forEach((sample, row) => {
      const isRight = found.rows[row][0] >= 0 === found.targets[sample][0] >= 0.5;
      expect(found.right[row]).toBe(isRight ? 1 : 0);
    });
  });

  test.each([
    [1, Infinity],
    [3, 0.5],
    [5, 2],
  ])("%i squares with knee %s: loss and gradient", (count, knee) => {
    const found = losses(build, SQUARED, count, { extra: knee });
    check(found, (outputs, sample) => squaredReference(outputs, found.targets[sample], knee));
    expect(found.right).toEqual(Array(ROWS).fill(0));
  });

  test("pairs: loss and gradient of the mean over pairs, once for each pair", () => {
    const found = losses(build, PAIRS, 1, {});
    const pairs = Array.from({ length: ROWS / 2 }, (_, i) => 2 * i);
    const lossOf = (scores: ArrayLike<number>, pair: number): number =>
      found.weights[found.samples[pair]] * pairReference(scores[pair], scores[pair + 1]);
    const scores = found.rows.flat();
    for (const pair of pairs) {
      expect(Math.abs(found.loss[pair] - lossOf(scores, pair))).toBeLessThan(2e-6);
      expect(found.right[pair]).toBe(scores[pair] > scores[pair + 1] ? 2 : 0);
      // Whatever stood there before.
      expect([found.loss[pair + 1], found.right[pair + 1]]).toEqual([0, 0]);
    }
    const slopes = differences(
      (values) => sumOf(pairs.map((pair) => lossOf(values, pair))) / pairs.length,
      scores,
    );
    expect(worstOf(found.gradients.flat(), slopes)).toBeLessThan(1e-6);
    expect(found.beside.every((value) => value === 0)).toBe(true);
  });

  test("eˣ keeps its relative error over its whole range, and a softmax its sum", () => {
    // Of two logits 0 and −x the second has the gradient e⁻ˣ / (1 + e⁻ˣ) when the first is the label.
    const at = Array.from({ length: 512 }, (_, i) => (-i * 87) / 512);
    const labels = Array<number>(at.length).fill(0);
    const logits = at.map((x) => [0, x]);
    // Weighed by how many they are, since their mean of one would be too small for f32.
    const { gradients } = logitRows(build, logits, labels, { weight: at.length });
    gradients.forEach(([first, second], i) => {
      const x = Math.fround(at[i]);
      const expected = Math.exp(x) / (1 + Math.exp(x));
      // Below −17 the sum is 1, and the error is that of eˣ alone; else twice that of eˣ and less.
      const bound = x < -17 ? 2 ** -22 : 2 ** -21;
      expect(Math.abs(second - expected) / expected, `e^${x}`).toBeLessThanOrEqual(bound);
      expect(Math.abs(first + second)).toBeLessThanOrEqual(2 ** -22);
    });
  });

  test.each([2, 3, 4, 5, 8, 100, 1000])("ln keeps its relative error: of %i classes", (classes) => {
    const { loss } = logitRows(build, [Array(classes).fill(1.5)], [classes - 1]);
    expect(Math.abs(loss[0] / Math.log(classes) - 1)).toBeLessThan(2 ** -21);
  });

  test("ln(1 + eˣ) keeps its absolute error from 0 to 1", () => {
    const { heap, program, floats, step } = testProgram(build, { rows: 400 });
    const outputs = floats(Array.from({ length: 400 }, (_, i) => -i / 20));
    const outcomes = heap.f32(800);
    const ones = heap.f32(400).fill(1);
    program.order.fill(0);
    program.add(OPERATION.loss, [
      ...[BINARY, outputs, 1, 1, heap.f32(4), 1, ones],
      ...[{ real: 0 }, heap.f32(400), outcomes],
    ]);
    step();
    outputs.forEach((x, i) => {
      expect(Math.abs(outcomes[2 * i] - Math.log1p(Math.exp(x)))).toBeLessThanOrEqual(2 ** -22);
    });
  });

  test("logits of ±1e4 give finite losses and gradients", () => {
    const rows = [
      [1e4, -1e4, 0, 1],
      [-1e4, 1e4, 1e4, 0],
      [-1e4, -1e4, -1e4, -1e4],
      [0, 1e4, 0, 0],
    ];
    const { loss, gradients } = logitRows(build, rows, [1, 1, 3, 1], { smoothing: 0.1 });
    rows.forEach((row, i) => {
      const expected = softmaxReference(row, [1, 1, 3, 1][i], 0.1);
      expect(Math.abs(loss[i] - expected)).toBeLessThanOrEqual(1e-6 * Math.max(1, expected));
    });
    expect(gradients.flat().every((value) => Number.isFinite(value) && Math.abs(value) <= 1)).toBe(
      true,
    );
    for (const kind of [BINARY, PAIRS]) {
      const found = losses(build, kind, 1, { scale: 1e4, targets: (value) => (value > 0 ? 1 : 0) });
      expect([...found.loss, ...found.gradients.flat()].every(Number.isFinite)).toBe(true);
    }
  });

  test("a softmax writes its gradients over its logits when told to", () => {
    const rows = [
      [1, 2, -1, 0, 3],
      [0, 0, 5, 1, 1],
    ];
    const beside = logitRows(build, rows, [1, 2], { smoothing: 0.2 });
    const over = logitRows(build, rows, [1, 2], { smoothing: 0.2, isOver: true });
    expect(over).toEqual(beside);
  });

  test("NaN stays in its own row", () => {
    const { loss, right, gradients } = logitRows(
      build,
      [
        [1, NaN, 0],
        [1, 2, 0],
      ],
      [0, 1],
    );
    expect(loss[0]).toBeNaN();
    expect(right).toEqual([0, 1]);
    expect(gradients[1].every(Number.isFinite)).toBe(true);
  });

  test("a step's losses and right answers are summed, and stand at its number", () => {
    const { program, floats, step } = testProgram(build, { rows: 4, samples: 6 });
    program.add(OPERATION.sumLoss, [floats([1, 1, 2.5, 0, 4, 1, 0.25, 2])]);
    step(0, 3);
    step(1, 7);
    expect([...program.outcomes.subarray(6, 8)]).toEqual([7.75, 4]);
    // The last step has two rows.
    expect([...program.outcomes.subarray(14, 16)]).toEqual([3.5, 1]);
    expect(program.outcomes.filter((value) => value === -1).length).toBe(60);
  });
});

interface Losses {
  /** Which sample each row is. */
  readonly samples: readonly number[];
  readonly rows: number[][];
  readonly targets: number[][];
  readonly weights: Float32Array;
  readonly loss: number[];
  readonly right: number[];
  readonly gradients: number[][];
  /** Gradients beside the outputs. */
  readonly beside: readonly number[];
}

/** Random outputs of ten rows, in another order than their samples, and their losses. */
function losses(
  build: (typeof BUILDS)[number],
  kind: number,
  count: number,
  {
    labels = undefined as readonly number[] | undefined,
    targets = (value: number): number => value,
    extra = 0,
    scale = 3,
  },
): Losses {
  const stride = Math.ceil(count / 8) * 8 + 8;
  const samples = [3, 9, 0, 5, 7, 1, 8, 2, 6, 4];
  const arrays = inShares(build, { rows: ROWS }, ({ heap, program, floats, words }) => {
    program.order.set(samples);
    const outputs = floats([...floats(ROWS * stride)].map((value) => value * scale));
    const before = floats([...outputs]);
    const wanted = floats([...floats(ROWS * count)].map(targets));
    const weights = floats([...floats(ROWS)].map((value) => 1 + value / 2));
    const gradients = heap.f32(ROWS * stride).fill(-9);
    const outcomes = heap.f32(2 * ROWS).fill(-9);
    program.add(OPERATION.loss, [
      ...[kind, outputs, count, stride],
      ...[labels === undefined ? wanted : words(labels), labels === undefined ? count : 1],
      ...[weights, { real: extra }, gradients, outcomes],
    ]);
    return { before, wanted, weights, gradients, outcomes };
  });
  return {
    samples,
    weights: arrays.weights,
    rows: rowsOf(arrays.before, ROWS, count, stride),
    targets: rowsOf(arrays.wanted, ROWS, count, count),
    loss: [...arrays.outcomes.filter((_, at) => at % 2 === 0)],
    right: [...arrays.outcomes.filter((_, at) => at % 2 === 1)],
    gradients: rowsOf(arrays.gradients, ROWS, count, stride),
    beside: [...arrays.gradients.filter((_, at) => at % stride >= count)],
  };
}

/** Holds each row's loss to `reference`, and the gradients to differences of the mean over rows. */
function check(
  found: Losses,
  reference: (outputs: ArrayLike<number>, sample: number) => number,
): void {
  found.samples.forEach((sample, row) => {
    const weight = found.weights[sample];
    const expected = weight * reference(found.rows[row], sample);
    expect(Math.abs(found.loss[row] - expected)).toBeLessThan(4e-6 * Math.max(1, expected));
    const slopes = differences(
      (outputs) => (weight * reference(outputs, sample)) / ROWS,
      found.rows[row],
    );
    expect(worstOf(found.gradients[row], slopes)).toBeLessThan(1e-6);
  });
  expect(found.beside.every((value) => value === 0)).toBe(true);
}

/** The softmax losses of rows of logits. */
function logitRows(
  build: (typeof BUILDS)[number],
  rows: readonly (readonly number[])[],
  labels: readonly number[],
  { smoothing = 0, weight = 1, isOver = false } = {},
): { loss: number[]; right: number[]; gradients: number[][] } {
  const classes = rows[0].length;
  const stride = Math.ceil(classes / 8) * 8;
  const test = testProgram(build, { rows: rows.length });
  const logits = test.heap.f32(rows.length * stride);
  rows.forEach((row, i) => logits.set(row, i * stride));
  const gradients = isOver ? logits : test.heap.f32(rows.length * stride);
  const outcomes = test.heap.f32(2 * rows.length);
  test.program.add(OPERATION.loss, [
    ...[SOFTMAX, logits, classes, stride, test.words(labels), 1],
    ...[test.heap.f32(rows.length).fill(weight), { real: smoothing }, gradients, outcomes],
  ]);
  test.step();
  return {
    loss: [...outcomes.filter((_, at) => at % 2 === 0)],
    right: [...outcomes.filter((_, at) => at % 2 === 1)],
    gradients: rowsOf(gradients, rows.length, classes, stride),
  };
}
