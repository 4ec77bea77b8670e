import { randomBytes } from "node:crypto";
import { StigmergyError } from "../../errors.ts";
import type { MemoryStore } from "../../memory/memory-store.ts";
import {
  AS_DATA,
  describedEntry,
  listedEntries,
  present,
  storedEntry,
} from "../answer/entry-answer.ts";
import { searchAnswer } from "./memory-search.ts";

// Patterns that agents write down: entries of the namespace `patterns`. The key is the pattern's id, the
// value its content; the name is the title, and the type a tag.

/** The namespace of patterns. */
export const PATTERNS = "patterns";

/** What a call says of patterns. */
export interface PatternInput {
  readonly patternId?: string | undefined;
  readonly name?: string | undefined;
  readonly type?: string | undefined;
  readonly content?: string | undefined;
  readonly query?: string | undefined;
  readonly limit?: number | undefined;
  readonly mode?: "hybrid" | "cosine" | undefined;
  readonly data?: Readonly<Record<string, unknown>> | undefined;
}

/** Stores a pattern, in place of the one of its id. */
export async function storePattern(
  memory: MemoryStore,
  { patternId, name, type, content, data = {} }: PatternInput,
): Promise<Record<string, unknown>> {
  const value = content ?? (Object.keys(data).length > 0 ? JSON.stringify(data) : name);
  if (value === undefined) throw missing("store", "content");
  const entry = await memory.store({
    key: patternId ?? newId(name ?? type),
    value,
    namespace: PATTERNS,
    tags: type === undefined ? [] : [type],
    metadata: { ...present({ title: name, type }), ...(content === undefined ? {} : data) },
  });
  return { patternId: entry.key, ...storedEntry(entry) };
}

/** The pattern of an id; found: false when there is none. */
export async function getPattern(
  memory: MemoryStore,
  { patternId }: PatternInput,
): Promise<Record<string, unknown>> {
  if (patternId === undefined) throw missing("get", "patternId");
  const entry = await memory.retrieve(patternId, { namespace: PATTERNS });
  if (entry === undefined) return { patternId, found: false };
  const { value, ...rest } = entry;
  return { patternId, found: true, content: value, ...AS_DATA, ...describedEntry(rest) };
}

/** Removes the pattern of an id; deleted: false when there was none. */
export async function deletePattern(
  memory: MemoryStore,
  { patternId }: PatternInput,
): Promise<Record<string, unknown>> {
  if (patternId === undefined) throw missing("delete", "patternId");
  return { patternId, deleted: await memory.delete(patternId, { namespace: PATTERNS }) };
}

/** Patterns by id, of one type when it is named. */
export async function listPatterns(
  memory: MemoryStore,
  { type, limit }: PatternInput,
): Promise<Record<string, unknown>> {
  if (type === undefined) return listedEntries(memory, { namespace: PATTERNS }, limit);
  const of = await memory.list({ namespace: PATTERNS, limit: 10_000 });
  const entries = of
    .filter(({ tags }) => tags.includes(type))
    .slice(0, limit ?? 100)
    .map(({ key, value, ...rest }) => ({ key, value, ...describedEntry(rest) }));
  return { ...AS_DATA, entries, count: entries.length };
}

/** The patterns that fit a query, best first. */
export async function searchPatterns(
  memory: MemoryStore,
  { query, limit, type, mode = "hybrid" }: PatternInput,
): Promise<Record<string, unknown>> {
  if (query === undefined) throw missing("search", "query");
  const tags = type === undefined ? undefined : [type];
  const how = mode === "cosine" ? "semantic" : "hybrid";
  const result = await memory.search({ query, namespace: PATTERNS, limit, tags, mode: how });
  return { query, ...searchAnswer(result) };
}

/** An id that nobody has: of the name as far as it can be read in one. */
function newId(name = "pattern"): string {
  const readable = name
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}]+/gu, "-")
    .replaceAll(/^-+|-+$/g, "")
    .slice(0, 64);
  return `${readable || "pattern"}-${randomBytes(4).toString("hex")}`;
}

function missing(action: string, name: string): StigmergyError {
  return new StigmergyError("INVALID_INPUT", `${action}: expected ${name}, received nothing`);
}
