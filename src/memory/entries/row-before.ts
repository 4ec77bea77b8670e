import type { AuditTrail } from "./audit-trail.ts";
import type { Codec } from "./codec.ts";
import type { Database } from "../file/database.ts";
import type { SqlRow } from "../file/driver.ts";
import { keepValue } from "./history.ts";
import { countInto } from "./namespaces.ts";
import type { ReadCache } from "./read-cache.ts";
import type { SharedState } from "./shared-state.ts";

/** What writing needs. */
export interface WriteContext {
  readonly database: Database;
  readonly codec: Codec;
  readonly state: SharedState;
  readonly audit: AuditTrail;
  readonly cache: ReadCache;
}

/** What is known of an entry before it is changed. */
export interface RowBefore extends SqlRow {
  readonly id: number;
  readonly namespace: string;
  readonly key: string;
  readonly seq: number;
  readonly size: number;
  readonly expires_at: number | null;
  readonly created_at: number;
  readonly access_count: number;
  readonly pinned: number;
}

/** Columns of a `RowBefore`. */
export const BEFORE_COLUMNS =
  "id, namespace, key, seq, size, expires_at, created_at, access_count, pinned";

/** The entry of a key before it is changed, though it may have expired. */
export function rowOf(database: Database, namespace: string, key: string): RowBefore | undefined {
  const row = database
    .sql(`SELECT ${BEFORE_COLUMNS} FROM entries WHERE namespace = ? AND key = ?`)
    .get(namespace, key);
  return row as RowBefore | undefined;
}

/** Whether there is an entry and it has not expired. */
export function isLive(
  row: { readonly expires_at: number | null } | undefined,
  now: number,
): boolean {
  return row !== undefined && (row.expires_at === null || row.expires_at > now);
}

/** Removes an entry, and leaves word of it for other processes. Within a transaction. */
export function removeRow(context: WriteContext, row: RowBefore, now: number): void {
  const { database } = context;
  const { id, namespace, key, size } = row;
  context.cache.drop(namespace, key);
  if (isLive(row, now)) keepValue(context, row, now);
  database.sql("DELETE FROM entries WHERE id = ?").get(id);
  database
    .sql("INSERT INTO removals (seq, entry, namespace, key) VALUES (?, ?, ?, ?)")
    .get(nextSeq(database), id, namespace, key);
  countInto(database, namespace, -1, -size);
}

/** The next number of the store's change counter. Within a transaction. */
export function nextSeq(database: Database): number {
  const row = database
    .sql("UPDATE facts SET value = value + 1 WHERE name = 'seq' RETURNING value")
    .get();
  return Number(row?.value);
}
