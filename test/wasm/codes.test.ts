import { describe, expect, test } from "vitest";
import {
  codedDim,
  codeWords,
  encode,
  estimate,
  flat,
  makeTables,
  rotate,
  tableWords,
  writeSigns,
} from "#dist/wasm/vectors/codes.js";
import type { Heap } from "#dist/wasm/heap.js";
import { layOutScratch, scan } from "#dist/wasm/vectors/scan.js";
import { fillRandom, seededRandom } from "../support/random.ts";
import { l2sqReference, sum } from "../support/reference.ts";
import { BUILDS, testRuntime } from "../support/runtime.ts";

const CODED_BUILDS = BUILDS.filter((build) => build !== "off");

describe.each(CODED_BUILDS)("build %s", (build) => {
  test("rotation agrees with its f64 twin and keeps distances, at every size", () => {
    for (const dim of [64, 128, 192, 384, 768, 832, 1024, 1536, 4096]) {
      const { heap, run } = testRuntime(build);
      const signs = heap.u32(4 * dim);
      writeSigns(signs, dim);
      const rows = fillRandom(heap.f32(3 * dim), seededRandom(dim));
      const before = rows.slice();
      run(rotate(heap, rows, dim, signs));
      for (let i = 0; i < 3; i++) {
        const expected = rotateReference(before.subarray(i * dim, (i + 1) * dim), signs);
        const row = rows.subarray(i * dim, (i + 1) * dim);
        expect(Math.max(...row.map((value, j) => Math.abs(value - expected[j])))).toBeLessThan(
          3e-6,
        );
      }
      const distance = (of: Float32Array): number =>
        l2sqReference(of.subarray(0, dim), of.subarray(dim, 2 * dim))[0];
      expect(Math.abs(distance(rows) / distance(before) - 1)).toBeLessThan(1e-5);
    }
  });

  test("rotation leaves what follows the rows untouched, and zero rows zero", () => {
    const { heap, run } = testRuntime(build);
    const signs = heap.u32(4 * 192);
    writeSigns(signs, 1);
    const rows = heap.f32(3 * 192);
    rows.fill(7, 192);
    run(rotate(heap, rows.subarray(0, 192), 192, signs));
    expect(rows.subarray(0, 192).every((value) => value === 0)).toBe(true);
    expect(rows.subarray(192).every((value) => value === 7)).toBe(true);
  });

  // The published errors of one-bit codes with six-bit tables (relative, root of the mean square).
  test.each([
    [128, 0.0673],
    [384, 0.0389],
    [784, 0.0264],
    [960, 0.0246],
  ])("estimates at dim %i have no bias and an error of %f", (dim, published) => {
    const { heap, run } = testRuntime(build, 32 << 20);
    const { codes, queries, rows, count, padded } = codedRows(heap, run, dim, 1024, 20);
    const tables = heap.u32(tableWords(padded));
    const out = heap.f32(count);
    const difference = heap.f32(padded);
    let squares = 0;
    let total = 0;
    let beyond = 0;
    let n = 0;
    for (let q = 0; q < 20; q++) {
      const query = queries.subarray(q * padded, (q + 1) * padded);
      const [away] = l2sqReference(query, codes.centroid);
      difference.set(query.map((value, j) => value - codes.centroid[j]));
      run(makeTables(heap, difference, tables));
      run(estimate(heap, codes, tables, away, out));
      l2sqReference(query, rows).forEach((exact, slot) => {
        const error = (out[slot] - exact) / exact;
        squares += error ** 2;
        total += error;
        const sigma = errorOf(codes.blocks, padded, slot) * Math.sqrt(away);
        if (Math.abs(out[slot] - exact) > 1.9 * sigma) beyond++;
        n++;
      });
    }
    expect(Math.sqrt(squares / n) / published).toBeCloseTo(1, 1);
    expect(Math.abs(total / n)).toBeLessThan((3 * published) / Math.sqrt(1024));
    // A normal distribution leaves 5.7 % beyond 1.9 standard deviations.
    expect(beyond / n).toBeGreaterThan(0.045);
    expect(beyond / n).toBeLessThan(0.065);
  });

  test("a row that is the centroid itself is estimated exactly", () => {
    const { heap, run } = testRuntime(build);
    const rows = heap.f32(32 * 64).fill(0.5);
    const codes = {
      centroid: heap.f32(64).fill(0.5),
      blocks: heap.u32(codeWords(32, 64)),
      inner: false,
    };
    run(encode(heap, rows, 0, 32, codes));
    const query = fillRandom(heap.f32(64), seededRandom(1));
    const tables = heap.u32(tableWords(64));
    const out = heap.f32(32);
    run(makeTables(heap, query, tables));
    run(estimate(heap, codes, tables, 3.25, out));
    expect([...out]).toEqual(Array(32).fill(3.25));
  });

  test("encoding one slot again changes its own code and no other", () => {
    const { heap, run } = testRuntime(build, 4 << 20);
    const { codes, rows, padded } = codedRows(heap, run, 100, 96, 1);
    const before = codes.blocks.slice();
    for (let slot = 0; slot < 96; slot++) run(encode(heap, rows, slot, 1, codes));
    expect(codes.blocks.every((word, i) => word === before[i])).toBe(true);
    for (const slot of [0, 7, 8, 15, 16, 31, 32, 95]) {
      const row = rows.subarray(slot * padded, (slot + 1) * padded);
      const kept = row.slice();
      row.forEach((value, j) => (row[j] = -value));
      run(encode(heap, rows, slot, 1, codes));
      expect(codes.blocks.some((word, i) => word !== before[i])).toBe(true);
      row.set(kept);
      run(encode(heap, rows, slot, 1, codes));
      expect(codes.blocks.every((word, i) => word === before[i])).toBe(true);
    }
  });

  test.each([false, true])("flat search finds what a scan finds (inner products: %s)", (inner) => {
    for (const [count, share, k] of [
      [1, 1, 5],
      [33, 1, 5],
      [500, 1, 5],
      [500, 0.3, 5],
      [500, 0, 5],
      [9000, 1, 100],
      [9000, 0.3, 256],
      [9000, 1, 257],
    ]) {
      const { heap, run } = testRuntime(build, 32 << 20);
      const { codes, queries, rows, padded } = codedRows(heap, run, 200, count, 8, inner);
      const random = seededRandom(3);
      const visible = heap.u32(Math.ceil(count / 32));
      for (let slot = 0; slot < count; slot++) {
        if (random() < share) visible[slot >>> 5] |= 1 << (slot & 31);
      }
      const size = { queries: 8, dim: padded, k, tableWords: tableWords(padded) };
      const byCodes = layOutScratch(heap, size);
      const byRows = layOutScratch(heap, size);
      byCodes.queries.set(queries);
      byRows.queries.set(queries);
      const range = { rows, visible, firstSlot: 0, endSlot: count, dim: padded };
      const exact = run(flat(heap, range, codes, { scratch: byCodes, queryCount: 8, k }, 6));
      run(
        scan(heap, inner ? "scan_dot_f32" : "scan_l2sq_f32", range, {
          scratch: byRows,
          queryCount: 8,
          k,
        }),
      );
      expect([...byCodes.counts]).toEqual([...byRows.counts]);
      expect([...byCodes.slots]).toEqual([...byRows.slots]);
      expect([...byCodes.distances]).toEqual([...byRows.distances]);
      expect(exact).toBeLessThanOrEqual(8 * count);
    }
  });
});

