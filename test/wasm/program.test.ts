import { describe, expect, test } from "vitest";
import { OPERATION, Program } from "#dist/wasm/network/program.js";
import type { Matrix } from "#dist/wasm/network/matrix.js";
import { differences, inner, productReference, transposed } from "../support/network-reference.ts";
import { dropOf, inShares, rowsOf, testProgram, worstOf } from "../support/program.ts";
import { fillRandom, seededRandom } from "../support/random.ts";
import { BUILDS, testRuntime } from "../support/runtime.ts";

describe.each(BUILDS)("build %s", (build) => {
  test("steps take the samples in their order, the last step those that remain", () => {
    const { heap, program, run, floats } = testProgram(build, { rows: 3, samples: 8 });
    program.order.set([7, 1, 4, 0, 6, 2, 5, 3]);
    const samples = floats(8 * 12);
    const batch = heap.f32(3 * 16);
    const found = heap.f32(8 * 20).fill(-1);
    program.add(OPERATION.gatherRows, [samples, 12, batch, 16, 9]);
    program.meet();
    program.add(OPERATION.scatter, [batch, 16, found, 20, 9]);
    expect(program.batches).toBe(3);
    expect(run(3)).toBe(3);
    const expected = [...program.order].map((sample) => rowsOf(samples, 8, 9, 12)[sample]);
    expect(rowsOf(found, 8, 9, 20)).toEqual(expected);
    expect(found.filter((_, at) => at % 20 >= 9).every((value) => value === -1)).toBe(true);
    program.samples = 7;
    expect(program.batches).toBe(3);
    program.samples = 6;
    expect(program.batches).toBe(2);
  });

  test("rows are gathered and put back by the share of each thread", () => {
    const found = inShares(build, { rows: 11 }, ({ heap, program, floats }) => {
      const out = heap.f32(11 * 8 + 8).fill(-1);
      program.add(OPERATION.gatherRows, [floats(11 * 4), 4, out, 8, 4]);
      return { out };
    });
    expect(found.out.filter((value) => value === -1).length).toBe(11 * 4 + 8);
  });

  test("what is one thread's is done once and whole, by the same thread in every operation", () => {
    const parts = 3;
    const rows = 9;
    const width = 8;
    const { counts, sums } = inShares(build, { rows }, ({ heap, program, floats }) => {
      const one = floats(Array.from({ length: rows * width }, () => 1));
      const counts = heap.f32(parts * rows * width);
      const sums = heap.f32(parts * width);
      for (let part = 0; part < parts; part++) {
        const own = counts.subarray(part * rows * width, (part + 1) * rows * width);
        program.byOne(part, parts, () => {
          program.add(OPERATION.add, [own, one, width]);
          // Reads what other rows hold, with no meeting between.
          program.add(OPERATION.columnSums, [own, 0, width, width, sums.subarray(part * width)]);
        });
      }
      return { counts, sums };
    });
    expect(counts.every((count) => count === 1)).toBe(true);
    expect(sums.every((sum) => sum === rows)).toBe(true);
  });

  test("add adds, and columns are summed with others and without", () => {
    const width = 36;
    const values = inShares(build, { rows: 9 }, ({ heap, program, floats }) => {
      const left = floats(9 * 40);
      const right = floats(9 * 40);
      const before = floats([...left]);
      const sums = heap.f32(width + 4).fill(-1);
      const products = heap.f32(width + 4).fill(-1);
      const all = heap.f32(16).fill(-1);
      program.add(OPERATION.columnSums, [before, 0, width, 40, sums]);
      program.add(OPERATION.columnSums, [before, right, width, 40, products]);
      program.add(OPERATION.columnSums, [before, 0, 16, 16, all], 20);
      program.add(OPERATION.add, [left, right, 40]);
      return { left, right, before, sums, products, all };
    });
    const { left, right, before } = values;
    left.forEach((value, at) => expect(value).toBe(Math.fround(before[at] + right[at])));
    const each = Array.from({ length: 9 * 40 }, (_, at) => before[at] * right[at]);
    expect(worstOf(values.sums.subarray(0, width), sumsOf(before, 9, 40, width))).toBeLessThan(
      1e-6,
    );
    expect(worstOf(values.products.subarray(0, width), sumsOf(each, 9, 40, width))).toBeLessThan(
      1e-6,
    );
    expect([...values.sums.subarray(width), ...values.products.subarray(width)]).toEqual(
      Array(8).fill(-1),
    );
    expect(worstOf(values.all, sumsOf(before, 20, 16, 16))).toBeLessThan(2e-6);
  });

  // What each factor of a product learns from is again a product: forwards in every transposition.
  test.each([
    [false, false],
    [true, false],
    [false, true],
    [true, true],
  ])("gradients of products match finite differences (transposed: %s, %s)", (isLeft, isRight) => {
    const rows = 16;
    const cols = 40;
    const depth = 24;
    const found = inShares(build, { rows }, ({ heap, program, floats }) => {
      const left = matrix(floats(rows * depth), isLeft ? rows : depth);
      const right = matrix(floats(depth * cols), isRight ? depth : cols);
      const gradients = matrix(floats(rows * cols), cols);
      const bias = floats(cols);
      const out = matrix(heap.f32(rows * cols), cols);
      const shape = { rows: 0, cols, depth, transposeLeft: isLeft, transposeRight: isRight };
      program.product(left, right, shape, out, bias);
      // To `left`: gradients · rightᵀ, or the transposed of that; to `right` likewise.
      const toLeft = matrix(heap.f32(rows * depth), left.stride);
      if (isLeft) {
        const transpose = { transposeLeft: isRight, transposeRight: true };
        program.product(
          right,
          gradients,
          { rows: depth, cols: rows, depth: cols, ...transpose },
          toLeft,
        );
      } else {
        const transpose = { transposeRight: !isRight };
        program.product(
          gradients,
          right,
          { rows: 0, cols: depth, depth: cols, ...transpose },
          toLeft,
        );
      }
      const toRight = matrix(heap.f32(depth * cols), right.stride);
      if (isRight) {
        const transpose = { transposeLeft: true, transposeRight: isLeft };
        program.product(
          gradients,
          left,
          { rows: cols, cols: depth, depth: 0, ...transpose },
          toRight,
        );
      } else {
        const transpose = { transposeLeft: !isLeft };
        program.product(left, gradients, { rows: depth, cols, depth: 0, ...transpose }, toRight);
      }
      const toBias = heap.f32(cols);
      program.add(OPERATION.columnSums, [gradients.values, 0, cols, cols, toBias]);
      return {
        left: left.values,
        right: right.values,
        gradients: gradients.values,
        bias,
        out: out.values,
        toLeft: toLeft.values,
        toRight: toRight.values,
        toBias,
      };
    });
    const { left, right, bias, gradients } = found;
    const forward = (a: ArrayLike<number>, b: ArrayLike<number>, c: ArrayLike<number>) => {
      const x = isLeft ? transposed(a, depth, rows) : a;
      const w = isRight ? transposed(b, cols, depth) : b;
      const { sums } = productReference(x, w, [rows, cols, depth]);
      return sums.map((sum, at) => sum + c[at % cols]);
    };
    const measure = (...args: Parameters<typeof forward>) => inner(forward(...args), gradients);
    expect(worstOf(found.out, forward(left, right, bias))).toBeLessThan(5e-6);
    const slopes = differences((values) => measure(values, right, bias), left);
    expect(worstOf(found.toLeft, slopes)).toBeLessThan(5e-6);
    expect(
      worstOf(
        found.toRight,
        differences((values) => measure(left, values, bias), right),
      ),
    ).toBeLessThan(5e-6);
    expect(
      worstOf(
        found.toBias,
        differences((values) => measure(left, right, values), bias),
      ),
    ).toBeLessThan(5e-6);
  });

  test("products of few columns are shared out by rows, and add to what is there", () => {
    const found = inShares(build, { rows: 50 }, ({ program, floats }) => {
      const left = matrix(floats(50 * 7), 7);
      const right = matrix(floats(7 * 8), 8);
      const out = matrix(floats(50 * 8), 8);
      const before = Float32Array.from(out.values);
      program.product(left, right, { rows: 0, cols: 8, depth: 7, add: true }, out);
      return { left: left.values, right: right.values, out: out.values, before };
    });
    const { sums } = productReference(found.left, found.right, [50, 8, 7]);
    const expected = sums.map((sum, at) => sum + found.before[at]);
    expect(worstOf(found.out, expected)).toBeLessThan(2e-6);
  });

  test("a program told to stop ends after the step it is in, and says how many it did", () => {
    const { heap, program, run } = testProgram(build, { rows: 2, samples: 8 });
    const counter = heap.f32(4);
    program.add(OPERATION.add, [counter, heap.f32(4).fill(1), 4], 1);
    program.meet();
    expect(run(3)).toBe(3);
    program.stop();
    expect(run(4)).toBe(1);
    expect([...counter]).toEqual([4, 4, 4, 4]);
  });

  test("what is drawn at random differs between steps, places and seeds, and not between runs", () => {
    const drawn = (seed: number, step: number, layer = 0): string => {
      const test = testProgram(build, { rows: 8, seed });
      const out = test.heap.f32(8 * 32);
      const ones = test.heap.f32(8 * 32).fill(1);
      test.program.add(OPERATION.activate, [
        ...[ones, out, 32, 32, 0, dropOf(0.5)],
        ...[{ real: 1 }, layer],
      ]);
      test.step(0, step);
      return out.join("");
    };
    const different = new Set([drawn(1, 0), drawn(1, 1), drawn(1, 2), drawn(2, 0), drawn(1, 0, 1)]);
    expect(different.size).toBe(5);
    expect(drawn(1, 2)).toBe(drawn(1, 2));
    const rows = drawn(3, 5).match(/.{32}/g) ?? [];
    expect(new Set(rows).size).toBe(8);
  });
});

