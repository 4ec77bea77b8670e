import { resolve } from "node:path";
import { checkPath } from "../../security/limits.ts";
import { knownOptions, type OptionNames } from "../../util/option-names.ts";
import type { StoreContext } from "../entries/context.ts";
import { Database } from "../file/database.ts";
import { loadDriver } from "../file/driver.ts";
import { storeError } from "../file/database-errors.ts";
import { assertTarget, defaultPath, putFile, type BackupKind } from "./backup-files.ts";
import { FILE_SEAL, sealFile, type FileSum } from "./file-seal.ts";
import { inspectFile, isBackup, isJsonPath } from "./inspect.ts";
import { writeJsonBackup } from "./json-writing.ts";

/** Where a backup is, and what it holds. */
export interface BackupReport {
  /** Where it was written, absolute. */
  readonly path: string;
  /** Entries that it holds. */
  readonly entries: number;
  /** Of the whole file. */
  readonly bytes: number;
  /** Of the whole file, in hex. */
  readonly sha256: string;
}

/** How a backup is made. */
export interface BackupOptions {
  /** Name it as an emergency's, which no schedule clears away; default false. */
  readonly emergency?: boolean | undefined;
}

const BACKUP_NAMES: OptionNames<BackupOptions> = { emergency: true };

/**
 * Copies the store, as of one moment, into a file, while any process writes. A path that ends in
 * .json gives a readable document, any other a SQLite file; without one it goes into the folder
 * `backups` of the store. It is checked before it takes its place.
 * @throws {StigmergyError} INVALID_INPUT for a path that holds something else than an older backup;
 * FORBIDDEN; DAMAGED when the store is; IO_FAILED, STORE_FAILED
 */
export async function backUp(
  context: StoreContext,
  path?: string,
  options: BackupOptions = {},
): Promise<BackupReport> {
  const { emergency = false } = knownOptions("backup", options, BACKUP_NAMES);
  const { state, audit, folder } = context;
  state.refresh();
  state.access.assert("admin", "*");
  const kind: BackupKind = emergency ? "emergency" : "manual";
  const target = path === undefined ? defaultPath(folder, kind) : resolve(checkPath(path));
  const report = await writeBackup(context, target);
  audit.note({
    action: "backup",
    outcome: "done",
    detail: `${report.entries} entries, sha256 ${report.sha256}`,
  });
  audit.flush();
  return report;
}

/** As `backUp`, to a path that is known and for somebody who may. */
export async function writeBackup(
  { database, keys, accesses }: Pick<StoreContext, "database" | "keys" | "accesses">,
  path: string,
): Promise<BackupReport> {
  await assertTarget(database.path, path, isBackup);
  accesses.flush();
  const written = await putFile(path, (temporary) =>
    isJsonPath(path) ? writeDocument(database, keys, temporary) : writeFile(database, temporary),
  );
  return { path, ...written };
}

async function writeDocument(
  database: Database,
  keys: StoreContext["keys"],
  path: string,
): Promise<FileSum & { entries: number }> {
  const snapshot = await Database.openFile(database.path);
  try {
    return await writeJsonBackup(snapshot, keys, path, Date.now());
  } finally {
    snapshot.close();
  }
}

async function writeFile(database: Database, path: string): Promise<FileSum & { entries: number }> {
  await database.copyTo(path);
  await makeSingle(path);
  const { entries } = await inspectFile(path);
  return { ...(await sealFile(path, FILE_SEAL)), entries };
}

/** Makes a copy one file, without a log beside it. */
export async function makeSingle(path: string): Promise<void> {
  const driver = await loadDriver();
  const copy = new driver.DatabaseSync(path);
  try {
    copy.prepare("PRAGMA journal_mode = DELETE").get();
  } catch (error) {
    throw storeError(error, "copy");
  } finally {
    copy.close();
  }
}
