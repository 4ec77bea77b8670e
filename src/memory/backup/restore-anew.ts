import { randomBytes } from "node:crypto";
import { chmod, link, mkdir, readdir, rename, rm, stat } from "node:fs/promises";
import { join, resolve } from "node:path";
import { StigmergyError } from "../../errors.ts";
import { checkPath } from "../../security/limits.ts";
import { knownOptions } from "../../util/option-names.ts";
import { fileError } from "../file/database-errors.ts";
import type { StoreContext } from "../entries/context.ts";
import { loadDriver, type SqlValue } from "../file/driver.ts";
import { BACKUP_FOLDER } from "../file/migration-backup.ts";
import { closeContext, openContext } from "../opening/open-context.ts";
import { DATABASE_FILE } from "../file/schema.ts";
import { changeToken } from "../file/settings-token.ts";
import { USE_NAMES, type MemoryStoreOptions } from "../opening/store-options.ts";
import { findBackup, syncPath } from "./backup-files.ts";
import { makeSingle } from "./backup.ts";
import { isJsonPath } from "./inspect.ts";
import { restore, RESTORE_NAMES, type RestoreOptions, type RestoreReport } from "./restore.ts";

/** How the store is opened that is made of a backup. */
export type AnewOptions = Omit<MemoryStoreOptions, "path">;

/**
 * Restores a backup where a store's file is gone, or moved away since it was damaged. The store is
 * made beside its place and put there when it is whole; until then there is none. The policy is that
 * of the backup, and who restores it must be allowed to by it.
 * @returns undefined when there is something in its place, or no folder: then `restore` is what restores
 * @throws {StigmergyError} as `restore`; CONFLICT when another process has made a store meanwhile, or
 * when the log of the one before is still there
 */
export async function restoreAnew(
  folder: string,
  backup: string,
  restoring: RestoreOptions = {},
  options: AnewOptions = {},
): Promise<RestoreReport | undefined> {
  knownOptions("restore", restoring, RESTORE_NAMES);
  knownOptions("restore", options, USE_NAMES);
  const home = resolve(checkPath(folder));
  const path = join(home, DATABASE_FILE);
  const place = await placeOf(home, path);
  if (place === "taken") return undefined;
  const isNamed = backup === "latest" || backup === "emergency";
  const found = await findBackup(home, isNamed ? backup : resolve(checkPath(backup)));
  // A folder that is made with a store is made as stores make theirs.
  if ((await stat(home).catch(() => undefined)) === undefined) return undefined;
  const log = await stat(`${path}-wal`).catch(() => undefined);
  if ((log?.size ?? 0) > 0) {
    throw new StigmergyError(
      "CONFLICT",
      `restore: ${DATABASE_FILE} is gone and ${DATABASE_FILE}-wal is still there; move it to where the file is, and try again`,
    );
  }
  const scratch = join(home, `.restoring-${randomBytes(6).toString("hex")}`);
  try {
    await mkdir(scratch, { mode: 0o700 });
    const single = join(scratch, "single.db");
    const context = await openContext({ ...options, path: join(scratch, "made") });
    let report: RestoreReport;
    try {
      report = await restore(context, found, restoring);
      await keepPolicy(context, found);
      await context.database.copyTo(single);
    } finally {
      await closeContext(context);
    }
    await makeSingle(single);
    await chmod(single, 0o600);
    await syncPath(single);
    // A link does not take the place of what others have made there meanwhile.
    await (place === "empty" ? rename(single, path) : link(single, path));
    await syncPath(home);
    const { before: _ofNothing, ...told } = report;
    return told;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EEXIST") {
      throw new StigmergyError(
        "CONFLICT",
        "restore: another process has made a store meanwhile; nothing was restored, try again",
      );
    }
    throw fileError(error);
  } finally {
    await rm(scratch, { recursive: true, force: true }).catch(() => undefined);
  }
}

/** Puts the backup's policy in force: there is no store whose own could stay. */
async function keepPolicy({ database, state }: StoreContext, backup: string): Promise<void> {
  if (isJsonPath(backup)) return; // it holds none
  const { DatabaseSync } = await loadDriver();
  const file = new DatabaseSync(backup, { readOnly: true });
  let policy: SqlValue | undefined;
  try {
    policy = file.prepare("SELECT value FROM facts WHERE name = 'policy'").get()?.value;
  } finally {
    file.close();
  }
  if (policy === undefined) return;
  database.write(() => {
    database.sql("INSERT OR REPLACE INTO facts VALUES ('policy', ?)").get(policy);
    changeToken(database);
  });
  state.reload();
  state.access.assert("admin", "*");
}

/** Whether a store's place is free, or taken by an empty file that nobody may open any more. */
async function placeOf(home: string, path: string): Promise<"free" | "empty" | "taken"> {
  const found = await stat(path).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== "ENOENT") throw fileError(error);
  });
  if (found === undefined) return "free";
  const backups = await readdir(join(home, BACKUP_FOLDER)).catch(() => []);
  const wasMore = backups.some((name) => name.endsWith(".db"));
  return found.isFile() && found.size === 0 && wasMore ? "empty" : "taken";
}
