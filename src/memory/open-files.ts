import { readdir, stat } from "node:fs/promises";
import { dirname, join } from "node:path";
import { StigmergyError } from "../errors.ts";
import { BACKUP_FOLDER } from "./migration-backup.ts";
import { DATABASE_FILE } from "./schema.ts";

const open = new Map<string, number>();

/** Notes that this process has opened a file. */
export function noteOpened(path: string): void {
  open.set(path, (open.get(path) ?? 0) + 1);
}

/** Notes that this process has closed a file that it had opened. */
export function noteClosed(path: string): void {
  const left = (open.get(path) ?? 1) - 1;
  if (left > 0) open.set(path, left);
  else open.delete(path);
}

/** Whether this process has a file open. */
export function isOpenHere(path: string): boolean {
  return open.has(path);
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
