import { existsSync, statSync } from "node:fs";
import { StigmergyError } from "../../errors.ts";
import { BUSY_TIMEOUT_MS } from "./database-errors.ts";
import type { Driver, SqliteDatabase } from "./driver.ts";
import { DATABASE_FILE } from "./schema.ts";
import { FileBytes } from "./file-bytes.ts";
import {
  hasFrame,
  isHeaderSound,
  LOG_HEADER,
  logSalts,
  readLog,
  type LogState,
} from "./log-frames.ts";

/**
 * Makes sure, before a store is opened, that SQLite will read all of its log: what it does not read
 * it clears away. Without a log this costs a look at the folder, with one some reads of a few bytes.
 * @throws {StigmergyError} DAMAGED when acknowledged commits would be lost
 */
export function assertLogWhole(driver: Driver, path: string): void {
  const size = statSync(`${path}-wal`, { throwIfNoEntry: false })?.size ?? 0;
  if (size <= LOG_HEADER) return;
  let connection: SqliteDatabase | undefined;
  let state: LogState | undefined;
  try {
    // One that only reads leaves the log as it is when it closes.
    connection = new driver.DatabaseSync(path, { readOnly: true });
    connection.exec(`PRAGMA busy_timeout = ${BUSY_TIMEOUT_MS}`);
    state = lookBeyond(connection, path);
  } catch {
    // Whoever opens it in earnest is told what fails.
  } finally {
    connection?.close();
  }
  if (state === undefined || state.lostCommits === 0) return;
  throw new StigmergyError(
    "DAMAGED",
    `${DATABASE_FILE}: ${damagedLog(state)}, and would be lost; all was left as it is, run stigmergy memory repair`,
  );
}

/** What is told of a damaged log. */
export function damagedLog({ soundFrames, lostCommits }: Omit<LogState, "pages">): string {
  const place = soundFrames === 0 ? "at its beginning" : `behind frame ${soundFrames}`;
  const commits = lostCommits === 1 ? "1 commit" : `${lostCommits} commits`;
  return `its log is damaged ${place}, ${commits} after that can't be read by SQLite`;
}

/** What stands in a log beyond what SQLite reads of it; undefined where nothing does. */
function lookBeyond(connection: SqliteDatabase, path: string): LogState | undefined {
  const log = new FileBytes(`${path}-wal`);
  try {
    const pageBytes = Number(connection.prepare("PRAGMA page_size").get()?.page_size);
    for (;;) {
      const { frames } = logInUse(connection);
      if (isHeaderSound(log) && !hasFrame(log, pageBytes, frames + 1)) return undefined;
      const salts = logSalts(log);
      const state = readLog(log, pageBytes, frames);
      if (state.lostCommits === 0) return undefined;
      // Others may have written while it was read: it is as it was found, or is looked at again.
      if (logInUse(connection).frames === frames && logSalts(log).equals(salts)) return state;
    }
  } finally {
    log.close();
  }
}

/**
 * Where the log is damaged within what is in use: SQLite trusts frames that it has read once, and
 * reads no further than here when all processes have ended without closing. Undefined where it is not.
 */
export function lookWithin(connection: SqliteDatabase, path: string): LogState | undefined {
  if (!existsSync(`${path}-wal`)) return undefined;
  const log = new FileBytes(`${path}-wal`);
  try {
    const pageBytes = Number(connection.prepare("PRAGMA page_size").get()?.page_size);
    for (;;) {
      const { frames, inFile } = logInUse(connection);
      // What has been moved into the file is not needed any more.
      if (frames === inFile) return undefined;
      const salts = logSalts(log);
      const state = readLog(log, pageBytes);
      if (state.soundFrames >= frames) return undefined;
      const after = logInUse(connection);
      if (after.frames >= frames && after.frames !== after.inFile && logSalts(log).equals(salts)) {
        return state;
      }
    }
  } finally {
    log.close();
  }
}

/** Frames of the log that hold commits, and how many of them have been moved into the file. */
function logInUse(connection: SqliteDatabase): { frames: number; inFile: number } {
  const row = connection.prepare("PRAGMA wal_checkpoint(NOOP)").get();
  return { frames: Number(row?.log), inFile: Number(row?.checkpointed) };
}
