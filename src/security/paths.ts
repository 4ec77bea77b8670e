import { lstat, realpath } from "node:fs/promises";
import { basename, dirname, isAbsolute, join, relative, resolve, sep } from "node:path";
import { StigmergyError } from "../errors.ts";

/** What a path may be. */
export interface PathRules {
  /** The path is to be a file's: the root itself is refused. Default false. */
  readonly file?: boolean;
}

/**
 * The absolute path, without symbolic links, of `path`, which may start at `root`; what it leads to
 * need not be there. It lies inside `root` once every link on the way is resolved, as links are at
 * the time of the call: who could swap a folder for a link meanwhile could also write there.
 * `..` goes up by name, before links are looked at.
 * @throws {StigmergyError} OUTSIDE_ROOT, also for a link that leads nowhere; INVALID_INPUT when
 * empty or with NUL; NOT_FOUND when there is no root; IO_FAILED
 */
export async function insideRoot(
  root: string,
  path: string,
  { file = false }: PathRules = {},
): Promise<string> {
  if (typeof path !== "string" || path === "" || path.includes("\0")) {
    throw new StigmergyError("INVALID_INPUT", "path: expected some text without NUL");
  }
  const realRoot = await realRootOf(root);
  const real = await realPathOf(resolve(root, path), path);
  const rest = relative(realRoot, real);
  // On Windows, what leads to another drive is absolute.
  if (rest === ".." || rest.startsWith(`..${sep}`) || isAbsolute(rest)) throw outside(path);
  if (rest === "" && file) {
    throw new StigmergyError("OUTSIDE_ROOT", `${shown(path)}: expected a file, received the root`);
  }
  return real;
}

async function realRootOf(root: string): Promise<string> {
  try {
    return await realpath(root);
  } catch (cause) {
    const code = codeOf(cause) === "ENOENT" ? "NOT_FOUND" : "IO_FAILED";
    throw new StigmergyError(code, "root folder: could not be resolved", { cause });
  }
}

/** The real path of the deepest ancestor that is there, and the names after it as they are. */
async function realPathOf(absolute: string, given: string): Promise<string> {
  try {
    return await realpath(absolute);
  } catch (cause) {
    // ELOOP: links that lead to one another, and so nowhere.
    if (codeOf(cause) === "ELOOP") throw outside(given);
    if (codeOf(cause) !== "ENOENT") throw unreadable(given, cause);
  }
  // There is something by this name, yet it resolves to nothing: whoever creates the file would
  // create it where the link points.
  if (await isThere(absolute, given)) throw outside(given);
  const parent = dirname(absolute);
  if (parent === absolute) throw outside(given); // a drive that is not there
  return join(await realPathOf(parent, given), basename(absolute));
}

async function isThere(absolute: string, given: string): Promise<boolean> {
  try {
    await lstat(absolute);
    return true;
  } catch (cause) {
    if (codeOf(cause) === "ENOENT") return false;
    throw unreadable(given, cause);
  }
}

function outside(path: string): StigmergyError {
  return new StigmergyError(
    "OUTSIDE_ROOT",
    `${shown(path)}: expected a path inside the root folder, received one that leads out of it`,
  );
}

function unreadable(path: string, cause: unknown): StigmergyError {
  return new StigmergyError("IO_FAILED", `${shown(path)}: could not be resolved`, { cause });
}

function shown(path: string): string {
  return `path ${JSON.stringify(path.slice(0, 200))}`;
}

function codeOf(cause: unknown): string | undefined {
  return (cause as NodeJS.ErrnoException).code;
}
