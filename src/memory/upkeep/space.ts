import { StigmergyError } from "../../errors.ts";
import type { Database } from "../file/database.ts";
import { inSteps } from "../file/steps.ts";

const PAGES = 1000; // given back at a time

/**
 * Gives free pages back to the file system, as far as others let it. With `compact` the whole file
 * is written anew, which takes room for a second one meanwhile; without, pages are moved from its
 * end.
 * @returns whether others let it: false when free pages, or the log, still hold what was there
 */
export async function giveSpaceBack(database: Database, compact: boolean): Promise<boolean> {
  let isDone = true;
  if (compact || Number(database.pragma("auto_vacuum")) !== INCREMENTAL) {
    try {
      // A store of an old schema could not give pages back one by one.
      database.execute("PRAGMA auto_vacuum = INCREMENTAL");
      // The copy may be larger than memory.
      database.execute("PRAGMA temp_store = FILE");
      database.execute("VACUUM");
    } catch (error) {
      if (!(error instanceof StigmergyError) || error.code !== "STORE_BUSY") throw error;
      isDone = false;
    } finally {
      database.execute("PRAGMA temp_store = MEMORY");
    }
  }
  let free = Number(database.pragma("freelist_count"));
  await inSteps(async () => {
    if (free === 0) return false;
    database.execute(`PRAGMA incremental_vacuum(${PAGES})`);
    const before = free;
    free = Number(database.pragma("freelist_count"));
    return free < before;
  });
  return database.checkpoint() && isDone;
}

const INCREMENTAL = 2;

/**
 * Leaves nothing of what was removed or replaced in the store's files: neither in free pages nor in
 * the log.
 * @param what was done before, for the error: it is not undone
 * @throws {StigmergyError} STORE_BUSY when another process reads the store as it was
 */
export async function leaveNothing(database: Database, what: string): Promise<void> {
  if (await giveSpaceBack(database, true)) return;
  throw new StigmergyError(
    "STORE_BUSY",
    `memory store: ${what}, but another process was reading and the files still hold what was there; run it again, or stigmergy memory gc --aggressive, when others are done`,
  );
}
