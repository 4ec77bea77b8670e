import { describe, expect, test } from "vitest";
import { rotate, writeSigns } from "#dist/wasm/vectors/codes.js";
import type { Heap } from "#dist/wasm/heap.js";
import type { Run } from "#dist/wasm/abi/kernels.js";
import {
  quantizeRows,
  rowI8At,
  rowWordsI8,
  valuesOf,
  wholeWords,
} from "#dist/wasm/vectors/rows-i8.js";
import { scan, layOutScratch } from "#dist/wasm/vectors/scan.js";
import { fillRandom, randomVectors, seededRandom } from "../support/random.ts";
import { dotReference, l2sqReference } from "../support/reference.ts";
import { BUILDS, testRuntime } from "../support/runtime.ts";

describe.each(BUILDS)("build %s", (build) => {
  test.each([64, 128, 192, 768, 1536, 4160])(
    "a row of 8 bits is off by half a step per value at most, and its factors fit, at dim %i",
    (dim) => {
      const { heap, run } = testRuntime(build);
      const given = fillRandom(heap.f32(5 * dim), seededRandom(dim));
      // Zeros, one value, tiny, huge: each row has a scale of its own.
      given.fill(0, 0, dim);
      given.fill(0, dim, 2 * dim)[dim + 3] = -7;
      for (let j = 0; j < dim; j++) given[2 * dim + j] *= 1e-30;
      for (let j = 0; j < dim; j++) given[3 * dim + j] *= 1e30;
      const kept = quantized(heap, run, given, dim);
      for (const [i, { codes, scale, square }] of kept.rows.entries()) {
        const row = given.subarray(i * dim, (i + 1) * dim);
        const largest = row.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
        expect(scale).toBe(Math.fround(largest / 127));
        expect(square).toBe(codes.reduce((sum, code) => sum + code * code, 0));
        for (let j = 0; j < dim; j++) {
          expect(Math.abs(codes[j] * scale - row[j])).toBeLessThanOrEqual(0.5001 * scale);
        }
      }
      expect([...kept.rows[1].codes].filter((code) => code !== 0)).toEqual([-127]);
      expect(kept.beyond()).toBe(true);
    },
  );

  test.each(["scan_l2sq_i8", "scan_dot_i8"] as const)(
    "%s is within its bound of distances in f64 to the rows as they are kept",
    (kernel) => {
      for (const dim of [64, 128, 192, 768, 1536, 4160]) {
        const { heap, run } = testRuntime(build, 4 << 20);
        const count = 67;
        const kept = quantized(heap, run, fillRandom(heap.f32(count * dim), seededRandom(1)), dim);
        const visible = heap.u32(3).fill(0xffffffff);
        const size = { queries: 2, dim, k: count, tableWords: 0, isI8: true };
        const scratch = layOutScratch(heap, size);
        fillRandom(scratch.queries, seededRandom(2));
        const range = { rows: kept.out, visible, firstSlot: 0, endSlot: count, dim };
        run(
          scan(
            heap,
            kernel,
            { ...range, stride: rowWordsI8(dim) },
            { scratch, queryCount: 2, k: count },
          ),
        );
        const values = kept.rows.map(valuesOf);
        for (let q = 0; q < 2; q++) {
          const query = scratch.queries.slice(q * dim, (q + 1) * dim);
          const e = Math.max(...query.map(Math.abs)) / 16_256;
          for (let i = 0; i < count; i++) {
            const row = values[scratch.slots[q * count + i]];
            const found = scratch.distances[q * count + i];
            if (kernel === "scan_l2sq_i8") {
              const [exact] = l2sqReference(query, row);
              const off = Math.abs(Math.sqrt(found) - Math.sqrt(exact));
              expect(off).toBeLessThanOrEqual(Math.sqrt(dim) * e + 1e-6 * Math.sqrt(exact));
            } else {
              const [exact] = dotReference(query, row);
              const sizes = row.reduce((sum, value) => sum + Math.abs(value), 0);
              expect(Math.abs(found - exact)).toBeLessThanOrEqual(e * sizes + 1e-6);
            }
          }
        }
      }
    },
  );

  test("a row that is the query is nearest to itself; what all of it could add up to fits", () => {
    const dim = 4160;
    const { heap, run } = testRuntime(build, 4 << 20);
    const given = heap.f32(3 * dim).fill(1);
    given.fill(-1, dim, 2 * dim);
    given.fill(3e38, 2 * dim);
    const kept = quantized(heap, run, given, dim);
    const scratch = layOutScratch(heap, { queries: 1, dim, k: 3, tableWords: 0, isI8: true });
    const visible = heap.u32(1).fill(7);
    const range = { rows: kept.out, visible, firstSlot: 0, endSlot: 3, dim };
    scratch.queries.fill(1);
    run(
      scan(
        heap,
        "scan_l2sq_i8",
        { ...range, stride: rowWordsI8(dim) },
        { scratch, queryCount: 1, k: 3 },
      ),
    );
    expect([...scratch.slots.subarray(0, 3)]).toEqual([0, 1, 2]);
    expect(scratch.distances[0]).toBeLessThan(1e-9);
    expect(scratch.distances[1] / (4 * dim)).toBeCloseTo(1, 5);
    expect(scratch.distances[2]).toBe(Infinity);
  });

  test("rotation keeps lengths and inner products, in every build the same map", () => {
    for (const dim of [64, 128, 192, 832]) {
      const { heap, run } = testRuntime(build);
      const rows = fillRandom(heap.f32(3 * dim), seededRandom(3));
      const before = [0, 1, 2].map((i) => dotReference(rows.subarray(0, dim), rowOf(i))[0]);
      const signs = heap.u32(4 * dim);
      writeSigns(signs, 5);
      run(rotate(heap, rows, dim, signs));
      before.forEach((dot, i) =>
        expect(dotReference(rows.subarray(0, dim), rowOf(i))[0]).toBeCloseTo(dot, 3),
      );
      const other = testRuntime("simd");
      const theirs = fillRandom(other.heap.f32(3 * dim), seededRandom(3));
      const theirSigns = other.heap.u32(4 * dim);
      theirSigns.set(signs);
      other.run(rotate(other.heap, theirs, dim, theirSigns));
      rows.forEach((value, i) => expect(Math.abs(value - theirs[i])).toBeLessThan(1e-5));

      function rowOf(i: number): Float32Array {
        return rows.slice(i * dim, (i + 1) * dim);
      }
    }
  });
});

