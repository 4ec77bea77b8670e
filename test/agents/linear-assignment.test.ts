import { describe, expect, test } from "vitest";
import {
  solveAssignment,
  solveAssignmentAsync,
  solveAssignmentWithDuals,
} from "#dist/agents/solvers/linear-assignment.js";
import { bruteForceAssignment, expectCertified, makeCosts } from "../support/assignment.ts";
import { seededRandom } from "../support/random.ts";

describe("against every permutation", () => {
  test.each(["whole", "real", "equal"] as const)(
    "%s costs of every shape up to 7, forbidden pairs among them, get the optimum",
    (kind) => {
      const random = seededRandom(11);
      for (let rows = 0; rows <= 7; rows++) {
        for (let columns = 0; columns <= 7; columns++) {
          for (const forbidden of rows * columns < 36 ? [0, 0.2, 0.5, 0.9] : [0, 0.6]) {
            const cost = makeCosts(random, rows * columns, { kind, forbidden });
            const best = bruteForceAssignment(cost, rows, columns);
            const solution = solveAssignmentWithDuals(cost, rows, columns);
            expect(solution.assigned, `${rows} × ${columns}`).toBe(best.assigned);
            expect(solution.cost).toBeCloseTo(best.cost, 9);
            expectCertified(solution, cost, 1e-9);
            expect(solveAssignment(cost, rows, columns)).toEqual(solution.columns);
          }
        }
      }
    },
  );
});

describe("large problems are proven by their potentials", () => {
  const random = seededRandom(5);
  const n = 300;
  const cases: Record<string, (i: number, j: number) => number> = {
    uniform: () => random(),
    "whole numbers of a small range": () => Math.floor(random() * 10),
    "one price for all": () => 3,
    "products of places": (i, j) => (i + 1) * (j + 1),
    "negative products of places": (i, j) => -(i + 1) * (j + 1),
    "the larger place": (i, j) => Math.max(i, j),
    "the smaller place": (i, j) => Math.min((i * 37) % 101, (j * 53) % 103),
    "five kinds of columns": (i, j) => Math.sin((i + 1) * ((j % 5) + 1)),
    "three kinds of rows": (i, j) => Math.sin(((i % 3) + 1) * (j + 1)),
    "prices of rows and columns, and little more": (i, j) =>
      i * 3 + j * 5 + Math.floor(3 * random()),
    negative: () => -1e6 * random(),
    huge: () => 1e300 * random(),
    "apart by 1e-12": () => 1 + 1e-12 * Math.floor(random() * 100),
    "distances in a plane": (i, j) => Math.hypot((i * 37) % 101, (j * 53) % 97),
    "half forbidden": () => (random() < 0.5 ? Infinity : random()),
  };
  test.each(Object.entries(cases))("%s", (name, at) => {
    const size = name.startsWith("products") ? 120 : n;
    const shapes = [
      [size, size],
      [size - 40, size],
      [size, size - 70],
    ];
    for (const [rows, columns] of shapes) {
      const cost = Float64Array.from({ length: rows * columns }, (_, k) =>
        at(Math.floor(k / columns), k % columns),
      );
      const solution = solveAssignmentWithDuals(cost, rows, columns);
      expect(solution.assigned).toBe(Math.min(rows, columns));
      const scale = cost.reduce(
        (most, each) => (each < Infinity ? Math.max(most, Math.abs(each)) : most),
        0,
      );
      expectCertified(solution, cost, 1e-12 * scale);
      // With columns to spare those left out are free, and none gains by being taken; so with rows.
      const spare = rows < columns ? solution.columnPotentials : solution.rowPotentials;
      if (rows !== columns)
        expect(spare.every((potential) => potential <= 1e-12 * scale)).toBe(true);
    }
  });

  test("rows that share too few columns leave out the dearest of them, and the proof holds over all pairs", () => {
    const rows = 60;
    const columns = 60;
    const cost = Float64Array.from({ length: rows * columns }, (_, k) => {
      const i = Math.floor(k / columns);
      const j = k % columns;
      return i < 20 && j >= 12 ? Infinity : Math.floor(random() * 1000);
    });
    const solution = solveAssignmentWithDuals(cost, rows, columns);
    expect(solution.assigned).toBe(52);
    expectCertified(solution, cost, 1e-9);
    // The twelve columns serve the twenty alone, at the least cost.
    const own = new Float64Array(20 * 12).map(
      (_, k) => cost[Math.floor(k / 12) * columns + (k % 12)],
    );
    const alone = solveAssignmentWithDuals(own, 20, 12);
    const spent = (row: number): number => cost[row * columns + solution.columns[row]];
    const served = [...Array(20).keys()].filter((row) => solution.columns[row] >= 0);
    expect(served.reduce((sum, row) => sum + spent(row), 0)).toBe(alone.cost);
  });
});

