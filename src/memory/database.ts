import { mkdir, open, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { StigmergyError } from "../errors.ts";
import { loadDriver, type SqliteDatabase, type Statement } from "./driver.ts";
import { APPLICATION_ID, DATABASE_FILE, MIGRATIONS } from "./schema.ts";

const BUSY_TIMEOUT_MS = 5000;
// SQLite's result codes (https://www.sqlite.org/rescode.html); the low byte is the main one.
const BUSY = 5;
const CORRUPT = 11;
const NOT_A_DATABASE = 26;
const GENERIC = 1;
const CODES_BY_WORDS: readonly (readonly [words: RegExp, code: number])[] = [
  [/locked|busy/, BUSY],
  [/malformed|corrupt/, CORRUPT],
  [/not a database/, NOT_A_DATABASE],
];
const WAYS_OUT: Readonly<Record<number, string>> = {
  8: "the file is read-only, choose another folder or change its permissions",
  10: "the disk failed to read or write, check it",
  13: "the disk is full, make room and try again",
  14: "the file can't be opened, choose a folder that you may write",
};

/**
 * The SQLite file of a store: opened, checked, brought to the newest schema, and written in
 * transactions. Several processes may have it open at once.
 */
export class Database {
  readonly path: string;
  readonly driver: string;
  readonly #connection: SqliteDatabase;
  readonly #statements = new Map<string, Statement>();
  #inTransaction = false;

  private constructor(path: string, driver: string, connection: SqliteDatabase) {
    this.path = path;
    this.driver = driver;
    this.#connection = connection;
  }

  /**
   * Opens the store of a folder, and makes both when they are not there.
   * @throws {StigmergyError} DEPENDENCY_MISSING, STORE_BUSY, FORMAT for a newer schema or another
   * program's file, DAMAGED for what is no SQLite file; the file is then left as it is
   */
  static async open(folder: string): Promise<Database> {
    const driver = await loadDriver();
    const path = join(folder, DATABASE_FILE);
    await makeFiles(folder, path).catch((error: unknown) => {
      throw fileError(error);
    });
    let connection: SqliteDatabase;
    try {
      connection = new driver.DatabaseSync(path);
    } catch (cause) {
      throw storeError(cause, "open");
    }
    const database = new Database(path, driver.name, connection);
    try {
      database.#prepareFile();
    } catch (error) {
      connection.close();
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
    if (this.#inTransaction) throw new Error("a transaction within a transaction");
    return this.#guard("write", () => {
      this.#connection.exec("BEGIN IMMEDIATE");
      this.#inTransaction = true;
      try {
        const result = work();
        this.#connection.exec("COMMIT");
        return result;
      } catch (error) {
        this.#rollBack();
        throw error;
      } finally {
        this.#inTransaction = false;
      }
    });
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

  /** Runs `work`, which only reads. @throws {StigmergyError} STORE_BUSY, STORE_FAILED */
  read<Result>(work: () => Result): Result {
    return this.#guard("read", work);
  }

  /** A number that changes when another connection has written. */
  othersVersion(): number {
    return this.read(() => Number(this.sql("PRAGMA data_version").get()?.data_version));
  }

  close(): void {
    this.#statements.clear();
    this.#connection.close();
  }

  #prepareFile(): void {
    this.#guard("open", () => {
      this.#connection.exec(`PRAGMA busy_timeout = ${BUSY_TIMEOUT_MS}`);
      const version = this.#versionAtOnce();
      this.#retryWhenBusy(() => this.#connection.exec("PRAGMA journal_mode = WAL"));
      // In WAL mode NORMAL loses nothing when a process dies; FULL would guard against power loss.
      this.#connection.exec("PRAGMA synchronous = NORMAL");
      this.#connection.exec("PRAGMA foreign_keys = ON");
      this.#connection.exec("PRAGMA cache_size = -65536");
      if (version < MIGRATIONS.length) this.#migrate();
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
    const version = Number(this.#pragma("user_version"));
    const application = Number(this.#pragma("application_id"));
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

  #pragma(name: string): unknown {
    return this.#connection.prepare(`PRAGMA ${name}`).get()?.[name];
  }

  /** Changing a new file to WAL does not wait for its lock by itself. */
  #retryWhenBusy(work: () => void): void {
    const end = Date.now() + BUSY_TIMEOUT_MS;
    for (;;) {
      try {
        work();
        return;
      } catch (error) {
        if (mainCode(error) !== BUSY || Date.now() > end) throw error;
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

/** The main result code of an error of SQLite's, or undefined for any other error. */
function mainCode(error: unknown): number | undefined {
  if (!(error instanceof Error)) return undefined;
  if ("errcode" in error) return Number(error.errcode) & 0xff;
  if (!("code" in error) || error.code !== "ERR_SQLITE_ERROR") return undefined;
  // Some calls of @photostructure/sqlite give SQLite's words without its number.
  const known = CODES_BY_WORDS.find(([words]) => words.test(error.message));
  return known === undefined ? GENERIC : known[1];
}

/** SQLite's errors as ours; others as they are. */
function storeError(error: unknown, action: string): unknown {
  const code = mainCode(error);
  if (code === undefined) return error;
  const cause = { cause: error };
  if (code === BUSY) {
    return new StigmergyError(
      "STORE_BUSY",
      `memory store: another process held its lock for ${BUSY_TIMEOUT_MS} ms; try again`,
      cause,
    );
  }
  if (code === NOT_A_DATABASE || code === CORRUPT) {
    return new StigmergyError(
      "DAMAGED",
      `${DATABASE_FILE}: not a sound SQLite file; it was left as it is, move it away or restore a backup`,
      cause,
    );
  }
  const text = error instanceof Error ? error.message : String(error);
  const wayOut = WAYS_OUT[code] ?? "see the cause";
  return new StigmergyError(
    "STORE_FAILED",
    `memory store: could not ${action}: ${text}; ${wayOut}`,
    cause,
  );
}

/** A file system's error as ours; the path stays in its cause. */
function fileError(error: unknown): unknown {
  if (!(error instanceof Error) || !("code" in error) || error instanceof StigmergyError) {
    return error;
  }
  return new StigmergyError(
    "IO_FAILED",
    `store path: the file system answered ${String(error.code)}; choose a folder that you may write`,
    { cause: error },
  );
}

/** What agents remember is private to its user, and no part of the project's history. */
async function makeFiles(folder: string, path: string): Promise<void> {
  const found = await stat(folder).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== "ENOENT") throw error;
  });
  if (found === undefined) {
    await mkdir(folder, { recursive: true, mode: 0o700 });
    await writeFile(join(folder, ".gitignore"), "*\n");
  } else if (!found.isDirectory()) {
    throw new StigmergyError("INVALID_INPUT", "store path: expected a folder, received a file");
  }
  // Made here when it is new, so that SQLite's own files beside it are as private.
  await (await open(path, "a", 0o600)).close();
}
