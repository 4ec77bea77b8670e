import { checkNamespace } from "../../security/limits.ts";
import { knownOptions, type OptionNames } from "../../util/option-names.ts";
import { compressValues, dropUnusedDictionaries } from "./compress.ts";
import { noteWrite, type StoreContext } from "../entries/context.ts";
import type { SqlValue } from "../file/driver.ts";
import { giveSpaceBack } from "./space.ts";
import { fileBytes } from "./stats.ts";
import { BEFORE_COLUMNS, removeRow, type RowBefore } from "../entries/row-before.ts";

/** What to clear away. */
export interface GcRequest {
  /** Only expired entries of this namespace; default of all, and whatever else has no owner. */
  readonly namespace?: string | undefined;
  /** Also compress values untouched for 7 days, drop history older than 30, compact the file. */
  readonly aggressive?: boolean | undefined;
  /** Only count. */
  readonly dryRun?: boolean | undefined;
}

const GC_NAMES: OptionNames<GcRequest> = { namespace: true, aggressive: true, dryRun: true };

/** What was cleared away, or would be. */
export interface GcReport {
  readonly dryRun: boolean;
  /** Entries that had expired. */
  readonly expired: number;
  /** Rows that belonged to no entry: words, vectors, dictionaries. */
  readonly orphans: number;
  /** Values of history that were dropped. */
  readonly history: number;
  /** Entries whose values were compressed. */
  readonly compressed: number;
  /** Bytes of the store's files, by the file system. */
  readonly bytesBefore: number;
  readonly bytesAfter: number;
}

const BATCH = 500; // entries removed between two looks at other writers
const DAY_MS = 86_400_000;
const COLD_SECONDS = 7 * 86_400;
const HISTORY_MS = 30 * DAY_MS;
const MOST_REMOVALS = 10_000; // remembered for processes that have not seen them

/**
 * Removes what nobody can read any more, and gives its space back to the file system.
 * @throws {StigmergyError} FORBIDDEN without the right to administer; STORE_BUSY
 */
export async function collectGarbage(context: StoreContext, request: GcRequest): Promise<GcReport> {
  const { namespace, aggressive = false, dryRun = false } = knownOptions("gc", request, GC_NAMES);
  const { database, state, audit } = context;
  const where = namespace === undefined ? undefined : checkNamespace(namespace);
  state.refresh();
  state.access.assert("admin", where ?? "*");
  const bytesBefore = await fileBytes(database.path);
  // Words that are still to be added, or taken out, are not lost.
  await context.words.catchUp();
  if (dryRun) return { ...count(context, where, aggressive), bytesBefore, bytesAfter: bytesBefore };
  const expired = await removeExpired(context, where);
  let orphans = 0;
  let history = 0;
  let compressed = 0;
  if (where === undefined) {
    orphans = database.write(() => dropOrphans(context));
    if (aggressive) {
      history = database.write(() => dropOldHistory(context));
      compressed = (await compressValues(context, { idleSeconds: COLD_SECONDS })).entries;
      database.execute("INSERT INTO words (words) VALUES ('optimize')");
    }
  }
  const detail = `${expired} expired, ${orphans} orphans, ${history} of history`;
  database.write(() =>
    audit.write({ action: "gc", outcome: "done", namespace: where ?? null, detail }),
  );
  giveSpaceBack(database, aggressive);
  const bytesAfter = await fileBytes(database.path);
  return { dryRun, expired, orphans, history, compressed, bytesBefore, bytesAfter };
}

/**
 * Removes every entry of a namespace, and its history; its settings stay. Returns how many there were.
 * @throws {StigmergyError} FORBIDDEN without the right to delete; STORE_BUSY
 */
