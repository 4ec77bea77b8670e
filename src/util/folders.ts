import { lstatSync, mkdtempSync, statSync, type Stats } from "node:fs";
import { mkdir, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, dirname, join } from "node:path";
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
 * The link by this name, if it is one that leads to nothing: to a disk that is not there, or a folder that was moved.
 * Whoever took it for nothing would make a second folder beside the one that is meant.
 */
export function deadLink(path: string): Stats | undefined {
  const found = linkAt(path);
  return found === undefined || leadsSomewhere(path) ? undefined : found;
}

function linkAt(path: string): Stats | undefined {
  try {
    const found = lstatSync(path, { throwIfNoEntry: false });
    return found?.isSymbolicLink() === true ? found : undefined;
  } catch {
    return undefined; // what can't be reached is told by whoever opens it
  }
}

function leadsSomewhere(path: string): boolean {
  try {
    return statSync(path, { throwIfNoEntry: false }) !== undefined;
  } catch {
    return false; // links that lead to one another
  }
}

/** The error for a link that leads to nothing. Where it leads is not told: errors hold no paths of the machine. */
export function deadLinkError(path: string): StigmergyError {
  return new StigmergyError(
    "NOT_FOUND",
    `store path: ${basename(path)} is a link to where nothing is; bring that back, or remove the link`,
  );
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
