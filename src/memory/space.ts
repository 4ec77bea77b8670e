import { StigmergyError } from "../errors.ts";
import type { Database } from "./database.ts";

/**
 * Gives free pages back to the file system, as far as others let it. With `compact` the whole file
 * is written anew, which takes room for a second one meanwhile; without, pages are moved from its
 * end.
 */
export function giveSpaceBack(database: Database, compact: boolean): void {
  if (compact || Number(database.pragma("auto_vacuum")) !== INCREMENTAL) {
    try {
      // A store of an old schema could not give pages back one by one.
      database.execute("PRAGMA auto_vacuum = INCREMENTAL");
      // The copy may be larger than memory.
      database.execute("PRAGMA temp_store = FILE");
      database.execute("VACUUM");
    } catch (error) {
      if (!(error instanceof StigmergyError) || error.code !== "STORE_BUSY") throw error;
    } finally {
      database.execute("PRAGMA temp_store = MEMORY");
    }
  }
  database.execute("PRAGMA incremental_vacuum");
  database.checkpoint();
}

const INCREMENTAL = 2;