test("every build keeps the same row of the same values, and answers with the same distances", () => {
  const dim = 768;
  const answers = BUILDS.map((build) => {
    const { heap, run } = testRuntime(build, 4 << 20);
    const given = heap.f32(100 * dim);
    given.set(randomVectors(100, dim, 6));
    const kept = quantized(heap, run, given, dim);
    const scratch = layOutScratch(heap, { queries: 1, dim, k: 9, tableWords: 0, isI8: true });
    scratch.queries.set(randomVectors(1, dim, 7));
    const visible = heap.u32(4).fill(0xffffffff);
    const range = { rows: kept.out, visible, firstSlot: 0, endSlot: 100, dim };
    run(
      scan(
        heap,
        "scan_l2sq_i8",
        { ...range, stride: rowWordsI8(dim) },
        { scratch, queryCount: 1, k: 9 },
      ),
    );
    const codes = kept.rows.map((row) => [...row.codes, row.scale, row.square]);
    return { codes, slots: [...scratch.slots], distances: [...scratch.distances] };
  });
  for (const other of answers.slice(1)) expect(other).toEqual(answers[0]);
});

test("bindings of 8 bits refuse what is too short, or of a length that kernels have no loop for", () => {
  const { heap } = testRuntime("simd");
  const refused = expect.objectContaining({ code: "DIMENSION" });
  expect(rowWordsI8(64)).toBe(20);
  expect(() => quantizeRows(heap, heap.f32(80), 80, heap.f32(24))).toThrow(refused);
  expect(() => quantizeRows(heap, heap.f32(128), 64, heap.f32(20))).toThrow(refused);
  expect(() => quantizeRows(heap, heap.f32(100), 64, heap.f32(40))).toThrow(refused);
  const scratch = layOutScratch(heap, { queries: 1, dim: 64, k: 5, tableWords: 0, isI8: true });
  const rows = heap.f32(32 * 20);
  const range = { rows, visible: heap.u32(1), firstSlot: 0, endSlot: 32, dim: 64, stride: 20 };
  for (const [wrong, within] of [
    [{ ...range, stride: 16 }, scratch],
    [{ ...range, stride: 21 }, scratch],
    [{ ...range, rows: rows.subarray(1) }, scratch],
    [range, { ...scratch, whole: scratch.whole.subarray(1) }],
  ] as const) {
    expect(() =>
      scan(heap, "scan_l2sq_i8", wrong, { scratch: within, queryCount: 1, k: 5 }),
    ).toThrow(refused);
  }
  expect(scratch.whole.length).toBe(wholeWords(64));
});

/** Rows brought to 8 bits, and whether what stands behind them is untouched. */
function quantized(heap: Heap, run: Run, given: Float32Array, dim: number) {
  const count = given.length / dim;
  const words = rowWordsI8(dim);
  const room = heap.f32(count * words + 16).fill(5);
  const out = room.subarray(0, count * words);
  run(quantizeRows(heap, given, dim, out));
  return {
    out,
    rows: Array.from({ length: count }, (_, i) =>
      rowI8At(out, dim, i * words, i * words + dim / 4),
    ),
    beyond: () => room.subarray(count * words).every((value) => value === 5),
  };
}
