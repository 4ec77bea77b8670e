import { StigmergyError } from "../../errors.ts";
import type { NamespaceSettings, NamespaceSize } from "./namespaces.ts";
import { BEFORE_COLUMNS, removeRow, type RowBefore, type WriteContext } from "./row-before.ts";

const ORDERS = {
  lru: "max(updated_at, coalesce(accessed_at, 0)), id",
  lfu: "access_count, max(updated_at, coalesce(accessed_at, 0)), id",
} as const;
const BATCH = 64; // entries looked at at a time

/**
 * Brings a namespace back within its limits after a write: what has expired goes first, then what
 * its eviction names. Pinned entries and the one just written stay. Within a transaction.
 * @throws {StigmergyError} LIMIT_REACHED when that does not make room enough
 */
export function makeRoom(
  context: WriteContext,
  namespace: string,
  held: NamespaceSize,
  written: number,
  now: number,
): void {
  const settings = context.state.settingsOf(namespace);
  const { maxEntries = Infinity, maxBytes = Infinity, eviction = "none" } = settings;
  if (held.entries <= maxEntries && held.bytes <= maxBytes) return;
  let { entries, bytes } = held;
  const drop = (rows: readonly RowBefore[], action: "evict" | "expire"): void => {
    for (const row of rows) {
      if (entries <= maxEntries && bytes <= maxBytes) return;
      removeRow(context, row, now);
      if (action === "evict") {
        context.audit.write({ action, outcome: "done", namespace, key: row.key });
      }
      entries--;
      bytes -= row.size;
    }
  };
  const isFull = (): boolean => entries > maxEntries || bytes > maxBytes;
  drop(expiredIn(context, namespace, now), "expire");
  if (eviction !== "none") {
    let rows: readonly RowBefore[];
    do {
      rows = leastUsed(context, namespace, eviction, written);
      drop(rows, "evict");
    } while (isFull() && rows.length > 0);
  }
  if (isFull()) throw limitReached(namespace, settings, { entries, bytes });
}

function expiredIn({ database }: WriteContext, namespace: string, now: number): RowBefore[] {
  const rows = database
    .sql(`SELECT ${BEFORE_COLUMNS} FROM entries WHERE namespace = ? AND expires_at <= ?`)
    .all(namespace, now);
  return rows as RowBefore[];
}

function leastUsed(
  { database }: WriteContext,
  namespace: string,
  eviction: "lru" | "lfu",
  written: number,
): RowBefore[] {
  const rows = database
    .sql(
      `SELECT ${BEFORE_COLUMNS} FROM entries WHERE namespace = ? AND pinned = 0 AND id <> ?
       ORDER BY ${ORDERS[eviction]} LIMIT ${BATCH}`,
    )
    .all(namespace, written);
  return rows as RowBefore[];
}

function limitReached(
  namespace: string,
  { maxEntries, maxBytes, eviction = "none" }: NamespaceSettings,
  { entries, bytes }: NamespaceSize,
): StigmergyError {
  const over =
    maxEntries !== undefined && entries > maxEntries
      ? `at most ${maxEntries} entries, this would be ${entries}`
      : `at most ${maxBytes} bytes of values, this would be ${bytes}`;
  const wayOut =
    eviction === "none"
      ? "delete some, raise the limit, or choose an eviction"
      : "unpin or delete some, or raise the limit";
  return new StigmergyError(
    "LIMIT_REACHED",
    `namespace "${namespace}": expected ${over}; ${wayOut}`,
  );
}
