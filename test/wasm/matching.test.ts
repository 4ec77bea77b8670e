import { describe, expect, test } from "vitest";
import type { KernelBuild } from "#dist/wasm/build.js";
import {
  layOutMatching,
  matchBits,
  matchingBytes,
  UNMATCHED,
} from "#dist/wasm/assignment/matching.js";
import { seededRandom } from "../support/random.ts";
import { BUILDS, testRuntime } from "../support/runtime.ts";

/** A matching where row i may have column j with a probability; the same in every build. */
function randomMatching(build: KernelBuild, rows: number, columns: number, share: number) {
  const { heap, run } = testRuntime(build, 1 << 21);
  const begin = heap.usedBytes;
  const matching = layOutMatching(heap, rows, columns);
  expect(heap.usedBytes - begin).toBeLessThanOrEqual(matchingBytes(rows, columns));
  const random = seededRandom(rows * 1000 + columns);
  const allowed: number[][] = Array.from({ length: rows }, () => []);
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) {
      if (random() >= share) continue;
      allowed[row].push(column);
      matching.bits[row * matching.words + (column >>> 5)] |= 1 << (column & 31);
    }
  }
  return { heap, run, matching, allowed };
}

/** Rows that can have a column of their own, one augmenting path at a time. */
function mostServed(allowed: readonly (readonly number[])[]): number {
  const rowOf = new Map<number, number>();
  const serve = (row: number, seen: Set<number>): boolean => {
    for (const column of allowed[row]) {
      if (seen.has(column)) continue;
      seen.add(column);
      const owner = rowOf.get(column);
      if (owner !== undefined && !serve(owner, seen)) continue;
      rowOf.set(column, row);
      return true;
    }
    return false;
  };
  return allowed.filter((_, row) => serve(row, new Set())).length;
}

describe.each([
  [0, 0, 1],
  [1, 1, 0],
  [1, 64, 1],
  [5, 3, 0.5],
  [64, 64, 0.03],
  [65, 63, 0.05],
  [200, 257, 0.008],
  [300, 300, 0.012],
  [300, 200, 0.01],
])("%i rows, %i columns, %d of pairs", (rows, columns, share) => {
  test("as many as can be have a partner they may have, and every build gives the same", () => {
    const results = BUILDS.map((build) => {
      const { heap, run, matching, allowed } = randomMatching(build, rows, columns, share);
      const { columnOf, rowOf } = matching;
      const found: unknown[] = [];
      const check = (): void => {
        const size = run(matchBits(heap, matching));
        expect(size).toBe(mostServed(allowed));
        expect(columnOf.filter((column) => column !== UNMATCHED)).toHaveLength(size);
        columnOf.forEach((column, row) => {
          if (column === UNMATCHED) return;
          expect(allowed[row]).toContain(column);
          expect(rowOf[column]).toBe(row);
        });
        expect(rowOf.filter((row) => row !== UNMATCHED)).toHaveLength(size);
        found.push([...columnOf], [...rowOf]);
      };
      check();
      // Gone on with after more pairs were allowed: whoever had a partner has one.
      const before = columnOf.map((column) => (column === UNMATCHED ? 0 : 1));
      for (let row = 0; row < rows; row += 2) {
        const column = (row * 7) % Math.max(1, columns);
        if (columns === 0 || allowed[row].includes(column)) continue;
        allowed[row].push(column);
        matching.bits[row * matching.words + (column >>> 5)] |= 1 << (column & 31);
      }
      check();
      before.forEach((had, row) => had === 1 && expect(columnOf[row]).not.toBe(UNMATCHED));
      return found;
    });
    for (const result of results) expect(result).toEqual(results[0]);
  });
});
