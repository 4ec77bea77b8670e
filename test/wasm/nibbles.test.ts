import { describe, expect, test } from "vitest";
import {
  codeWords,
  encode,
  encodeNibbles,
  flat,
  nibbleWords,
  tableWords,
} from "#dist/wasm/vectors/codes.js";
import type { Heap } from "#dist/wasm/heap.js";
import { layOutScratch, scan } from "#dist/wasm/vectors/scan.js";
import { seededRandom } from "../support/random.ts";
import { l2sqReference } from "../support/reference.ts";
import { BUILDS, testRuntime } from "../support/runtime.ts";

const CODED_BUILDS = BUILDS.filter((build) => build !== "off");

describe.each(CODED_BUILDS)("build %s", (build) => {
  // The published errors of codes of four bits (relative, root of the mean square).
  test.each([
    [128, 0.0092],
    [768, 0.0039],
  ])("codes of four bits at dim %i have no bias and an error of %f", (dim, published) => {
    const { heap, run } = testRuntime(build, 16 << 20);
    const { codes, rows, queries } = rowsAround(heap, dim, 512, 20);
    run(encodeNibbles(heap, rows, 0, 512, codes));
    let squares = 0;
    let total = 0;
    let beyond = 0;
    let n = 0;
    for (let q = 0; q < 20; q++) {
      const query = queries.subarray(q * dim, (q + 1) * dim);
      const [away] = l2sqReference(query, codes.centroid);
      l2sqReference(query, rows).forEach((exact, slot) => {
        const { estimate, sigma } = estimateReference(codes, rows, query, slot);
        const error = (estimate - exact) / exact;
        squares += error ** 2;
        total += error;
        if (Math.abs(estimate - exact) > 3 * sigma * Math.sqrt(away)) beyond++;
        n++;
      });
    }
    expect(Math.sqrt(squares / n) / published).toBeGreaterThan(0.9);
    expect(Math.sqrt(squares / n) / published).toBeLessThan(1.2);
    expect(Math.abs(total / n)).toBeLessThan((3 * published) / Math.sqrt(512));
    // A normal distribution leaves 0.27 % beyond 3 standard deviations.
    expect(beyond / n).toBeLessThan(0.006);
  });

  test("each value's code is the step that it lies in, wherever its row stands in a block", () => {
    const dim = 192;
    const { heap, run } = testRuntime(build, 4 << 20);
    const { codes, rows } = rowsAround(heap, dim, 70, 1);
    run(encodeNibbles(heap, rows, 0, 70, codes));
    const before = codes.nibbles.slice();
    for (const slot of [0, 1, 31, 32, 69]) {
      const row = rows.subarray(slot * dim, (slot + 1) * dim);
      const r = Array.from(row, (value, j) => value - codes.centroid[j]);
      const step = 0.335 * Math.sqrt(r.reduce((sum, v) => sum + v * v, 0) / dim);
      r.forEach((value, j) => {
        const steps = value / step + 8;
        const number = Math.min(15, Math.max(0, Math.floor(steps)));
        const found = nibbleOf(codes.nibbles, dim, slot, j);
        // At the edge of two steps rounding decides.
        if (Math.abs(steps - Math.round(steps)) > 1e-4) expect(found).toBe(number);
        else expect(Math.abs(found - number)).toBeLessThanOrEqual(1);
      });
      const kept = row.slice();
      row.forEach((value, j) => (row[j] = -value));
      run(encodeNibbles(heap, rows, slot, 1, codes));
      expect(codes.nibbles.some((word, i) => word !== before[i])).toBe(true);
      row.set(kept);
      run(encodeNibbles(heap, rows, slot, 1, codes));
      expect(codes.nibbles.every((word, i) => word === before[i])).toBe(true);
    }
  });

  test.each([false, true])("search finds what a scan finds (inner products: %s)", (inner) => {
    for (const [count, share, k] of [
      [1, 1, 5],
      [33, 1, 5],
      [500, 1, 5],
      [500, 0.3, 70],
      [500, 0, 5],
      [9000, 1, 5],
      [9000, 0.5, 100],
      [9000, 1, 256],
      [9000, 0.02, 256],
      [9000, 1, 257],
    ]) {
      const dim = 128;
      const { heap, run } = testRuntime(build, 32 << 20);
      const { codes, rows, queries } = rowsAround(heap, dim, count, 4, inner);
      run(encode(heap, rows, 0, count, codes));
      run(encodeNibbles(heap, rows, 0, count, codes));
      const random = seededRandom(3);
      const visible = heap.u32(Math.ceil(count / 32));
      for (let slot = 0; slot < count; slot++) {
        if (random() < share) visible[slot >>> 5] |= 1 << (slot & 31);
      }
      const size = { queries: 4, dim, k, tableWords: tableWords(dim) };
      const byCodes = layOutScratch(heap, size);
      const byRows = layOutScratch(heap, size);
      byCodes.queries.set(queries);
      byRows.queries.set(queries);
      const range = { rows, visible, firstSlot: 0, endSlot: count, dim };
      const looked = run(flat(heap, range, codes, { scratch: byCodes, queryCount: 4, k }, 6));
      run(
        scan(heap, inner ? "scan_dot_f32" : "scan_l2sq_f32", range, {
          scratch: byRows,
          queryCount: 4,
          k,
        }),
      );
      expect([...byCodes.counts]).toEqual([...byRows.counts]);
      expect([...byCodes.slots]).toEqual([...byRows.slots]);
      expect([...byCodes.distances]).toEqual([...byRows.distances]);
      if (count === 9000 && k === 5) expect(looked / 4).toBeLessThan(60);
      if (share === 1 && k === 256) expect(looked / 4).toBeLessThan(5 * k);
    }
  });

  test("search finds what a scan finds where the nearest stand side by side, or far from all others", () => {
    const dim = 128;
    const count = 4000;
    const k = 256;
    for (const scaleOf of [
      (slot: number) => slot / count,
      (slot: number) => 1 - slot / count,
      (slot: number) => (slot < 300 ? 1 : 1e6 * slot),
      () => 0,
    ]) {
      const { heap, run } = testRuntime(build, 32 << 20);
      const { codes, rows, queries } = rowsAround(heap, dim, count, 1);
      rows.forEach((value, i) => (rows[i] = value * scaleOf(Math.floor(i / dim))));
      run(encode(heap, rows, 0, count, codes));
      run(encodeNibbles(heap, rows, 0, count, codes));
      const visible = heap.u32(Math.ceil(count / 32)).fill(0xffffffff);
      const size = { queries: 1, dim, k, tableWords: tableWords(dim) };
      const byRows = layOutScratch(heap, size);
      byRows.queries.set(queries);
      const range = { rows, visible, firstSlot: 0, endSlot: count, dim };
      run(scan(heap, "scan_l2sq_f32", range, { scratch: byRows, queryCount: 1, k }));
      const { nibbles: _, ...ones } = codes;
      for (const some of [ones, codes]) {
        const byCodes = layOutScratch(heap, size);
        byCodes.queries.set(queries);
        run(flat(heap, range, some, { scratch: byCodes, queryCount: 1, k }, 6));
        expect([...byCodes.counts]).toEqual([k]);
        expect([...byCodes.distances]).toEqual([...byRows.distances]);
      }
    }
  });

  test("rows that are the centroid, all the same or beyond f32 are answered as a scan does", () => {
    const dim = 64;
    for (const fill of [0.5, 0, 3, 1e30]) {
      const { heap, run } = testRuntime(build, 8 << 20);
      const { codes, rows, queries } = rowsAround(heap, dim, 600, 1);
      codes.centroid.fill(0.5);
      rows.fill(fill, 64);
      run(encode(heap, rows, 0, 600, codes));
      run(encodeNibbles(heap, rows, 0, 600, codes));
      const visible = heap.u32(19).fill(0xffffffff);
      const size = { queries: 1, dim, k: 9, tableWords: tableWords(dim) };
      const byCodes = layOutScratch(heap, size);
      const byRows = layOutScratch(heap, size);
      byCodes.queries.set(queries);
      byRows.queries.set(queries);
      const range = { rows, visible, firstSlot: 0, endSlot: 600, dim };
      run(flat(heap, range, codes, { scratch: byCodes, queryCount: 1, k: 9 }, 3));
      run(scan(heap, "scan_l2sq_f32", range, { scratch: byRows, queryCount: 1, k: 9 }));
      expect([...byCodes.counts]).toEqual([9]);
      expect([...byCodes.distances]).toEqual([...byRows.distances]);
    }
  });
});

