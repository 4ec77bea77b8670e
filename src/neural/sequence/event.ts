import { StigmergyError } from "../../errors.ts";

const MOST_ATTRIBUTES = 32;

/** Symbols that an event can have: what happened, how long after the one before, and attributes. */
export const MOST_SYMBOLS = MOST_ATTRIBUTES + 2;

/** Something that happened: its name, or with more that is known of it. */
export type SequenceEvent =
  | string
  | {
      readonly event: string;
      /** When, ms; all events of a sequence have it or none, and none is before the one before. */
      readonly at?: number | undefined;
      /** At most 32. */
      readonly attributes?: Readonly<Record<string, string | boolean>> | undefined;
    };

/** An event as read: every symbol is text, and says which kind it is of. */
export interface FlatEvent {
  readonly name: string;
  readonly at: number | undefined;
  readonly symbols: readonly string[];
}

/**
 * Checks and reads a sequence.
 * @param where how an error calls it
 * @throws {StigmergyError} INVALID_INPUT, naming the event
 */
export function readEvents(events: readonly SequenceEvent[], where: string): FlatEvent[] {
  if (!Array.isArray(events) || events.length === 0) {
    const received = Array.isArray(events) ? "none" : typeof events;
    throw invalid(where, "a list of events", received);
  }
  const flat: FlatEvent[] = [];
  for (const [i, event] of events.entries()) {
    flat.push(readEvent(event, flat.at(-1), i === 0, `${where}, event ${i}`));
  }
  return flat;
}

function readEvent(
  event: unknown,
  before: FlatEvent | undefined,
  isFirst: boolean,
  where: string,
): FlatEvent {
  if (typeof event !== "string" && (typeof event !== "object" || event === null)) {
    throw invalid(where, "text, or an object with the field event", told(event));
  }
  const given = typeof event === "string" ? { event } : (event as Record<string, unknown>);
  const { event: name, at, attributes } = given as Record<string, unknown>;
  if (typeof name !== "string" || name === "") {
    throw invalid(where, "a name that is not empty", told(name));
  }
  if (at !== undefined && (typeof at !== "number" || !Number.isFinite(at))) {
    throw invalid(`${where}, at`, "a finite number of milliseconds", String(at));
  }
  if (!isFirst && (at === undefined) !== (before?.at === undefined)) {
    throw invalid(`${where}, at`, "a time for all events of a sequence or for none", told(at));
  }
  const gap = at === undefined || before?.at === undefined ? undefined : at - before.at;
  if (gap !== undefined && gap < 0) {
    throw invalid(
      `${where}, at`,
      `no time before ${before?.at}, that of the event before`,
      told(at),
    );
  }
  const symbols = [`event ${name}`];
  if (gap !== undefined) symbols.push(`gap ${bucketOf(gap)}`);
  symbols.push(...readAttributes(attributes, where));
  return { name, at, symbols };
}

/** In the order of their names, whatever the order they were given in. */
function readAttributes(attributes: unknown, where: string): string[] {
  if (attributes === undefined) return [];
  if (typeof attributes !== "object" || attributes === null || Array.isArray(attributes)) {
    throw invalid(`${where}, attributes`, "an object of texts and booleans", told(attributes));
  }
  const entries = Object.entries(attributes);
  if (entries.length > MOST_ATTRIBUTES) {
    throw invalid(`${where}, attributes`, `at most ${MOST_ATTRIBUTES}`, String(entries.length));
  }
  return entries
    .map(([key, value]) => {
      if (typeof value === "string" || typeof value === "boolean") {
        return `attribute ${JSON.stringify([key, value])}`;
      }
      throw invalid(`${where}, attribute ${key}`, "text or a boolean", told(value));
    })
    .sort();
}

/** Gaps that are alike to a factor of two share a symbol. */
function bucketOf(gapMs: number): number {
  return gapMs < 1 ? 0 : 1 + Math.floor(Math.log2(gapMs));
}

function told(value: unknown): string {
  return value === "" ? "empty text" : (JSON.stringify(value) ?? String(value));
}

function invalid(where: string, expected: string, received: string): StigmergyError {
  return new StigmergyError(
    "INVALID_INPUT",
    `${where}: expected ${expected}, received ${received}`,
  );
}
