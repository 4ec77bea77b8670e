import { readFile } from "node:fs/promises";
import { extname } from "node:path";
import { StigmergyError } from "../../errors.ts";
import { APPLICATION_ID } from "../file/schema.ts";
import { CLAUDE_FLOW_2, CLAUDE_FLOW_3, CLAUDE_FLOW_3_PATTERNS } from "./claude-flow-sqlite.ts";
import { csvRecords, OWN_JSON, RUFLO_EXPORT } from "./export-file.ts";
import {
  HIVE_COLLECTIVE,
  HIVE_DECISIONS,
  HIVE_MEMORIES,
  HIVE_SHARED,
  HIVE_TYPESCRIPT,
} from "./hive-mind.ts";
import type { Source } from "./imported-entry.ts";
import { JSON_STORES } from "./json-stores.ts";
import { markdownSources } from "./markdown-sources.ts";
import { REASONING_BANK, TRAINED_REASONING_BANK } from "./reasoning-bank.ts";
import { isObject, parsedJson, SEAL } from "./record.ts";
import { RUV_SWARM } from "./ruv-swarm.ts";
import { SqliteCopy, type Layout } from "./sqlite-copy.ts";
import { UNIFIED } from "./unified.ts";
import { namedFiles, OUR_STORE, unreadableBecause, type Candidate, type Named } from "./walk.ts";

const LAYOUTS: readonly Layout[] = [
  ...[CLAUDE_FLOW_2, CLAUDE_FLOW_3, CLAUDE_FLOW_3_PATTERNS, UNIFIED],
  ...[REASONING_BANK, TRAINED_REASONING_BANK, RUV_SWARM],
  ...[HIVE_COLLECTIVE, HIVE_DECISIONS, HIVE_MEMORIES, HIVE_SHARED, HIVE_TYPESCRIPT],
];
const JSON_SHAPES = [OWN_JSON, RUFLO_EXPORT, ...JSON_STORES];

const SQLITE_HEADER = Buffer.from("SQLite format 3\0");
const SQLITE_ENDING = /\.(db|sqlite|sqlite3)$/i;
const CSV_HEAD = /^(\uFEFF)?namespace,key,/;
/** Folders whose JSON is expected to be a memory, so that one that is not is worth a word. */
const MEMORY_FOLDER = /(^|\/)(\.swarm|\.claude-flow|\.hive-mind|memory)\//;
const MOST_TEXT_BYTES = 200 * 2 ** 20;

/** The stores that were found, in the order of their paths, and how to let go of them. */
export interface FoundSources {
  readonly sources: readonly Source[];
  /** Closes the copies. */
  close(): void;
}

/**
 * The stores at a path, a file or a folder with all below it, known by what they hold and not by
 * their names. Databases are read from copies in `scratch`, an empty folder; the file `except` is
 * passed over.
 * @throws {StigmergyError} NOT_FOUND, IO_FAILED, INVALID_INPUT, TOO_LARGE
 */
export async function findSources(
  path: string,
  scratch: string,
  except?: string,
): Promise<FoundSources> {
  const copies: SqliteCopy[] = [];
  const close = (): void => {
    for (const copy of copies) copy.close();
  };
  try {
    const sources = await allSources(await namedFiles(path, except), path, scratch, copies);
    return {
      sources: sources.toSorted((a, b) => Number(a.path > b.path) - Number(a.path < b.path)),
      close,
    };
  } catch (error) {
    close();
    throw error;
  }
}

async function allSources(
  { isFolder, candidates, unreadable }: Named,
  path: string,
  scratch: string,
  copies: SqliteCopy[],
): Promise<Source[]> {
  const sources = unreadable.map((each) => refused(each.path, "file", each.problem));
  for (const candidate of candidates) {
    try {
      sources.push(...(await sourcesOf(candidate, isFolder, scratch, copies)));
    } catch (error) {
      sources.push(refused(candidate.path, "file", unreadableBecause(error)));
    }
  }
  const isOnlyText = sources.length === 0;
  sources.push(...(await markdownSources(path, candidates, { isFolder, isOnlyText })));
  if (!isFolder && sources.length === 0) {
    sources.push(refused(candidates[0].path, "file", "foreign: no memory of a kind that is known"));
  }
  return sources;
}

