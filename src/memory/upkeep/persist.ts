import { open } from "node:fs/promises";
import { checkName } from "../../security/limits.ts";
import { knownOptions, type OptionNames } from "../../util/option-names.ts";
import { currentSeq } from "../entries/changes.ts";
import type { StoreContext } from "../entries/context.ts";
import { fileError } from "../file/database-errors.ts";
import type { Database } from "../file/database.ts";
import { conditionOf } from "../entries/selection.ts";
import { fileBytes } from "./stats.ts";

/** Whose entries to count beside. */
export interface PersistRequest {
  /** A conversation or run. */
  readonly session?: string | undefined;
}

const PERSIST_NAMES: OptionNames<PersistRequest> = { session: true };

/** What is on the disk now. */
export interface PersistReport {
  /** The store's file. */
  readonly path: string;
  /** Entries that may be read, of the session where one was named. */
  readonly entries: number;
  /** Bytes of the store's file and its log, by the file system. */
  readonly bytes: number;
  /** The last change that is on the disk. */
  readonly seq: number;
  /**
   * Whether the file alone holds everything; false while another process reads an older state, and
   * the log beside it, which is on the disk as well, is needed still.
   */
  readonly isInOneFile: boolean;
}

/**
 * Writes what is held back, has the disk confirm the log, and moves it into the store's file.
 * @throws {StigmergyError} INVALID_INPUT, STORE_BUSY, IO_FAILED
 */
export async function persistStore(
  context: StoreContext,
  request: PersistRequest,
): Promise<PersistReport> {
  const { session } = knownOptions("persist", request, PERSIST_NAMES);
  const { database, state, accesses, audit, folder } = context;
  const named = session === undefined ? undefined : checkName("session", session);
  state.refresh();
  accesses.flush();
  audit.flush(true);
  const seq = await context.writes.run(async () => syncedSeq(database));
  const moved = database.read(() => database.sql("PRAGMA wal_checkpoint(TRUNCATE)").get());
  await syncFolder(folder);
  const selection = { session: named, readable: state.access.patterns("read") };
  const { text, values } = conditionOf(selection, Date.now());
  const row = database.read(() =>
    database.sql(`SELECT count(*) AS count FROM entries WHERE ${text}`).get(...values),
  );
  return {
    path: database.path,
    entries: Number(row?.count),
    bytes: await fileBytes(database.path),
    seq,
    isInOneFile: Number(moved?.busy) === 0,
  };
}

/**
 * A transaction that waits for the disk takes the whole log with it. SQLite must do this: a file of
 * its own that somebody else in this process opens and closes loses its locks.
 */
function syncedSeq(database: Database): number {
  const before = Number(database.pragma("synchronous"));
  database.execute("PRAGMA synchronous = FULL");
  try {
    return database.write(() => {
      database.sql("UPDATE facts SET value = value WHERE name = 'seq'").get();
      return currentSeq(database);
    });
  } finally {
    database.execute(`PRAGMA synchronous = ${before}`);
  }
}

/** Waits until the disk has the names of the store's files. */
async function syncFolder(folder: string): Promise<void> {
  if (process.platform === "win32") return; // folders can't be opened there
  try {
    const handle = await open(folder, "r");
    await handle.sync().finally(() => handle.close());
  } catch (error) {
    throw fileError(error);
  }
}
