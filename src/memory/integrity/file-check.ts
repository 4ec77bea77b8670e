import { statSync } from "node:fs";
import { StigmergyError } from "../../errors.ts";
import { runApart } from "../../pool/apart.ts";
import { builtFile } from "../../pool/built-file.ts";
import { BUSY_TIMEOUT_MS } from "../file/database-errors.ts";
import { loadDriver, type SqliteDatabase } from "../file/driver.ts";

/** What SQLite itself says of a file. */
export interface FileFindings {
  /** Lines of its integrity check: `ok` alone when nothing is wrong. */
  readonly said: readonly string[];
  /** Tables with a row that is of nothing that is there, once for each such row. */
  readonly orphans: readonly string[];
}

/** From so many bytes on SQLite is busy for longer, some 6 ms a MiB, than others should wait for this thread. */
export const LEAST_APART_BYTES = 2 ** 24;

/** A file, and what to look for. */
export interface FileCheck {
  readonly path: string;
  /** Look for rows that are of nothing that is there, too. */
  readonly orphans: boolean;
}

/**
 * Has SQLite read all of a file, on a thread of its own where that takes a while.
 * @throws SQLite's own errors, and StigmergyError by what they mean where a thread met them
 */
export async function findingsOf(
  check: FileCheck,
  leastApartBytes = LEAST_APART_BYTES,
): Promise<FileFindings> {
  if (statSync(check.path).size >= leastApartBytes) {
    try {
      const thread = builtFile("memory/integrity/file-check-thread.js");
      return await runApart<FileCheck, FileFindings>(thread, check).result;
    } catch (error) {
      // Where the system gives no thread it is done here, though others wait.
      if (!(error instanceof StigmergyError && error.code === "WORKER_DIED")) throw error;
    }
  }
  return readFindings(check);
}

/** As `findingsOf`, on this thread. */
export async function readFindings({ path, orphans }: FileCheck): Promise<FileFindings> {
  const { DatabaseSync } = await loadDriver();
  const file = new DatabaseSync(path, { readOnly: true });
  try {
    file.exec(`PRAGMA busy_timeout = ${BUSY_TIMEOUT_MS}`);
    return findingsIn((sql) => file.prepare(sql), orphans);
  } finally {
    file.close();
  }
}

/** As `findingsOf`, by a connection that is there. */
export function findingsIn(prepare: SqliteDatabase["prepare"], orphans: boolean): FileFindings {
  const said = prepare("PRAGMA integrity_check").all();
  const findings = { said: said.map((row) => String(row.integrity_check)), orphans: [] };
  // In a file that is not sound nobody is looked for.
  if (!orphans || findings.said[0] !== "ok") return findings;
  const rows = prepare("PRAGMA foreign_key_check").all();
  return { ...findings, orphans: rows.map(({ table }) => String(table)) };
}
