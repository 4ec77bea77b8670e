import { describe, expect, test } from "vitest";
import { DimensionError } from "#dist/errors.js";
import type { Heap } from "#dist/wasm/heap.js";
import {
  product,
  PRODUCT_SCRATCH,
  type Matrix,
  type ProductShape,
} from "#dist/wasm/network/matrix.js";
import { productReference, transposed } from "../support/network-reference.ts";
import { fillRandom, seededRandom } from "../support/random.ts";
import { BUILDS, testRuntime } from "../support/runtime.ts";

const ROWS = [0, 1, 2, 3, 4, 5, 7, 13];
// Columns and depth: one tile, below and at a block of columns and of depth, beyond one, beyond two.
const SIZES = [
  [8, 1],
  [8, 5],
  [56, 33],
  [64, 512],
  [72, 513],
  [136, 1027],
] as const;
const TRANSPOSITIONS = [
  { transposeLeft: false, transposeRight: false },
  { transposeLeft: true, transposeRight: false },
  { transposeLeft: false, transposeRight: true },
  { transposeLeft: true, transposeRight: true },
] as const;
const STARTS = ["nothing", "bias", "out"] as const;
const GUARD = -7;
const ULP = 2 ** -24;

describe.each(BUILDS)("build %s", (build) => {
  test.each(TRANSPOSITIONS)(
    "product matches the f64 reference at every size, and writes nothing beside it: %o",
    (transpositions) => {
      const random = seededRandom(5);
      for (const rows of ROWS) {
        for (const [cols, depth] of SIZES) {
          for (const start of STARTS) {
            checkProduct({ rows, cols, depth, ...transpositions, add: start === "out" }, start);
          }
        }
      }

      function checkProduct(shape: ProductShape, start: (typeof STARTS)[number]): void {
        const { rows, cols, depth } = shape;
        const { heap, run } = testRuntime(build, 4 << 20);
        const left = fillRandom(new Float32Array(rows * depth), random);
        const right = fillRandom(new Float32Array(depth * cols), random);
        const bias = fillRandom(heap.f32(cols), random);
        const before = fillRandom(new Float32Array(rows * cols), random);
        const a = layOut(heap, left, rows, depth, shape.transposeLeft === true);
        const b = layOut(heap, right, depth, cols, shape.transposeRight === true);
        const out = { values: heap.f32(rows * (cols + 3) + 16).fill(GUARD), stride: cols + 3 };
        if (start === "out") {
          before.forEach((value, at) => (out.values[placeOf(at, cols, out)] = value));
        }
        const given = start === "bias" ? bias : undefined;
        run(product(heap, a, b, shape, given, heap.f32(PRODUCT_SCRATCH), out));

        const { sums, sizes } = productReference(left, right, [rows, cols, depth]);
        const bound = (Math.min(depth, 512) + depth / 512 + 2) * ULP;
        let worst = 0;
        sums.forEach((sum, at) => {
          const begun = { nothing: 0, bias: bias[at % cols], out: before[at] }[start];
          const place = placeOf(at, cols, out);
          const error = Math.abs(out.values[place] - sum - begun);
          worst = Math.max(worst, error / (sizes[at] + Math.abs(begun)));
          out.values[place] = GUARD;
        });
        expect(worst, JSON.stringify(shape)).toBeLessThanOrEqual(bound);
        expect(out.values.every((value) => value === GUARD)).toBe(true);
      }
    },
  );

  test("product with the identity is exact", () => {
    const { heap, run } = testRuntime(build);
    const left = matrix(heap, 5, 72, 1);
    const identity = { values: heap.f32(72 * 72), stride: 72 };
    for (let i = 0; i < 72; i++) identity.values[i * 73] = 1;
    const out = { values: heap.f32(5 * 72), stride: 72 };
    const shape = { rows: 5, cols: 72, depth: 72 };
    run(product(heap, left, identity, shape, undefined, heap.f32(PRODUCT_SCRATCH), out));
    expect([...out.values]).toEqual([...left.values]);
  });

  test.each(TRANSPOSITIONS)("parts of a product have the same bits as the whole: %o", (flags) => {
    const { heap, run } = testRuntime(build, 4 << 20);
    const rows = 13;
    const cols = 136;
    const depth = 600;
    const left = flags.transposeLeft ? matrix(heap, depth, rows, 1) : matrix(heap, rows, depth, 1);
    const right = flags.transposeRight
      ? matrix(heap, cols, depth, 2)
      : matrix(heap, depth, cols, 2);
    const bias = fillRandom(heap.f32(cols), seededRandom(3));
    const scratch = heap.f32(PRODUCT_SCRATCH);
    const whole = { values: heap.f32(rows * cols), stride: cols };
    run(product(heap, left, right, { rows, cols, depth, ...flags }, bias, scratch, whole));

    const parts = { values: heap.f32(rows * cols), stride: cols };
    for (const [row, endRow] of [
      [0, 1],
      [1, 6],
      [6, 8],
      [8, rows],
    ]) {
      for (const [col, endCol] of [
        [0, 8],
        [8, 80],
        [80, cols],
      ]) {
        const shape = { rows: endRow - row, cols: endCol - col, depth, ...flags };
        const a = from(left, row * (flags.transposeLeft ? 1 : left.stride));
        const b = from(right, col * (flags.transposeRight ? right.stride : 1));
        const out = from(parts, row * cols + col);
        run(product(heap, a, b, shape, bias.subarray(col), scratch, out));
      }
    }
    expect([...parts.values]).toEqual([...whole.values]);
  });

  test.each(TRANSPOSITIONS)("product keeps NaN and Infinity in their own row: %o", (flags) => {
    const { heap, run } = testRuntime(build);
    const rows = 7;
    const cols = 16;
    const depth = 9;
    const values = new Float32Array(rows * depth).fill(1);
    values[2 * depth + 4] = NaN;
    values[5 * depth + 8] = -Infinity;
    const left = layOut(heap, values, rows, depth, flags.transposeLeft);
    const ones = new Float32Array(depth * cols).fill(1);
    const right = layOut(heap, ones, depth, cols, flags.transposeRight);
    const out = { values: heap.f32(rows * cols), stride: cols };
    const shape = { rows, cols, depth, ...flags };
    run(product(heap, left, right, shape, undefined, heap.f32(PRODUCT_SCRATCH), out));
    const expected = [9, 9, NaN, 9, 9, -Infinity, 9];
    expect([...out.values]).toEqual(expected.flatMap((value) => Array(cols).fill(value)));
  });
});

