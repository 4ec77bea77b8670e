import { join } from "node:path";
import { StigmergyError } from "../../errors.ts";
import { BUSY_TIMEOUT_MS, fileError, storeError } from "./database-errors.ts";
import { loadDriver, type Driver, type SqliteDatabase, type Statement } from "./driver.ts";
import { FilePlace } from "./file-place.ts";
import type { LogState } from "./log-frames.ts";
import { assertLogWhole, lookWithin } from "./log-look.ts";
import { assertNotEmptied, isOpenHere, makeFiles, noteClosed, noteOpened } from "./open-files.ts";
import { prepareFile, prepareToRead, type Durability } from "./prepare-file.ts";
import { canBeWritten, ReadOnlyFile, readOnlyError } from "./read-only-file.ts";
import { DATABASE_FILE } from "./schema.ts";

const COPY_PAGES = 2048; // copied before others get a turn
const MOST_ATTEMPTS = 10; // to read what others write, where their locks can't be seen
const CONNECTION = 2 ** 32; // more than a connection counts of what others write

/**
 * The SQLite file of a store: opened, checked, brought to the newest schema, and written in
 * transactions. Several processes may have it open at once.
 */
export class Database {
  readonly path: string;
  readonly driver: Driver;
  #connection: SqliteDatabase;
  readonly #readOnly: ReadOnlyFile | undefined;
  /** How often it was connected to anew. */
  #connections = 0;
  readonly #statements = new Map<string, Statement>();
  #dataVersion: Statement | undefined;
  #inTransaction = false;
  /** Of the store of a folder. */
  #place: FilePlace | undefined;

  private constructor(
    path: string,
    driver: Driver,
    connection: SqliteDatabase,
    readOnly: ReadOnlyFile | undefined,
  ) {
    this.path = path;
    this.driver = driver;
    this.#connection = connection;
    this.#readOnly = readOnly;
    noteOpened(path);
  }

  /**
   * Opens the store of a folder, and makes both when they are not there. An older schema is brought
   * forward in one transaction, after a copy has been put into the folder `backups`. One that can't be
   * written is opened to be read.
   * @throws {StigmergyError} DEPENDENCY_MISSING, STORE_BUSY, FORMAT for a newer schema or another
   * program's file, DAMAGED for what is no SQLite file, READ_ONLY for an older schema that can't be
   * brought forward; the file is then left as it is
   */
  static async open(folder: string, durability: Durability = "process"): Promise<Database> {
    const path = join(folder, DATABASE_FILE);
    try {
      if (canBeWritten(path)) await makeFiles(folder, path);
      await assertNotEmptied(path);
      if (!isOpenHere(path)) assertLogWhole(await loadDriver(), path);
    } catch (error) {
      throw fileError(error);
    }
    const database = await Database.openFile(path, durability);
    if (!database.isReadOnly) database.#place = new FilePlace(path);
    return database;
  }

