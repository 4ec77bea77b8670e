import { StigmergyError } from "../errors.ts";

/**
 * What a model learns from: a text, a vector, or an object of texts, numbers, booleans, vectors, lists
 * and further objects.
 */
export type PatternInput = string | ArrayLike<number> | object;

/** An input with its parts apart. */
export interface FlatInput {
  /** All of its words. */
  readonly text: string;
  /** Facts that count whole: `field=value`. */
  readonly exact: readonly string[];
  /** The values of a vector given by itself. */
  readonly vector: ArrayLike<number> | undefined;
  /** Numbers by field; those of a vector as `field.0`, `field.1`, …. */
  readonly numbers: ReadonlyMap<string, number>;
}

const MOST_DEPTH = 8;
const LONGEST_FACT = 64; // characters: a longer text is read for its words alone
const NO_NUMBERS: ReadonlyMap<string, number> = new Map();

/**
 * An input's parts.
 * @param position of the input among its fellows, for messages
 * @throws {StigmergyError} INVALID_INPUT for what is no input, or has NaN or ±Infinity
 */
export function flattenInput(input: PatternInput, position: number): FlatInput {
  if (typeof input === "string") {
    return { text: input, exact: [], vector: undefined, numbers: NO_NUMBERS };
  }
  if (typeof input !== "object" || input === null) throw wrong(position, input);
  if (isVector(input)) {
    checkNumbers(input, position);
    return { text: "", exact: [], vector: input, numbers: NO_NUMBERS };
  }
  if (kindOf(input) !== "Object") throw wrong(position, input);
  const parts = { text: [] as string[], exact: [] as string[], numbers: new Map<string, number>() };
  addParts(parts, "", input, position, 0);
  return {
    text: parts.text.join("\n"),
    exact: parts.exact,
    vector: undefined,
    numbers: parts.numbers,
  };
}

interface Parts {
  readonly text: string[];
  readonly exact: string[];
  readonly numbers: Map<string, number>;
}

function addParts(
  parts: Parts,
  field: string,
  value: unknown,
  position: number,
  depth: number,
): void {
  if (value === null || value === undefined) return;
  if (typeof value === "string") {
    if (value.length <= LONGEST_FACT) parts.exact.push(`${field}=${value}`);
    parts.text.push(value);
  } else if (typeof value === "boolean") {
    parts.exact.push(`${field}=${value}`);
  } else if (typeof value === "number") {
    checkNumbers([value], position);
    parts.numbers.set(field, value);
  } else if (typeof value !== "object" || depth >= MOST_DEPTH) {
    throw wrong(position, value);
  } else if (isVector(value)) {
    checkNumbers(value, position);
    for (let i = 0; i < value.length; i++) parts.numbers.set(`${field}.${i}`, value[i]);
  } else if (Array.isArray(value)) {
    // The members of a list count without their places: a list of tags, of steps, of files.
    for (const member of value) addParts(parts, field, member, position, depth + 1);
  } else if (kindOf(value) !== "Object") {
    throw wrong(position, value);
  } else {
    for (const [name, part] of Object.entries(value)) {
      addParts(parts, field === "" ? name : `${field}.${name}`, part, position, depth + 1);
    }
  }
}

/** A typed array, or a list of numbers alone. */
function isVector(value: object): value is ArrayLike<number> {
  if (ArrayBuffer.isView(value)) return !(value instanceof DataView);
  return Array.isArray(value) && value.length > 0 && value.every((v) => typeof v === "number");
}

function checkNumbers(values: ArrayLike<number>, position: number): void {
  for (let i = 0; i < values.length; i++) {
    // Beyond the range of f32 a value would become infinite on its way.
    if (Math.abs(values[i]) <= 3.4e38) continue;
    throw new StigmergyError(
      "INVALID_INPUT",
      `input ${position}: expected finite numbers, received ${values[i]} at value ${i}`,
    );
  }
}

/** `Object`, or which other: of a Map or a Date there are no fields to read. */
function kindOf(value: unknown): string {
  return Object.prototype.toString.call(value).slice(8, -1);
}

const SAID: Readonly<Record<string, string>> = {
  Array: "a list of other things",
  Object: "objects more than eight deep",
};

function wrong(position: number, value: unknown): StigmergyError {
  const kind = kindOf(value);
  const isOther = typeof value === "object" && value !== null;
  const received = SAID[kind] ?? (isOther ? `a ${kind}` : kind.toLowerCase());
  return new StigmergyError(
    "INVALID_INPUT",
    `input ${position}: expected a text, a vector of numbers, or an object, received ${received}`,
  );
}