export async function clearNamespace(context: StoreContext, namespace: string): Promise<number> {
  const { database, state, audit } = context;
  state.refresh();
  state.access.assert("delete", namespace);
  return context.writes.run(async () => {
    // All or none: who looks in between sees the namespace whole.
    const removed = database.write(() => {
      // Policy and key may have changed since.
      state.refresh();
      state.access.assert("delete", namespace);
      const rows = database
        .sql(`SELECT ${BEFORE_COLUMNS} FROM entries WHERE namespace = ?`)
        .all(namespace) as RowBefore[];
      const now = Date.now();
      for (const row of rows) removeRow(context, row, now);
      database.sql("DELETE FROM history WHERE namespace = ?").get(namespace);
      const detail = `${rows.length} entries`;
      audit.write({ action: "clear", outcome: "done", namespace, detail });
      return rows.length;
    });
    noteWrite(context);
    return removed;
  });
}

/** Removes expired entries in small transactions. */
async function removeExpired(
  context: StoreContext,
  namespace: string | undefined,
): Promise<number> {
  const { database } = context;
  const inNamespace = namespace === undefined ? "" : " AND namespace = ?";
  const values = [Date.now(), ...(namespace === undefined ? [] : [namespace])];
  for (let removed = 0; ;) {
    const count = await context.writes.run(async () =>
      database.write(() => {
        context.state.refresh();
        context.state.access.assert("admin", namespace ?? "*");
        const rows = database
          .sql(
            `SELECT ${BEFORE_COLUMNS} FROM entries
             WHERE expires_at <= ?${inNamespace} LIMIT ${BATCH}`,
          )
          .all(...values) as RowBefore[];
        const now = Date.now();
        for (const row of rows) removeRow(context, row, now);
        return rows.length;
      }),
    );
    removed += count;
    if (count > 0) noteWrite(context);
    if (count < BATCH) return removed;
  }
}

// The docsize table of an FTS5 index has a row for each text in it.
const LOST_WORDS = "SELECT id FROM words_docsize WHERE id NOT IN (SELECT id FROM entries)";
const LOST_VECTORS = "SELECT entry FROM vectors WHERE entry NOT IN (SELECT id FROM entries)";

function dropOrphans(context: StoreContext): number {
  const { database } = context;
  while (context.words.addPending());
  const words = database.sql(LOST_WORDS).all();
  for (const { id } of words) database.sql("DELETE FROM words WHERE rowid = ?").get(id);
  const vectors = database
    .sql(`DELETE FROM vectors WHERE entry IN (${LOST_VECTORS}) RETURNING entry`)
    .all();
  dropOldRemovals(context);
  database.sql("DELETE FROM namespaces WHERE entries = 0 AND bytes = 0 AND settings = '{}'").get();
  return words.length + vectors.length + dropUnusedDictionaries(context);
}

/** Forgets removals that are long past; who has not seen them reads everything anew. */
function dropOldRemovals({ database }: StoreContext): void {
  const row = database
    .sql(`SELECT seq FROM removals ORDER BY seq DESC LIMIT 1 OFFSET ${MOST_REMOVALS}`)
    .get();
  if (row === undefined) return;
  database.sql("DELETE FROM removals WHERE seq <= ?").get(row.seq);
  database.sql("UPDATE facts SET value = ? WHERE name = 'removals_floor'").get(row.seq);
}

function dropOldHistory({ database }: StoreContext): number {
  const rows = database
    .sql("DELETE FROM history WHERE replaced_at < ? RETURNING id")
    .all(Date.now() - HISTORY_MS);
  return rows.length;
}

function count(context: StoreContext, namespace: string | undefined, aggressive: boolean) {
  const { database } = context;
  return database.readAtOnce(() => {
    const countOf = (sql: string, ...values: SqlValue[]): number =>
      Number(database.sql(`SELECT count(*) AS count FROM (${sql})`).get(...values)?.count);
    const now = Date.now();
    const one = "SELECT 1 FROM entries WHERE expires_at <= ?";
    const expired =
      namespace === undefined
        ? countOf(one, now)
        : countOf(`${one} AND namespace = ?`, now, namespace);
    const all = namespace === undefined;
    return {
      dryRun: true,
      expired,
      compressed: 0,
      orphans: all ? countOf(LOST_WORDS) + countOf(LOST_VECTORS) : 0,
      history:
        all && aggressive
          ? countOf("SELECT 1 FROM history WHERE replaced_at < ?", now - HISTORY_MS)
          : 0,
    };
  });
}