test("bindings of codes of four bits refuse lengths that disagree", () => {
  const { heap } = testRuntime("simd", 4 << 20);
  const refused = expect.objectContaining({ code: "DIMENSION" });
  const { codes } = rowsAround(heap, 64, 32, 1);
  expect(() => encodeNibbles(heap, heap.f32(64), 0, 2, codes)).toThrow(refused);
  expect(() => encodeNibbles(heap, heap.f32(64 * 64), 0, 33, codes)).toThrow(refused);
  const long = { ...codes, centroid: heap.f32(1088), nibbles: heap.u32(nibbleWords(32, 1088)) };
  expect(() => encodeNibbles(heap, heap.f32(1088), 0, 1, long)).toThrow(refused);
});

/** Rows and queries around a centroid, as far from it as from each other: as if they were rotated. */
function rowsAround(heap: Heap, dim: number, count: number, queryCount: number, inner = false) {
  const random = seededRandom(dim);
  const gauss = (): number =>
    Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
  const centroid = heap.f32(dim);
  centroid.forEach((_, j) => (centroid[j] = gauss()));
  const around = (rows: number): Float32Array => {
    const array = heap.f32(rows * dim);
    array.forEach((_, j) => (array[j] = centroid[j % dim] + 0.5 * gauss()));
    return array;
  };
  const codes = {
    centroid,
    blocks: heap.u32(codeWords(count, dim)),
    nibbles: heap.u32(nibbleWords(count, dim)),
    inner,
  };
  return { codes, rows: around(count), queries: around(queryCount) };
}

