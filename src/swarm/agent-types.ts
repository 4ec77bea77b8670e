import { constants, type Dirent } from "node:fs";
import { open, readdir } from "node:fs/promises";
import { join, relative, sep } from "node:path";
import type { AgentType } from "../agents/types/agent-type.ts";
import { AgentTypes, type TypeProblem } from "../agents/types/agent-types.ts";
import { CAPABILITIES } from "../agents/types/capabilities.ts";
import { AGENT_CATALOG } from "../agents/types/catalog.ts";
import { MOST_FILE_BYTES, readTypeFile, type TypeFile } from "../agents/types/type-file.ts";
import { StigmergyError } from "../errors.ts";
import { insideRoot } from "../security/paths.ts";
import { rootFolder } from "./project-root.ts";

/** What types can be good at, each with the words that people use for it. */
export const VOCABULARY: Readonly<Record<string, string>> = CAPABILITIES;

const FOLDER = "agents"; // in the store's
const MOST_FILES = 1000;

/**
 * The agent types of a project: the catalogue, and what the Markdown files in `agents` of the store's folder, and in
 * folders in it, add to it or put in place of it. A file with an error is left out, and told among the problems.
 */
export async function loadAgentTypes(storeFolder: string): Promise<AgentTypes> {
  const root = rootFolder(storeFolder);
  const folder = relative(root, join(storeFolder, FOLDER)).replaceAll(sep, "/");
  const catalog = new AgentTypes(AGENT_CATALOG);
  const read: (TypeFile & { readonly file: string })[] = [];
  const attempt = async (file: string, work: () => Promise<void>): Promise<void> => {
    try {
      await work();
    } catch (error) {
      if (!(error instanceof StigmergyError)) throw error;
      const problems = [{ file, line: undefined, message: error.message }];
      read.push({ file, type: undefined, nameLine: undefined, problems });
    }
  };
  await attempt(folder, async () => {
    for (const file of await filesIn(root, folder)) {
      await attempt(file, async () => {
        const text = await readText(root, file);
        read.push({ file, ...readTypeFile(file, text, (type) => catalog.find(type)) });
      });
    }
  });
  const twice = repeats(read);
  const own = read.flatMap(({ type }) => (type === undefined || twice.has(type.name) ? [] : type));
  const problems = read.flatMap((each) => [...each.problems, ...repeatOf(each, twice)]);
  return new AgentTypes(AGENT_CATALOG, own, problems);
}

/** The Markdown files of a folder and, as Claude Code reads them, of those in it; links to folders are not followed. */
async function filesIn(root: string, folder: string): Promise<string[]> {
  const files: string[] = [];
  for (const waiting = [folder]; waiting.length > 0;) {
    const path = waiting.pop() as string;
    for (const found of await namesIn(root, path)) {
      const { name } = found;
      if (name.startsWith(".")) continue;
      if (found.isDirectory()) waiting.push(`${path}/${name}`);
      else if (/\.md$/i.test(name) && !/^readme\.md$/i.test(name)) files.push(`${path}/${name}`);
    }
    if (files.length + waiting.length <= MOST_FILES) continue;
    throw new StigmergyError(
      "TOO_LARGE",
      `expected at most ${MOST_FILES} files of agent types and folders of them, found more`,
    );
  }
  return files.sort();
}

async function namesIn(root: string, folder: string): Promise<Dirent[]> {
  try {
    const names = await readdir(join(root, folder), { withFileTypes: true });
    await insideRoot(root, folder);
    return names;
  } catch (cause) {
    if (cause instanceof StigmergyError) throw cause;
    const { code } = cause as NodeJS.ErrnoException;
    if (code === "ENOENT") return [];
    throw new StigmergyError("IO_FAILED", "expected a folder that can be read", { cause });
  }
}

/** The text of a file inside the root, once its links are followed. */
async function readText(root: string, path: string): Promise<string> {
  const real = await insideRoot(root, path, { file: true });
  // Who opens a pipe waits for its writer, unless told not to.
  const file = await open(real, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0)).catch(
    (cause: unknown) => {
      throw new StigmergyError("IO_FAILED", "expected a file that can be read", { cause });
    },
  );
  try {
    const found = await file.stat();
    if (!found.isFile()) throw new StigmergyError("INVALID_INPUT", "expected an ordinary file");
    const most = MOST_FILE_BYTES;
    const { bytesRead, buffer } = await file.read(Buffer.alloc(Math.min(found.size, most) + 1));
    if (found.size > most || bytesRead > most) {
      const received = Math.max(found.size, bytesRead);
      throw new StigmergyError("TOO_LARGE", `expected at most ${most} bytes, received ${received}`);
    }
    return new TextDecoder("utf-8", { fatal: true }).decode(buffer.subarray(0, bytesRead));
  } catch (cause) {
    if (cause instanceof StigmergyError) throw cause;
    throw new StigmergyError("INVALID_INPUT", "expected a text in UTF-8", { cause });
  } finally {
    await file.close();
  }
}

/** Files by the name that each of them gives, of names that several give. */
function repeats(
  read: readonly { readonly file: string; readonly type: AgentType | undefined }[],
): ReadonlyMap<string, readonly string[]> {
  const files = new Map<string, string[]>();
  for (const { file, type } of read) {
    if (type !== undefined) files.set(type.name, [...(files.get(type.name) ?? []), file]);
  }
  return new Map([...files].filter(([, names]) => names.length > 1));
}

/** Which of two files counts is not left to chance: neither does. */
function repeatOf(
  { file, type, nameLine }: TypeFile & { readonly file: string },
  twice: ReadonlyMap<string, readonly string[]>,
): TypeProblem[] {
  const files = type && twice.get(type.name);
  if (files === undefined) return [];
  const others = files.filter((each) => each !== file).join(", ");
  return [{ file, line: nameLine, message: `name: ${type?.name} is given by ${others}, too` }];
}
