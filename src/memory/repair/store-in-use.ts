import { readFile, stat } from "node:fs/promises";
import process from "node:process";
import { StigmergyError } from "../../errors.ts";
import { isOpenHere } from "../file/open-files.ts";

/**
 * Makes sure that no process has a store's file open, as far as the system tells: SQLite holds a lock
 * on the file or its index of the log for as long, which Linux lists. Opening the file to find out
 * would change it.
 * @throws {StigmergyError} STORE_BUSY
 */
export async function assertUnused(path: string): Promise<void> {
  const locks = await readFile("/proc/locks", "utf8").catch(() => "");
  for (const end of ["", "-shm"]) {
    const found = await stat(path + end).catch(() => undefined);
    if (found === undefined) continue;
    // 1: POSIX  ADVISORY  READ 1234 fd:00:5678 128 128
    const isLocked = locks.split("\n").some((line) => {
      const [, pid, inode] = /^\d+: POSIX .* (\d+) [0-9a-f]+:[0-9a-f]+:(\d+) /.exec(line) ?? [];
      // A connection of this process that was closed keeps its locks until its statements are gone.
      return inode === String(found.ino) && pid !== String(process.pid);
    });
    if (!isLocked && !isOpenHere(path)) continue;
    throw inUse();
  }
}

/** The refusal of a store that is open. */
export function inUse(): StigmergyError {
  return new StigmergyError(
    "STORE_BUSY",
    "repair: a process has the store open; close all that use it, and try again",
  );
}
