import { checkedCosts, type Costs } from "./assignment-costs.ts";
import { drain, solvePart } from "./assignment-part.ts";
import { solveAssignment } from "./linear-assignment.ts";

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
 * Source: Gross, The bottleneck assignment problem, 1959 (thresholds and matchings).
 */
export function solveBottleneckAssignment(
  cost: Costs,
  rows: number,
  columns: number,
): BottleneckAssignment {
  checkedCosts(cost, rows, columns);
  const most = matchingSize(cost, rows, columns, Number.MAX_VALUE);
  const thresholds = Float64Array.from(new Set(cost))
    .filter((value) => value < Infinity)
    .sort();
  let low = Math.max(0, thresholds.indexOf(leastThreshold(cost, rows, columns, most)));
  let high = thresholds.length - 1;
  // The least possible is often enough; from there steps double until one is.
  for (let step = 1; low < high; step *= 2) {
    const at = Math.min(high, low + step - 1);
    if (matchingSize(cost, rows, columns, thresholds[at]) === most) {
      high = at;
      break;
    }
    low = at + 1;
  }
  while (low < high) {
    const middle = (low + high) >> 1;
    if (matchingSize(cost, rows, columns, thresholds[middle]) === most) high = middle;
    else low = middle + 1;
  }
  const limit = most === 0 ? -Infinity : thresholds[low];
  const found = solveAssignment(
    cost.map((value) => (value > limit ? Infinity : value)),
    rows,
    columns,
  );
  let [total, bottleneck] = [0, -Infinity];
  found.forEach((column, row) => {
    if (column < 0) return;
    total += cost[row * columns + column];
    bottleneck = Math.max(bottleneck, cost[row * columns + column]);
  });
  return { columns: found, assigned: most, bottleneck, cost: total };
}

/** How many rows can have a column at no more than `limit` each. */
function matchingSize(cost: Costs, rows: number, columns: number, limit: number): number {
  const allowed = Float32Array.from(cost, (value) => (value <= limit ? 0 : Infinity));
  const part = {
    ...{ cost: allowed, columns, isTransposed: rows > columns },
    ...{ rowIds: undefined, columnIds: undefined, rowCount: rows, columnCount: columns },
  };
  return Math.min(rows, columns) - drain(solvePart(part, false)).failed.length;
}

/** Where all of a side are served, no threshold is below what any of them costs at least. */
function leastThreshold(cost: Costs, rows: number, columns: number, most: number): number {
  const leastOfRows = new Float64Array(rows).fill(Infinity);
  const leastOfColumns = new Float64Array(columns).fill(Infinity);
  for (let i = 0; i < cost.length; i++) {
    const [row, column] = [Math.floor(i / columns), i % columns];
    if (cost[i] < leastOfRows[row]) leastOfRows[row] = cost[i];
    if (cost[i] < leastOfColumns[column]) leastOfColumns[column] = cost[i];
  }
  let least = -Infinity;
  if (most === rows) for (const value of leastOfRows) least = Math.max(least, value);
  if (most === columns) for (const value of leastOfColumns) least = Math.max(least, value);
  return least;
}
