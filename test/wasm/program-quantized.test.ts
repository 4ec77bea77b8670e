import { describe, expect, test } from "vitest";
import { OPERATION } from "#dist/wasm/network/program.js";
import { inShares, rowsOf, testProgram, type TestProgram } from "../support/program.ts";
import { BUILDS } from "../support/runtime.ts";

describe.each(BUILDS)("build %s", (build) => {
  test.each([
    { depth: 1, cols: 1 },
    { depth: 16, cols: 3 },
    { depth: 37, cols: 8 },
    { depth: 300, cols: 21 },
  ])("8-bit products of depth $depth: within half a step of exact", ({ depth, cols }) => {
    const rows = 7;
    const length = Math.ceil(depth / 16) * 16;
    const stride = length + 16;
    const found = inShares(build, { rows }, (it) => {
      const left = it.floats(
        [...it.floats(rows * stride)].map((x, at) => beside(x, at, depth, stride)),
      );
      const { quantized, weights } = bytesOf(it, cols, depth, length);
      const scales = it.floats([...it.floats(cols)].map((x) => 0.01 + Math.abs(x)));
      const bias = it.floats(cols);
      const out = it.heap.f32(rows * (cols + 3)).fill(-9);
      const added = it.floats(rows * (cols + 3));
      const before = it.floats([...added]);
      for (const [start, to] of [
        [bias, out],
        [0, added],
      ] as const) {
        it.program.add(OPERATION.productI8, [
          ...[left, stride, weights, scales, cols, depth, start, to, cols + 3],
        ]);
      }
      return { left, quantized, scales, bias, out, added, before };
    });
    for (let i = 0; i < rows; i++) {
      const row = rowsOf(found.left, rows, depth, stride)[i];
      const step = Math.max(...row.map(Math.abs)) / 127;
      for (let j = 0; j < cols; j++) {
        const weights = [...found.quantized.subarray(j * depth, (j + 1) * depth)].map(signed);
        let exact = 0;
        let size = 0;
        let moved = 0;
        row.forEach((x, k) => {
          exact += x * weights[k] * found.scales[j];
          size += Math.abs(weights[k]) * found.scales[j];
          moved += Math.abs(x * weights[k] * found.scales[j]);
        });
        const bound = (step / 2) * size + 2 ** -22 * (moved + 1);
        const at = i * (cols + 3) + j;
        const before = found.before[i * (cols + 3) + j];
        expect(Math.abs(found.out[at] - exact - found.bias[j])).toBeLessThanOrEqual(bound);
        expect(Math.abs(found.added[at] - exact - before)).toBeLessThanOrEqual(bound);
      }
    }
    expect(found.out.filter((value) => value === -9).length).toBe(rows * 3);
  });

  test("8-bit products of whole multiples of a step are exact, and a row of 0 gives the bias", () => {
    const it = testProgram(build, { rows: 2 });
    // 127 makes the step 1; halves go to the even neighbor.
    const left = it.heap.f32(2 * 16);
    left.set([127, -127, 3, -4, 0.5, 1.5, 2.5, -0.5]);
    const weights = it.heap.u32(4).fill(0x01_01_01_01);
    const out = it.heap.f32(2);
    it.program.add(OPERATION.productI8, [
      ...[left, 16, weights, it.floats([2]), 1, 16, it.floats([0.25]), out, 1],
    ]);
    it.step();
    expect([...out]).toEqual([2 * (3 - 4 + 0 + 2 + 2) + 0.25, 0.25]);
  });

  test.each([
    { bits: 8, width: 16 },
    { bits: 8, width: 48 },
    { bits: 4, width: 16 },
    { bits: 4, width: 48 },
  ])("$bits-bit table rows of $width are summed with their weights", ({ bits, width }) => {
    const features = 9;
    const most = 4;
    const rows = 5;
    const counts = [2, 0, 4, 1, 3];
    const found = inShares(build, { rows }, (it) => {
      const { quantized, weights } =
        bits === 8 ? bytesOf(it, features, width, width) : halvesOf(it, features * width);
      const ids = it.words(Array.from({ length: rows * most }, (_, i) => (i * 5) % features));
      const values = it.floats(rows * most);
      const scales = it.floats([...it.floats(features)].map((x) => 0.01 * (1 + Math.abs(x))));
      const bias = it.floats(width);
      const out = it.heap.f32(rows * (width + 4)).fill(-9);
      it.program.add(bits === 8 ? OPERATION.sumSparseI8 : OPERATION.sumSparseI4, [
        ...[it.words(counts), ids, values, most, weights, scales, width, bias],
        ...[out, width + 4],
      ]);
      return { quantized, ids, values, scales, bias, out };
    });
    rowsOf(found.out, rows, width, width + 4).forEach((row, i) => {
      row.forEach((sum, j) => {
        let expected = found.bias[j];
        for (let k = i * most; k < i * most + counts[i]; k++) {
          const id = found.ids[k];
          expected += found.values[k] * found.scales[id] * signed(found.quantized[id * width + j]);
        }
        expect(Math.abs(sum - expected)).toBeLessThan(3e-6);
      });
    });
    expect(found.out.filter((value) => value === -9).length).toBe(rows * 4);
  });
});

/** Random weights from −127 to 127: as words of one each, and as bytes on the heap, rows padded. */
function bytesOf(
  { heap, floats, words }: TestProgram,
  rows: number,
  width: number,
  length: number,
) {
  const random = floats(rows * width);
  const quantized = words([...random].map((value) => Math.round(127 * value) >>> 0));
  const weights = heap.u32((rows * length) / 4);
  const bytes = new Int8Array(weights.buffer, weights.byteOffset, rows * length);
  quantized.forEach((value, at) => {
    bytes[Math.floor(at / width) * length + (at % width)] = signed(value);
  });
  return { quantized, weights };
}

/** Random weights from −7 to 7: as words of one each, and two to a byte, eight beside the eight that follow. */
function halvesOf({ heap, floats, words }: TestProgram, count: number) {
  const quantized = words([...floats(count)].map((value) => Math.round(7 * value) >>> 0));
  const weights = heap.u32(count / 8);
  const bytes = new Uint8Array(weights.buffer, weights.byteOffset, count / 2);
  bytes.forEach((_, at) => {
    const lower = 16 * Math.floor(at / 8) + (at % 8);
    bytes[at] = (quantized[lower] & 15) | ((quantized[lower + 8] & 15) << 4);
  });
  return { quantized, weights };
}

function signed(word: number): number {
  return word | 0;
}

/** Zeros beside the values of a row. */
function beside(value: number, at: number, width: number, stride: number): number {
  return at % stride < width ? value : 0;
}
