import { DimensionError, StigmergyError } from "../../errors.ts";
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
  checkLength(what, vectors, count, dim);
  checkValues(what, vectors, [0, count], dim, metric);
}

/**
 * Checks that there are `count` vectors of `dim` values, and none of their values.
 * @throws {DimensionError} for a wrong length
 * @throws {StigmergyError} INVALID_INPUT for another array
 */
export function checkLength(what: string, vectors: Float32Array, count: number, dim: number): void {
  if (!(vectors instanceof Float32Array)) {
    const received = Array.isArray(vectors)
      ? "a list; Float32Array.from(it) makes one"
      : Object.prototype.toString.call(vectors).slice(8, -1);
    throw new StigmergyError(
      "INVALID_INPUT",
      `${what}: expected a Float32Array, received ${received}`,
    );
  }
  if (vectors.length !== count * dim) {
    throw new DimensionError(`${what} length`, count * dim, vectors.length);
  }
}

/**
 * Checks the values of some of the vectors, as `checkVectors` does.
 * @throws {StigmergyError} INVALID_INPUT for NaN or ±Infinity, and under cosine for a zero vector
 */
export function checkValues(
  what: string,
  vectors: Float32Array,
  [first, end]: readonly [number, number],
  dim: number,
  metric: Metric,
): void {
  const words = new Int32Array(vectors.buffer, vectors.byteOffset, vectors.length);
  for (let row = first; row < end; row++) {
    const bits = valueBits(words, row * dim, (row + 1) * dim);
    if (bits < 0) {
      throw new StigmergyError(
        "INVALID_INPUT",
        `${what}: expected finite values, received NaN or Infinity in row ${row}`,
      );
    }
    if (metric === "cosine" && bits === 0) {
      throw new StigmergyError(
        "INVALID_INPUT",
        `${what}: row ${row} is zero, which has no direction; use metric l2sq or dot`,
      );
    }
  }
}

const ALL_BUT_SIGN = 0x7fffffff;
const LEAST_EXPONENT = 0x00800000;

/**
 * The bits of f32 values but their signs, all put together: 0 when all values are zero. Negative when one is NaN or
 * infinite. Every query is looked at so: on words this takes a third of the time that arithmetic takes.
 */
function valueBits(words: Int32Array, from: number, end: number): number {
  let all = 0;
  let top = 0;
  let i = from;
  for (; i + 3 < end; i += 4) {
    const w0 = words[i] & ALL_BUT_SIGN;
    const w1 = words[i + 1] & ALL_BUT_SIGN;
    const w2 = words[i + 2] & ALL_BUT_SIGN;
    const w3 = words[i + 3] & ALL_BUT_SIGN;
    all |= w0 | w1 | w2 | w3;
    // The largest exponent, of NaN and infinities, and one more reach the sign.
    top |= (w0 + LEAST_EXPONENT) | (w1 + LEAST_EXPONENT);
    top |= (w2 + LEAST_EXPONENT) | (w3 + LEAST_EXPONENT);
  }
  for (; i < end; i++) {
    const word = words[i] & ALL_BUT_SIGN;
    all |= word;
    top |= word + LEAST_EXPONENT;
  }
  return top < 0 ? top : all;
}

/** @throws {StigmergyError} INVALID_INPUT for what is neither a test nor keys */
export function checkFilter(filter: Filter): void {
  if (typeof filter === "function" || filter instanceof Set || isArrayLike(filter)) return;
  // Sets of other makes, but no map: its keys are not asked for.
  const isSetLike = typeof filter === "object" && filter !== null && "has" in filter;
  if (isSetLike && !("get" in filter) && "forEach" in filter && "size" in filter) return;
  throw new StigmergyError(
    "INVALID_INPUT",
    "filter: expected a function, a set of keys or an array of keys",
  );
}

/** @throws {StigmergyError} INVALID_INPUT for what can't be called, before there is something to tell it */
export function checkCallback(what: string, value: unknown): void {
  if (value === undefined || typeof value === "function") return;
  throw new StigmergyError("INVALID_INPUT", `${what}: expected a function`);
}

/** @throws {StigmergyError} INVALID_INPUT for what names no folder */
export function checkFolder(path: string): void {
  if (typeof path === "string" && path !== "" && !path.includes("\0")) return;
  throw new StigmergyError(
    "INVALID_INPUT",
    "path: expected the name of a folder, text without NUL and not empty",
  );
}

function isArrayLike(value: unknown): value is ArrayLike<number> {
  const isObject = typeof value === "object" && value !== null;
  return isObject && "length" in value && Number.isInteger(value.length);
}
