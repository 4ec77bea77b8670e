import { stat } from "node:fs/promises";
import type { Embedder } from "../../text/embedder.ts";
import type { IndexStats } from "../../vector/engine/engine.ts";
import { knownOptions, type OptionNames } from "../../util/option-names.ts";
import { currentSeq } from "../entries/changes.ts";
import type { StoreContext } from "../entries/context.ts";
import type { Database } from "../file/database.ts";
import type { SqlRow } from "../file/driver.ts";
import { countUnembedded } from "../vectors/late-vectors.ts";
import type { NamespaceSettings } from "../entries/namespaces.ts";
import type { CacheStats } from "../entries/read-cache.ts";
import type { ReembedProgress } from "../vectors/reembedding.ts";
import { conditionOf } from "../entries/selection.ts";

/** What a store holds. */
export interface StoreStats {
  /** The store's file. */
  readonly path: string;
  /** What reads and writes it. */
  readonly driver: string;
  /** Entries that have not expired. */
  readonly entries: number;
  /** Entries that have, and whose space is not yet given back. */
  readonly expired: number;
  readonly namespaces: readonly NamespaceStats[];
  /** By who said them; entries that nobody is named for have no agent. Only when asked for. */
  readonly agents?: readonly AgentStats[];
  /** Bytes of the file and its log, as the file system tells them. */
  readonly fileBytes: number;
  /** Changes since the store was made. */
  readonly seq: number;
  readonly embedder: { readonly id: string; readonly kind: Embedder["kind"]; readonly dim: number };
  /** While the vectors of another embedder are being renewed: how far that is. */
  readonly reembedding?: ReembedProgress;
  /** Entries written while the embedder did not answer, which have no vector yet; absent for none. */
  readonly unembedded?: number;
  /** Whether the store has a key: then what is written is sealed, unless a namespace says otherwise. */
  readonly isSealed: boolean;
  /**
   * Entries in the clear, where they would be sealed: written before the store had a key, and sealed by
   * `rekey`. Absent for none.
   */
  readonly unsealed?: number;
  /** Whether a policy says who may do what. */
  readonly hasPolicy: boolean;
  /** Whether its file or folder can't be written: then writes fail with READ_ONLY. */
  readonly isReadOnly: boolean;
  /** How this process's read cache does. */
  readonly cache: CacheStats;
  /** The vectors held in memory; absent until the first search needs them. */
  readonly index?: IndexStats;
}

/** What a namespace holds. */
export interface NamespaceStats {
  readonly namespace: string;
  readonly entries: number;
  /** Bytes of UTF-8 of its values, before any compression. */
  readonly valueBytes: number;
  /** What differs from the defaults. */
  readonly settings: NamespaceSettings;
}

/** What an agent has said. */
export interface AgentStats {
  readonly agent?: string;
  readonly entries: number;
  /** Bytes of UTF-8 of the values, before any compression. */
  readonly valueBytes: number;
}

/** Which parts of the stats are wanted beside what costs nothing. */
export interface StatsOptions {
  /** Count by agent: reads every entry. */
  readonly byAgent?: boolean | undefined;
}

const STATS_NAMES: OptionNames<StatsOptions> = { byAgent: true };

/** Reads what a store holds, as far as its agent may read it. */
export async function readStats(context: StoreContext, options: StatsOptions): Promise<StoreStats> {
  const { byAgent = false } = knownOptions("stats", options, STATS_NAMES);
  const { database, embedder, mirror, state, keys, cache } = context;
  state.refresh();
  const reembedding = context.reembedding.progress();
  const counts = database.readAtOnce(() => readCounts(database));
  const namespaces = counts.namespaces.filter(({ namespace }) =>
    state.access.allows("read", namespace),
  );
  const unembedded = database.read(() => countUnembedded(database));
  const unsealed = keys.ring === undefined ? 0 : database.read(() => countUnsealed(context));
  const { id, kind, dim } = embedder;
  return {
    path: database.path,
    driver: database.driver.name,
    entries: namespaces.reduce((sum, { entries }) => sum + entries, 0),
    expired: counts.expired((namespace) => state.access.allows("read", namespace)),
    namespaces,
    ...(byAgent
      ? { agents: database.read(() => readAgents(database, state.access.patterns("read"))) }
      : {}),
    fileBytes: await fileBytes(database.path),
    seq: database.read(() => currentSeq(database)),
    embedder: { id, kind, dim },
    ...(reembedding === undefined ? {} : { reembedding }),
    ...(unembedded === 0 ? {} : { unembedded }),
    isSealed: keys.ring !== undefined,
    ...(unsealed === 0 ? {} : { unsealed }),
    hasPolicy: state.policy !== undefined,
    isReadOnly: database.isReadOnly,
    cache: cache.stats(),
    ...(mirror.index === undefined ? {} : { index: mirror.index.stats() }),
  };
}

/** What each namespace holds by the store's own counters, less what has expired. */
function readCounts(database: Database): {
  namespaces: NamespaceStats[];
  expired: (mayRead: (namespace: string) => boolean) => number;
} {
  const expired = new Map<string, SqlRow>();
  const rows = database
    .sql(
      `SELECT namespace, count(*) AS entries, sum(size) AS bytes FROM entries
       WHERE expires_at <= ? GROUP BY +namespace`,
    )
    .all(Date.now());
  for (const row of rows) expired.set(row.namespace as string, row);
  const namespaces = database.sql("SELECT * FROM namespaces ORDER BY name").all();
  return {
    expired: (mayRead) =>
      rows
        .filter(({ namespace }) => mayRead(namespace as string))
        .reduce((sum, { entries }) => sum + (entries as number), 0),
    namespaces: namespaces
      .map(({ name, entries, bytes, settings }) => {
        const gone = expired.get(name as string);
        return {
          namespace: name as string,
          entries: (entries as number) - Number(gone?.entries ?? 0),
          valueBytes: (bytes as number) - Number(gone?.bytes ?? 0),
          settings: JSON.parse(settings as string) as NamespaceSettings,
        };
      })
      .filter(({ entries, settings }) => entries > 0 || Object.keys(settings).length > 0),
  };
}

/** Entries in the clear of namespaces that are sealed, as far as the agent may read them. */
function countUnsealed({ database, state }: StoreContext): number {
  return database
    .sql("SELECT namespace, count(*) AS entries FROM entries WHERE (encoding & 2) = 0 GROUP BY 1")
    .all()
    .filter(({ namespace }) => state.seals(namespace as string))
    .filter(({ namespace }) => state.access.allows("read", namespace as string))
    .reduce((sum, { entries }) => sum + (entries as number), 0);
}

function readAgents(database: Database, readable: readonly string[] | undefined): AgentStats[] {
  const { text, values } = conditionOf({ readable }, Date.now());
  return database
    .sql(
      `SELECT agent, count(*) AS entries, sum(size) AS bytes FROM entries
       WHERE ${text} GROUP BY agent ORDER BY agent`,
    )
    .all(...values)
    .map(({ agent, entries, bytes }) => ({
      ...(agent === null ? {} : { agent: agent as string }),
      entries: entries as number,
      valueBytes: bytes as number,
    }));
}

/** Bytes of a store's file and its log, as the file system tells them. */
export async function fileBytes(path: string): Promise<number> {
  const sizes = await Promise.all(
    [path, `${path}-wal`].map((each) =>
      stat(each).then(
        ({ size }) => size,
        () => 0,
      ),
    ),
  );
  return sizes.reduce((sum, size) => sum + size, 0);
}
