import { describe, expect, test } from "vitest";
import { OPERATION } from "#dist/wasm/network/program.js";
import { differences, inner } from "../support/network-reference.ts";
import { dropOf, inShares, rowsOf, testProgram, worstOf } from "../support/program.ts";
import type { TestProgram } from "../support/program.ts";
import { fillRandom, seededRandom } from "../support/random.ts";
import { BUILDS } from "../support/runtime.ts";

const MOST = 6;
/** Features of each sample: none, one, an even and an odd number, some more than once. */
const SAMPLES = [
  [3],
  [],
  [0, 19, 4, 7],
  [5, 5, 1],
  [2, 11],
  [19, 18, 17, 16, 15],
  [8, 3, 8, 0, 1, 9],
];
const FEATURES = 20;
const ORDER = [2, 0, 6, 1, 5, 3, 4];
const ROWS = SAMPLES.length;
const FLAT = SAMPLES.flat();
const STARTS = [0, ...SAMPLES.map((_, i) => SAMPLES.slice(0, i + 1).flat().length)];
const VALUES = fillRandom(new Float32Array(FLAT.length), seededRandom(21));

describe.each(BUILDS)("build %s", (build) => {
  test("sparse samples are gathered with their weights, in the order drawn", () => {
    const { counts, ids, values } = inShares(build, { rows: ROWS }, (it) => gathered(it, 0, 1));
    ORDER.forEach((sample, row) => {
      expect(counts[row]).toBe(SAMPLES[sample].length);
      expect(rowOf(ids, row, counts[row])).toEqual(SAMPLES[sample]);
      const weights = VALUES.subarray(STARTS[sample], STARTS[sample + 1]);
      expect(rowOf(values, row, counts[row])).toEqual([...weights]);
    });
  });

  test("a share of features is dropped, and those that stay are scaled", () => {
    const share = 0.3;
    const rows = 500;
    const most = 32;
    const keep = Math.fround(1 / (1 - share));
    const written = inShares(build, { rows }, ({ heap, program, words, floats }) => {
      const starts = words(Array.from({ length: rows + 1 }, (_, i) => i * most));
      const ids = words(Array.from({ length: rows * most }, (_, i) => i % most));
      const weights = floats(Array<number>(rows * most).fill(3));
      const counts = heap.u32(rows);
      const batchIds = heap.u32(rows * most);
      const batchValues = heap.f32(rows * most);
      program.add(OPERATION.gatherSparse, [
        ...[starts, ids, weights, most, dropOf(share), 77, { real: keep }],
        ...[counts, batchIds, batchValues],
      ]);
      return { counts, batchIds, batchValues };
    });
    const kept = written.counts.reduce((total, count) => total + count, 0);
    const sigma = Math.sqrt(rows * most * share * (1 - share));
    expect(Math.abs(kept - rows * most * (1 - share))).toBeLessThan(3 * sigma);
    written.counts.forEach((count, row) => {
      const ids = rowOf(written.batchIds, row, count, most);
      expect(ids).toEqual([...new Set(ids)].toSorted((a, b) => a - b));
      const scaled = rowOf(written.batchValues, row, count, most);
      expect(scaled).toEqual(Array(count).fill(Math.fround(3 * keep)));
    });
  });

  test.each([4, 20, 64])(
    "weighted sums of table rows of %i, from bias, from 0, from what is",
    (width) => {
      const written = inShares(build, { rows: ROWS }, (it) => {
        const { counts, ids, values } = gathered(it, 0, 1);
        const table = it.floats(FEATURES * width);
        const bias = it.floats(width);
        const stride = width + 4;
        const biased = it.floats(ROWS * stride);
        const bare = it.floats(ROWS * stride);
        const added = it.floats(ROWS * stride);
        const before = it.floats([...added]);
        for (const [start, out] of [
          [bias, biased],
          [0, bare],
          [1, added],
        ] as const) {
          it.program.add(OPERATION.sumSparse, [
            ...[counts, ids, values, MOST, table, width, start, out, stride],
          ]);
        }
        return { table, bias, biased, bare, added, before };
      });
      const sums = sumsOf(written.table, width);
      for (let row = 0; row < ROWS; row++) {
        const found = (array: Float32Array) => rowsOf(array, ROWS, width, width + 4)[row];
        const before = found(written.before);
        expect(worstOf(found(written.bare), sums[row])).toBeLessThan(1e-6);
        const fromBias = sums[row].map((sum, j) => sum + written.bias[j]);
        expect(worstOf(found(written.biased), fromBias)).toBeLessThan(1e-6);
        const fromBefore = sums[row].map((sum, j) => sum + before[j]);
        expect(worstOf(found(written.added), fromBefore)).toBeLessThan(1e-6);
      }
    },
  );

  test("gradients of a table match finite differences, and stand at the features met alone", () => {
    const width = 36;
    const written = backwards(build, width);
    const { table, gradients, met, back, places } = written;
    const order = [...new Set(ORDER.flatMap((sample) => SAMPLES[sample]))];
    expect(written.count[0]).toBe(order.length);
    expect([...met.subarray(0, order.length)]).toEqual(order);
    expect(places.every((place) => place === 0)).toBe(true);
    const wanted = rowsOf(gradients, ROWS, width, width + 4).flat();
    const slopes = differences((values) => inner(sumsOf(values, width).flat(), wanted), table);
    order.forEach((feature, slot) => {
      const expected = slopes.slice(feature * width, (feature + 1) * width);
      const found = [...back.subarray(slot * width, (slot + 1) * width)];
      expect(worstOf(found, expected)).toBeLessThan(2e-6);
    });
    expect(back.subarray(order.length * width).every((value) => value === -9)).toBe(true);
  });

  test("a step of a table moves the rows met as a dense step would, and no others", () => {
    const width = 36;
    const { table, moved, first, second, met, count, back } = backwards(build, width);
    const rows = [...met.subarray(0, count[0])];
    const dense = testProgram(build, { rows: 1, schedule: SCHEDULE });
    const pick = (array: Float32Array) =>
      dense.floats(rows.flatMap((row) => [...array.subarray(row * width, (row + 1) * width)]));
    const values = pick(table);
    const gradients = dense.floats([...back.subarray(0, values.length)]);
    const [mean, square] = [values, values].map(({ length }) => dense.heap.f32(length));
    dense.program.add(OPERATION.adam, [
      ...[values, gradients, mean, square, values.length, { real: 1 }, { real: 0.5 }],
    ]);
    dense.step();
    expect([...pick(moved)]).toEqual([...values]);
    expect([...pick(first)]).toEqual([...mean]);
    expect([...pick(second)]).toEqual([...square]);
    table.forEach((value, at) => {
      if (!rows.includes(Math.floor(at / width))) expect(moved[at]).toBe(value);
    });
  });

  test("the last events of sequences end at the same time, and what has not begun is empty", () => {
    // Seven events, which have the features of the samples; sequences of 3, 1, 0 and 7 of them.
    const spans = [0, 3, 4, 5, 2, 2, 0, 7];
    const times = 4;
    const most = 5;
    const written = inShares(build, { rows: 3, samples: 4 }, ({ heap, program, words, floats }) => {
      program.order.set([3, 1, 0, 2]);
      const counts = heap.u32(times * most).fill(99);
      const ids = heap.u32(times * most * MOST);
      const values = heap.f32(times * most * MOST);
      const begun = heap.u32(most);
      program.add(OPERATION.gatherEvents, [
        ...[words(spans), words(STARTS), words(FLAT), floats([...VALUES]), MOST, times],
        ...[counts, ids, values, begun, most],
      ]);
      return { counts, ids, values, begun };
    });
    expect([...written.begun]).toEqual([0, 3, 1, 0, 0]);
    const events = [
      [3, 4, 5, 6],
      [undefined, undefined, undefined, 4],
      [undefined, 0, 1, 2],
    ];
    events.forEach((sequence, row) => {
      sequence.forEach((event, time) => {
        const place = time * most + row;
        const features = event === undefined ? [] : SAMPLES[event];
        expect(written.counts[place]).toBe(features.length);
        expect(rowOf(written.ids, place, features.length)).toEqual(features);
        const from = STARTS[event ?? 0];
        const weights = VALUES.subarray(from, from + features.length);
        expect(rowOf(written.values, place, features.length)).toEqual([...weights]);
      });
    });
    // Places beyond the rows of the step are left alone.
    expect(written.counts.filter((count) => count === 99).length).toBe(times * 2);
  });

  test("rows of sequences that have not begun are set to 0, and nothing else", () => {
    const times = 4;
    const most = 3;
    const { steps } = inShares(build, { rows: 3 }, ({ heap, program, words }) => {
      const ones = heap.f32(times * most * 8).fill(1);
      const begun = words([0, 3, 2]);
      program.add(OPERATION.maskSteps, [ones, 5, 8, begun, most], times * most);
      return { steps: ones };
    });
    rowsOf(steps, times * most, 8, 8).forEach((row, i) => {
      const isBegun = [0, 3, 2][i % most] <= Math.floor(i / most);
      expect(row).toEqual([...Array(5).fill(isBegun ? 1 : 0), 1, 1, 1]);
    });
  });
});

