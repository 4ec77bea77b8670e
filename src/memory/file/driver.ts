import process from "node:process";
import { StigmergyError } from "../../errors.ts";

/** What a statement takes and gives. */
export type SqlValue = string | number | null | Uint8Array;
/** A row by column name. */
export type SqlRow = Record<string, SqlValue>;

/**
 * The part of a prepared statement of `node:sqlite` that the store uses. Writes go by `get` too:
 * `run` would report the last row number, which FTS5 raises beyond what a number holds.
 */
export interface Statement {
  get(...values: SqlValue[]): SqlRow | undefined;
  all(...values: SqlValue[]): SqlRow[];
  iterate(...values: SqlValue[]): IterableIterator<SqlRow>;
}

/** The part of a database of `node:sqlite` that the store uses. */
export interface SqliteDatabase {
  exec(sql: string): void;
  prepare(sql: string): Statement;
  close(): void;
  /** Whether the tables behind a virtual one are kept from being written; at first they are. */
  /** Absent on Node 22, where SQLite never guards the tables behind an index. */
  enableDefensive?(isOn: boolean): void;
}

/** How a database is opened. */
export interface OpenOptions {
  readonly readOnly?: boolean;
}

/** A module with the API of `node:sqlite`. */
export interface Driver {
  readonly name: "node:sqlite" | "@photostructure/sqlite";
  readonly DatabaseSync: new (path: string, options?: OpenOptions) => SqliteDatabase;
  /** Copies a database, page by page and as of one moment, over the one at a path. */
  readonly backup: (
    source: SqliteDatabase,
    path: string,
    options?: { readonly rate?: number },
  ) => Promise<unknown>;
}

type SqliteModule = Pick<Driver, "DatabaseSync" | "backup">;

/** From this version on, several processes can write one file without a reset log corrupting it. */
const SOUND_SQLITE = [3, 51, 3];

let loaded: Promise<Driver> | undefined;

/**
 * Node's own SQLite when it is sound, else the package with the same API.
 * @throws {StigmergyError} DEPENDENCY_MISSING when there is neither
 */
export function loadDriver(): Promise<Driver> {
  loaded ??= findDriver();
  return loaded;
}

async function findDriver(): Promise<Driver> {
  const builtin = builtinSqlite();
  if (builtin !== undefined) return { name: "node:sqlite", ...builtin };
  try {
    // Typed here, because the package's own types need a newer @types/node.
    const name: string = "@photostructure/sqlite";
    const { DatabaseSync, backup } = (await import(name)) as SqliteModule;
    return { name: "@photostructure/sqlite", DatabaseSync, backup };
  } catch (cause) {
    throw new StigmergyError(
      "DEPENDENCY_MISSING",
      "memory store: this Node has no sound SQLite of its own (22.16 or newer has, with SQLite 3.51.3); upgrade Node, or run npm install @photostructure/sqlite",
      { cause },
    );
  }
}

function builtinSqlite(): SqliteModule | undefined {
  const getBuiltinModule = (process as { getBuiltinModule?: (name: string) => unknown })
    .getBuiltinModule;
  if (getBuiltinModule === undefined || !isSound(process.versions.sqlite)) return undefined;
  const module = withoutExperimentalWarning(() => getBuiltinModule("node:sqlite")) as
    SqliteModule | undefined;
  if (typeof module?.backup !== "function") return undefined;
  return { DatabaseSync: module.DatabaseSync, backup: module.backup };
}

function isSound(version: string | undefined): boolean {
  const parts = (version ?? "0").split(".").map(Number);
  for (const [i, least] of SOUND_SQLITE.entries()) {
    const part = parts[i] ?? 0;
    if (part !== least) return part > least;
  }
  return true;
}

/** Loading `node:sqlite` warns on Node 22 and 24; the API used here has not changed since. */
function withoutExperimentalWarning<Result>(load: () => Result): Result {
  const { emitWarning } = process;
  process.emitWarning = ((warning: string | Error, ...rest: unknown[]) => {
    if (String(warning).includes("SQLite is an experimental feature")) return;
    (emitWarning as (...all: unknown[]) => void).call(process, warning, ...rest);
  }) as typeof emitWarning;
  try {
    return load();
  } finally {
    process.emitWarning = emitWarning;
  }
}
