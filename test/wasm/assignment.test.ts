import { describe, expect, test } from "vitest";
import {
  augmentAssignment,
  checkAssignment,
  layOutAssignment,
  NO_PARTNER,
  startAssignment,
} from "#dist/wasm/assignment/assignment.js";
import type { KernelBuild } from "#dist/wasm/build.js";
import { makeCosts } from "../support/assignment.ts";
import { seededRandom } from "../support/random.ts";
import { BUILDS, testRuntime } from "../support/runtime.ts";

const SHAPES = [
  [1, 1],
  [5, 5],
  [16, 16],
  [17, 33],
  [60, 60],
  [31, 100],
];

describe.each(SHAPES)("%i × %i", (rows, columns) => {
  test.each(["whole", "real", "equal"] as const)(
    "every build gives the same assignment and the same potentials to the bit: %s costs",
    (kind) => {
      for (const costBytes of [4, 8] as const) {
        for (const forbidden of [0, 0.3]) {
          const random = seededRandom(rows + columns);
          const cost = makeCosts(random, rows * columns, { kind, forbidden });
          const results = BUILDS.map((build) => solve(build, cost, rows, columns, costBytes));
          for (const result of results) expect(result).toEqual(results[0]);
          const { columnOf, rowOf, failed } = results[0];
          columnOf.forEach((column, row) => {
            if (column === NO_PARTNER) expect(failed).toContain(row);
            else expect(rowOf[column]).toBe(row);
          });
        }
      }
    },
  );
});

describe("where lists of near columns do not help", () => {
  const random = seededRandom(6);
  const drawn = Float64Array.from({ length: 150 * 4 }, () => random());
  const kinds: Record<string, (i: number, j: number) => number> = {
    "products of places": (i, j) => -(i + 1) * (j + 1),
    "the larger place": (i, j) => Math.max((i * 37) % 150, (j * 53) % 150),
    "four kinds of columns": (i, j) => drawn[i * 4 + (j % 4)],
    "a triangle is forbidden": (i, j) => (j > i ? Infinity : drawn[(i * 7 + j * 13) % 600]),
  };
  test.each(Object.entries(kinds))("every build gives the same to the bit: %s", (_, at) => {
    for (const rows of [150, 130]) {
      const cost = Float64Array.from({ length: rows * 150 }, (_, k) =>
        at(Math.floor(k / 150), k % 150),
      );
      const results = BUILDS.map((build) => solve(build, cost, rows, 150, 8));
      for (const result of results) expect(result).toEqual(results[0]);
    }
  });
});

test("every build finds the one cost that is no number to solve with, wherever it stands", () => {
  for (const build of BUILDS) {
    const { heap, run } = testRuntime(build);
    for (const costBytes of [4, 8] as const) {
      const problem = layOutAssignment(heap, 3, 30, costBytes);
      const isSound = (): boolean => run(checkAssignment(heap, problem)) === 1;
      problem.cost.fill(-1.5).fill(Infinity, 5, 9);
      expect(isSound()).toBe(true);
      for (let at = 0; at < problem.cost.length; at += 7) {
        for (const value of [NaN, -Infinity, ...(costBytes === 8 ? [2e300, -2e300] : [])]) {
          const before = problem.cost[at];
          problem.cost[at] = value;
          expect(isSound(), `${build} ${value} at ${at}`).toBe(false);
          problem.cost[at] = before;
        }
      }
      expect(isSound()).toBe(true);
    }
  }
});

test("a row that can get no column changes nothing", () => {
  for (const build of BUILDS) {
    const cost = Float64Array.of(1, Infinity, 2, Infinity);
    const { columnOf, failed } = solve(build, cost, 2, 2, 8);
    expect([...columnOf]).toEqual([0, NO_PARTNER]);
    expect(failed).toEqual([1]);
  }
});

function solve(
  build: KernelBuild,
  cost: Float64Array,
  rows: number,
  columns: number,
  costBytes: 4 | 8,
) {
  const { heap, run } = testRuntime(build);
  const problem = layOutAssignment(heap, rows, columns, costBytes);
  const guard = heap.f64(8).fill(0.5);
  problem.cost.fill(Infinity);
  for (let row = 0; row < rows; row++) {
    const own = cost.subarray(row * columns, (row + 1) * columns);
    problem.cost.set(own, row * problem.stride);
  }
  const free = run(startAssignment(heap, problem));
  const failed: number[] = [];
  for (let at = 0; at < free;) {
    at = run(augmentAssignment(heap, problem, at, free));
    if (at < free) failed.push(problem.free[at++]);
  }
  expect(guard.every((value) => value === 0.5)).toBe(true);
  return {
    columnOf: problem.columnOf.slice(),
    rowOf: problem.rowOf.slice(0, columns),
    potentials: problem.potentials.slice(0, columns),
    failed,
  };
}
