import { StigmergyError } from "../../errors.ts";
import {
  checkKey,
  checkMetadata,
  checkMoment,
  checkName,
  checkNamespace,
  checkTags,
  checkValue,
  LIMITS,
} from "../../security/limits.ts";
import { PROVENANCES } from "../entries/entry.ts";
import {
  type ForeignRecord,
  type ImportedEntry,
  type SkipReason,
  type Source,
} from "./imported-entry.ts";
import { expiryOf, momentOf } from "./moments.ts";

/** What is taken of the rows of a store. */
export interface RecordRules {
  /** In ms since 1970: what expired before is left. */
  readonly now: number;
  /** Take the namespaces that only log what was run. */
  readonly includeNoise: boolean;
  /** Take this namespace only. */
  readonly namespace?: string | undefined;
}

/** The first bytes of what claude-flow 3 has encrypted. */
export const SEAL = Buffer.from("RFE1");

const NOISE = new Set([
  "command-history",
  "command-results",
  "file-history",
  "performance-metrics",
  "task-index",
  "agent-roster",
  "agent-assignments",
  "session-states",
]);

/** The entry of a row, or why there is none. Never throws for what a row holds. */
export function entryOfRecord(
  record: ForeignRecord,
  source: Source,
  rules: RecordRules,
): ImportedEntry | SkipReason {
  try {
    return checkedEntry(record, source, rules);
  } catch (error) {
    if (!(error instanceof StigmergyError)) throw error;
    return error.code === "TOO_LARGE" ? "too large" : "malformed";
  }
}

/** The object that a JSON text holds, or the text under `unparsed`; {} for what is no text. */
export function metadataOf(value: unknown): Record<string, unknown> {
  if (typeof value !== "string" || value === "") return {};
  const parsed = parsedJson(value);
  return isObject(parsed) ? parsed : { unparsed: value };
}

/** What a JSON text holds; undefined when it is none. */
export function parsedJson(text: unknown): unknown {
  if (typeof text !== "string") return undefined;
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Whether a value is an object that is no list. */
export function isObject(value: unknown): value is Record<string, unknown> {
  return (
    typeof value === "object" &&
    value !== null &&
    !Array.isArray(value) &&
    !ArrayBuffer.isView(value)
  );
}

/** The fields of an object that have a value. */
export function present(fields: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(fields).filter(([, value]) => value !== null && value !== undefined),
  );
}

function checkedEntry(
  record: ForeignRecord,
  source: Source,
  rules: RecordRules,
): ImportedEntry | SkipReason {
  if (record.status === "deleted" || record.status === "archived") return record.status;
  const namespace = checkNamespace(textOf(record.namespace) || "default");
  const reason = reasonToSkip(record, namespace, rules);
  if (reason !== undefined) return reason;
  const key = textOf(record.key);
  const value = textOf(record.value);
  if (key === "" || value === "") return "empty";
  const times = timesOf(record, source, rules.now);
  if (times.expiresAt !== undefined && times.expiresAt <= rules.now) return "expired";
  const agent = nameOf(record.agent);
  const session = nameOf(record.session);
  return {
    namespace,
    key: checkKey(key),
    value: checkValue(value),
    tags: tagsOf(record.tags),
    metadata: record.isOurs === true ? checkMetadata(record.metadata ?? {}) : told(record, source),
    ...(agent === undefined ? {} : { agent }),
    ...(session === undefined ? {} : { session }),
    provenance: PROVENANCES.find((each) => each === record.provenance) ?? "unknown",
    ...(record.isOurs === true ? ourMarks(record) : {}),
    ...times,
    accessCount: countOf(record.accessCount),
  };
}

function reasonToSkip(
  record: ForeignRecord,
  namespace: string,
  rules: RecordRules,
): SkipReason | undefined {
  if (rules.namespace !== undefined && namespace !== rules.namespace) return "other namespace";
  const isNoise = NOISE.has(namespace) || namespace.startsWith("hooks:");
  if (isNoise && !rules.includeNoise && record.isOurs !== true) return "noise";
  return isSealed(record.value) ? "encrypted" : undefined;
}

