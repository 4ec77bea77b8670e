import { chmodSync, mkdirSync, renameSync, rmSync } from "node:fs";
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
  const final = join(folder, `before-schema-${version + 1}-${stamp}.db`);
  const temporary = `${final}.${randomBytes(6).toString("hex")}.tmp`;
  const connection = new driver.DatabaseSync(path);
  try {
    connection.prepare("VACUUM INTO ?").get(temporary);
    chmodSync(temporary, 0o600);
    renameSync(temporary, final);
  } finally {
    connection.close();
    rmSync(temporary, { force: true });
  }
}