test("bindings of codes refuse lengths that disagree", () => {
  const { heap } = testRuntime("simd");
  const refused = expect.objectContaining({ code: "DIMENSION" });
  const codes = { centroid: heap.f32(64), blocks: heap.u32(codeWords(32, 64)), inner: false };
  expect(() => rotate(heap, heap.f32(65), 65, heap.u32(260))).toThrow(refused);
  expect(() => rotate(heap, heap.f32(64), 64, heap.u32(64))).toThrow(refused);
  expect(() => rotate(heap, heap.f32(96), 64, heap.u32(256))).toThrow(refused);
  expect(() => encode(heap, heap.f32(64), 0, 2, codes)).toThrow(refused);
  expect(() => encode(heap, heap.f32(64 * 64), 0, 33, codes)).toThrow(refused);
  expect(() => makeTables(heap, heap.f32(64), heap.u32(10))).toThrow(refused);
  expect(() => estimate(heap, codes, heap.u32(tableWords(64)), 1, heap.f32(31))).toThrow(refused);
  expect([1, 64, 65, 768, 4096].map(codedDim)).toEqual([64, 64, 128, 768, 4096]);
});

/** Rows and queries around a common center, as far from it as from each other, rotated and coded. */
function codedRows(
  heap: Heap,
  run: ReturnType<typeof testRuntime>["run"],
  dim: number,
  count: number,
  queryCount: number,
  inner = false,
) {
  const padded = codedDim(dim);
  const random = seededRandom(dim);
  const gauss = (): number =>
    Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
  const signs = heap.u32(4 * padded);
  writeSigns(signs, 7);
  const center = Float32Array.from({ length: dim }, gauss);
  const around = (rows: number): Float32Array => {
    const array = heap.f32(rows * padded);
    for (let i = 0; i < rows; i++) {
      for (let j = 0; j < dim; j++) array[i * padded + j] = center[j] + 0.5 * gauss();
    }
    run(rotate(heap, array, padded, signs));
    return array;
  };
  const rows = around(count);
  const queries = around(queryCount);
  const centroid = heap.f32(padded);
  centroid.set(center);
  run(rotate(heap, centroid, padded, signs));
  const codes = { centroid, blocks: heap.u32(codeWords(count, padded)), inner };
  run(encode(heap, rows, 0, count, codes));
  return { codes, queries, rows, count, padded };
}

/** The stored error factor of a slot: see the layout in assembly/codes/rabitq.ts. */
function errorOf(blocks: Uint32Array, dim: number, slot: number): number {
  const block = (slot >>> 5) * (dim + 96);
  const floats = new Float32Array(blocks.buffer, blocks.byteOffset, blocks.length);
  return floats[block + dim + 64 + (slot & 31)];
}

function rotateReference(row: Float32Array, signs: Uint32Array): Float64Array {
  const values = Float64Array.from(row);
  const dim = row.length;
  const size = 2 ** Math.floor(Math.log2(dim));
  for (let round = 0; round < 4; round++) {
    for (let j = 0; j < dim; j++) if (signs[round * dim + j] !== 0) values[j] = -values[j];
    const from = round % 2 === 1 ? dim - size : 0;
    for (let half = 1; half < size; half *= 2) {
      for (let j = 0; j < size; j++) {
        if ((j & half) !== 0) continue;
        const a = values[from + j];
        const b = values[from + j + half];
        values[from + j] = a + b;
        values[from + j + half] = a - b;
      }
    }
    for (let j = 0; j < size; j++) values[from + j] /= Math.sqrt(size);
    if (size === dim) continue;
    for (let j = 0; j < dim / 2; j++) {
      const a = values[j];
      const b = values[j + dim / 2];
      values[j] = (a + b) * Math.SQRT1_2;
      values[j + dim / 2] = (a - b) * Math.SQRT1_2;
    }
  }
  expect(sum(row, (value) => value ** 2)).toBeCloseTo(
    values.reduce((total, value) => total + value ** 2, 0),
    6,
  );
  return values;
}
