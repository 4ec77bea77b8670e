import { expect } from "vitest";
import type { AssignmentSolution } from "#dist/agents/solvers/linear-assignment.js";

/** Seeded costs of a shape: whole, real or equal numbers, a share of them forbidden. */
export function makeCosts(
  random: () => number,
  count: number,
  { kind, forbidden = 0 }: { kind: "whole" | "real" | "equal"; forbidden?: number },
): Float64Array {
  return Float64Array.from({ length: count }, () => {
    if (random() < forbidden) return Infinity;
    if (kind === "whole") return Math.floor(random() * 4);
    return kind === "real" ? random() * 100 - 50 : 7;
  });
}

/** The most rows that can be assigned, and the least cost of so many, by trying everything. */
export function bruteForceAssignment(
  cost: ArrayLike<number>,
  rows: number,
  columns: number,
): { assigned: number; cost: number; bottleneck: number } {
  let best = { assigned: -1, cost: Infinity };
  let bottleneck = Infinity;
  const isTaken = new Uint8Array(columns);
  const go = (row: number, assigned: number, sum: number, largest: number): void => {
    if (row === rows) {
      if (assigned > best.assigned) bottleneck = Infinity;
      if (assigned > best.assigned || (assigned === best.assigned && sum < best.cost)) {
        best = { assigned, cost: sum };
      }
      if (assigned === best.assigned) bottleneck = Math.min(bottleneck, largest);
      return;
    }
    go(row + 1, assigned, sum, largest);
    for (let column = 0; column < columns; column++) {
      const own = cost[row * columns + column];
      if (isTaken[column] === 1 || own === Infinity) continue;
      isTaken[column] = 1;
      go(row + 1, assigned + 1, sum + own, Math.max(largest, own));
      isTaken[column] = 0;
    }
  };
  go(0, 0, 0, -Infinity);
  return { ...best, bottleneck };
}

/**
 * Holds a solution to its proof: potentials are at most the cost of every pair, equal to it where assigned,
 * no column is taken twice, and nothing is assigned that is forbidden.
 */
export function expectCertified(
  { columns: found, cost: total, assigned, rowPotentials, columnPotentials }: AssignmentSolution,
  cost: ArrayLike<number>,
  tolerance: number,
): void {
  const rows = found.length;
  const columns = columnPotentials.length;
  const taken = found.filter((column) => column >= 0);
  expect(new Set(taken).size).toBe(taken.length);
  expect(taken.length).toBe(assigned);
  let sum = 0;
  let worst = Infinity;
  let loosest = 0;
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) {
      const own = cost[row * columns + column];
      const slack = own - rowPotentials[row] - columnPotentials[column];
      worst = Math.min(worst, slack);
      if (found[row] !== column) continue;
      sum += own;
      loosest = Math.max(loosest, Math.abs(slack));
    }
  }
  expect(worst).toBeGreaterThanOrEqual(-tolerance);
  expect(loosest).toBeLessThanOrEqual(tolerance);
  expect(total).toBe(sum);
}
