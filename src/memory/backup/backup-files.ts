import { randomBytes } from "node:crypto";
import { constants } from "node:fs";
import { chmod, lstat, open, readdir, rename, rm, stat, writeFile } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { StigmergyError } from "../../errors.ts";
import { fileError } from "../file/database-errors.ts";
import { BACKUP_FOLDER } from "../file/migration-backup.ts";
import { filesOpenHere } from "../file/open-files.ts";
import { DATABASE_FILE } from "../file/schema.ts";
import { makeFolder } from "../../util/folders.ts";

// Backups that nobody named stand in the store's folder `backups`:
//
//   <time>.db                  asked for
//   emergency-<time>.db        asked for in an emergency
//   scheduled-<time>.db        by the schedule, which clears its own away after a while
//   before-<what>-<time>.db    of the store as it was before it was restored, repaired or migrated

/** Why a backup was made. */
export type BackupKind = "manual" | "emergency" | "scheduled" | "before-restore" | "before-repair";

/** A backup in the folder of backups. */
export interface BackupFile {
  readonly path: string;
  readonly name: string;
  readonly kind: BackupKind | "before";
  /** Milliseconds since 1970, as its name says. */
  readonly at: number;
}

const NAME =
  /^(emergency-|scheduled-|before-[\w-]+?-)?(\d{4}-\d\d-\d\dT\d\d-\d\d-\d\d-\d{3}Z)\.db$/;

/** A moment as the names of files tell it; names in order are moments in order. */
export function stampOf(moment: number): string {
  return new Date(moment).toISOString().replaceAll(/[:.]/g, "-");
}

/** Where a backup goes that nobody named. */
export function defaultPath(folder: string, kind: BackupKind, now = Date.now()): string {
  const prefix = kind === "manual" ? "" : `${kind}-`;
  return join(folder, BACKUP_FOLDER, `${prefix}${stampOf(now)}.db`);
}

/** The backups of a folder that bear our names, the newest first. */
export async function listBackups(folder: string): Promise<BackupFile[]> {
  const names = await readdir(folder).catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return [];
    throw fileError(error);
  });
  return names
    .flatMap((name) => {
      const [, prefix = "", stamp] = NAME.exec(name) ?? [];
      if (stamp === undefined) return [];
      const iso = stamp.replace(/T(\d\d)-(\d\d)-(\d\d)-/, "T$1:$2:$3.");
      return [{ path: join(folder, name), name, kind: kindOf(prefix), at: Date.parse(iso) }];
    })
    .sort((a, b) => b.at - a.at || (a.name < b.name ? 1 : -1));
}

function kindOf(prefix: string): BackupFile["kind"] {
  if (prefix === "") return "manual";
  return prefix.startsWith("before-") ? "before" : (prefix.slice(0, -1) as BackupKind);
}

/**
 * The file that `latest`, `emergency` or a path means. Those that were made before something was
 * changed are never the latest: it would bring back what a restore took away.
 * @throws {StigmergyError} NOT_FOUND
 */
export async function findBackup(folder: string, named: string): Promise<string> {
  if (named !== "latest" && named !== "emergency") {
    const found = await stat(named).catch((cause: NodeJS.ErrnoException) => {
      if (cause.code !== "ENOENT") throw fileError(cause);
    });
    if ((await filesOpenHere())(found)) {
      throw new StigmergyError(
        "INVALID_INPUT",
        "backup: expected a copy, received a file of a store that is in use; stigmergy memory backup makes one",
      );
    }
    if (found?.isFile()) return named;
    throw new StigmergyError("NOT_FOUND", "backup: expected a file, found none at this path");
  }
  const all = await listBackups(join(folder, BACKUP_FOLDER));
  const meant = all.filter(({ kind }) => (named === "latest" ? kind !== "before" : kind === named));
  // One from the future is of a clock that was ahead: nobody knows when it was made.
  const found = meant.find(({ at }) => at <= Date.now()) ?? meant[0];
  if (found !== undefined) return found.path;
  const what = named === "latest" ? "a backup" : "an emergency backup";
  throw new StigmergyError(
    "NOT_FOUND",
    `backup: expected ${what} in the store's folder ${BACKUP_FOLDER}, found none; name a file`,
  );
}

/**
 * Makes sure that a backup may be written to a path: it is not the store, and what it would take the
 * place of is a backup.
 * @throws {StigmergyError} INVALID_INPUT
 */
export async function assertTarget(
  storePath: string,
  path: string,
  isBackup: (path: string) => Promise<boolean>,
): Promise<void> {
  const [store, found] = await Promise.all([statOf(storePath), statOf(path)]);
  const isNamedLikeIt = ["", "-wal", "-shm", "-journal"].some(
    (end) => basename(path) === `${DATABASE_FILE}${end}`,
  );
  const isInIt = isNamedLikeIt && (await isSameFolder(dirname(storePath), dirname(path)));
  const isIt = found !== undefined && store?.ino === found.ino && store.dev === found.dev;
  if (isInIt || isIt) {
    throw new StigmergyError(
      "INVALID_INPUT",
      "backup: expected a file of its own, received the store's",
    );
  }
  if (found === undefined) return;
  const link = await lstat(path);
  const isInUse = (await filesOpenHere())(found);
  if (link.isFile() && !isInUse && (found.size === 0 || (await isBackup(path)))) return;
  throw new StigmergyError(
    "INVALID_INPUT",
    "backup: there is something else at this path; choose a new name, or that of an older backup",
  );
}

async function isSameFolder(a: string, b: string): Promise<boolean> {
  const [one, other] = await Promise.all([statOf(a), statOf(b)]);
  return one !== undefined && one.ino === other?.ino && one.dev === other.dev;
}

async function statOf(path: string) {
  return stat(path).catch(() => undefined);
}

/**
 * Lets `write` make a file under a temporary name in its folder, and puts it in its place when it is
 * whole and on the disk. Nothing is left behind when it fails.
 */
export async function putFile<Result>(
  path: string,
  write: (temporary: string) => Promise<Result>,
): Promise<Result> {
  const folder = dirname(path);
  const temporary = join(folder, `.${basename(path)}.${randomBytes(6).toString("hex")}.tmp`);
  try {
    await makeFolder(folder, 0o700);
    // Made here, so that nobody else may read it while it is written.
    await writeFile(temporary, "", { flag: "wx", mode: 0o600 });
    const result = await write(temporary);
    await chmod(temporary, 0o600);
    await syncPath(temporary);
    await rename(temporary, path);
    await syncPath(folder);
    return result;
  } catch (error) {
    throw fileError(error);
  } finally {
    for (const end of ["", "-journal", "-wal", "-shm"]) {
      // What failed first is what is told.
      await rm(temporary + end, { force: true }).catch(() => undefined);
    }
  }
}

/** Waits until the disk has a file, or the names in a folder. */
export async function syncPath(path: string): Promise<void> {
  const handle = await open(path, constants.O_RDONLY);
  try {
    // Not every file system syncs folders, and then there is nothing to wait for.
    await handle.sync().catch((error: NodeJS.ErrnoException) => {
      if (error.code !== "EINVAL" && error.code !== "EPERM" && error.code !== "EISDIR") throw error;
    });
  } finally {
    await handle.close();
  }
}
