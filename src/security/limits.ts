import { StigmergyError } from "../errors.ts";
import { jsonShape } from "../util/json.ts";
import { jsonText } from "../util/json-text.ts";

// What may be stored and asked, and how large it may be. Everything that comes from outside passes
// here once, before any of it is used.

/** Largest sizes of what an entry holds. */
export const LIMITS = {
  keyCharacters: 1024,
  namespaceCharacters: 256,
  valueBytes: 2 ** 20,
  queryCharacters: 4096,
  tags: 64,
  tagCharacters: 256,
  metadataBytes: 65_536,
  metadataDepth: 64,
  nameCharacters: 256,
  ttlSeconds: 100 * 366 * 86_400,
  searchHits: 1000,
  listEntries: 10_000,
} as const;

/** @throws {StigmergyError} INVALID_INPUT when empty or not Unicode without NUL, TOO_LARGE */
export function checkKey(key: unknown): string {
  return checkText("key", key, LIMITS.keyCharacters);
}

/** @throws {StigmergyError} INVALID_INPUT, TOO_LARGE */
export function checkNamespace(namespace: unknown): string {
  return checkText("namespace", namespace, LIMITS.namespaceCharacters);
}

/** @throws {StigmergyError} INVALID_INPUT, TOO_LARGE */
export function checkQuery(query: unknown): string {
  const text = checkText("query", query, LIMITS.queryCharacters);
  if (text.trim() === "") throw invalid("query", "some text", "only white space");
  return text;
}

/** @throws {StigmergyError} INVALID_INPUT, TOO_LARGE */
export function checkValue(value: unknown): string {
  if (typeof value !== "string") {
    throw invalid("value", "a string (use JSON.stringify for anything else)", typeName(value));
  }
  if (value === "") throw invalid("value", "some text", "an empty string");
  checkUnicode("value", value);
  const bytes = Buffer.byteLength(value, "utf8");
  if (bytes > LIMITS.valueBytes) {
    throw new StigmergyError(
      "TOO_LARGE",
      `value: expected at most ${LIMITS.valueBytes} bytes of UTF-8, received ${bytes}; store it in parts`,
    );
  }
  return value;
}

/** Time to live in seconds. @throws {StigmergyError} INVALID_INPUT */
export function checkTtl(ttl: unknown): number {
  if (typeof ttl === "number" && ttl > 0 && ttl <= LIMITS.ttlSeconds) return ttl;
  throw invalid("ttl", `seconds, more than 0 and at most ${LIMITS.ttlSeconds}`, String(ttl));
}

/** A time in seconds, perhaps 0. @throws {StigmergyError} INVALID_INPUT */
export function checkSeconds(what: string, seconds: unknown): number {
  if (typeof seconds === "number" && seconds >= 0 && seconds <= LIMITS.ttlSeconds) return seconds;
  throw invalid(what, `seconds, 0 to ${LIMITS.ttlSeconds}`, String(seconds));
}

/** A moment in milliseconds since 1970. @throws {StigmergyError} INVALID_INPUT */
export function checkMoment(what: string, moment: unknown): number {
  if (Number.isSafeInteger(moment) && Math.abs(moment as number) <= 8.64e15) {
    return moment as number;
  }
  throw invalid(what, "whole milliseconds since 1970", String(moment));
}

/** Tags without repeats, in order. @throws {StigmergyError} INVALID_INPUT, TOO_LARGE */
export function checkTags(tags: unknown): string[] {
  if (!Array.isArray(tags)) throw invalid("tags", "a list of strings", typeName(tags));
  const unique = [...new Set(tags.map((tag) => checkText("tag", tag, LIMITS.tagCharacters)))];
  if (unique.length > LIMITS.tags) {
    throw new StigmergyError(
      "TOO_LARGE",
      `tags: expected at most ${LIMITS.tags}, received ${unique.length}`,
    );
  }
  return unique;
}

/** Metadata as JSON gives it back. @throws {StigmergyError} INVALID_INPUT, TOO_LARGE */
export function checkMetadata(metadata: unknown): Record<string, unknown> {
  const text = jsonText("metadata", metadata);
  if (text?.[0] !== "{") throw invalid("metadata", "an object", typeName(metadata));
  const bytes = Buffer.byteLength(text, "utf8");
  if (bytes > LIMITS.metadataBytes) {
    throw new StigmergyError(
      "TOO_LARGE",
      `metadata: expected at most ${LIMITS.metadataBytes} bytes of JSON, received ${bytes}`,
    );
  }
  if (jsonShape(text).depth > LIMITS.metadataDepth) {
    throw new StigmergyError(
      "TOO_LARGE",
      `metadata: expected at most ${LIMITS.metadataDepth} objects and lists within one another`,
    );
  }
  return JSON.parse(text);
}

/** That a value is not too large as JSON, once it is known to be JSON. @throws {StigmergyError} TOO_LARGE */
export function checkJsonSize(what: string, value: unknown): void {
  const bytes = Buffer.byteLength(JSON.stringify(value), "utf8");
  if (bytes <= LIMITS.metadataBytes) return;
  throw new StigmergyError(
    "TOO_LARGE",
    `${what}: expected at most ${LIMITS.metadataBytes} bytes of JSON, received ${bytes}`,
  );
}

/** The path of a folder. @throws {StigmergyError} INVALID_INPUT */
export function checkPath(path: unknown): string {
  if (typeof path === "string" && path !== "" && !path.includes("\0")) return path;
  throw invalid("path", "the path of a folder", typeof path === "string" ? "none" : typeName(path));
}

/** The name of an agent or session. @throws {StigmergyError} INVALID_INPUT, TOO_LARGE */
export function checkName(what: string, name: unknown): string {
  return checkText(what, name, LIMITS.nameCharacters);
}

/** A count from `least` to `most`. @throws {StigmergyError} INVALID_INPUT */
export function checkCount(what: string, count: unknown, least: number, most: number): number {
  if (Number.isInteger(count) && (count as number) >= least && (count as number) <= most) {
    return count as number;
  }
  throw invalid(what, `a whole number from ${least} to ${most}`, String(count));
}

function checkText(what: string, text: unknown, mostCharacters: number): string {
  if (typeof text !== "string") throw invalid(what, "a string", typeName(text));
  if (text === "") throw invalid(what, "some text", "an empty string");
  checkUnicode(what, text);
  // A character is one or two UTF-16 units, so few texts need counting.
  const least = Math.ceil(text.length / 2);
  const characters = least > mostCharacters ? least : countUpTo(text, mostCharacters);
  if (characters > mostCharacters) {
    throw new StigmergyError(
      "TOO_LARGE",
      `${what}: expected at most ${mostCharacters} characters, received ${characters} or more`,
    );
  }
  return text;
}

/** Characters of a text, not counted any further than what a text of `most` needs. */
function countUpTo(text: string, most: number): number {
  return text.length <= most ? text.length : [...text].length;
}

/** SQLite ends text at NUL, and half a surrogate pair has no UTF-8: either would not come back. */
function checkUnicode(what: string, text: string): void {
  if (text.includes("\0")) throw invalid(what, "text without NUL", "text with NUL");
  if (!text.isWellFormed()) throw invalid(what, "whole Unicode characters", "a lone surrogate");
}

function typeName(value: unknown): string {
  if (value === null) return "null";
  return Array.isArray(value) ? "a list" : typeof value;
}

function invalid(what: string, expected: string, received: string): StigmergyError {
  return new StigmergyError("INVALID_INPUT", `${what}: expected ${expected}, received ${received}`);
}
