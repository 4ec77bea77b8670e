import type { Stats } from "node:fs";
import { open, readdir, stat, type FileHandle } from "node:fs/promises";
import { basename, join } from "node:path";
import { StigmergyError } from "../../errors.ts";
import { filesOpenHere } from "../file/open-files.ts";

/** A file that may be a store. */
export interface Candidate {
  /** Where to read it. */
  readonly file: string;
  /** Relative to what was named, with "/" on every system. */
  readonly path: string;
  /** Its first bytes. */
  readonly head: Buffer;
  readonly size: number;
  /** When it was last written, in ms since 1970. */
  readonly modifiedAt: number;
}

/** What was named: one file, or all files of a folder in the order of their paths. */
export interface Named {
  readonly isFolder: boolean;
  readonly candidates: readonly Candidate[];
  readonly unreadable: readonly Unreadable[];
}

/** A file or folder that could not be read, and why. */
export interface Unreadable {
  readonly path: string;
  readonly problem: string;
}

/** Why a store of ours is not imported. */
export const OUR_STORE =
  "foreign: it is a stigmergy store; open its folder, or export and import it";

const HEAD_BYTES = 32;
const MOST_DEPTH = 12;
const MOST_FILES = 200_000;
// Other people's code, history, and the store that is imported into.
const PASSED_OVER = new Set(["node_modules", ".git", ".stigmergy"]);
// The one store that is kept with its package.
const WITHIN_MODULES = "ruv-swarm/data";
// They belong to the file beside them and are read with it.
const COMPANION = /-(wal|shm|journal)$/;

/**
 * The files at a path. Links within a folder are not followed, and neither the file `except` nor any
 * of a store that this process has open is read: that would free the locks that SQLite holds on it.
 * @throws {StigmergyError} NOT_FOUND, IO_FAILED; INVALID_INPUT for what is neither a file nor a
 * folder, or is `except`; TOO_LARGE for a folder of too many files
 */
export async function namedFiles(path: string, except?: string): Promise<Named> {
  const found = await stat(path).catch((cause: NodeJS.ErrnoException) => {
    throw cause.code === "ENOENT"
      ? new StigmergyError(
          "NOT_FOUND",
          "memory to import: expected a file or folder, found nothing",
        )
      : new StigmergyError(
          "IO_FAILED",
          `memory to import: the file system answered ${String(cause.code)}`,
          { cause },
        );
  });
  const isFolder = found.isDirectory();
  // Anything else, such as a pipe, would be waited for.
  if (!isFolder && !found.isFile()) {
    throw new StigmergyError("INVALID_INPUT", "memory to import: expected a file or folder");
  }
  const barred = except === undefined ? undefined : await stat(except).catch(() => undefined);
  const isOpenHere = await filesOpenHere();
  if (isSame(found, barred) || isOpenHere(found)) {
    throw new StigmergyError(
      "INVALID_INPUT",
      "memory to import: expected another store than the one imported into",
    );
  }
  const candidates: Candidate[] = [];
  const unreadable: Unreadable[] = [];
  const paths = isFolder ? await filesOf(path, unreadable) : [basename(path)];
  for (const each of paths) {
    const file = isFolder ? join(path, each) : path;
    try {
      const stats = await stat(file);
      if (isSame(stats, barred)) continue;
      if (isOpenHere(stats)) unreadable.push({ path: each, problem: OUR_STORE });
      else candidates.push(await candidateOf(file, each));
    } catch (error) {
      unreadable.push({ path: each, problem: unreadableBecause(error) });
    }
  }
  return { isFolder, candidates, unreadable };
}

/** Why a file can't be read, in the words of the file system. */
export function unreadableBecause(error: unknown): string {
  if (error instanceof StigmergyError || !(error instanceof Error)) throw error;
  if (!("code" in error) || !("syscall" in error)) throw error;
  return `unreadable: the file system answered ${String(error.code)}`;
}

async function filesOf(root: string, unreadable: Unreadable[]): Promise<string[]> {
  const files: string[] = [];
  const folders: [path: string, depth: number][] = [["", 0]];
  for (let next = folders.pop(); next !== undefined; next = folders.pop()) {
    const [path, depth] = next;
    const entries = await readdir(join(root, path), { withFileTypes: true }).catch(
      (error: NodeJS.ErrnoException) => {
        // Most projects have no store within their modules.
        if (error.code !== "ENOENT") unreadable.push({ path, problem: unreadableBecause(error) });
        return [];
      },
    );
    for (const entry of entries) {
      const each = path === "" ? entry.name : `${path}/${entry.name}`;
      if (entry.isFile() && !COMPANION.test(entry.name)) files.push(each);
      if (!entry.isDirectory() || depth === MOST_DEPTH) continue;
      if (!PASSED_OVER.has(entry.name)) folders.push([each, depth + 1]);
      else if (entry.name === "node_modules")
        folders.push([`${each}/${WITHIN_MODULES}`, MOST_DEPTH]);
    }
    if (files.length > MOST_FILES) {
      throw new StigmergyError(
        "TOO_LARGE",
        `memory to import: expected at most ${MOST_FILES} files, received more; name the folder of the memory itself`,
      );
    }
  }
  return files.toSorted((a, b) => (a < b ? -1 : 1));
}

function isSame(file: Stats, other: Stats | undefined): boolean {
  return other !== undefined && file.ino === other.ino && file.dev === other.dev;
}

async function candidateOf(file: string, path: string): Promise<Candidate> {
  let handle: FileHandle | undefined;
  try {
    handle = await open(file, "r");
    const { size, mtimeMs } = await handle.stat();
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(HEAD_BYTES), 0, HEAD_BYTES, 0);
    const head = buffer.subarray(0, bytesRead);
    return { file, path, head, size, modifiedAt: Math.floor(mtimeMs) };
  } finally {
    await handle?.close();
  }
}
