import type { Stats } from "node:fs";
import { open, readdir, stat, writeFile } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { StigmergyError } from "../../errors.ts";
import { deadLink, deadLinkError, makeFolder } from "../../util/folders.ts";
import { loadDriver } from "./driver.ts";
import { BACKUP_FOLDER } from "./migration-backup.ts";
import { DATABASE_FILE } from "./schema.ts";

const SIDES = ["", "-wal", "-shm"];

const openHere = new Map<string, number>();

/** Notes that this process has opened a file. */
export function noteOpened(path: string): void {
  openHere.set(path, (openHere.get(path) ?? 0) + 1);
}

/** Notes that this process has closed a file that it had opened. */
export function noteClosed(path: string): void {
  const left = (openHere.get(path) ?? 1) - 1;
  if (left > 0) openHere.set(path, left);
  else openHere.delete(path);
}

/** Whether this process has a file open. */
export function isOpenHere(path: string): boolean {
  return openHere.has(path);
}

/**
 * Tells of a file whether this process has it open as a store's. Nothing but SQLite may open one:
 * with the first handle that a process closes, all locks go that SQLite holds on the file, and other
 * processes write as if this one were not there.
 */
export async function filesOpenHere(): Promise<(file: Stats | void) => boolean> {
  const paths = [...openHere.keys()].flatMap((path) => SIDES.map((end) => path + end));
  const found = await Promise.all(paths.map((path) => stat(path).catch(() => undefined)));
  const names = new Set(found.flatMap((file) => (file === undefined ? [] : [nameOf(file)])));
  return (file) => typeof file === "object" && names.has(nameOf(file));
}

function nameOf({ dev, ino }: Stats): string {
  return `${dev} ${ino}`;
}

/**
 * An empty file is a new store to SQLite, which clears away the log beside it. A store that was
 * emptied must not become one.
 * @throws {StigmergyError} DAMAGED when a file is empty and something tells that it was not always
 */
export async function assertNotEmptied(path: string): Promise<void> {
  if ((await stat(path)).size > 0) return;
  const log = await stat(`${path}-wal`).catch(() => undefined);
  const backups = await readdir(join(dirname(path), BACKUP_FOLDER)).catch(() => []);
  const hadContent = (log?.size ?? 0) > 0 || backups.some((name) => name.endsWith(".db"));
  // Asked again: another process may have made the store meanwhile, log and all.
  if (!hadContent || (await stat(path)).size > 0) return;
  throw new StigmergyError(
    "DAMAGED",
    `${DATABASE_FILE}: it is empty, and was not always; it was left as it is, run stigmergy memory repair, or move it away and restore a backup`,
  );
}

/** What git leaves out of a project: all but its own agent types. */
const IGNORED = "*\n!/agents/\n!/agents/**\n";
const PROJECT_FOLDER = ".stigmergy";

/**
 * Makes a store's folder and file, where they are not there: what agents remember is private to its
 * user, and no part of the project's history.
 */
export async function makeFiles(folder: string, path: string): Promise<void> {
  // Without one nothing is made.
  await loadDriver();
  const found = await stat(folder).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== "ENOENT") throw error;
  });
  if (found === undefined) {
    if (deadLink(folder) !== undefined) throw deadLinkError(folder);
    await makeFolder(folder, 0o700);
    await writeFile(join(folder, ".gitignore"), IGNORED);
  } else if (!found.isDirectory()) {
    throw new StigmergyError("INVALID_INPUT", "store path: expected a folder, received a file");
  }
  // Made here when it is new, so that SQLite's own files beside it are as private.
  const file = await open(path, "wx", 0o600).catch((error: NodeJS.ErrnoException) => {
    // One that is there is left alone: this process may have it open already.
    if (error.code !== "EEXIST") throw error;
  });
  if (file === undefined) return;
  await file.close();
  // The folder may have come with the project for its agent types: then it says nothing of the rest yet.
  if (basename(folder) !== PROJECT_FOLDER) return;
  await writeFile(join(folder, ".gitignore"), IGNORED, { flag: "wx" }).catch(
    (error: NodeJS.ErrnoException) => {
      if (error.code !== "EEXIST") throw error;
    },
  );
}
