import { stat } from "node:fs/promises";
import type { Embedder } from "../text/embedder.ts";
import type { IndexStats } from "../vector/engine.ts";
import type { Database } from "./database.ts";
import { currentSeq, type VectorMirror } from "./vector-mirror.ts";

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
  /** By who said them; entries that nobody is named for have no agent. */
  readonly agents: readonly AgentStats[];
  /** Bytes of the file and its log, as the file system tells them. */
  readonly fileBytes: number;
  /** Changes since the store was made. */
  readonly seq: number;
  readonly embedder: { readonly id: string; readonly kind: Embedder["kind"]; readonly dim: number };
  /** The vectors held in memory; absent until the first search needs them. */
  readonly index?: IndexStats;
}

/** What a namespace holds. */
export interface NamespaceStats {
  readonly namespace: string;
  readonly entries: number;
  /** Bytes of UTF-8 of its values. */
  readonly valueBytes: number;
}

/** What an agent has said. */
export interface AgentStats {
  readonly agent?: string;
  readonly entries: number;
  /** Bytes of UTF-8 of the values. */
  readonly valueBytes: number;
}

/** Reads what a store holds. */
export async function readStats(
  database: Database,
  embedder: Embedder,
  mirror: VectorMirror,
): Promise<StoreStats> {
  const now = Date.now();
  const namespaces = groupBy(database, "namespace", now).map(({ name, ...sizes }) => ({
    namespace: name as string,
    ...sizes,
  }));
  const agents = groupBy(database, "agent", now).map(({ name, ...sizes }) => ({
    ...(name === null ? {} : { agent: name }),
    ...sizes,
  }));
  const expired = database.read(() =>
    database.sql("SELECT count(*) AS count FROM entries WHERE expires_at <= ?").get(now),
  );
  const { id, kind, dim } = embedder;
  return {
    path: database.path,
    driver: database.driver,
    entries: namespaces.reduce((sum, { entries }) => sum + entries, 0),
    expired: Number(expired?.count),
    namespaces,
    agents,
    fileBytes: await fileBytes(database.path),
    seq: database.read(() => currentSeq(database)),
    embedder: { id, kind, dim },
    ...(mirror.index === undefined ? {} : { index: mirror.index.stats() }),
  };
}

function groupBy(
  database: Database,
  column: "namespace" | "agent",
  now: number,
): { name: string | null; entries: number; valueBytes: number }[] {
  const rows = database.read(() =>
    database
      .sql(
        `SELECT ${column} AS name, count(*) AS entries, sum(octet_length(value)) AS bytes
         FROM entries WHERE expires_at IS NULL OR expires_at > ?
         GROUP BY ${column} ORDER BY ${column}`,
      )
      .all(now),
  );
  return rows.map(({ name, entries, bytes }) => ({
    name: name as string | null,
    entries: entries as number,
    valueBytes: bytes as number,
  }));
}

async function fileBytes(path: string): Promise<number> {
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
