import { describe, expect, test } from "vitest";
import { normalize } from "#dist/wasm/vectors/normalize.js";
import { fillRandom, seededRandom } from "../support/random.ts";
import { sum } from "../support/reference.ts";
import { BUILDS, testRuntime } from "../support/runtime.ts";

const ULP = 2 ** -23; // one unit in the last place, relative to the largest value of a binade

describe.each(BUILDS)("build %s", (build) => {
  test("normalize scales every row to unit length and tells the length it had", () => {
    const random = seededRandom(3);
    for (const dim of [16, 32, 48, 384, 1536]) {
      for (const count of [0, 1, 2, 7]) {
        const { heap, run } = testRuntime(build);
        const rows = fillRandom(heap.f32(count * dim), random);
        const before = rows.slice();
        const norms = heap.f32(count);
        run(normalize(heap, rows, dim, norms));
        for (let i = 0; i < count; i++) {
          const row = before.subarray(i * dim, (i + 1) * dim);
          const norm = Math.sqrt(sum(row, (value) => value ** 2));
          expect(Math.abs(norms[i] - norm) / norm).toBeLessThanOrEqual(ULP);
          row.forEach((value, j) => {
            const error = Math.abs(rows[i * dim + j] - value / norm);
            expect(error).toBeLessThanOrEqual(ULP * Math.abs(value / norm));
          });
        }
      }
    }
  });

  test("normalize leaves a zero row zero, and other rows untouched", () => {
    const { heap, run } = testRuntime(build);
    const rows = heap.f32(4 * 16);
    rows.fill(3, 16, 32);
    rows.fill(7, 48);
    const norms = heap.f32(16).fill(-1);
    run(normalize(heap, rows.subarray(0, 48), 16, norms.subarray(0, 3)));
    expect([...rows.subarray(0, 16)]).toEqual(Array(16).fill(0));
    expect([...rows.subarray(16, 32)]).toEqual(Array(16).fill(0.25));
    expect([...rows.subarray(48)]).toEqual(Array(16).fill(7));
    expect([...norms]).toEqual([0, 12, 0, ...Array(13).fill(-1)]);
  });

  test("normalize keeps the direction of the largest and of the smallest f32 values", () => {
    const { heap, run } = testRuntime(build);
    const rows = heap.f32(2 * 16);
    rows[0] = rows[1] = 3e38;
    rows[16] = rows[17] = 1e-45;
    run(normalize(heap, rows, 16, heap.f32(2)));
    for (const i of [0, 1, 16, 17]) expect(rows[i]).toBeCloseTo(Math.SQRT1_2, 6);
  });
});

test("normalize refuses lengths that disagree", () => {
  const { heap } = testRuntime("simd");
  const refused = expect.objectContaining({ code: "DIMENSION" });
  expect(() => normalize(heap, heap.f32(17), 17, heap.f32(1))).toThrow(refused);
  expect(() => normalize(heap, heap.f32(32), 16, heap.f32(1))).toThrow(refused);
});
