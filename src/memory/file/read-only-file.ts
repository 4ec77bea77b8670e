import { accessSync, constants, existsSync, statSync } from "node:fs";
import { dirname } from "node:path";
import { pathToFileURL } from "node:url";
import { StigmergyError } from "../../errors.ts";
import { BUSY_TIMEOUT_MS } from "./database-errors.ts";
import type { Driver, SqliteDatabase } from "./driver.ts";

/** Whether a file that is there can be written, and others be made beside it, as SQLite must. */
export function canBeWritten(path: string): boolean {
  // Whoever makes it is told why it can't be made.
  if (!existsSync(path)) return true;
  try {
    for (const each of [path, dirname(path)]) accessSync(each, constants.W_OK);
    return true;
  } catch {
    return false;
  }
}

/** The refusal of whatever would write a store that can't be written. */
export function readOnlyError(what: string): StigmergyError {
  return new StigmergyError(
    "READ_ONLY",
    `memory store: ${what}, as its file or folder can't be written; change their permissions, or copy the folder to one that you may write`,
  );
}

/**
 * A store's file where it can't be written. Without a log it is read without locks, for which SQLite
 * needs a file: others who may write it are noticed, and it is connected to anew. With a log it is
 * read with that, where the index of the log is there too.
 */
export class ReadOnlyFile {
  readonly #driver: Driver;
  readonly #path: string;
  #state = "";
  #hasLog = false;

  constructor(driver: Driver, path: string) {
    this.#driver = driver;
    this.#path = path;
  }

  /** A connection to the file as it is now. @throws {StigmergyError} READ_ONLY; SQLite's errors */
  connect(): SqliteDatabase {
    const { DatabaseSync } = this.#driver;
    this.#state = this.#stateNow();
    this.#hasLog = sizeOf(`${this.#path}-wal`) > 0;
    if (this.#hasLog) {
      const connection = new DatabaseSync(this.#path, { readOnly: true });
      try {
        connection.exec(`PRAGMA busy_timeout = ${BUSY_TIMEOUT_MS}`);
        connection.prepare("SELECT 1 FROM sqlite_schema LIMIT 1").get();
        return connection;
      } catch (cause) {
        connection.close();
        if (sizeOf(`${this.#path}-shm`) > 0) throw cause;
        throw readOnlyError("its log can't be read without the index that was beside it");
      }
    }
    return new DatabaseSync(`${pathToFileURL(this.#path).href}?immutable=1`, { readOnly: true });
  }

  /** Whether what the connection reads is the file as it is. */
  isCurrent(): boolean {
    return this.#hasLog || this.#state === this.#stateNow();
  }

  #stateNow(): string {
    const { mtimeMs, size, ino } = statSync(this.#path);
    return `${ino} ${size} ${mtimeMs} ${sizeOf(`${this.#path}-wal`)}`;
  }
}

function sizeOf(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.size ?? 0;
}
