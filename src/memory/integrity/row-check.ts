import { setImmediate as nextTurn } from "node:timers/promises";
import { messageOf } from "../../errors.ts";
import { rowChecksum } from "../entries/checksum.ts";
import { Codec } from "../entries/codec.ts";
import type { Database } from "../file/database.ts";
import type { SqlRow } from "../file/driver.ts";
import { PROVENANCES, type ReadableRow } from "../entries/entry.ts";
import { type Problems, type StorePart } from "./problems.ts";

const BATCH = 512; // rows read before others get a turn

/**
 * Reads every entry: whether it can be decoded, is what it was when it was written, and is counted.
 * @returns how many were read
 */
export async function checkEntries(
  database: Database,
  codec: Codec,
  problems: Problems,
): Promise<number> {
  const seq = Number(
    database.read(() => database.sql("SELECT value FROM facts WHERE name = 'seq'").get())?.value,
  );
  const held = new Map<string, { entries: number; bytes: number }>();
  const seqs = new Set<unknown>();
  const count = await eachRow(database, "entries", problems, (row) => {
    const problem = entryProblem(row, codec);
    if (problem !== undefined) problems.note("entries", problem, row.namespace, row.key);
    if (!isCount(row.seq) || row.seq > seq) {
      problems.note("entries", "its version is not one that was given", row.namespace, row.key);
    } else if (seqs.has(row.seq)) {
      problems.note("entries", "its version is another entry's too", row.namespace, row.key);
    }
    seqs.add(row.seq);
    const name = String(row.namespace);
    const sums = held.get(name) ?? { entries: 0, bytes: 0 };
    held.set(name, { entries: sums.entries + 1, bytes: sums.bytes + Number(row.size) });
  });
  checkCounters(database, held, problems);
  return count;
}

/** Reads every value that keys had before. @returns how many were read */
export function checkHistory(
  database: Database,
  codec: Codec,
  problems: Problems,
): Promise<number> {
  return eachRow(database, "history", problems, (row) => {
    const problem = decodedProblem(row, codec).problem;
    if (problem !== undefined) problems.note("history", problem, row.namespace, row.key);
  });
}

/** What is wrong with an entry's row, or undefined. */
export function entryProblem(row: SqlRow, codec: Codec): string | undefined {
  const { problem, readable } = decodedProblem(row, codec);
  if (readable === undefined) return problem;
  const moments = [row.at, row.created_at, row.updated_at, row.expires_at ?? 0];
  if (!moments.every(Number.isSafeInteger)) return "a time of it is no whole number";
  const isKnown = row.provenance === null || PROVENANCES.includes(row.provenance as never);
  if (!isKnown) return "its provenance is none there is";
  const { checksum } = row;
  if (checksum === null || checksum === undefined) return undefined;
  const isSame = checksum === rowChecksum(readable, Codec.isSealed(row.encoding as number));
  return isSame ? undefined : "it is not what was written: its checksum differs";
}

function decodedProblem(
  row: SqlRow,
  codec: Codec,
): { problem: string | undefined; readable: ReadableRow | undefined } {
  const wrong = (problem: string) => ({ problem, readable: undefined });
  if (typeof row.namespace !== "string" || typeof row.key !== "string") {
    return wrong("its name is not a text");
  }
  if (!isCount(row.encoding)) return wrong("how it is kept is unknown");
  try {
    const readable = codec.decode(row);
    if (typeof readable.value !== "string") return wrong("its value is not a text");
    if (Buffer.byteLength(readable.value, "utf8") !== row.size) {
      return wrong("its value is not as long as it was");
    }
    const tags: unknown = JSON.parse(row.tags as string);
    const metadata: unknown = JSON.parse(readable.metadata);
    const areTags = Array.isArray(tags) && tags.every((tag) => typeof tag === "string");
    if (!areTags) return wrong("its tags are not a list of texts");
    if (typeof metadata !== "object" || metadata === null || Array.isArray(metadata)) {
      return wrong("its metadata is not an object");
    }
    return { problem: undefined, readable };
  } catch (error) {
    // What JSON's own errors say quotes the text.
    return wrong(error instanceof SyntaxError ? "its JSON can't be read" : messageOf(error));
  }
}

function checkCounters(
  database: Database,
  held: ReadonlyMap<string, { entries: number; bytes: number }>,
  problems: Problems,
): void {
  const rows = database.read(() => database.sql("SELECT * FROM namespaces").all());
  const names = new Set<unknown>();
  for (const { name, entries, bytes, settings } of rows) {
    names.add(name);
    const sums = held.get(String(name)) ?? { entries: 0, bytes: 0 };
    if (sums.entries !== entries || sums.bytes !== bytes) {
      problems.note("namespaces", "it counts other entries than it holds", name);
    }
    if (!isObject(settings)) problems.note("namespaces", "its settings can't be read", name);
  }
  for (const name of held.keys()) {
    if (!names.has(name)) problems.note("namespaces", "it is not counted", name);
  }
}

function isObject(text: unknown): boolean {
  try {
    const value: unknown = JSON.parse(text as string);
    return typeof value === "object" && value !== null && !Array.isArray(value);
  } catch {
    return false;
  }
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}

/** Visits the rows of a table by id, and notes it when some can't be read. */
async function eachRow(
  database: Database,
  table: "entries" | "history",
  problems: Problems,
  visit: (row: SqlRow) => void,
): Promise<number> {
  const part: StorePart = table;
  let count = 0;
  let after = Number.MIN_SAFE_INTEGER;
  for (;;) {
    let rows: SqlRow[];
    try {
      rows = database.read(() =>
        database.sql(`SELECT * FROM ${table} WHERE id > ? ORDER BY id LIMIT ${BATCH}`).all(after),
      );
    } catch (error) {
      problems.note(part, `those after number ${after} can't be read: ${messageOf(error)}`);
      return count;
    }
    for (const row of rows) visit(row);
    count += rows.length;
    if (rows.length < BATCH) return count;
    after = rows[rows.length - 1].id as number;
    await nextTurn();
  }
}
