import { setImmediate as nextTurn } from "node:timers/promises";
import { checkNamespace } from "../../security/limits.ts";
import type { Right } from "../../security/policy.ts";
import { knownOptions, type OptionNames } from "../../util/option-names.ts";
import { compressValues, dropUnusedDictionaries } from "./compress.ts";
import { currentSeq } from "../entries/changes.ts";
import { noteWrite, type StoreContext } from "../entries/context.ts";
import type { Database } from "../file/database.ts";
import type { SqlValue } from "../file/driver.ts";
import { factOf, setFact } from "../file/facts.ts";
import { inSteps } from "../file/steps.ts";
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

const BATCH = 250; // entries removed between two looks at other writers
const READ = 4096; // numbers of entries looked at between two turns of others
const CLEARED = 250; // entries of a namespace that go at once
const FORGOTTEN = 5000; // removals forgotten at once
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
    orphans = await dropOrphans(context);
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
  await giveSpaceBack(database, aggressive);
  const bytesAfter = await fileBytes(database.path);
  return { dryRun, expired, orphans, history, compressed, bytesBefore, bytesAfter };
}

/**
 * Removes every entry of a namespace, and its history; its settings stay. Returns how many there were. Up to 250
 * go at once, so that who looks in between sees the namespace whole; more go in steps of as many, between which
 * others write. What is written after the call stays, and cut off, it goes on when called again.
 * @throws {StigmergyError} FORBIDDEN without the right to delete; STORE_BUSY
 */
export async function clearNamespace(context: StoreContext, namespace: string): Promise<number> {
  const { database, state, audit } = context;
  state.refresh();
  state.access.assert("delete", namespace);
  const last = database.read(() => currentSeq(database));
  let removed = 0;
  await inSteps(() =>
    writeStep(context, "delete", namespace, (now) => {
      const rows = database
        .sql(
          `SELECT ${BEFORE_COLUMNS} FROM entries
           WHERE namespace = ? AND seq <= ? LIMIT ${CLEARED}`,
        )
        .all(namespace, last) as RowBefore[];
      for (const row of rows) removeRow(context, row, now);
      const past = database
        .sql(
          `DELETE FROM history WHERE id IN (SELECT id FROM history
           WHERE namespace = ? AND version <= ? LIMIT ${2 * CLEARED}) RETURNING id`,
        )
        .all(namespace, last);
      const isMore = rows.length === CLEARED || past.length === 2 * CLEARED;
      if (rows.length > 0 || !isMore) {
        const detail = `${rows.length} entries`;
        audit.write({ action: "clear", outcome: "done", namespace, detail });
      }
      removed += rows.length;
      return isMore;
    }),
  );
  return removed;
}

/** Removes expired entries in small transactions. */
async function removeExpired(
  context: StoreContext,
  namespace: string | undefined,
): Promise<number> {
  const { database } = context;
  const inNamespace = namespace === undefined ? "" : " AND namespace = ?";
  const values = [Date.now(), ...(namespace === undefined ? [] : [namespace])];
  let removed = 0;
  await inSteps(() =>
    writeStep(context, "admin", namespace ?? "*", (now) => {
      const rows = database
        .sql(
          `SELECT ${BEFORE_COLUMNS} FROM entries
           WHERE expires_at <= ?${inNamespace} LIMIT ${BATCH}`,
        )
        .all(...values) as RowBefore[];
      for (const row of rows) removeRow(context, row, now);
      removed += rows.length;
      return rows.length === BATCH;
    }),
  );
  return removed;
}

/** One transaction of many: policy and key may have changed since the one before. */
async function writeStep(
  context: StoreContext,
  right: Right,
  namespace: string,
  work: (now: number) => boolean,
): Promise<boolean> {
  const { database, state, writes } = context;
  const isMore = await writes.run(async () =>
    database.write(() => {
      state.refresh();
      state.access.assert(right, namespace);
      return work(Date.now());
    }),
  );
  noteWrite(context);
  return isMore;
}

