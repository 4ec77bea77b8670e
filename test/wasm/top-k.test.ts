import { describe, expect, test } from "vitest";
import { topK } from "#dist/wasm/vectors/top-k.js";
import { seededRandom } from "../support/random.ts";
import { BUILDS, testRuntime } from "../support/runtime.ts";

describe.each(BUILDS)("build %s", (build) => {
  test("topK gives what sorting gives, for every k around the count", () => {
    const random = seededRandom(5);
    for (const count of [0, 1, 2, 3, 4, 5, 31, 100, 1000]) {
      // Few distinct values, so that ties are everywhere.
      const values = Array.from({ length: count }, () => Math.floor(random() * 20) / 4);
      for (const k of [0, 1, 2, 3, 10, count - 1, count, count + 1].filter((k) => k >= 0)) {
        expect(smallest(values, k), `count ${count}, k ${k}`).toEqual(sorted(values, k));
      }
    }
  });

  test("topK handles rising, falling and equal values", () => {
    for (const values of [
      Array.from({ length: 100 }, (_, i) => i),
      Array.from({ length: 100 }, (_, i) => 100 - i),
      Array(100).fill(0.5),
    ]) {
      expect(smallest(values, 10)).toEqual(sorted(values, 10));
    }
  });

  test("topK counts NaN as +Infinity and writes nothing after the k-th", () => {
    expect(smallest([NaN, 2, Infinity, 1, NaN], 4)).toEqual({
      nearest: [1, 2, Infinity, Infinity],
      positions: [3, 1, 0, 2],
    });
    expect(smallest([3, -Infinity, -0, 0], 2)).toEqual({
      nearest: [-Infinity, -0],
      positions: [1, 2],
    });
  });

  function smallest(values: readonly number[], k: number) {
    const { heap, run } = testRuntime(build);
    const list = heap.f32(values.length);
    list.set(values);
    const nearest = heap.f32(k + 4).fill(-7);
    const positions = heap.u32(k + 4).fill(77);
    const kept = run(topK(heap, list, nearest.subarray(0, k), positions.subarray(0, k)));
    expect([...nearest.subarray(k)]).toEqual([-7, -7, -7, -7]);
    expect([...positions.subarray(k)]).toEqual([77, 77, 77, 77]);
    return { nearest: [...nearest.subarray(0, kept)], positions: [...positions.subarray(0, kept)] };
  }
});

function sorted(values: readonly number[], k: number) {
  const order = values
    .map((value, position) => ({ value: Math.fround(value), position }))
    .sort((a, b) => a.value - b.value || a.position - b.position)
    .slice(0, k);
  return {
    nearest: order.map(({ value }) => value),
    positions: order.map(({ position }) => position),
  };
}

test("topK refuses outputs of different lengths", () => {
  const { heap } = testRuntime("simd");
  expect(() => topK(heap, heap.f32(8), heap.f32(3), heap.u32(4))).toThrow(
    expect.objectContaining({ code: "DIMENSION" }),
  );
});
