import { DimensionError, StigmergyError } from "../errors.ts";
import type { Filter, Metric } from "./engine.ts";

/**
 * A whole number within its range.
 * @throws {StigmergyError} INVALID_INPUT for anything else
 */
export function wholeNumber(what: string, value: number, least: number, most: number): number {
  if (Number.isInteger(value) && value >= least && value <= most) return value;
  throw new StigmergyError(
    "INVALID_INPUT",
    `${what}: expected a whole number from ${least} to ${most}, received ${String(value)}`,
  );
}

/** Whether a number can be a key: a non-negative safe integer. */
export function isKey(key: number): boolean {
  return Number.isSafeInteger(key) && key >= 0;
}

/** @throws {StigmergyError} INVALID_INPUT when one is not a non-negative safe integer */
export function checkKeys(keys: ArrayLike<number>): void {
  if (!isArrayLike(keys)) {
    throw new StigmergyError(
      "INVALID_INPUT",
      "keys: expected an array or a typed array of numbers",
    );
  }
  for (let i = 0; i < keys.length; i++) {
    if (!isKey(keys[i])) {
      throw new StigmergyError(
        "INVALID_INPUT",
        `key ${i}: expected a whole number from 0 to 2^53 − 1, received ${String(keys[i])}`,
      );
    }
  }
}

/**
 * Checks `count` vectors of `dim` values.
 * @throws {DimensionError} for a wrong length
 * @throws {StigmergyError} INVALID_INPUT for NaN or ±Infinity, and under cosine for a zero vector
 */
export function checkVectors(
  what: string,
  vectors: Float32Array,
  count: number,
  dim: number,
  metric: Metric,
): void {
  if (!(vectors instanceof Float32Array)) {
    throw new StigmergyError("INVALID_INPUT", `${what}: expected a Float32Array`);
  }
  if (vectors.length !== count * dim) {
    throw new DimensionError(`${what} length`, count * dim, vectors.length);
  }
  for (let row = 0; row < count; row++) {
    const squares = squaresOf(vectors, row * dim, (row + 1) * dim);
    // Squares of f32 values never overflow f64, so this is NaN or ∞ only when a value is.
    if (!Number.isFinite(squares)) {
      throw new StigmergyError(
        "INVALID_INPUT",
        `${what}: expected finite values, received NaN or Infinity in row ${row}`,
      );
    }
    if (metric === "cosine" && squares === 0) {
      throw new StigmergyError(
        "INVALID_INPUT",
        `${what}: row ${row} is zero, which has no direction; use metric l2sq or dot`,
      );
    }
  }
}

/** The sum of squares, in four sums that don't wait for each other: every query is looked at so. */
function squaresOf(values: Float32Array, from: number, end: number): number {
  let [s0, s1, s2, s3] = [0, 0, 0, 0];
  let i = from;
  for (; i + 3 < end; i += 4) {
    s0 += values[i] * values[i];
    s1 += values[i + 1] * values[i + 1];
    s2 += values[i + 2] * values[i + 2];
    s3 += values[i + 3] * values[i + 3];
  }
  for (; i < end; i++) s0 += values[i] * values[i];
  return s0 + s1 + s2 + s3;
}

/** @throws {StigmergyError} INVALID_INPUT for what is neither a test nor keys */
export function checkFilter(filter: Filter): void {
  if (typeof filter === "function" || filter instanceof Set || isArrayLike(filter)) return;
  // Sets of other makes, but no map: its keys are not asked for.
  const isSetLike = typeof filter === "object" && filter !== null && "has" in filter;
  if (isSetLike && !("get" in filter)) return;
  throw new StigmergyError(
    "INVALID_INPUT",
    "filter: expected a function, a set of keys or an array of keys",
  );
}

/** @throws {StigmergyError} INVALID_INPUT for what is no object */
export function checkObject(what: string, value: object): void {
  if (typeof value === "object" && value !== null) return;
  throw new StigmergyError("INVALID_INPUT", `${what}: expected an object`);
}

function isArrayLike(value: unknown): value is ArrayLike<number> {
  const isObject = typeof value === "object" && value !== null;
  return isObject && "length" in value && Number.isInteger(value.length);
}