// The docsize table of an FTS5 index has a row for each text in it.
const LOST_WORDS: Lost = { table: "words_docsize", column: "id" };
const LOST_VECTORS: Lost = { table: "vectors", column: "entry" };

/** A table whose rows are of entries. */
interface Lost {
  readonly table: string;
  readonly column: string;
}

/** SQL of the numbers of rows that are of no entry. */
function lostIn({ table, column }: Lost): string {
  return `SELECT ${column} AS id FROM ${table} WHERE ${column} NOT IN (SELECT id FROM entries)`;
}

async function dropOrphans(context: StoreContext): Promise<number> {
  const { database } = context;
  await context.words.catchUp();
  const words = await dropLost(context, LOST_WORDS, "DELETE FROM words WHERE rowid = ?");
  const vectors = await dropLost(context, LOST_VECTORS, "DELETE FROM vectors WHERE entry = ?");
  await dropOldRemovals(context);
  return database.write(() => {
    database
      .sql("DELETE FROM namespaces WHERE entries = 0 AND bytes = 0 AND settings = '{}'")
      .get();
    return words + vectors + dropUnusedDictionaries(context);
  });
}

/** Removes what belongs to no entry, as looked for before the store is locked: no entry's number is given twice. */
async function dropLost(context: StoreContext, lost: Lost, remove: string): Promise<number> {
  const { database, words } = context;
  let removed = 0;
  for await (const ids of lostIds(database, lost)) {
    await inSteps(() =>
      writeStep(context, "admin", "*", () => {
        // Words of what others have deleted since are not lost: they are still to be taken out.
        if (words.addPending()) return true;
        const still = database.sql(`${lostIn(lost)} AND ${lost.column} = ?`);
        for (const id of ids) {
          if (still.get(id) === undefined) continue;
          database.sql(remove).get(id);
          removed++;
        }
        return false;
      }),
    );
  }
  return removed;
}

/** Rows of no entry, as many as one of the parts has in which a table is read. */
async function* lostIds(database: Database, lost: Lost): AsyncGenerator<number[]> {
  const { table, column } = lost;
  for (let from = Number.MIN_SAFE_INTEGER; ;) {
    const next = database.read(() =>
      database.sql(`SELECT min(${column}) AS id FROM ${table} WHERE ${column} >= ?`).get(from),
    );
    if (typeof next?.id !== "number") return;
    from = next.id + READ;
    const rows = database.read(() =>
      database
        .sql(`${lostIn(lost)} AND ${column} >= ? AND ${column} < ?`)
        .all(Number(next.id), from),
    );
    if (rows.length > 0) yield rows.map(({ id }) => id as number);
    await nextTurn();
  }
}

/** Forgets removals that are long past; who has not seen them reads everything anew. */
async function dropOldRemovals(context: StoreContext): Promise<void> {
  const { database } = context;
  const row = database.read(() =>
    database
      .sql(`SELECT seq FROM removals ORDER BY seq DESC LIMIT 1 OFFSET ${MOST_REMOVALS}`)
      .get(),
  );
  if (row === undefined) return;
  await inSteps(() =>
    writeStep(context, "admin", "*", () => {
      // Those whose words are still in the index are remembered for it.
      const floor = Math.min(Number(row.seq), Number(factOf(database, "words_seq")));
      if (floor > Number(factOf(database, "removals_floor"))) {
        setFact(database, "removals_floor", floor);
      }
      const sql = `DELETE FROM removals WHERE seq IN
        (SELECT seq FROM removals WHERE seq <= ? ORDER BY seq LIMIT ${FORGOTTEN}) RETURNING seq`;
      return database.sql(sql).all(floor).length === FORGOTTEN;
    }),
  );
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
      orphans: all ? countOf(lostIn(LOST_WORDS)) + countOf(lostIn(LOST_VECTORS)) : 0,
      history:
        all && aggressive
          ? countOf("SELECT 1 FROM history WHERE replaced_at < ?", now - HISTORY_MS)
          : 0,
    };
  });
}