  /** As `open`, for a file that is not the store of a folder: a backup, or one in the making. */
  static async openFile(path: string, durability: Durability = "process"): Promise<Database> {
    const driver = await loadDriver();
    const readOnly = canBeWritten(path) ? undefined : new ReadOnlyFile(driver, path);
    let connection: SqliteDatabase;
    try {
      connection = readOnly === undefined ? new driver.DatabaseSync(path) : readOnly.connect();
    } catch (cause) {
      throw storeError(cause, "open");
    }
    const database = new Database(path, driver, connection, readOnly);
    try {
      database.#guard("open", () =>
        readOnly === undefined
          ? prepareFile(driver, connection, path, durability)
          : prepareToRead(connection),
      );
    } catch (error) {
      database.close();
      throw error;
    }
    return database;
  }

  /** A prepared statement, kept for the next call with the same text. */
  sql(text: string): Statement {
    let statement = this.#statements.get(text);
    if (statement === undefined) {
      statement = this.#connection.prepare(text);
      this.#statements.set(text, statement);
    }
    return statement;
  }

  /**
   * Runs `work` with no other writer beside it: all that it writes is kept, or, when it throws,
   * nothing. Kept means acknowledged: it survives the end of this process in any way.
   * @throws {StigmergyError} STORE_BUSY when others hold the lock for 5 seconds; STORE_FAILED;
   * READ_ONLY; NOT_FOUND when the file was removed, moved or replaced since it was opened
   */
  write<Result>(work: () => Result): Result {
    if (this.isReadOnly) throw readOnlyError("it is only read");
    this.#place?.assertSame();
    return this.#transaction("write", "BEGIN IMMEDIATE", work);
  }

  /**
   * As `write`, but without waiting: false, and nothing done, while others hold the lock, or where
   * nothing can be written.
   */
  tryWrite(work: () => void): boolean {
    if (this.isReadOnly || this.#place?.isSame() === false) return false;
    this.#connection.exec("PRAGMA busy_timeout = 0");
    try {
      this.write(work);
      return true;
    } catch (error) {
      if (error instanceof StigmergyError && error.code === "STORE_BUSY") return false;
      throw error;
    } finally {
      this.#connection.exec(`PRAGMA busy_timeout = ${BUSY_TIMEOUT_MS}`);
    }
  }

  /** Runs `work`, which only reads. @throws {StigmergyError} STORE_BUSY, STORE_FAILED, DAMAGED */
  read<Result>(work: () => Result): Result {
    return this.#guard("read", work);
  }

  /** As `read`, with all that `work` reads of one moment. */
  readAtOnce<Result>(work: () => Result): Result {
    return this.#inTransaction ? work() : this.#transaction("read", "BEGIN", work);
  }

  /** Runs SQL that stands outside of transactions, as a pragma or VACUUM. */
  execute(sql: string): void {
    this.#guard("write", () => this.#connection.exec(sql));
  }

  /** The value of a pragma. */
  pragma(name: string): unknown {
    const row = this.read(() => this.#connection.prepare(`PRAGMA ${name}`).get());
    return row === undefined ? undefined : Object.values(row)[0];
  }

  /** A number that changes when another connection has written. @throws {StigmergyError} as `write` */
  othersVersion(): number {
    this.#place?.assertSameOfLate();
    return this.#guard("read", () => {
      this.#dataVersion ??= this.#connection.prepare("PRAGMA data_version");
      const version = this.#dataVersion.get()?.data_version as number;
      return version + this.#connections * CONNECTION;
    });
  }

  /** Whether the file, or its folder, can't be written. */
  get isReadOnly(): boolean {
    return this.#readOnly !== undefined;
  }

  /** Where its log is damaged within what is in use; undefined where it is not. */
  damagedLog(): LogState | undefined {
    return this.read(() => lookWithin(this.#connection, this.path));
  }

  /** Whether a transaction is under way. */
  get isWriting(): boolean {
    return this.#inTransaction;
  }

  /**
   * Copies the whole database, as of one moment, over the one at `path`, while others use both. A
   * connection of its own holds that moment: without it, each write of another process would make
   * the copy begin again.
   */
  async copyTo(path: string): Promise<void> {
    let connection: SqliteDatabase | undefined;
    try {
      connection = this.isReadOnly
        ? new ReadOnlyFile(this.driver, this.path).connect()
        : new this.driver.DatabaseSync(this.path, { readOnly: true });
      connection.exec(`PRAGMA busy_timeout = ${BUSY_TIMEOUT_MS}; BEGIN`);
      connection.prepare("SELECT 1 FROM sqlite_schema LIMIT 1").get();
      await this.driver.backup(connection, path, { rate: COPY_PAGES });
    } catch (error) {
      throw storeError(error, "copy");
    } finally {
      if (connection !== undefined) letGo(connection);
    }
  }

  /** Lets this connection write the tables behind the index of words, for who copies or mends it. */
  openShadowTables(): void {
    this.#connection.enableDefensive?.(false);
  }

  /** Moves the log into the file and empties it; false when others who read it did not let it. */
  checkpoint(): boolean {
    return this.pragma("wal_checkpoint(TRUNCATE)") === 0;
  }

  close(): void {
    this.#statements.clear();
    this.#connection.close();
    noteClosed(this.path);
  }

  #transaction<Result>(action: string, begin: string, work: () => Result): Result {
    if (this.#inTransaction) throw new Error("a transaction within a transaction");
    return this.#guard(action, () => {
      this.sql(begin).get();
      this.#inTransaction = true;
      try {
        const result = work();
        this.sql("COMMIT").get();
        return result;
      } catch (error) {
        this.#rollBack();
        throw error;
      } finally {
        this.#inTransaction = false;
      }
    });
  }

  /** Ends a transaction that may have been ended already by the failure that leads here. */
  #rollBack(): void {
    try {
      this.#connection.exec("ROLLBACK");
    } catch {
      // What failed first is what is told.
    }
  }

  #guard<Result>(action: string, work: () => Result): Result {
    try {
      if (this.#readOnly === undefined || this.#inTransaction) return work();
      return this.#whileUnchanged(this.#readOnly, work);
    } catch (error) {
      throw storeError(error, action);
    }
  }

  /** Runs `work` again where others have written what it read meanwhile. */
  #whileUnchanged<Result>(file: ReadOnlyFile, work: () => Result): Result {
    for (let attempt = 1; ; attempt++) {
      if (!file.isCurrent()) this.#connectAnew(file);
      try {
        const result = work();
        if (file.isCurrent()) return result;
      } catch (error) {
        if (file.isCurrent()) throw error;
      }
      if (attempt === MOST_ATTEMPTS) {
        throw new StigmergyError("STORE_BUSY", "memory store: others are writing it; try again");
      }
    }
  }

  #connectAnew(file: ReadOnlyFile): void {
    const connection = file.connect();
    prepareToRead(connection);
    this.#statements.clear();
    this.#dataVersion = undefined;
    this.#connection.close();
    this.#connection = connection;
    this.#connections++;
  }
}

/** Closes a connection that holds a moment; without an end to that, what is closed could go on. */
function letGo(connection: SqliteDatabase): void {
  try {
    connection.exec("ROLLBACK");
  } catch {
    // There was none, or a failure has ended it.
  }
  connection.close();
}
