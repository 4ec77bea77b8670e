import { copyFile, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { StigmergyError } from "../../errors.ts";
import { loadDriver, type SqliteDatabase, type SqlRow } from "../file/driver.ts";
import type { ForeignRecord } from "./imported-entry.ts";

/** The columns of each table of a file, by the table's name. */
export type Tables = ReadonlyMap<string, ReadonlySet<string>>;

/** One layout of a table that is known, and how its rows are read. */
export interface Layout {
  /** What writes it, such as "claude-flow 2 memory". */
  readonly format: string;
  /** Whether a file has it. */
  matches(tables: Tables): boolean;
  /** The rows, in the file's order. @throws SQLite's error where the file is damaged */
  records(copy: SqliteCopy): Iterable<ForeignRecord>;
}

// Longer texts are cut: they are far beyond what an entry holds, also with JSON around them.
const MOST_BYTES = 2 ** 23;
const MOST_TRIES = 5;
// The log holds what has not yet reached the file; the journal what must be taken back.
const COMPANIONS = ["-wal", "-journal"];

/**
 * A copy of a SQLite file and of what was written beside it, so that the original is neither
 * locked nor changed. Whoever made it closes it.
 */
export class SqliteCopy {
  readonly tables: Tables;
  /** Marks whose file it is; 0 where nobody said so. */
  readonly application: number;
  readonly #database: SqliteDatabase;

  private constructor(database: SqliteDatabase) {
    this.#database = database;
    // Nothing that a foreign schema defines may run by being read.
    database.exec("PRAGMA trusted_schema = OFF");
    this.application = Number(database.prepare("PRAGMA application_id").get()?.application_id);
    this.tables = readTables(database);
  }

  /**
   * Copies the file at `path` to `folder`, under a name that no other copy there has.
   * @throws {StigmergyError} STORE_BUSY when it was written all the while
   * @throws SQLite's error when it is damaged
   */
  static async make(path: string, folder: string, name: string): Promise<SqliteCopy> {
    const target = join(folder, name);
    await copyAtRest(path, target);
    const { DatabaseSync } = await loadDriver();
    const database = new DatabaseSync(target);
    try {
      return new SqliteCopy(database);
    } catch (error) {
      database.close();
      throw error;
    }
  }

  /**
   * The rows of a table, in these of its columns that it has; others are absent. Whole numbers of
   * any size come as numbers; a text with a NUL, at which the driver would cut it, as bytes.
   */
  *rows(table: string, columns: readonly string[]): Generator<SqlRow> {
    const there = columns.filter((column) => this.tables.get(table)?.has(column));
    const selected = there.map(
      (column) =>
        `CASE WHEN typeof("${column}") = 'integer' THEN CAST("${column}" AS REAL)
         WHEN octet_length("${column}") > ${MOST_BYTES} THEN substr("${column}", 1, ${MOST_BYTES})
         WHEN typeof("${column}") = 'text' AND instr(CAST("${column}" AS BLOB), x'00') > 0
           THEN CAST("${column}" AS BLOB)
         ELSE "${column}" END AS "${column}"`,
    );
    yield* this.#database.prepare(`SELECT ${selected.join(", ")} FROM "${table}"`).iterate();
  }

  close(): void {
    this.#database.close();
  }
}

/** Whether a file has a table with all of these columns. */
export function hasColumns(tables: Tables, table: string, columns: readonly string[]): boolean {
  const there = tables.get(table);
  return there !== undefined && columns.every((column) => there.has(column));
}

function readTables(database: SqliteDatabase): Tables {
  const rows = database
    .prepare(
      `SELECT t.name AS "table", c.name AS "column" FROM sqlite_schema t, pragma_table_info(t.name) c
       WHERE t.type = 'table' AND t.sql NOT LIKE 'CREATE VIRTUAL%'`,
    )
    .all();
  const tables = new Map<string, Set<string>>();
  for (const { table, column } of rows) {
    const columns = tables.get(String(table)) ?? new Set();
    tables.set(String(table), columns.add(String(column)));
  }
  return tables;
}

/** Copies a file and its companions as they were at one moment. */
async function copyAtRest(path: string, target: string): Promise<void> {
  const names = ["", ...COMPANIONS];
  for (let tries = 0; tries < MOST_TRIES; tries++) {
    const before = await statesOf(path, names);
    for (const [i, name] of names.entries()) {
      await rm(target + name, { force: true });
      if (before[i] !== "") await copyFile(path + name, target + name).catch(ignoreMissing);
    }
    const after = await statesOf(path, names);
    if (after.every((state, i) => state === before[i])) return;
  }
  throw new StigmergyError(
    "STORE_BUSY",
    "memory to import: it was being written all the while; end what writes it and try again",
  );
}

function statesOf(path: string, names: readonly string[]): Promise<string[]> {
  return Promise.all(
    names.map(async (name) => {
      const found = await stat(path + name).catch(ignoreMissing);
      return found === undefined ? "" : `${found.mtimeMs} ${found.size}`;
    }),
  );
}

function ignoreMissing(error: NodeJS.ErrnoException): undefined {
  if (error.code !== "ENOENT") throw error;
}
