import { DimensionError, StigmergyError } from "../../errors.ts";

/** Costs of pairs, row-major: +Infinity forbids a pair. */
export type Costs = Float32Array | Float64Array;

const MOST = 1e300; // beyond, sums of costs are not finite

/**
 * Checks costs of rows × columns at the door.
 * @throws {StigmergyError} INVALID_INPUT for NaN, −Infinity, numbers beyond 1e300, or sizes that are no whole numbers
 * @throws {DimensionError} when there are not rows × columns of them
 */
export function checkedCosts(
  cost: Costs,
  rows: number,
  columns: number,
  [row, column]: readonly [string, string] = ["row", "column"],
  least = -MOST,
): void {
  checkedShape(cost, rows, columns, [row, column]);
  checkedValues(cost, columns, [row, column], least);
}

/**
 * Checks all of that but the numbers.
 * @throws as `checkedCosts`
 */
export function checkedShape(
  cost: Costs,
  rows: number,
  columns: number,
  [row, column]: readonly [string, string] = ["row", "column"],
): void {
  if (!(cost instanceof Float32Array || cost instanceof Float64Array)) {
    throw new StigmergyError("INVALID_INPUT", "cost: expected a Float32Array or Float64Array");
  }
  checkedCount(`${row}s`, rows);
  checkedCount(`${column}s`, columns);
  if (cost.length !== rows * columns) {
    throw new DimensionError(`cost length, ${row}s × ${column}s`, rows * columns, cost.length);
  }
}

/**
 * Checks the numbers alone.
 * @throws {StigmergyError} INVALID_INPUT for NaN, −Infinity, and others below `least`
 */
export function checkedValues(
  cost: Costs,
  columns: number,
  [row, column]: readonly [string, string],
  least = -MOST,
): void {
  for (let i = 0; i < cost.length; i++) {
    if (cost[i] >= least && (cost[i] <= MOST || cost[i] === Infinity)) continue;
    throw new StigmergyError(
      "INVALID_INPUT",
      `cost of ${row} ${Math.floor(i / columns)}, ${column} ${i % columns}: expected a number from ${least} to ${MOST}, or Infinity to forbid the pair, received ${cost[i]}`,
    );
  }
}

/** @throws {StigmergyError} INVALID_INPUT when it is no whole number from 0 */
export function checkedCount(what: string, value: number): void {
  if (Number.isSafeInteger(value) && value >= 0) return;
  throw new StigmergyError(
    "INVALID_INPUT",
    `${what}: expected a whole number from 0, received ${value}`,
  );
}

/**
 * Checks one number of each of `count`.
 * @throws {StigmergyError} INVALID_INPUT when one is not finite or below `least`
 * @throws {DimensionError} when there are not so many
 */
export function checkedNumbers(
  what: string,
  values: ArrayLike<number>,
  count: number,
  least = 0,
): void {
  if (values.length !== count) throw new DimensionError(`${what} length`, count, values.length);
  for (let i = 0; i < count; i++) {
    if (values[i] >= least && values[i] < Infinity) continue;
    throw new StigmergyError(
      "INVALID_INPUT",
      `${what}[${i}]: expected a number from ${least}, received ${values[i]}`,
    );
  }
}