test("every build draws the same at random", () => {
  const masks = BUILDS.map((build) => {
    const test = testProgram(build, { rows: 16, seed: 99 });
    const out = test.heap.f32(16 * 64);
    const ones = test.heap.f32(16 * 64).fill(1);
    test.program.add(OPERATION.activate, [ones, out, 64, 64, 0, dropOf(0.3), { real: 2 }, 0xfeed]);
    test.step(0, 3);
    return out.join("");
  });
  expect(new Set(masks).size).toBe(1);
});

test("a program refuses more operations than it has room for, and arrays it cannot use", () => {
  const { heap } = testRuntime("simd");
  const settings = {
    threads: 1,
    rows: 4,
    seed: 1,
    operations: 2,
    order: heap.u32(8),
    schedule: heap.f32(0),
    outcomes: heap.f32(0),
  };
  const program = new Program(heap, settings);
  const refused = expect.objectContaining({ code: "DIMENSION" });
  const offHeap = expect.objectContaining({ code: "OFF_HEAP" });
  const values = matrix(fillRandom(heap.f32(64), seededRandom(1)), 8);
  const shape = { rows: 0, cols: 8, depth: 8 };
  expect(() => program.product(values, values, { ...shape, rows: 9 }, values)).toThrow(refused);
  expect(() => program.product(values, values, { ...shape, cols: 4 }, values)).toThrow(refused);
  const beyond = matrix(values.values.subarray(0, 24), 8);
  expect(() => program.product(beyond, values, shape, values)).toThrow(refused);
  expect(() => program.add(OPERATION.add, [new Float32Array(4)])).toThrow(offHeap);
  expect(() => (program.samples = 9)).toThrow(refused);
  program.add(OPERATION.add, [values.values, values.values, 8]);
  program.product(values, values, shape, values);
  expect(() => program.add(OPERATION.add, [0])).toThrow(refused);
  const order = new Uint32Array(8);
  expect(() => new Program(heap, { ...settings, order })).toThrow(offHeap);
  expect(() => new Program(heap, { ...settings, threads: 9 })).toThrow(
    expect.objectContaining({ code: "OUT_OF_HEAP" }),
  );
});

function matrix(values: Float32Array, stride: number): Matrix {
  return { values, stride };
}

function sumsOf(values: ArrayLike<number>, rows: number, stride: number, width: number): number[] {
  return Array.from({ length: width }, (_, j) => {
    let sum = 0;
    for (let i = 0; i < rows; i++) sum += values[i * stride + j];
    return sum;
  });
}