function ourMarks({
  signature,
  pinned,
}: ForeignRecord): Pick<ImportedEntry, "signature" | "pinned"> {
  return {
    ...(typeof signature === "string" ? { signature: checkName("signature", signature) } : {}),
    ...(pinned === true ? { pinned } : {}),
  };
}

type Times = Pick<ImportedEntry, "at" | "createdAt" | "updatedAt" | "expiresAt">;

function timesOf(record: ForeignRecord, source: Source, now: number): Times {
  if (record.isOurs === true) return ourTimes(record, source);
  const told = momentOf(record.createdAt) ?? momentOf(record.at) ?? momentOf(record.updatedAt);
  const createdAt = told ?? source.modifiedAt;
  const updatedAt = Math.max(createdAt, momentOf(record.updatedAt) ?? createdAt);
  const expiresAt = expiryOf(record, updatedAt, now);
  return {
    at: momentOf(record.at) ?? createdAt,
    createdAt,
    updatedAt,
    ...(expiresAt === undefined ? {} : { expiresAt }),
  };
}

function ourTimes(record: ForeignRecord, source: Source): Times {
  const createdAt = checkMoment("createdAt", record.createdAt ?? source.modifiedAt);
  return {
    at: checkMoment("at", record.at ?? createdAt),
    createdAt,
    updatedAt: checkMoment("updatedAt", record.updatedAt ?? createdAt),
    ...((record.expiresAt ?? undefined) === undefined
      ? {}
      : { expiresAt: checkMoment("expiresAt", record.expiresAt) }),
  };
}

/** Metadata of a row and where it was found; without the former when that is beyond the limits. */
function told(record: ForeignRecord, source: Source): Record<string, unknown> {
  const { id } = record;
  const isName = typeof id === "number" || (typeof id === "string" && id.length <= 256);
  const { format, path } = source;
  const importedFrom = { format, path, ...(isName ? { id } : {}) };
  try {
    return checkMetadata({ ...record.metadata, importedFrom });
  } catch (error) {
    if (!(error instanceof StigmergyError)) throw error;
    return { importedFrom, metadataOmitted: "beyond the limits" };
  }
}

/** A value as text: what is no text as JSON, halves of characters as U+FFFD. */
function textOf(value: unknown): string {
  if (value === null || value === undefined) return "";
  if (typeof value === "string") return value.toWellFormed();
  if (value instanceof Uint8Array) return decoded(value);
  try {
    return (JSON.stringify(value) ?? "").toWellFormed();
  } catch (cause) {
    // What is nested too deeply to be written was too large to be a memory.
    throw new StigmergyError("TOO_LARGE", "value: expected what JSON can hold", { cause });
  }
}

function decoded(bytes: Uint8Array): string {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch (cause) {
    throw new StigmergyError("INVALID_INPUT", "value: expected UTF-8", { cause });
  }
}

function isSealed(value: unknown): boolean {
  return value instanceof Uint8Array && Buffer.from(value.subarray(0, 4)).equals(SEAL);
}

/** Tags of a list, of a JSON list or of a text with commas; those that can't be ours are left. */
function tagsOf(tags: unknown): string[] {
  const list =
    typeof tags === "string"
      ? (parsedJson(tags) ?? tags.split(",").map((tag) => tag.trim()))
      : tags;
  if (!Array.isArray(list)) return [];
  const names = list
    .filter((tag) => typeof tag === "string")
    .map((tag) => tag.toWellFormed())
    .filter((tag) => tag !== "" && !tag.includes("\0") && [...tag].length <= LIMITS.tagCharacters);
  return checkTags([...new Set(names)].slice(0, LIMITS.tags));
}

function nameOf(name: unknown): string | undefined {
  if (typeof name !== "string" || name === "") return undefined;
  try {
    return checkName("name", name.toWellFormed());
  } catch (error) {
    if (!(error instanceof StigmergyError)) throw error;
    return undefined;
  }
}

function countOf(count: unknown): number {
  return Number.isSafeInteger(count) && (count as number) > 0 ? (count as number) : 0;
}
