import { StigmergyError } from "../../errors.ts";

// What the fields of a record mean, by their names: in any case, with or without "_" and "-".

/** Names that the input of a record may have; the first that is there counts. */
export const INPUT_FIELDS: readonly string[] = [
  ...["input", "text", "query", "data", "features", "pattern"],
];

/** Names that the label of a record may have, as `INPUT_FIELDS`. */
export const LABEL_FIELDS: readonly string[] = [
  ...["label", "output", "target", "class", "outcome", "result"],
];

/** Names that a label has as well in records of inputs and labels, where none of `LABEL_FIELDS` is there. */
export const MORE_LABEL_FIELDS: readonly string[] = [
  ...["category", "intent", "tag", "topic", "type", "kind", "tool"],
];

/** Names of whether something succeeded. */
export const SUCCESS_FIELDS: readonly string[] = ["success", "succeeded", "ok"];

/** Names of what something cost, the less the better. */
export const COST_FIELDS: readonly string[] = [
  ...["durationms", "duration", "elapsedms", "latencyms", "overhead", "cost"],
];

const TRUE_WORDS = new Set(["true", "yes", "success", "succeeded", "ok", "done", "passed"]);
const FALSE_WORDS = new Set(["false", "no", "failure", "failed", "fail", "error"]);

/** The fields of a record, found by what their names come to. */
export class Fields {
  readonly #byName = new Map<string, { readonly name: string; readonly value: unknown }>();

  constructor(fields: Readonly<Record<string, unknown>>) {
    for (const [name, value] of Object.entries(fields)) {
      if (value === null || value === undefined) continue;
      const plain = name.toLowerCase().replaceAll(/[_-]/g, "");
      if (!this.#byName.has(plain)) this.#byName.set(plain, { name, value });
    }
  }

  /** The first of some fields that is there, by its own name. */
  first(
    names: readonly string[],
  ): { readonly field: string; readonly name: string; readonly value: unknown } | undefined {
    for (const field of names) {
      const found = this.#byName.get(field);
      if (found !== undefined) return { field, ...found };
    }
    return undefined;
  }

  /** Their names, as many as a message has room for. */
  get told(): string {
    const names = [...this.#byName.values()].map(({ name }) => JSON.stringify(name.slice(0, 40)));
    if (names.length === 0) return "nothing";
    return `${names.slice(0, 6).join(", ")}${names.length > 6 ? ", …" : ""}`;
  }

  /** All fields but those named. */
  without(names: readonly string[]): Record<string, unknown> {
    const rest = [...this.#byName].filter(([plain]) => !names.includes(plain));
    return Object.fromEntries(rest.map(([, { name, value }]) => [name, value]));
  }
}

/** 0 to 1 for what says how far something succeeded; undefined for what says nothing of it. */
export function successOf(value: unknown): number | undefined {
  if (typeof value === "boolean") return value ? 1 : 0;
  if (typeof value === "number") return value >= 0 && value <= 1 ? value : undefined;
  if (typeof value !== "string") return undefined;
  const word = value.trim().toLowerCase();
  if (TRUE_WORDS.has(word)) return 1;
  if (FALSE_WORDS.has(word)) return 0;
  return word === "1" || word === "0" ? Number(word) : undefined;
}

/** A finite number from 0, also as text. @throws {StigmergyError} INVALID_INPUT */
export function countOf(place: string, name: string, value: unknown): number {
  const count = typeof value === "string" && value.trim() !== "" ? Number(value) : value;
  if (typeof count === "number" && count >= 0 && count < 1e15) return count;
  throw wrongField(place, name, "a number from 0", value);
}

/** The error of a field that does not hold what it must. */
export function wrongField(
  place: string,
  name: string,
  expected: string,
  received: unknown,
): StigmergyError {
  const shown = typeof received === "number" ? String(received) : typeof received;
  return new StigmergyError(
    "INVALID_INPUT",
    `${place}: expected ${expected} as ${JSON.stringify(name)}, received ${shown}`,
  );
}
