import { existsSync, statSync, type Stats } from "node:fs";
import { homedir } from "node:os";
import { dirname, isAbsolute, join, resolve } from "node:path";
import { StigmergyError } from "../errors.ts";
import { DATABASE_FILE } from "../memory/file/schema.ts";
import { deadLink, deadLinkError } from "../util/folders.ts";
import { mainWorktree } from "./main-worktree.ts";

const FOLDER = ".stigmergy";

/**
 * The folder of the store that a command means: what `--path` says, else `STIGMERGY_PATH`, else the
 * nearest `.stigmergy` in the working folder or one above it (up to the home folder), else a new one
 * in the working folder. So a command in a subfolder finds its project's memory instead of starting
 * a second one, and one in a worktree of git's the memory of its main checkout, unless it has its own.
 * A folder of another user's is passed over: it may have been put there to be found.
 * @throws {StigmergyError} NOT_FOUND for a link of the user's own that leads to nothing
 */
export function storePath(
  option: string | undefined,
  environment: Readonly<Record<string, string | undefined>> = process.env,
  workingFolder?: string,
): string {
  const named = option ?? environment.STIGMERGY_PATH;
  if (named !== undefined && isAbsolute(named)) return notDead(resolve(named));
  const start = workingFolder ?? currentFolder();
  if (named !== undefined && named !== "") return notDead(resolve(start, named));
  const home = homedir();
  for (let folder = start; ; folder = dirname(folder)) {
    const candidate = join(folder, FOLDER);
    const dead = deadLink(candidate);
    if (dead !== undefined && isOfUser(dead)) throw deadLinkError(candidate);
    const main = mainWorktree(folder);
    const isShared = main !== undefined && isOurs(main);
    // There, the folder may have come with the checkout, for its agent types.
    if (isOurs(candidate) && !(isShared && !existsSync(join(candidate, DATABASE_FILE)))) {
      return candidate;
    }
    if (isShared) return storePath(undefined, {}, main);
    if (folder === dirname(folder) || folder === home) break;
  }
  return join(start, FOLDER);
}

function currentFolder(): string {
  try {
    return process.cwd();
  } catch (cause) {
    throw new StigmergyError(
      "NOT_FOUND",
      "working folder: it was removed or moved; change into another, or name the store with --path",
      { cause },
    );
  }
}

function isOurs(folder: string): boolean {
  const found = statSync(folder, { throwIfNoEntry: false });
  return found !== undefined && found.isDirectory() && isOfUser(found);
}

function isOfUser({ uid }: Stats): boolean {
  return process.getuid === undefined || uid === process.getuid();
}

function notDead(folder: string): string {
  if (deadLink(folder) !== undefined) throw deadLinkError(folder);
  return folder;
}
