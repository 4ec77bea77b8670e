import { StigmergyError } from "../../errors.ts";
import { knownOptions, type OptionNames } from "../../util/option-names.ts";
import type { StoreContext } from "../entries/context.ts";
import type { Database } from "../file/database.ts";
import type { SqlValue } from "../file/driver.ts";
import type { CacheStats } from "../entries/read-cache.ts";
import { conditionOf, type Condition } from "../entries/selection.ts";
import { fileBytes } from "./stats.ts";

const HOUR_MS = 3_600_000;

/** Times that analytics look back over, in milliseconds. */
export const TIMEFRAMES = {
  "1h": HOUR_MS,
  "24h": 24 * HOUR_MS,
  "7d": 7 * 24 * HOUR_MS,
  "30d": 30 * 24 * HOUR_MS,
  all: Infinity,
} as const;
/** One of `TIMEFRAMES`. */
export type Timeframe = keyof typeof TIMEFRAMES;

/** Which time to look at. */
export interface AnalyticsRequest {
  /** Default `24h`. */
  readonly timeframe?: Timeframe | undefined;
}

const ANALYTICS_NAMES: OptionNames<AnalyticsRequest> = { timeframe: true };

/** Entries of a namespace or an agent that were written in the time. */
export interface Writing {
  readonly created: number;
  readonly updated: number;
  /** Bytes of UTF-8 of their values. */
  readonly valueBytes: number;
}

/** What was written and read in some time, of what may be read and has not been removed since. */
export interface StoreAnalytics {
  readonly timeframe: Timeframe;
  /** Milliseconds since 1970; absent for `all`. */
  readonly since?: number;
  /** Entries whose key was first stored in the time. */
  readonly created: number;
  /** Older entries whose value was last replaced in the time. */
  readonly updated: number;
  /** Entries whose time to live ended in the time, and whose space is not yet given back. */
  readonly expired: number;
  readonly namespaces: readonly (Writing & { readonly namespace: string })[];
  /** By who said them; entries that nobody is named for have no agent. */
  readonly agents: readonly (Writing & { readonly agent?: string })[];
  /** Entries retrieved in the time, those with most reads since they were created first. */
  readonly mostRetrieved: readonly RetrievedKey[];
  /** Bytes of UTF-8 of all values, and of the store's files by the file system. */
  readonly valueBytes: number;
  readonly fileBytes: number;
  /** This process's read cache, since the store was opened. */
  readonly cache: CacheStats;
  /** Lines of the audit log by action; absent where nothing is logged or may be seen. */
  readonly actions?: Readonly<Record<string, number>>;
}

/** An entry that was read. */
export interface RetrievedKey {
  readonly namespace: string;
  readonly key: string;
  readonly accessCount: number;
  /** Milliseconds since 1970. */
  readonly accessedAt: number;
}

const MOST_RETRIEVED = 10;

/**
 * Reads what was written and retrieved in some time until now.
 * @throws {StigmergyError} INVALID_INPUT for an unknown timeframe
 */
export async function readAnalytics(
  context: StoreContext,
  request: AnalyticsRequest,
): Promise<StoreAnalytics> {
  const { timeframe = "24h" } = knownOptions("analytics", request, ANALYTICS_NAMES);
  if (!Object.hasOwn(TIMEFRAMES, timeframe)) {
    throw new StigmergyError(
      "INVALID_INPUT",
      `timeframe: expected ${Object.keys(TIMEFRAMES).join(", ")}, received ${String(timeframe).slice(0, 64)}`,
    );
  }
  const { database, state, accesses, audit, cache } = context;
  state.refresh();
  // The reads of this process count; those that others hold back are written at their close.
  accesses.flush();
  audit.flush();
  const now = Date.now();
  const since = timeframe === "all" ? undefined : now - TIMEFRAMES[timeframe];
  const from = since ?? Number.MIN_SAFE_INTEGER;
  const readable = state.access.patterns("read");
  const live = conditionOf({ readable }, now);
  const found = database.readAtOnce(() => {
    const namespaces = writingBy(database, "namespace", live, from);
    return {
      created: sumOf(namespaces, "created"),
      updated: sumOf(namespaces, "updated"),
      expired: expiredIn(context, from, now),
      namespaces: namespaces.map(({ name, ...rest }) => ({ namespace: String(name), ...rest })),
      agents: writingBy(database, "agent", live, from).map(({ name, ...rest }) => ({
        ...(name === null ? {} : { agent: String(name) }),
        ...rest,
      })),
      mostRetrieved: retrievedSince(database, live, from),
      valueBytes: Number(
        database
          .sql(`SELECT sum(size) AS bytes FROM entries WHERE ${live.text}`)
          .get(...live.values)?.bytes ?? 0,
      ),
      actions: state.access.allows("admin", "*") ? actionsSince(database, from) : {},
    };
  });
  const { actions, ...rest } = found;
  return {
    timeframe,
    ...(since === undefined ? {} : { since }),
    ...rest,
    fileBytes: await fileBytes(database.path),
    cache: cache.stats(),
    ...(Object.keys(actions).length === 0 ? {} : { actions }),
  };
}

interface NamedWriting extends Writing {
  readonly name: SqlValue;
}

function writingBy(
  database: Database,
  column: "namespace" | "agent",
  live: Condition,
  from: number,
): NamedWriting[] {
  const rows = database
    .sql(
      `SELECT ${column} AS name, sum(created_at >= ?) AS created, sum(created_at < ?) AS updated,
         sum(size) AS bytes
       FROM entries WHERE updated_at >= ? AND ${live.text} GROUP BY ${column} ORDER BY ${column}`,
    )
    .all(from, from, from, ...live.values);
  return rows.map(({ name, created, updated, bytes }) => {
    return {
      name,
      created: Number(created),
      updated: Number(updated),
      valueBytes: Number(bytes),
    };
  });
}

function sumOf(writings: readonly Writing[], field: "created" | "updated"): number {
  return writings.reduce((sum, writing) => sum + writing[field], 0);
}

function expiredIn({ database, state }: StoreContext, from: number, now: number): number {
  const rows = database
    .sql(
      `SELECT namespace, count(*) AS entries FROM entries
       WHERE expires_at > ? AND expires_at <= ? GROUP BY namespace`,
    )
    .all(from, now);
  return rows
    .filter(({ namespace }) => state.access.allows("read", namespace as string))
    .reduce((sum, { entries }) => sum + Number(entries), 0);
}

function retrievedSince(database: Database, live: Condition, from: number): RetrievedKey[] {
  const rows = database
    .sql(
      `SELECT namespace, key, access_count, accessed_at FROM entries
       WHERE accessed_at >= ? AND ${live.text}
       ORDER BY access_count DESC, accessed_at DESC LIMIT ${MOST_RETRIEVED}`,
    )
    .all(from, ...live.values);
  return rows.map((row) => {
    return {
      namespace: row.namespace as string,
      key: row.key as string,
      accessCount: Number(row.access_count),
      accessedAt: Number(row.accessed_at),
    };
  });
}

function actionsSince(database: Database, from: number): Record<string, number> {
  const rows = database
    .sql("SELECT action, count(*) AS count FROM audit WHERE at >= ? GROUP BY action")
    .all(from);
  return Object.fromEntries(rows.map(({ action, count }) => [String(action), Number(count)]));
}
