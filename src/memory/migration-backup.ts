import { chmodSync, closeSync, fsyncSync, mkdirSync, openSync, renameSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";
import { randomBytes } from "node:crypto";
import type { Driver } from "./driver.ts";

/** The folder of backups within a store's folder. */
export const BACKUP_FOLDER = "backups";

/**
 * Copies a store before its schema changes, into `backups/before-schema-<n>-<time>.db` beside it. A
 * connection of its own reads one moment of the file; nobody has to wait for it.
 */
export function backUpBefore(driver: Driver, path: string, version: number): void {
  const folder = join(dirname(path), BACKUP_FOLDER);
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const stamp = new Date().toISOString().replaceAll(/[:.]/g, "-");
  copyNow(driver, path, join(folder, `before-schema-${version + 1}-${stamp}.db`));
}

/** Copies a store, as of one moment, into a file that is on the disk when this returns. */
export function copyNow(driver: Driver, path: string, final: string): void {
  const temporary = `${final}.${randomBytes(6).toString("hex")}.tmp`;
  const connection = new driver.DatabaseSync(path, { readOnly: true });
  try {
    connection.prepare("VACUUM INTO ?").get(temporary);
    chmodSync(temporary, 0o600);
    const file = openSync(temporary, "r");
    fsyncSync(file);
    closeSync(file);
    renameSync(temporary, final);
  } finally {
    connection.close();
    rmSync(temporary, { force: true });
  }
}
