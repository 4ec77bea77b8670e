import { createHash, randomBytes } from "node:crypto";
import { mkdir, open, readdir, rename, rm, rmdir, type FileHandle } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { StigmergyError } from "../../errors.ts";
import { makeFolder } from "../../util/folders.ts";
import {
  EXPORT_FIELDS,
  EXPORT_SCHEMA,
  exportLine,
  MARKDOWN_MARK,
  TIME_FIELDS,
  type ExportedEntry,
} from "./export-format.ts";
import { writeFrontMatter } from "../../util/front-matter.ts";

/** What an export may be written as. */
export type ExportFormat = "json" | "csv" | "md";

/** Texts are gathered to this many characters before they are written. */
const CHUNK_CHARACTERS = 2 ** 16;

/**
 * Writes entries for people and other programs, and tells how many. What `importMemory` reads back
 * is the same in every field. The file appears when it is complete; it and its folder are made for
 * this user only, as the store is.
 *
 * - `json`: one file, `{"schema": "stigmergy-export/1", "exportedAt", "entries": […], "count",
 *   "sha256"}`, an entry a line; the hash is of these lines, each with its line end, without commas.
 * - `csv`: one file as RFC 4180 has it, with a header; tags and metadata as JSON, times as ISO 8601.
 *   Values stand as they are, so a spreadsheet may take one that starts with = + - @ for a formula:
 *   open it as text.
 * - `md`: a folder, new or empty, with one Markdown file an entry, its fields as front matter.
 *
 * @throws {StigmergyError} IO_FAILED; INVALID_INPUT when the folder of `md` holds something
 */
export async function exportMemory(
  entries: AsyncIterable<ExportedEntry>,
  format: ExportFormat,
  path: string,
): Promise<number> {
  const temporary = `${resolve(path)}.${randomBytes(6).toString("hex")}.tmp`;
  try {
    await makeFolder(dirname(temporary), 0o700);
    if (format === "md") return await writeFolder(entries, temporary, resolve(path));
    const count = await writeFile(temporary, (file) =>
      format === "json" ? writeJson(entries, file) : writeCsv(entries, file),
    );
    await rename(temporary, resolve(path));
    await syncFolder(dirname(temporary));
    return count;
  } catch (error) {
    await rm(temporary, { recursive: true, force: true });
    throw fileError(error);
  }
}

async function writeJson(entries: AsyncIterable<ExportedEntry>, file: TextFile): Promise<number> {
  const hash = createHash("sha256");
  let count = 0;
  const exportedAt = new Date().toISOString();
  await file.write(`{"schema":"${EXPORT_SCHEMA}","exportedAt":"${exportedAt}","entries":[`);
  for await (const entry of entries) {
    const line = exportLine(entry);
    hash.update(`${line}\n`);
    await file.write(`${count++ === 0 ? "" : ","}\n${line}`);
  }
  await file.write(`\n],"count":${count},"sha256":"${hash.digest("hex")}"}\n`);
  return count;
}

async function writeCsv(entries: AsyncIterable<ExportedEntry>, file: TextFile): Promise<number> {
  let count = 0;
  await file.write(`${EXPORT_FIELDS.join(",")}\r\n`);
  for await (const entry of entries) {
    await file.write(`${EXPORT_FIELDS.map((field) => cellOf(field, entry[field])).join(",")}\r\n`);
    count++;
  }
  return count;
}

function cellOf(field: string, value: unknown): string {
  if (value === undefined) return "";
  const text = typeof value === "object" ? JSON.stringify(value) : String(fieldOf(field, value));
  // White space at an end is part of a cell, which not every reader knows.
  return /[",\r\n]|^\s|\s$/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/** A field for people: times as ISO 8601. */
function fieldOf(field: string, value: unknown): unknown {
  return TIME_FIELDS.has(field) && value !== undefined
    ? new Date(value as number).toISOString()
    : value;
}

async function writeFolder(
  entries: AsyncIterable<ExportedEntry>,
  temporary: string,
  path: string,
): Promise<number> {
  await assertNewOrEmpty(path);
  await mkdir(temporary, { mode: 0o700 });
  let count = 0;
  for await (const entry of entries) {
    await writeFile(join(temporary, markdownName(entry)), (file) => file.write(markdownOf(entry)));
    count++;
  }
  await syncFolder(temporary);
  // A folder is not renamed onto another on every system.
  await rmdir(path).catch(ignoreMissing);
  await rename(temporary, path);
  await syncFolder(dirname(path));
  return count;
}

function markdownOf(entry: ExportedEntry): string {
  const { value, ...told } = entry;
  const fields = EXPORT_FIELDS.filter((field) => field !== "value").map((field) => [
    field,
    fieldOf(field, told[field]),
  ]);
  return `${writeFrontMatter({ [MARKDOWN_MARK]: 1, ...Object.fromEntries(fields) })}\n${value}\n`;
}

/** A name that every file system takes, readable at its start and the entry's own at its end. */
function markdownName({ namespace, key }: ExportedEntry): string {
  const words = `${namespace}-${key}`.toLowerCase().match(/[a-z0-9]+/g) ?? ["entry"];
  const hash = createHash("sha256").update(`${namespace}\0${key}`).digest("hex");
  return `${words.join("-").slice(0, 60)}-${hash.slice(0, 16)}.md`;
}

async function assertNewOrEmpty(path: string): Promise<void> {
  const there = await readdir(path).catch(ignoreMissing);
  if (there === undefined || there.length === 0) return;
  throw new StigmergyError(
    "INVALID_INPUT",
    `export path: expected a new or an empty folder, received one that holds ${there.length} files; choose another`,
  );
}

/** A file that gathers what it is given. */
class TextFile {
  readonly #handle: FileHandle;
  #gathered: string[] = [];
  #characters = 0;

  constructor(handle: FileHandle) {
    this.#handle = handle;
  }

  async write(text: string): Promise<void> {
    this.#gathered.push(text);
    this.#characters += text.length;
    if (this.#characters >= CHUNK_CHARACTERS) await this.flush();
  }

  async flush(): Promise<void> {
    const text = this.#gathered.join("");
    this.#gathered = [];
    this.#characters = 0;
    await this.#handle.appendFile(text, "utf8");
  }
}

/** Makes a file of what `work` writes, on the disk when this returns. */
async function writeFile<Result>(
  path: string,
  work: (file: TextFile) => Promise<Result>,
): Promise<Result> {
  const handle = await open(path, "wx", 0o600);
  try {
    const file = new TextFile(handle);
    const result = await work(file);
    await file.flush();
    await handle.sync();
    return result;
  } finally {
    await handle.close();
  }
}

async function syncFolder(path: string): Promise<void> {
  // Windows has no handles of folders, and keeps their entries by itself.
  if (process.platform === "win32") return;
  const handle = await open(path, "r");
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

function ignoreMissing(error: NodeJS.ErrnoException): undefined {
  if (error.code !== "ENOENT") throw error;
}

/** A file system's error as ours; the path stays in its cause. */
function fileError(error: unknown): unknown {
  if (!(error instanceof Error) || !("syscall" in error) || !("code" in error)) return error;
  return new StigmergyError(
    "IO_FAILED",
    `export: the file system answered ${String(error.code)}; choose a path that you may write`,
    { cause: error },
  );
}