test("where every task can be served, one more agent never raises the least cost", () => {
  const random = seededRandom(21);
  for (let round = 0; round < 60; round++) {
    const tasks = 1 + Math.floor(random() * 30);
    let agents = tasks + Math.floor(random() * 4);
    let rows = Array.from({ length: tasks }, () =>
      Array.from(makeCosts(random, agents, { kind: "real" })),
    );
    let before = Infinity;
    for (let more = 0; more < 4; more++) {
      const { cost, assigned } = solveAssignmentWithDuals(
        Float64Array.from(rows.flat()),
        tasks,
        agents,
      );
      expect(assigned).toBe(tasks);
      expect(cost).toBeLessThanOrEqual(before + 1e-9);
      before = cost;
      rows = rows.map((row) => [...row, random() * 200 - 100]);
      agents++;
    }
  }
});

test("f32 costs get what the same numbers as f64 get, and a second time the same again", () => {
  const random = seededRandom(3);
  for (const [rows, columns] of [
    [90, 90],
    [40, 95],
    [95, 40],
  ]) {
    const f32 = new Float32Array(rows * columns).map(() => Math.floor(random() * 30));
    const first = solveAssignment(f32, rows, columns);
    expect(solveAssignment(Float64Array.from(f32), rows, columns)).toEqual(first);
    expect(solveAssignment(f32, rows, columns)).toEqual(first);
  }
});

test("whole numbers up to 2⁴⁰ are added exactly", () => {
  const random = seededRandom(8);
  const cost = new Float64Array(80 * 80).map(() => Math.floor(random() * 2 ** 40));
  expectCertified(solveAssignmentWithDuals(cost, 80, 80), cost, 0);
});

test("nothing, one row, one column and pairs that are all forbidden", () => {
  expect(solveAssignment(new Float64Array(0), 0, 0)).toEqual(new Int32Array(0));
  expect(solveAssignment(new Float64Array(0), 0, 5)).toEqual(new Int32Array(0));
  expect(solveAssignment(new Float64Array(0), 3, 0)).toEqual(Int32Array.of(-1, -1, -1));
  expect(solveAssignment(Float64Array.of(4, 2, 3), 1, 3)).toEqual(Int32Array.of(1));
  expect(solveAssignment(Float64Array.of(4, 2, 3), 3, 1)).toEqual(Int32Array.of(-1, 0, -1));
  const none = new Float32Array(6).fill(Infinity);
  expect(solveAssignment(none, 2, 3)).toEqual(Int32Array.of(-1, -1));
});

test("NaN, −Infinity, lengths and sizes that make no sense are refused, and told", () => {
  const solve = (cost: number[], rows: number, columns: number) => () =>
    solveAssignment(Float64Array.from(cost), rows, columns);
  const invalid = (message: RegExp) =>
    expect.objectContaining({ code: "INVALID_INPUT", message: expect.stringMatching(message) });
  expect(solve([1, 2, 3, NaN], 2, 2)).toThrow(invalid(/row 1, column 1.*NaN/));
  expect(solve([1, -Infinity], 1, 2)).toThrow(invalid(/row 0, column 1.*-Infinity/));
  expect(solve([1, 2e300], 1, 2)).toThrow(invalid(/row 0, column 1.*2e\+300/));
  expect(solve([1, 2], 2, 2)).toThrow(expect.objectContaining({ code: "DIMENSION" }));
  expect(solve([], -1, 0)).toThrow(invalid(/rows/));
  expect(solve([1], 1, 1.5)).toThrow(invalid(/columns/));
  expect(() => solveAssignment([1] as never, 1, 1)).toThrow(invalid(/Float32Array/));
});

test("a long solve leaves the thread to others, gives the same answer and ends when told to", async () => {
  const random = seededRandom(2);
  const n = 700;
  // Products keep every search long: the whole takes many turns of the thread.
  const cost = new Float64Array(n * n).map((_, k) => ((k % n) + 1) * (Math.floor(k / n) + 1));
  let turns = 0;
  const others = setInterval(() => turns++, 0);
  const solution = await solveAssignmentAsync(cost, n, n);
  clearInterval(others);
  expect(turns).toBeGreaterThan(0);
  expect(solution.columns).toEqual(solveAssignment(cost, n, n));
  const ended = new AbortController();
  const running = solveAssignmentAsync(cost, n, n, { signal: ended.signal });
  setImmediate(() => ended.abort(new Error("enough")));
  await expect(running).rejects.toThrow("enough");
  // What was taken for it is free again.
  const small = Float64Array.from({ length: 25 }, () => random());
  expectCertified(solveAssignmentWithDuals(small, 5, 5), small, 1e-12);
});
