import { describe, expect, test } from "vitest";
import { DimensionError, StigmergyError } from "#dist/errors.js";
import { addPostings } from "#dist/wasm/words/postings.js";
import { seededRandom } from "../support/random.ts";
import { BUILDS, testRuntime } from "../support/runtime.ts";

const SLOTS = 300;

describe.each(BUILDS)("build %s", (build) => {
  test("what several words say for texts is added up, and each text met is noted once", () => {
    const random = seededRandom(3);
    const { heap, run, sums } = room();
    const expected = new Float64Array(SLOTS);
    const met: number[] = [];
    let count = 0;
    for (const [length, scale] of [
      [0, 1],
      [1, 0.5],
      [2, 2.25],
      [97, 3],
      [SLOTS, 0.125],
    ]) {
      const slots = Array.from({ length: SLOTS }, (_, slot) => slot);
      slots.sort((a, b) => ((a * 7919) % 311) - ((b * 7919) % 311));
      const postings = heap.u32(length);
      slots.slice(0, length).forEach((slot, i) => {
        const halves = 1 + Math.floor(random() * 255);
        postings[i] = slot * 256 + halves;
        if (!met.includes(slot)) met.push(slot);
        expected[slot] += (scale * halves) / 2 / (halves / 2 + sums.norms[slot]);
      });
      count = run(addPostings(heap, postings, scale, sums, count));
    }
    expect(count).toBe(SLOTS);
    expect([...sums.touched]).toEqual(met);
    expected.forEach((score, slot) => {
      expect(Math.abs(sums.scores[slot] - score)).toBeLessThan(2 ** -21 * score);
    });
  });

  test("slots of 24 bits are read whole", () => {
    const { heap, run } = testRuntime(build, 1 << 28);
    const slots = 2 ** 24 - 1;
    const sums = { scores: heap.f32(slots), norms: heap.f32(slots), touched: heap.u32(slots) };
    sums.norms[slots - 1] = 1;
    const postings = heap.u32(1);
    postings[0] = (slots - 1) * 256 + 2;
    expect(run(addPostings(heap, postings, 4, sums, 0))).toBe(1);
    expect(sums.touched[0]).toBe(slots - 1);
    expect(sums.scores[slots - 1]).toBe(2);
  });

  function room() {
    const { heap, run } = testRuntime(build);
    const random = seededRandom(8);
    const norms = heap.f32(SLOTS);
    norms.forEach((_, slot) => (norms[slot] = 0.01 + 2 * random()));
    const sums = { scores: heap.f32(SLOTS), norms, touched: heap.u32(SLOTS) };
    return { heap, run, sums };
  }
});

test("arrays of other lengths, or not on the heap, are refused with a code", () => {
  const { heap } = testRuntime("off");
  const sums = { scores: heap.f32(4), norms: heap.f32(4), touched: heap.u32(4) };
  const postings = heap.u32(2);
  const make = (change: object, met = 0) =>
    addPostings(heap, postings, 1, { ...sums, ...change }, met);
  expect(() => make({ norms: heap.f32(3) })).toThrow(DimensionError);
  expect(() => make({ touched: heap.u32(5) })).toThrow(DimensionError);
  expect(() => make({}, 5)).toThrow(DimensionError);
  expect(() => make({ scores: new Float32Array(4) })).toThrow(StigmergyError);
  expect(() => addPostings(heap, new Uint32Array(2), 1, sums, 0)).toThrow(StigmergyError);
});
