import { expect, test } from "vitest";
import { pairsOf } from "#dist/neural/training/pairs.js";

/** How often each of so many samples of one group, all of other targets, is in a pair. */
function countsOf(samples: number): number[] {
  const targets = Float64Array.from({ length: samples }, (_, i) => i);
  const groups = Array.from(targets, () => 0);
  const pairs = pairsOf({ targets, groups }, Uint32Array.from(targets));
  const counts = Array.from(targets, () => 0);
  const met = new Set<number>();
  let right = 0;
  for (let i = 0; i < pairs.length; i += 2) {
    const [better, worse] = [pairs[i], pairs[i + 1]];
    if (targets[better] > targets[worse]) right++;
    met.add(better * samples + worse);
    counts[better]++;
    counts[worse]++;
  }
  expect([right, met.size]).toEqual([pairs.length / 2, pairs.length / 2]);
  return counts;
}

test("every sample of a group is compared with all others, or with as many others as any", () => {
  for (const [samples, others] of [
    [2, 1],
    [65, 64],
    [66, 64],
    [500, 64],
    [40_000, 50],
  ]) {
    expect(new Set(countsOf(samples))).toEqual(new Set([others]));
  }
});

test("samples are compared within their group, where their targets differ", () => {
  const targets = Float64Array.of(1, 5, 1, 2, 2, 9);
  const groups = ["a", "b", "a", "a", "b", "c"];
  const pairs = pairsOf({ targets, groups }, Uint32Array.of(0, 1, 2, 3, 4, 5));
  expect([...pairs]).toEqual([3, 0, 3, 2, 1, 4]);
});
