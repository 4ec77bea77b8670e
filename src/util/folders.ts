import { mkdtempSync } from "node:fs";
import { mkdir, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { StigmergyError } from "../errors.ts";

/**
 * Makes a folder, and those above it, where they are not there. Ends everywhere: `mkdir` of Node with
 * `recursive` never does where a file system says ENOENT though the folder above is there, as /proc.
 * @param mode of folders that are made; default 0o777, less what the process leaves out
 * @throws what the file system says
 */
export async function makeFolder(folder: string, mode = 0o777): Promise<void> {
  try {
    await makeOne(folder, mode);
  } catch (error) {
    const above = dirname(folder);
    if ((error as NodeJS.ErrnoException).code !== "ENOENT" || above === folder) throw error;
    await makeFolder(above, mode);
    await makeOne(folder, mode);
  }
}

async function makeOne(folder: string, mode: number): Promise<void> {
  try {
    await mkdir(folder, { mode });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") throw error;
    const found = await stat(folder).catch(() => undefined);
    // What stands there may be a folder that another process has made meanwhile.
    if (found?.isDirectory() !== true) throw error;
  }
}

/**
 * Makes an empty folder for temporary files of a purpose, which the caller removes.
 * @throws {StigmergyError} IO_FAILED
 */
export function scratchFolder(purpose: string): string {
  try {
    return mkdtempSync(join(tmpdir(), `stigmergy-${purpose}-`));
  } catch (cause) {
    throw new StigmergyError(
      "IO_FAILED",
      "temporary files: expected a folder that can be written; set TMPDIR to one",
      { cause },
    );
  }
}
