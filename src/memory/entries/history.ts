import type { Database } from "../file/database.ts";
import type { Provenance } from "./entry.ts";
import type { Codec } from "./codec.ts";
import type { RowBefore, WriteContext } from "./row-before.ts";

/** A value that a key had. */
export interface PastValue {
  /** The version that the entry had with it. */
  readonly version: number;
  readonly value: string;
  readonly tags: readonly string[];
  readonly metadata: Readonly<Record<string, unknown>>;
  readonly agent?: string;
  readonly provenance: Provenance;
  /** When it was written; milliseconds since 1970. */
  readonly updatedAt: number;
  /** When it was replaced or deleted; milliseconds since 1970. */
  readonly replacedAt: number;
}

/** Keeps the value that an entry is about to lose, where its namespace keeps any. */
export function keepValue(
  { database, state }: WriteContext,
  { id, namespace, key }: Pick<RowBefore, "id" | "namespace" | "key">,
  now: number,
): void {
  const { history = 0 } = state.settingsOf(namespace);
  if (history === 0) return;
  database
    .sql(
      `INSERT INTO history (namespace, key, version, value, encoding, size, tags, metadata, agent,
         provenance, updated_at, replaced_at)
       SELECT namespace, key, seq, value, encoding, size, tags, metadata, agent, provenance,
         updated_at, ? FROM entries WHERE id = ?`,
    )
    .get(now, id);
  database
    .sql(
      `DELETE FROM history WHERE namespace = ? AND key = ? AND version <= (
         SELECT version FROM history WHERE namespace = ? AND key = ?
         ORDER BY version DESC LIMIT 1 OFFSET ?)`,
    )
    .get(namespace, key, namespace, key, history);
}

/** The values that a key had before the one in force, the latest first. */
export function readHistory(
  database: Database,
  codec: Codec,
  namespace: string,
  key: string,
  limit: number,
): PastValue[] {
  const rows = database.read(() =>
    database
      .sql(`SELECT * FROM history WHERE namespace = ? AND key = ? ORDER BY version DESC LIMIT ?`)
      .all(namespace, key, limit),
  );
  return rows.map((row) => {
    const { value, metadata } = codec.decode(row);
    return {
      version: row.version as number,
      value,
      tags: JSON.parse(row.tags as string),
      metadata: JSON.parse(metadata),
      ...(row.agent === null ? {} : { agent: row.agent as string }),
      provenance: (row.provenance ?? "unknown") as Provenance,
      updatedAt: row.updated_at as number,
      replacedAt: row.replaced_at as number,
    };
  });
}
