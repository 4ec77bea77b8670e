import { StigmergyError } from "../../errors.ts";

/**
 * What a model learns from: a text, a vector, or an object of texts, numbers, booleans, dates, vectors, lists
 * and further objects. A date counts as its milliseconds since 1970.
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
  /** Numbers by field; those of a vector or list as `field.0`, `field.1`, …, or `field.0.name`, …. */
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
    checkNumbers(input, position, "");
    return { text: "", exact: [], vector: input, numbers: NO_NUMBERS };
  }
  if (kindOf(input) !== "Object") throw wrong(position, input);
  const parts = { text: [] as string[], exact: [] as string[], numbers: new Map<string, number>() };
  addParts(parts, { name: "", place: "" }, input, position, 0);
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

/** What a part is called: numbers by their place in lists too, as each of them is one of its own. */
interface Field {
  readonly name: string;
  readonly place: string;
}

function addParts(
  parts: Parts,
  field: Field,
  value: unknown,
  position: number,
  depth: number,
): void {
  if (value === null || value === undefined) return;
  const { name, place } = field;
  if (typeof value === "string") {
    if (value.length <= LONGEST_FACT) parts.exact.push(`${name}=${value}`);
    parts.text.push(value);
  } else if (typeof value === "boolean") {
    parts.exact.push(`${name}=${value}`);
  } else if (typeof value === "number" || kindOf(value) === "Date") {
    const number = Number(value);
    checkNumbers([number], position, place);
    parts.numbers.set(place, number);
  } else if (typeof value !== "object") {
    throw wrong(position, value, place);
  } else if (depth >= MOST_DEPTH) {
    throw new StigmergyError(
      "INVALID_INPUT",
      `input ${position}, ${JSON.stringify(place)}: expected at most ${MOST_DEPTH} objects and lists within each other, received more`,
    );
  } else if (isVector(value)) {
    checkNumbers(value, position, place);
    for (let i = 0; i < value.length; i++) parts.numbers.set(`${place}.${i}`, value[i]);
  } else if (Array.isArray(value)) {
    // Texts and facts of a list count without their places: a list of tags, of steps, of files.
    value.forEach((member, i) => {
      addParts(parts, { name, place: `${place}.${i}` }, member, position, depth + 1);
    });
  } else if (kindOf(value) === "Object") {
    for (const [key, part] of Object.entries(value)) {
      const within = { name: joined(name, key), place: joined(place, key) };
      addParts(parts, within, part, position, depth + 1);
    }
  } else {
    throw wrong(position, value, place);
  }
}

function joined(field: string, key: string): string {
  return field === "" ? key : `${field}.${key}`;
}

/** A typed array of numbers, or a list of numbers alone. */
function isVector(value: object): value is ArrayLike<number> {
  if (ArrayBuffer.isView(value)) return !/^(DataView|Big.*)$/.test(kindOf(value));
  return Array.isArray(value) && value.length > 0 && value.every((v) => typeof v === "number");
}

function checkNumbers(values: ArrayLike<number>, position: number, field: string): void {
  for (let i = 0; i < values.length; i++) {
    // Beyond the range of f32 a value would become infinite on its way.
    if (Math.abs(values[i]) <= 3.4e38) continue;
    const expected = Number.isFinite(values[i]) ? "numbers within ±3.4e38" : "finite numbers";
    const where = values.length === 1 && field !== "" ? "" : ` at value ${i}`;
    throw new StigmergyError(
      "INVALID_INPUT",
      `input ${position}${of(field)}: expected ${expected}, received ${values[i]}${where}`,
    );
  }
}

function wrong(position: number, value: unknown, field = ""): StigmergyError {
  const kind = kindOf(value);
  const isOther = typeof value === "object" && value !== null;
  const named = isOther ? `a ${kind}` : kind.toLowerCase();
  const received = Array.isArray(value) ? "a list of other things" : named;
  const expected =
    field === ""
      ? "a text, a vector of numbers, or an object"
      : "a text, a number, a boolean, a date, or a list or an object of such";
  return new StigmergyError(
    "INVALID_INPUT",
    `input ${position}${of(field)}: expected ${expected}, received ${received}`,
  );
}

function of(field: string): string {
  return field === "" ? "" : `, ${JSON.stringify(field)}`;
}

/** `Object`, or which other: of a Map or a Promise there are no fields to read. */
function kindOf(value: unknown): string {
  return Object.prototype.toString.call(value).slice(8, -1);
}
