import { describe, expect, test } from "vitest";
import { DimensionError } from "#dist/errors.js";
import { cosine, dot, l2sq, paddedDim } from "#dist/wasm/vectors/distance.js";
import { fillRandom, seededRandom } from "../support/random.ts";
import { cosineReference, dotReference, l2sqReference, sum } from "../support/reference.ts";
import { BUILDS, testRuntime } from "../support/runtime.ts";

// One, two and three trips round the kernel's loop, then the sizes people use.
const DIMS = [16, 32, 48, 384, 768, 1536];
const COUNTS = [0, 1, 2, 7];
const ULP = 2 ** -24;

describe.each(BUILDS)("build %s", (build) => {
  test("l2sq matches the f64 reference at every size", () => {
    eachSize((dim, query, rows, distances) => {
      l2sqReference(query, rows).forEach((expected, i) => {
        const error = Math.abs(distances(l2sq)[i] - expected) / expected;
        expect(error).toBeLessThanOrEqual((dim / 16 + 8) * ULP);
      });
    });
  });

  test("dot matches the f64 reference at every size, negated", () => {
    eachSize((dim, query, rows, distances) => {
      dotReference(query, rows).forEach((expected, i) => {
        const row = rows.subarray(i * dim, (i + 1) * dim);
        const size = sum(query, (value, j) => Math.abs(value * row[j]));
        const error = Math.abs(distances(dot)[i] - expected);
        expect(error).toBeLessThanOrEqual((dim / 16 + 8) * ULP * size);
      });
    });
  });

  test("cosine matches the f64 reference at every size, whatever the lengths", () => {
    eachSize((dim, query, rows, distances) => {
      rows.forEach((value, i) => (rows[i] = value * 10 ** Math.floor(i / dim)));
      cosineReference(query, rows).forEach((expected, i) => {
        const error = Math.abs(distances(cosine)[i] - expected);
        expect(error).toBeLessThanOrEqual((dim / 8 + 20) * ULP);
      });
    });
  });

  test("l2sq of a vector and itself is exactly zero", () => {
    const { heap, run } = testRuntime(build);
    const query = fillRandom(heap.f32(768), seededRandom(1));
    const rows = heap.f32(768);
    rows.set(query);
    const out = heap.f32(1).fill(-1);
    run(l2sq(heap, query, rows, out));
    expect(out[0]).toBe(0);
  });

  test("each distance writes its own output and nothing after it", () => {
    const { heap, run } = testRuntime(build);
    const query = heap.f32(16).fill(1);
    const rows = heap.f32(3 * 16).fill(2);
    const guarded = heap.f32(16).fill(-1);
    const guard = Array(13).fill(-1);
    run(l2sq(heap, query, rows, guarded.subarray(0, 3)));
    expect([...guarded]).toEqual([16, 16, 16, ...guard]);
    run(dot(heap, query, rows, guarded.subarray(0, 3)));
    expect([...guarded]).toEqual([-32, -32, -32, ...guard]);
    run(cosine(heap, query, rows, guarded.subarray(0, 3)));
    expect([...guarded]).toEqual([0, 0, 0, ...guard]);
  });

  test("each distance keeps NaN in its own row, and a zero vector has no direction", () => {
    const { heap, run } = testRuntime(build);
    const query = heap.f32(16).fill(1);
    const rows = heap.f32(2 * 16).fill(1);
    rows[3] = NaN;
    const out = heap.f32(2);
    run(l2sq(heap, query, rows, out));
    expect([...out]).toEqual([NaN, 0]);
    run(dot(heap, query, rows, out));
    expect([...out]).toEqual([NaN, -16]);
    run(cosine(heap, query, rows, out));
    expect([...out]).toEqual([NaN, 0]);
    run(cosine(heap, heap.f32(16), rows, out));
    expect([...out]).toEqual([NaN, NaN]);
  });

  function eachSize(
    check: (
      dim: number,
      query: Float32Array,
      rows: Float32Array,
      distances: (binding: typeof l2sq | typeof dot | typeof cosine) => Float32Array,
    ) => void,
  ): void {
    const random = seededRandom(42);
    for (const dim of DIMS) {
      for (const count of COUNTS) {
        const { heap, run } = testRuntime(build);
        const query = fillRandom(heap.f32(dim), random);
        const rows = fillRandom(heap.f32(count * dim), random);
        const out = heap.f32(count);
        check(dim, query, rows, (binding) => {
          run(binding(heap, query, rows, out));
          return out;
        });
      }
    }
  }
});

test("lengths that disagree, and arrays off the heap, are refused before a kernel runs", () => {
  const { heap } = testRuntime("simd");
  const out = heap.f32(2);
  expect(() => l2sq(heap, heap.f32(15), heap.f32(30), out)).toThrow(DimensionError);
  expect(() => dot(heap, heap.f32(0), heap.f32(0), out)).toThrow(DimensionError);
  expect(() => cosine(heap, heap.f32(16), heap.f32(31), out)).toThrow(
    expect.objectContaining({
      code: "DIMENSION",
      message: "rows length: expected 32, received 31",
    }),
  );
  expect(() => l2sq(heap, new Float32Array(16), heap.f32(32), out)).toThrow(
    expect.objectContaining({ code: "OFF_HEAP" }),
  );
});

test("a stored row is padded to the next multiple of 16 values", () => {
  expect([1, 15, 16, 17, 100, 768].map(paddedDim)).toEqual([16, 16, 16, 32, 112, 768]);
});
