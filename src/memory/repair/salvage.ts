import { isDeepStrictEqual } from "node:util";
import { loadDriver, type SqliteDatabase, type SqlRow } from "../file/driver.ts";
import { carvedDictionary, carvedEntry, carvedKeyRecord, carvedRemoval } from "./carved-rows.ts";
import { carveRows } from "./page-carver.ts";
import { damagedLog } from "../file/log-look.ts";
import { PageFile } from "./page-file.ts";
import type { StorePart, StoreProblem } from "../integrity/problems.ts";

/** Tables whose rows are salvaged, besides entries; those that are made anew are not among them. */
const TABLES = [
  ...["namespaces", "facts", "key_records", "dictionaries", "history", "audit"],
  ...["events", "removals", "vectors", "models", "model_parts", "outcomes", "agents"],
] as const;
/** One of the tables that are salvaged whole. */
export type SalvagedTable = (typeof TABLES)[number];

/** The part that a table's rows belong to, for those whose loss is told. */
const PARTS: Partial<Record<SalvagedTable, StorePart>> = {
  namespaces: "namespaces",
  facts: "facts",
  key_records: "keys",
  dictionaries: "entries",
  history: "history",
  audit: "audit",
  models: "models",
  model_parts: "models",
  outcomes: "models",
  agents: "agents",
};

/** What could be read of a damaged store. */
export interface Salvage {
  /** What was found of each namespace and key, the newest first. */
  readonly entries: readonly (readonly SqlRow[])[];
  readonly tables: Readonly<Record<SalvagedTable, readonly SqlRow[]>>;
  /** Whether SQLite could read every row of every table that was looked at. */
  readonly isComplete: boolean;
  readonly lost: readonly StoreProblem[];
}

const MOST_PROBES = 5_000_000; // ids asked for one by one

/**
 * Reads what can be read of a store's file, which SQLite may well refuse: row by row round what is
 * damaged, and then from the bytes of its pages. The file should be a copy: opening it may change it.
 */
export async function salvage(path: string): Promise<Salvage> {
  // The bytes first: SQLite leaves out what follows a damaged frame of the log, and clears it away.
  const pages = new PageFile(path);
  const lost: StoreProblem[] = [];
  const tables = Object.fromEntries(
    TABLES.map((name): [SalvagedTable, SqlRow[]] => [name, []]),
  ) as Record<SalvagedTable, SqlRow[]>;
  const found = new Map<string, SqlRow[]>();
  const keep = (row: SqlRow): void => {
    const name = nameOf(row);
    const known = found.get(name);
    if (known === undefined) found.set(name, [row]);
    else if (!known.some((each) => isDeepStrictEqual(each, row))) known.push(row);
  };
  if (pages.lostCommits > 0) {
    const detail = `${damagedLog(pages)}; what is left of its pages was`;
    lost.push({ part: "file", detail });
  }
  let isComplete = pages.lostCommits === 0;
  await withFile(path, (file) => {
    isComplete = readEntries(file, keep) && isComplete;
    for (const table of TABLES) {
      if (readTable(file, table, tables[table])) continue;
      isComplete = false;
      // Vectors are made again, and what was removed is gone all the same.
      const part = PARTS[table];
      if (part !== undefined) lost.push({ part, detail: `rows of ${table} that can't be read` });
    }
  }).catch((error: unknown) => {
    isComplete = false;
    lost.push({
      part: "file",
      detail: `SQLite can't read it: ${String((error as Error).message)}`,
    });
  });
  if (!isComplete) carve(pages, keep, tables);
  pages.close();
  return { entries: withoutRemoved(found, tables.removals), tables, isComplete, lost };
}

async function withFile(path: string, read: (file: SqliteDatabase) => void): Promise<void> {
  const driver = await loadDriver();
  const file = new driver.DatabaseSync(path);
  try {
    read(file);
  } finally {
    file.close();
  }
}

