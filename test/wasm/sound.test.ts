import { describe, expect, test } from "vitest";
import { soundRows } from "#dist/wasm/vectors/sound.js";
import { fillRandom, seededRandom } from "../support/random.ts";
import { BUILDS, testRuntime } from "../support/runtime.ts";

const ROWS = 5;

describe.each(BUILDS)("build %s", (build) => {
  test("soundRows counts the rows before the first with NaN, an infinity, or zeros alone", () => {
    for (const dim of [16, 64, 80]) {
      const { heap, run } = testRuntime(build);
      const rows = heap.f32(ROWS * dim);
      const random = seededRandom(dim);
      for (const value of [NaN, Infinity, -Infinity]) {
        for (let at = 0; at < rows.length; at++) {
          fillRandom(rows, random);
          rows[at] = value;
          expect(run(soundRows(heap, rows, dim))).toBe(Math.floor(at / dim));
        }
      }
      for (let row = 0; row < ROWS; row++) {
        fillRandom(rows, random).fill(row % 2 === 0 ? 0 : -0, row * dim, (row + 1) * dim);
        expect(run(soundRows(heap, rows, dim))).toBe(row);
      }
      expect(run(soundRows(heap, fillRandom(rows, random), dim))).toBe(ROWS);
      expect(run(soundRows(heap, rows.subarray(0, 0), dim))).toBe(0);
    }
  });

  test("the largest values are sound, and so is a row of one value, however small", () => {
    const { heap, run } = testRuntime(build);
    const rows = heap.f32(3 * 32);
    rows.fill(-3.4028234663852886e38, 0, 32);
    rows[32 + 31] = 1e-45;
    rows[64] = -1e-45;
    expect(run(soundRows(heap, rows, 32))).toBe(3);
  });
});

test("soundRows refuses lengths that disagree", () => {
  const { heap } = testRuntime("simd");
  const refused = expect.objectContaining({ code: "DIMENSION" });
  expect(() => soundRows(heap, heap.f32(17), 17)).toThrow(refused);
  expect(() => soundRows(heap, heap.f32(24), 16)).toThrow(refused);
});
