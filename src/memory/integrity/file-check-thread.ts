// What the thread of `findingsOf` runs.

import { storeError } from "../file/database-errors.ts";
import { readFindings, type FileCheck, type FileFindings } from "./file-check.ts";

/** What SQLite itself says of a file. */
export default async function check(file: FileCheck): Promise<FileFindings> {
  try {
    return await readFindings(file);
  } catch (error) {
    // Its code travels, SQLite's own error does not.
    throw storeError(error, "read");
  }
}
