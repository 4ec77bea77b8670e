import { StigmergyError } from "../../errors.ts";
import { fileError, storeError } from "../file/database-errors.ts";
import { loadDriver, type SqliteDatabase } from "../file/driver.ts";
import { findingsOf } from "../integrity/file-check.ts";
import { APPLICATION_ID, MIGRATIONS } from "../file/schema.ts";
import { checkSeal, damaged, FILE_SEAL, type FileSum } from "./file-seal.ts";
import { readJsonBackup } from "./json-reading.ts";

/** What a sound backup holds. */
export interface BackupFacts extends FileSum {
  readonly format: "sqlite" | "json";
  readonly schema: number;
  readonly entries: number;
  /** Whether a seal proves every byte; copies made by other means have none. */
  readonly isProven: boolean;
}

/**
 * Reads all of a backup and looks whether it is whole. Changes nothing.
 * @throws {StigmergyError} DAMAGED; FORMAT for a newer schema, or what is no backup; IO_FAILED
 */
export async function inspectBackup(path: string): Promise<BackupFacts> {
  if (isJsonPath(path)) {
    const { manifest, sum } = await readJsonBackup(path, () => undefined);
    return {
      ...sum,
      format: "json",
      schema: manifest.schema,
      entries: manifest.entries,
      isProven: true,
    };
  }
  const { isSealed, bytes, sha256 } = await checkSeal(path, FILE_SEAL).catch((error: unknown) => {
    throw fileError(error);
  });
  const { schema, entries, pageBytes } = await inspectFile(path);
  // All that is left of a seal with a changed byte is that no page ends where the file does.
  if (!isSealed && bytes % pageBytes !== 0) throw damaged();
  return { bytes, sha256, format: "sqlite", schema, entries, isProven: isSealed };
}

/** Whether a file of this name is the readable kind of backup. */
export function isJsonPath(path: string): boolean {
  return path.toLowerCase().endsWith(".json");
}

/** Whether there is a backup of ours at a path, whole or not: something that may be replaced. */
export async function isBackup(path: string): Promise<boolean> {
  try {
    await inspectBackup(path);
    return true;
  } catch (error) {
    if (error instanceof StigmergyError && error.code === "FORMAT") return false;
    return !isJsonPath(path) && (await hasOurMark(path));
  }
}

async function hasOurMark(path: string): Promise<boolean> {
  try {
    return await withFile(path, (file) => markOf(file) === APPLICATION_ID);
  } catch {
    return false;
  }
}

/** The schema and size of a SQLite file of ours. @throws {StigmergyError} DAMAGED, FORMAT */
export async function inspectFile(
  path: string,
): Promise<{ schema: number; entries: number; pageBytes: number }> {
  const facts = await withFile(path, (file) => {
    const schema = Number(pragma(file, "user_version"));
    if (markOf(file) !== APPLICATION_ID || schema < 1) {
      throw new StigmergyError(
        "FORMAT",
        "backup: expected a backup of a stigmergy store, received another file",
      );
    }
    if (schema > MIGRATIONS.length) {
      throw new StigmergyError(
        "FORMAT",
        `backup: expected schema ${MIGRATIONS.length} or older, received ${schema}; a newer stigmergy wrote it, upgrade to restore it`,
      );
    }
    const row = file.prepare("SELECT count(*) AS count FROM entries").get();
    const pageBytes = Number(pragma(file, "page_size"));
    return { schema, entries: Number(row?.count), pageBytes };
  });
  const { said } = await findingsOf({ path, orphans: false }).catch(fail);
  if (said[0] !== "ok") throw damaged();
  return facts;
}

async function withFile<Result>(
  path: string,
  read: (file: SqliteDatabase) => Result,
): Promise<Result> {
  const driver = await loadDriver();
  let file: SqliteDatabase | undefined;
  try {
    file = new driver.DatabaseSync(path, { readOnly: true });
    return read(file);
  } catch (error) {
    return fail(error);
  } finally {
    file?.close();
  }
}

function fail(error: unknown): never {
  const told = storeError(error, "read the backup");
  throw told instanceof StigmergyError && told.code === "DAMAGED" ? damaged(error) : told;
}

function markOf(file: SqliteDatabase): unknown {
  return pragma(file, "application_id");
}

function pragma(file: SqliteDatabase, name: string): unknown {
  const row = file.prepare(`PRAGMA ${name}`).get();
  return row === undefined ? undefined : Object.values(row)[0];
}