type Nibbles = ReturnType<typeof rowsAround>["codes"];

/** The four bits of a value, as assembly/codes/rabitq-nibbles.ts draws them. */
function nibbleOf(nibbles: Uint32Array, dim: number, slot: number, j: number): number {
  const bytes = new Uint8Array(nibbles.buffer, nibbles.byteOffset, nibbles.byteLength);
  const row = (slot >>> 5) * (16 * dim + 256) + ((slot & 31) * dim) / 2;
  const byte = bytes[row + 16 * (j >>> 5) + (j & 15)];
  return (j & 16) === 0 ? byte & 15 : byte >>> 4;
}

/** The estimate of a squared distance that a code and its factors tell, and its error's factor, in f64. */
function estimateReference(
  { nibbles, centroid }: Nibbles,
  rows: Float32Array,
  query: Float32Array,
  slot: number,
): { estimate: number; sigma: number } {
  const dim = centroid.length;
  const floats = new Float32Array(nibbles.buffer, nibbles.byteOffset, nibbles.length);
  const factor = (slot >>> 5) * (4 * dim + 64) + 4 * dim + (slot & 31);
  let add = 0;
  let base = 0;
  let ip = 0;
  for (let j = 0; j < dim; j++) {
    const d = query[j] - centroid[j];
    add += (rows[slot * dim + j] - centroid[j]) ** 2;
    base += d * d;
    ip += d * (nibbleOf(nibbles, dim, slot, j) - 7.5);
  }
  return { estimate: add + base + floats[factor] * ip, sigma: floats[factor + 32] };
}
