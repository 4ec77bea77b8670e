import { matchingBytes } from "../../wasm/assignment/matching.ts";
import type { Costs } from "./assignment-costs.ts";
import { solveAssignment } from "./linear-assignment.ts";
import { takeHeap } from "./solver-heap.ts";
import { ThresholdGraph } from "./threshold-graph.ts";

/** An assignment whose dearest pair is as cheap as can be. */
export interface BottleneckAssignment {
  /** The column of each row, −1 if none. */
  readonly columns: Int32Array;
  /** Rows that have a column: as many as can be. */
  readonly assigned: number;
  /** Cost of the dearest pair; −Infinity when nobody is assigned. */
  readonly bottleneck: number;
  /** Total cost: the least among assignments with such a bottleneck. */
  readonly cost: number;
}

/**
 * Assigns as many rows as can be so that the dearest pair costs as little as can be (the slowest of all is
 * done the earliest), and of all such assignments gives one of least total cost.
 *
 * @param cost [rows][columns], row-major; +Infinity forbids a pair
 * @throws as `solveAssignment`
 *
 * Source: Gross, The bottleneck assignment problem, 1959 (thresholds and matchings), over the few costs between what
 * cannot be beaten and what the cheapest assignment has.
 *
 * @example
 * const cost = Float64Array.of(1, 5, 4, 9); // 2 × 2
 * solveBottleneckAssignment(cost, 2, 2).bottleneck; // → 5
 */
export function solveBottleneckAssignment(
  cost: Costs,
  rows: number,
  columns: number,
): BottleneckAssignment {
  // The cheapest of all has as many pairs as can be, and none of the best is dearer than its dearest.
  const cheapest = toldOf(cost, rows, columns, solveAssignment(cost, rows, columns));
  if (cheapest.assigned === 0) return cheapest;
  const least = leastThreshold(cost, rows, columns, cheapest.assigned);
  if (least === cheapest.bottleneck) return cheapest;
  const limit = leastLimit(cost, rows, columns, least, cheapest);
  if (limit === cheapest.bottleneck) return cheapest;
  const within = cost.slice();
  for (let i = 0; i < within.length; i++) if (within[i] > limit) within[i] = Infinity;
  return toldOf(cost, rows, columns, solveAssignment(within, rows, columns));
}

function leastLimit(
  cost: Costs,
  rows: number,
  columns: number,
  least: number,
  { bottleneck, assigned }: BottleneckAssignment,
): number {
  const { heap, giveBack } = takeHeap(matchingBytes(rows, columns), "solve parts of it");
  try {
    const graph = new ThresholdGraph(heap, cost, rows, columns, least, bottleneck);
    return graph.leastLimit(least, bottleneck, assigned);
  } finally {
    giveBack();
  }
}

function toldOf(
  cost: Costs,
  rows: number,
  columns: number,
  found: Int32Array,
): BottleneckAssignment {
  let assigned = 0;
  let total = 0;
  let bottleneck = -Infinity;
  for (let row = 0; row < rows; row++) {
    if (found[row] < 0) continue;
    const own = cost[row * columns + found[row]];
    assigned++;
    total += own;
    bottleneck = Math.max(bottleneck, own);
  }
  return { columns: found, assigned, bottleneck, cost: total };
}

/** Where all of a side are served, no threshold is below what any of them costs at least. */
function leastThreshold(cost: Costs, rows: number, columns: number, most: number): number {
  const ofColumns = new Float64Array(columns).fill(Infinity);
  let least = -Infinity;
  for (let row = 0; row < rows; row++) {
    let ofRow = Infinity;
    const first = row * columns;
    for (let column = 0; column < columns; column++) {
      const own = cost[first + column];
      if (own < ofRow) ofRow = own;
      if (own < ofColumns[column]) ofColumns[column] = own;
    }
    if (most === rows && ofRow > least) least = ofRow;
  }
  if (most === columns) for (const value of ofColumns) least = Math.max(least, value);
  return least;
}
