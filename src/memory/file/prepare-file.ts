import { StigmergyError } from "../../errors.ts";
import { BUSY_TIMEOUT_MS, isBusy } from "./database-errors.ts";
import type { Driver, SqliteDatabase } from "./driver.ts";
import { backUpBefore } from "./migration-backup.ts";
import { readOnlyError } from "./read-only-file.ts";
import { APPLICATION_ID, DATABASE_FILE, MIGRATIONS } from "./schema.ts";

/**
 * What an acknowledged write survives: the end of the process in any way, or the loss of power too
 * (each write then waits for the disk).
 */
export type Durability = "process" | "power";

/**
 * Makes a file that was opened ready for use: checked to be one of ours, set up, and brought to the
 * newest schema after a copy has been put into the folder `backups`.
 * @throws {StigmergyError} FORMAT; SQLite's own errors
 */
export function prepareFile(
  driver: Driver,
  connection: SqliteDatabase,
  path: string,
  durability: Durability,
): void {
  connection.exec(`PRAGMA busy_timeout = ${BUSY_TIMEOUT_MS}`);
  const version = inTransaction(connection, "BEGIN", () => checkedVersion(connection));
  // Before the first page is written, or it has no effect: `gc` can then give space back.
  if (version === 0) connection.exec("PRAGMA auto_vacuum = INCREMENTAL");
  retryWhenBusy(() => connection.exec("PRAGMA journal_mode = WAL"));
  // In WAL mode NORMAL loses nothing when a process dies; FULL guards against power loss.
  connection.exec(`PRAGMA synchronous = ${durability === "power" ? "FULL" : "NORMAL"}`);
  connection.exec("PRAGMA foreign_keys = ON");
  connection.exec("PRAGMA cache_size = -65536");
  // Moving the log into the file waits for the disk: one write in 300, at 1 KiB, instead of one
  // in 80. The log grows to 16 MiB for it.
  connection.exec("PRAGMA wal_autocheckpoint = 4000");
  // What SQLite sorts never leaves memory: it may be of sealed entries.
  connection.exec("PRAGMA temp_store = MEMORY");
  if (version < MIGRATIONS.length) {
    if (version > 0) backUpBefore(driver, path, version);
    inTransaction(connection, "BEGIN IMMEDIATE", () => migrate(connection));
  }
}

/**
 * As `prepareFile`, for one that can't be written.
 * @throws {StigmergyError} FORMAT; READ_ONLY when its schema is older; SQLite's own errors
 */
export function prepareToRead(connection: SqliteDatabase): void {
  if (checkedVersion(connection) < MIGRATIONS.length) {
    throw readOnlyError("it can't be brought to the newest schema");
  }
  connection.exec("PRAGMA cache_size = -65536; PRAGMA temp_store = MEMORY");
}

/** Of one moment: another process may be making the tables. */
function inTransaction<Result>(
  connection: SqliteDatabase,
  begin: string,
  work: () => Result,
): Result {
  connection.exec(begin);
  try {
    const result = work();
    connection.exec("COMMIT");
    return result;
  } catch (error) {
    try {
      connection.exec("ROLLBACK");
    } catch {
      // What failed first is what is told, and may have ended the transaction.
    }
    throw error;
  }
}

/** The schema's version, once the file is known to be one of ours or empty. */
function checkedVersion(connection: SqliteDatabase): number {
  const version = Number(connection.prepare("PRAGMA user_version").get()?.user_version);
  const application = connection.prepare("PRAGMA application_id").get()?.application_id;
  const isEmpty = connection.prepare("SELECT 1 FROM sqlite_schema LIMIT 1").get() === undefined;
  if (application !== APPLICATION_ID && !isEmpty) {
    throw new StigmergyError(
      "FORMAT",
      `${DATABASE_FILE}: expected a stigmergy store, received another program's database; choose another folder`,
    );
  }
  if (version > MIGRATIONS.length) {
    throw new StigmergyError(
      "FORMAT",
      `${DATABASE_FILE}: expected schema ${MIGRATIONS.length} or older, received ${version}; a newer stigmergy wrote it, upgrade to open it`,
    );
  }
  return version;
}

function migrate(connection: SqliteDatabase): void {
  // Asked again under the lock: another process may have done it meanwhile.
  for (let step = checkedVersion(connection); step < MIGRATIONS.length; step++) {
    connection.exec(MIGRATIONS[step]);
    connection.exec(`PRAGMA user_version = ${step + 1}`);
  }
  connection.exec(`PRAGMA application_id = ${APPLICATION_ID}`);
}

/** Changing a new file to WAL does not wait for its lock by itself. */
function retryWhenBusy(work: () => void): void {
  const end = Date.now() + BUSY_TIMEOUT_MS;
  for (;;) {
    try {
      work();
      return;
    } catch (error) {
      if (!isBusy(error) || Date.now() > end) throw error;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 10);
    }
  }
}