/** Every entry that can be read; false when some can't. */
function readEntries(file: SqliteDatabase, keep: (row: SqlRow) => void): boolean {
  // An empty file is a database to SQLite, and none of ours.
  if (file.prepare("SELECT 1 FROM sqlite_schema WHERE name = 'entries'").get() === undefined) {
    return false;
  }
  const first: SqlRow[] = [];
  if (readTable(file, "entries", first)) {
    for (const row of first) keep(row);
    return true;
  }
  for (const row of first) keep(row);
  // What lies beyond a damaged page is asked for by its id.
  const one = prepared(file, "SELECT * FROM entries WHERE id = ?");
  if (one === undefined) return false;
  const last = Math.min(MOST_PROBES, lastId(file));
  for (let id = Number(first.at(-1)?.id ?? 0) + 1; id <= last; id++) {
    try {
      const row = one.get(id);
      if (row !== undefined) keep(row);
    } catch {
      // It stands on a page that can't be read.
    }
  }
  return false;
}

function lastId(file: SqliteDatabase): number {
  const asks = [
    "SELECT seq AS id FROM sqlite_sequence WHERE name = 'entries'",
    "SELECT max(id) AS id FROM entries",
  ];
  const told = asks.map((sql) => {
    try {
      return Number(file.prepare(sql).get()?.id ?? 0);
    } catch {
      return 0;
    }
  });
  return Math.max(...told);
}

/** Puts the rows of a table into `rows`, as far as they can be read; false when some can't. */
function readTable(file: SqliteDatabase, table: string, rows: SqlRow[]): boolean {
  try {
    // Row by row, so that those before a damaged page are kept.
    const statement = file.prepare(`SELECT * FROM ${table}`);
    const iterate = statement.iterate();
    for (const row of iterate) rows.push(row);
    return true;
  } catch (error) {
    // A schema of before has no such table.
    return error instanceof Error && error.message.includes("no such table");
  }
}

function prepared(
  file: SqliteDatabase,
  sql: string,
): ReturnType<SqliteDatabase["prepare"]> | undefined {
  try {
    return file.prepare(sql);
  } catch {
    return undefined;
  }
}

/** Adds what stands in the pages, whether or not the file's own tree leads there. */
function carve(
  pages: PageFile,
  keep: (row: SqlRow) => void,
  tables: Record<SalvagedTable, SqlRow[]>,
): void {
  const known = {
    keys: new Set(tables.key_records.map(({ generation }) => generation)),
    dictionaries: new Set(tables.dictionaries.map(({ id }) => id)),
  };
  for (const row of carveRows(pages)) {
    const entry = carvedEntry(row);
    if (entry !== undefined) keep(entry);
    const record = carvedKeyRecord(row);
    if (record !== undefined && !known.keys.has(record.generation)) {
      known.keys.add(record.generation);
      tables.key_records.push(record);
    }
    const dictionary = carvedDictionary(row);
    if (dictionary !== undefined && !known.dictionaries.has(dictionary.id)) {
      known.dictionaries.add(dictionary.id);
      tables.dictionaries.push(dictionary);
    }
    const removal = carvedRemoval(row);
    if (removal !== undefined) tables.removals.push(removal);
  }
}

/** Pages hold entries that were deleted, until they are written over. */
function withoutRemoved(
  found: ReadonlyMap<string, SqlRow[]>,
  removals: readonly SqlRow[],
): SqlRow[][] {
  const removed = new Map<string, number>();
  for (const row of removals) {
    const name = nameOf(row);
    removed.set(name, Math.max(removed.get(name) ?? 0, Number(row.seq)));
  }
  return [...found]
    .map(([name, rows]) =>
      rows
        .filter(({ seq }) => (removed.get(name) ?? -1) < Number(seq))
        .sort((a, b) => Number(b.seq) - Number(a.seq)),
    )
    .filter(({ length }) => length > 0);
}

function nameOf({ namespace, key }: SqlRow): string {
  return `${String(namespace)}\0${String(key)}`;
}