async function sourcesOf(
  candidate: Candidate,
  isFolder: boolean,
  scratch: string,
  copies: SqliteCopy[],
): Promise<Source[]> {
  const { path, head, size } = candidate;
  if (head.subarray(0, SEAL.length).equals(SEAL)) {
    const problem = "encrypted: claude-flow 3 sealed it, open it there and export its memory";
    return [refused(path, "claude-flow 3", problem)];
  }
  if (head.subarray(0, SQLITE_HEADER.length).equals(SQLITE_HEADER)) {
    return databaseSources(candidate, scratch, copies);
  }
  if (SQLITE_ENDING.test(path)) {
    const problem =
      size === 0
        ? "empty: the file has no bytes"
        : "encrypted or damaged: it does not begin as a SQLite file does";
    return [refused(path, "SQLite", problem)];
  }
  const start = head.toString("utf8");
  const isExpected = !isFolder || MEMORY_FOLDER.test(`/${path}`);
  if (CSV_HEAD.test(start)) return textSources(candidate, csvSources, isExpected);
  const isJson = /^\uFEFF?\s*\{/.test(start) || /^\uFEFF?\s*$/.test(start);
  if (!isJson || (isFolder && extname(path).toLowerCase() !== ".json")) return [];
  return textSources(candidate, jsonSources, isExpected);
}

async function databaseSources(
  candidate: Candidate,
  scratch: string,
  copies: SqliteCopy[],
): Promise<Source[]> {
  const { path, modifiedAt } = candidate;
  let copy: SqliteCopy;
  try {
    copy = await SqliteCopy.make(candidate.file, scratch, `${copies.length}.db`);
  } catch (error) {
    return [refused(path, "SQLite", damage(error))];
  }
  copies.push(copy);
  if (copy.application === APPLICATION_ID) {
    return [refused(path, "stigmergy store", OUR_STORE)];
  }
  const layouts = LAYOUTS.filter((layout) => layout.matches(copy.tables));
  if (layouts.length === 0) {
    return [refused(path, "SQLite", "foreign: another program's database, with no memory in it")];
  }
  return layouts.map((layout) => ({
    path,
    format: layout.format,
    modifiedAt,
    records: () => layout.records(copy),
  }));
}

/** Why a database can't be read on; anything but SQLite's word on it is thrown. */
export function damage(error: unknown): string {
  if (error instanceof StigmergyError && error.code === "STORE_BUSY") {
    return "busy: it was being written all the while, end what writes it and try again";
  }
  const isSqlite =
    error instanceof Error && ("errcode" in error || /sqlite/i.test(String(codeOf(error))));
  if (!isSqlite) throw error;
  return `damaged: SQLite answered "${error.message}"`;
}

function codeOf(error: Error): unknown {
  return "code" in error ? error.code : undefined;
}

type TextReader = (text: string, candidate: Candidate, isExpected: boolean) => Source[];

async function textSources(
  candidate: Candidate,
  read: TextReader,
  isExpected: boolean,
): Promise<Source[]> {
  const { file, path, size } = candidate;
  if (size <= MOST_TEXT_BYTES) return read(await readFile(file, "utf8"), candidate, isExpected);
  if (!isExpected) return [];
  const problem = `too large: expected at most ${MOST_TEXT_BYTES} bytes, received ${size}`;
  return [refused(path, "text", problem)];
}

function csvSources(text: string, { path, modifiedAt }: Candidate, isExpected: boolean): Source[] {
  const records = csvRecords(text);
  if (records !== undefined) {
    return [{ path, format: "stigmergy CSV", modifiedAt, records: () => records }];
  }
  if (!isExpected) return [];
  return [refused(path, "CSV", "damaged: its columns or quotes are not those of an export")];
}

function jsonSources(text: string, { path, modifiedAt }: Candidate, isExpected: boolean): Source[] {
  const content = parsedJson(text.replace(/^\uFEFF/, ""));
  if (!isObject(content)) {
    return isExpected ? [refused(path, "JSON", "damaged: it does not hold a JSON object")] : [];
  }
  const shape = JSON_SHAPES.find((each) => each.matches(content));
  if (shape === undefined) return [];
  const problem = shape.problem?.(content);
  if (problem !== undefined) return [refused(path, shape.format, problem)];
  return [{ path, format: shape.format, modifiedAt, records: () => shape.records(content) }];
}

function refused(path: string, format: string, problem: string): Source {
  return { path, format, problem, modifiedAt: 0, records: () => [] };
}