const SCHEDULE = [0.1, 31.6, 0.01, 0];

/** Gathers the samples into a batch. */
function gathered({ heap, program, words, floats }: TestProgram, drop: number, keep: number) {
  program.order.set(ORDER);
  const counts = heap.u32(ROWS);
  const ids = heap.u32(ROWS * MOST);
  const values = heap.f32(ROWS * MOST);
  program.add(OPERATION.gatherSparse, [
    ...[words(STARTS), words(FLAT), floats([...VALUES]), MOST, drop, 0, { real: keep }],
    ...[counts, ids, values],
  ]);
  return { counts, ids, values };
}

/** The way back to a table, and one step of it. */
function backwards(build: (typeof BUILDS)[number], width: number) {
  const it = testProgram(build, { rows: ROWS, schedule: SCHEDULE });
  const { heap, program, floats } = it;
  const { counts, ids, values } = gathered(it, 0, 1);
  const slots = heap.u32(ROWS * MOST);
  const places = heap.u32(FEATURES);
  const met = heap.u32(ROWS * MOST);
  const count = heap.u32(1);
  const table = floats(FEATURES * width);
  const moved = floats([...table]);
  const first = heap.f32(table.length);
  const second = heap.f32(table.length);
  const gradients = floats(ROWS * (width + 4));
  const back = heap.f32(ROWS * MOST * width).fill(-9);
  program.add(OPERATION.numberSparse, [counts, ids, slots, MOST, places, met, count]);
  program.add(OPERATION.sumSparseBack, [
    ...[counts, slots, values, MOST, gradients, width + 4, count, width, back],
  ]);
  program.add(OPERATION.adamSparse, [
    ...[moved, back, first, second, met, count, width, { real: 1 }, { real: 0.5 }],
  ]);
  it.step();
  return { table, moved, first, second, gradients, met, count, places, back };
}

/** The sums of each row of the batch, in f64. */
function sumsOf(table: ArrayLike<number>, width: number): number[][] {
  return ORDER.map((sample) =>
    Array.from({ length: width }, (_, j) =>
      inner(
        VALUES.subarray(STARTS[sample], STARTS[sample + 1]),
        SAMPLES[sample].map((feature) => table[feature * width + j]),
      ),
    ),
  );
}

function rowOf(
  values: Float32Array | Uint32Array,
  row: number,
  count: number,
  most = MOST,
): number[] {
  return [...values.subarray(row * most, row * most + count)];
}
