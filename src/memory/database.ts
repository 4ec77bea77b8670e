import { join } from "node:path";
import { StigmergyError } from "../errors.ts";
import { BUSY_TIMEOUT_MS, fileError, isBusy, storeError } from "./database-errors.ts";
import { loadDriver, type Driver, type SqliteDatabase, type Statement } from "./driver.ts";
import { backUpBefore } from "./migration-backup.ts";
import { assertNotEmptied, makeFiles, noteClosed, noteOpened } from "./open-files.ts";
import { APPLICATION_ID, DATABASE_FILE, MIGRATIONS } from "./schema.ts";

/**
 * What an acknowledged write survives: the end of the process in any way, or the loss of power too
 * (each write then waits for the disk).
 */
export type Durability = "process" | "power";

const COPY_PAGES = 2048; // copied before others get a turn

/**
 * The SQLite file of a store: opened, checked, brought to the newest schema, and written in
 * transactions. Several processes may have it open at once.
 */
export class Database {
  readonly path: string;
  readonly driver: Driver;
  readonly #connection: SqliteDatabase;
  readonly #statements = new Map<string, Statement>();
  #dataVersion: Statement | undefined;
  #inTransaction = false;

  private constructor(path: string, driver: Driver, connection: SqliteDatabase) {
    this.path = path;
    this.driver = driver;
    this.#connection = connection;
    noteOpened(path);
  }

  /**
   * Opens the store of a folder, and makes both when they are not there. An older schema is brought
   * forward in one transaction, after a copy has been put into the folder `backups`.
   * @throws {StigmergyError} DEPENDENCY_MISSING, STORE_BUSY, FORMAT for a newer schema or another
   * program's file, DAMAGED for what is no SQLite file; the file is then left as it is
   */
  static async open(folder: string, durability: Durability = "process"): Promise<Database> {
    const path = join(folder, DATABASE_FILE);
    try {
      await makeFiles(folder, path);
      await assertNotEmptied(path);
    } catch (error) {
      throw fileError(error);
    }
    return Database.openFile(path, durability);
  }

  /** As `open`, for a file that is not the store of a folder: a backup, or one in the making. */
  static async openFile(path: string, durability: Durability = "process"): Promise<Database> {
    const driver = await loadDriver();
    let connection: SqliteDatabase;
    try {
      connection = new driver.DatabaseSync(path);
    } catch (cause) {
      throw storeError(cause, "open");
    }
    const database = new Database(path, driver, connection);
    try {
      database.#prepareFile(durability);
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
   * @throws {StigmergyError} STORE_BUSY when others hold the lock for 5 seconds; STORE_FAILED
   */
  write<Result>(work: () => Result): Result {
    return this.#transaction("write", "BEGIN IMMEDIATE", work);
  }

  /** As `write`, but without waiting: false, and nothing done, while others hold the lock. */
  tryWrite(work: () => void): boolean {
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

  /** A number that changes when another connection has written. */
  othersVersion(): number {
    this.#dataVersion ??= this.#connection.prepare("PRAGMA data_version");
    try {
      return this.#dataVersion.get()?.data_version as number;
    } catch (error) {
      throw storeError(error, "read");
    }
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
      connection = new this.driver.DatabaseSync(this.path, { readOnly: true });
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

  #prepareFile(durability: Durability): void {
    this.#guard("open", () => {
      this.#connection.exec(`PRAGMA busy_timeout = ${BUSY_TIMEOUT_MS}`);
      const version = this.#versionAtOnce();
      // Before the first page is written, or it has no effect: `gc` can then give space back.
      if (version === 0) this.#connection.exec("PRAGMA auto_vacuum = INCREMENTAL");
      this.#retryWhenBusy(() => this.#connection.exec("PRAGMA journal_mode = WAL"));
      // In WAL mode NORMAL loses nothing when a process dies; FULL guards against power loss.
      this.#connection.exec(`PRAGMA synchronous = ${durability === "power" ? "FULL" : "NORMAL"}`);
      this.#connection.exec("PRAGMA foreign_keys = ON");
      this.#connection.exec("PRAGMA cache_size = -65536");
      // Moving the log into the file waits for the disk: one write in 300, at 1 KiB, instead of one
      // in 80. The log grows to 16 MiB for it.
      this.#connection.exec("PRAGMA wal_autocheckpoint = 4000");
      // What SQLite sorts never leaves memory: it may be of sealed entries.
      this.#connection.exec("PRAGMA temp_store = MEMORY");
      if (version < MIGRATIONS.length) {
        if (version > 0) backUpBefore(this.driver, this.path, version);
        this.#migrate();
      }
    });
  }

  /** As `#checkedVersion`, of one moment: another process may be making the tables. */
  #versionAtOnce(): number {
    this.#connection.exec("BEGIN");
    try {
      return this.#checkedVersion();
    } finally {
      this.#rollBack();
    }
  }

  /** Ends a transaction that may have been ended already by the failure that leads here. */
  #rollBack(): void {
    try {
      this.#connection.exec("ROLLBACK");
    } catch {
      // What failed first is what is told.
    }
  }

  /** The schema's version, once the file is known to be one of ours or empty. */
  #checkedVersion(): number {
    const version = Number(this.#connection.prepare("PRAGMA user_version").get()?.user_version);
    const application = this.#connection.prepare("PRAGMA application_id").get()?.application_id;
    const isEmpty =
      this.#connection.prepare("SELECT 1 FROM sqlite_schema LIMIT 1").get() === undefined;
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

  #migrate(): void {
    this.write(() => {
      // Asked again under the lock: another process may have done it meanwhile.
      for (let step = this.#checkedVersion(); step < MIGRATIONS.length; step++) {
        this.#connection.exec(MIGRATIONS[step]);
        this.#connection.exec(`PRAGMA user_version = ${step + 1}`);
      }
      this.#connection.exec(`PRAGMA application_id = ${APPLICATION_ID}`);
    });
  }

  /** Changing a new file to WAL does not wait for its lock by itself. */
  #retryWhenBusy(work: () => void): void {
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

  #guard<Result>(action: string, work: () => Result): Result {
    try {
      return work();
    } catch (error) {
      throw storeError(error, action);
    }
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