test("product refuses shapes that its arrays do not have, and arrays off the heap", () => {
  const { heap } = testRuntime("simd");
  const scratch = heap.f32(PRODUCT_SCRATCH);
  const left = matrix(heap, 3, 5, 1);
  const right = matrix(heap, 5, 16, 2);
  const out = matrix(heap, 3, 16, 3);
  const bias = heap.f32(16);
  const shape = { rows: 3, cols: 16, depth: 5 };
  const make = (changes: {
    shape?: Partial<ProductShape>;
    left?: Matrix;
    right?: Matrix;
    bias?: Float32Array;
    scratch?: Float32Array;
    out?: Matrix;
  }) => {
    const all = { left, right, bias, scratch, out, ...changes };
    const size = { ...shape, ...changes.shape };
    return product(heap, all.left, all.right, size, all.bias, all.scratch, all.out);
  };
  expect(make({}).kernel).toBe("product_f32");
  expect(make({ left: from(left, 15), shape: { rows: 0 } }).args[2]).toBe(0);
  for (const changes of [
    { shape: { cols: 12 } },
    { shape: { cols: 24 } },
    { shape: { rows: 4 } },
    { shape: { depth: 6 } },
    { shape: { depth: 0 } },
    { shape: { transposeLeft: true } },
    { shape: { transposeRight: true } },
    { left: from(left, 1) },
    { right: from(right, 1) },
    { right: { ...right, stride: 15 } },
    { out: from(out, 1) },
    { out: { ...out, stride: 15 } },
    { bias: bias.subarray(1) },
    { scratch: scratch.subarray(1) },
  ]) {
    expect(() => make(changes), JSON.stringify(changes)).toThrow(DimensionError);
  }
  expect(() => make({ shape: { cols: 12 } })).toThrow(
    expect.objectContaining({
      code: "DIMENSION",
      message: "columns, rounded up to 8, at least: expected 16, received 12",
    }),
  );
  const offHeap = expect.objectContaining({ code: "OFF_HEAP" });
  for (const name of ["left", "right", "out"] as const) {
    const { stride } = { left, right, out }[name];
    const values = new Float32Array(200);
    expect(() => make({ [name]: { values, stride } }), name).toThrow(offHeap);
  }
  expect(() => make({ bias: new Float32Array(16) })).toThrow(offHeap);
  expect(() => make({ scratch: new Float32Array(PRODUCT_SCRATCH) })).toThrow(offHeap);
});

/** A matrix on the heap, or its transposed, with NaN beside its rows: they must not be read. */
function layOut(
  heap: Heap,
  values: Float32Array,
  rows: number,
  cols: number,
  isTransposed: boolean,
): Matrix {
  const stored = isTransposed ? transposed(values, rows, cols) : values;
  const width = isTransposed ? rows : cols;
  const out = {
    values: heap.f32((values.length / width || 0) * (width + 5) + 8),
    stride: width + 5,
  };
  out.values.fill(NaN);
  stored.forEach((value, at) => (out.values[placeOf(at, width, out)] = value));
  return out;
}

function matrix(heap: Heap, rows: number, cols: number, seed: number): Matrix {
  return { values: fillRandom(heap.f32(rows * cols), seededRandom(seed)), stride: cols };
}

function from({ values, stride }: Matrix, at: number): Matrix {
  return { values: values.subarray(at), stride };
}

/** Where the value `at` of a matrix without gaps stands in one that has some. */
function placeOf(at: number, cols: number, { stride }: Matrix): number {
  return Math.floor(at / cols) * stride + (at % cols);
}
