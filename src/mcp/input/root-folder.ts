import { realpathSync } from "node:fs";
import { lstat } from "node:fs/promises";
import { relative, sep } from "node:path";
import { StigmergyError } from "../../errors.ts";
import { insideRoot } from "../../security/paths.ts";

const OWN_NAMES = /^(memory\.db|index$|\.gitignore$)/i; // in a store's folder
const BACKUP_FOLDER = "backups";

/** The path of something that is there, as tool calls name it, with "/" on every system. */
export function relativeToRoot(root: string, path: string): string {
  return relative(realpathSync(root), realpathSync(path)).replaceAll(sep, "/");
}

/**
 * The absolute path of a backup that a call wants written: inside the root, and none of the store's
 * own files but those of its backups.
 * @throws {StigmergyError} OUTSIDE_ROOT, INVALID_INPUT, IO_FAILED
 */
export async function backupPath(root: string, storeFolder: string, path: string): Promise<string> {
  const real = await insideRoot(root, path, { file: true });
  const [first] = relative(realpathSync(storeFolder), real).split(sep);
  if (first === "" || OWN_NAMES.test(first)) {
    throw ownFile(path);
  }
  return real;
}

/**
 * As `backupPath`, of what is no backup: nothing that is there already, unless it may be replaced.
 * @throws {StigmergyError} OUTSIDE_ROOT, INVALID_INPUT, IO_FAILED; CONFLICT for what is there
 */
export async function newPath(
  root: string,
  storeFolder: string,
  path: string,
  overwrite: boolean,
): Promise<string> {
  const real = await backupPath(root, storeFolder, path);
  const [first] = relative(realpathSync(storeFolder), real).split(sep);
  if (first === BACKUP_FOLDER) throw ownFile(path);
  const isThere = await lstat(real).then(
    () => true,
    () => false,
  );
  if (!isThere || overwrite) return real;
  throw new StigmergyError(
    "CONFLICT",
    `path "${path.slice(0, 200)}": expected a new one, found it; choose another, or say overwrite: true`,
  );
}

function ownFile(path: string): StigmergyError {
  return new StigmergyError(
    "INVALID_INPUT",
    `path "${path.slice(0, 200)}": expected none of the store's own files; choose another`,
  );
}
