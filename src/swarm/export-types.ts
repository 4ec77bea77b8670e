import { readFile, rename, rm, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import type { AgentType } from "../agents/types/agent-type.ts";
import { writeTypeFile } from "../agents/types/type-file.ts";
import { StigmergyError } from "../errors.ts";
import { makeFolder } from "../util/folders.ts";

/** What became of a file that a type was to be written into. */
export interface ExportedType {
  readonly type: string;
  readonly path: string;
  /** kept: another text stands there, and was not to be replaced. */
  readonly outcome: "written" | "replaced" | "unchanged" | "kept";
}

/**
 * Writes agent types as files of Claude Code's sub-agents, one `<name>.md` each, whole or not at all. What
 * is there already and says something else stays, unless it may be replaced.
 * @throws {StigmergyError} INVALID_INPUT without a folder; IO_FAILED
 */
export async function exportTypes(
  types: readonly AgentType[],
  folder: string,
  overwrite: boolean,
): Promise<ExportedType[]> {
  if (folder.trim() === "") {
    throw new StigmergyError(
      "INVALID_INPUT",
      "export: expected the name of a folder, received none",
    );
  }
  const target = resolve(folder);
  const exported: ExportedType[] = [];
  try {
    await makeFolder(target);
    for (const type of types) {
      const path = join(target, `${type.name}.md`);
      const text = writeTypeFile(type);
      const found = await readFile(path, "utf8").catch((error: NodeJS.ErrnoException) => {
        if (error.code === "ENOENT") return undefined;
        throw error;
      });
      const isKept = found !== undefined && found !== text && !overwrite;
      if (found !== text && !isKept) await replace(path, text);
      const done = found === undefined ? "written" : found === text ? "unchanged" : "replaced";
      exported.push({ type: type.name, path, outcome: isKept ? "kept" : done });
    }
  } catch (cause) {
    throw new StigmergyError("IO_FAILED", `export: ${folder} can't be written to`, { cause });
  }
  return exported;
}

async function replace(path: string, text: string): Promise<void> {
  const temporary = `${path}.${process.pid}.tmp`;
  try {
    await writeFile(temporary, text, { flag: "wx" });
    await rename(temporary, path);
  } finally {
    await rm(temporary, { force: true });
  }
}
