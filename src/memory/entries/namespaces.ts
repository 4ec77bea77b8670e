import { StigmergyError } from "../../errors.ts";
import { checkCount, checkTtl } from "../../security/limits.ts";
import { knownOptions } from "../../util/option-names.ts";
import type { Database } from "../file/database.ts";
import { changeToken } from "../file/settings-token.ts";
import type { WriteContext } from "./row-before.ts";

/** What makes room in a namespace that is full: nothing, the entry unused longest, or used least. */
export const EVICTIONS = ["none", "lru", "lfu"] as const;
/** One of `EVICTIONS`. */
export type Eviction = (typeof EVICTIONS)[number];

/** How a namespace keeps its entries. */
export interface NamespaceSettings {
  /** Seconds that an entry lives whose request has no ttl; absent: the store's default. */
  readonly ttl?: number;
  /** Most entries. */
  readonly maxEntries?: number;
  /** Most bytes of values, as UTF-8. */
  readonly maxBytes?: number;
  /** Default `none`: what would go beyond a limit is refused with LIMIT_REACHED. */
  readonly eviction?: Eviction;
  /** Values kept of each key beside the one in force; default 0. */
  readonly history?: number;
  /** Whether entries are embedded, and so found by vectors; default true. */
  readonly vectors?: boolean;
  /** Whether a store that has a key seals this namespace; default true. */
  readonly sealed?: boolean;
}

/** A change of settings: null takes one back to its default. */
export type NamespaceChange = {
  readonly [Name in keyof NamespaceSettings]?: NamespaceSettings[Name] | null | undefined;
};

const MOST_HISTORY = 1000; // values of a key
const MOST = Number.MAX_SAFE_INTEGER;

const CHECKS: {
  readonly [Name in keyof Required<NamespaceSettings>]: (value: unknown) => unknown;
} = {
  ttl: checkTtl,
  maxEntries: (value) => checkCount("maxEntries", value, 1, MOST),
  maxBytes: (value) => checkCount("maxBytes", value, 1, MOST),
  eviction: (value) => {
    if (EVICTIONS.includes(value as Eviction)) return value;
    throw invalid(`eviction: expected ${EVICTIONS.join(", ")}, received ${String(value)}`);
  },
  history: (value) => checkCount("history", value, 0, MOST_HISTORY),
  vectors: (value) => checkBoolean("vectors", value),
  sealed: (value) => checkBoolean("sealed", value),
};

/** Settings after a change. @throws {StigmergyError} INVALID_INPUT for an unknown name or value */
function changedSettings(settings: NamespaceSettings, change: NamespaceChange): NamespaceSettings {
  const result: Record<string, unknown> = { ...settings };
  for (const [name, value] of Object.entries(change)) {
    if (value === undefined) continue;
    if (value === null) delete result[name];
    else result[name] = CHECKS[name as keyof NamespaceSettings](value);
  }
  return result;
}

/**
 * Changes the settings of a namespace for every process, and returns them.
 * @throws {StigmergyError} INVALID_INPUT; FORBIDDEN
 */
export function configureNamespace(
  { database, state, audit }: WriteContext,
  namespace: string,
  change: NamespaceChange,
): NamespaceSettings {
  knownOptions("configure", change, CHECKS);
  state.refresh();
  const isChange = Object.values(change).some((value) => value !== undefined);
  state.access.assert(isChange ? "admin" : "read", namespace);
  if (!isChange) return state.settingsOf(namespace);
  const settings = database.write(() => {
    state.refresh();
    state.access.assert("admin", namespace);
    const names = Object.keys(change).join(", ");
    audit.write({ action: "configure", outcome: "done", namespace, detail: names });
    changeToken(database);
    return writeSettings(database, namespace, change);
  });
  state.reload();
  return settings;
}

/** The settings of a namespace, as the file has them. */
export function readSettings(database: Database, namespace: string): NamespaceSettings {
  const row = database.sql("SELECT settings FROM namespaces WHERE name = ?").get(namespace);
  return row === undefined || row.settings === "{}" ? {} : JSON.parse(row.settings as string);
}

function writeSettings(
  database: Database,
  namespace: string,
  change: NamespaceChange,
): NamespaceSettings {
  const settings = changedSettings(readSettings(database, namespace), change);
  database
    .sql(
      `INSERT INTO namespaces (name, settings) VALUES (?, ?)
       ON CONFLICT DO UPDATE SET settings = excluded.settings`,
    )
    .get(namespace, JSON.stringify(settings));
  // Finds what is evicted next without reading the namespace; only stores with limits pay for it.
  if (settings.eviction === "lru") database.sql(USE_INDEX).get();
  if (settings.eviction === "lfu") database.sql(COUNT_INDEX).get();
  return settings;
}

const USE_INDEX = `CREATE INDEX IF NOT EXISTS entries_by_last_use
  ON entries (namespace, max(updated_at, coalesce(accessed_at, 0)))`;
const COUNT_INDEX = `CREATE INDEX IF NOT EXISTS entries_by_count_and_use
  ON entries (namespace, access_count, max(updated_at, coalesce(accessed_at, 0)))`;

/** What a namespace holds, expired entries too. */
export interface NamespaceSize {
  readonly entries: number;
  readonly bytes: number;
}

/** Adds to what a namespace holds, and returns the sums. Within a transaction. */
export function countInto(
  database: Database,
  namespace: string,
  entries: number,
  bytes: number,
): NamespaceSize {
  const row = database
    .sql(
      `INSERT INTO namespaces (name, entries, bytes) VALUES (?, ?, ?)
       ON CONFLICT DO UPDATE SET entries = entries + excluded.entries, bytes = bytes + excluded.bytes
       RETURNING entries, bytes`,
    )
    .get(namespace, entries, bytes);
  return row as unknown as NamespaceSize;
}

function checkBoolean(what: string, value: unknown): boolean {
  if (typeof value === "boolean") return value;
  throw invalid(`${what}: expected true or false, received ${String(value)}`);
}

function invalid(message: string): StigmergyError {
  return new StigmergyError("INVALID_INPUT", message);
}
