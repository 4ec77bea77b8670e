import { setImmediate as nextTurn } from "node:timers/promises";
import { messageOf } from "../../errors.ts";
import { Codec } from "../entries/codec.ts";
import type { Database } from "../file/database.ts";
import { ENTRY_COLUMNS } from "../entries/entry.ts";
import { wordColumns } from "../words/lexical.ts";
import { type Problems } from "./problems.ts";

const MOST_WORDS = 12; // of an entry, looked for in the index
const BATCH = 64; // entries looked at before others get a turn
const RANGE = 4096; // numbers looked at before others get a turn

const WORDS_SEQ = "(SELECT value FROM facts WHERE name = 'words_seq')";
/** Entries whose words are in the index; those of the last writes may be added later. */
const INDEXED = `(encoding & 2) = 0 AND seq <= ${WORDS_SEQ}`;

/**
 * Compares the index of words with the entries: each that is not sealed is in it, nothing else is,
 * and the entries of the sample are found by their words.
 * @returns how many entries were looked for
 */
export async function checkWords(
  database: Database,
  codec: Codec,
  problems: Problems,
  sample: number,
): Promise<number> {
  let orphans = 0;
  for await (const [from, to] of idRanges(database)) {
    const missing = database.read(() =>
      database
        .sql(
          `SELECT namespace, key FROM entries WHERE id >= ? AND id < ? AND ${INDEXED}
           AND NOT EXISTS (SELECT 1 FROM words_docsize WHERE words_docsize.id = entries.id)`,
        )
        .all(from, to),
    );
    for (const { namespace, key } of missing) {
      problems.note("words", "its words are not in the index", namespace, key);
    }
    const row = database.read(() =>
      database
        .sql(
          `SELECT count(*) AS count FROM words_docsize WHERE id >= ? AND id < ?
           AND NOT EXISTS (SELECT 1 FROM entries WHERE entries.id = words_docsize.id
             AND ((${INDEXED}) OR seq > ${WORDS_SEQ}))
           AND id NOT IN (SELECT entry FROM removals WHERE seq > ${WORDS_SEQ})`,
        )
        .get(from, to),
    );
    orphans += Number(row?.count);
  }
  if (orphans > 0) {
    problems.note("words", `the index has ${orphans} texts that are not entries`);
  }
  const ids = await sampleIds(database, "entries", "id", sample, INDEXED);
  for (const [i, id] of ids.entries()) {
    checkEntry(database, codec, problems, id);
    if (i % BATCH === BATCH - 1) await nextTurn();
  }
  return ids.length;
}

function checkEntry(database: Database, codec: Codec, problems: Problems, id: number): void {
  const row = database.read(() =>
    database.sql(`SELECT ${ENTRY_COLUMNS} FROM entries WHERE id = ?`).get(id),
  );
  if (row === undefined) return;
  try {
    const columns = wordColumns(codec.entryOf(row));
    const words = columns.flatMap((column) => column.split(" ")).filter((word) => word !== "");
    if (words.length === 0) return;
    const step = Math.max(1, words.length / MOST_WORDS);
    const chosen = words.filter((_, i) => Math.floor(i / step) !== Math.floor((i - 1) / step));
    const match = [...new Set(chosen)].map((word) => `"${word}"`).join(" AND ");
    const found = database.read(() =>
      database.sql("SELECT 1 FROM words WHERE words MATCH ? AND rowid = ?").get(match, id),
    );
    const sizes = database.read(() =>
      database.sql("SELECT sz FROM words_docsize WHERE id = ?").get(id),
    );
    const counts = columns.map((column) => (column === "" ? 0 : column.split(" ").length));
    const isSame =
      sizes === undefined || Buffer.from(counts.flatMap(varint)).equals(sizes.sz as Uint8Array);
    if (found === undefined || !isSame) {
      problems.note("words", "the index has other words of it", row.namespace, row.key);
    }
  } catch (error) {
    const told = error instanceof SyntaxError ? "its JSON can't be read" : messageOf(error);
    problems.note("words", `its words can't be compared: ${told}`, row.namespace, row.key);
  }
}

/** A count as SQLite writes it: seven bits a byte, the highest first. */
function varint(count: number): number[] {
  const bytes = [count & 0x7f];
  for (let rest = count >>> 7; rest > 0; rest >>>= 7) bytes.unshift((rest & 0x7f) | 0x80);
  return bytes;
}

/** Where numbers of entries and of texts in the index are, so many at a time that others have turns. */
async function* idRanges(database: Database): AsyncGenerator<readonly [from: number, to: number]> {
  for (let from = Number.MIN_SAFE_INTEGER; ;) {
    const next = database.read(() =>
      database
        .sql(
          `SELECT min(id) AS id FROM (SELECT min(id) AS id FROM entries WHERE id >= ?
           UNION ALL SELECT min(id) FROM words_docsize WHERE id >= ?)`,
        )
        .get(from, from),
    );
    if (typeof next?.id !== "number") return;
    if (from !== Number.MIN_SAFE_INTEGER) await nextTurn();
    from = next.id + RANGE;
    yield [next.id, from];
  }
}

/** Ids spread evenly over a table: all of them when there are no more than `sample`, else half as many or more. */
export async function sampleIds(
  database: Database,
  table: string,
  column: string,
  sample: number,
  condition = "true",
): Promise<number[]> {
  let ids: number[] = [];
  let step = 1;
  let count = 0;
  for (let after = Number.MIN_SAFE_INTEGER; ;) {
    const rows = database.read(() =>
      database
        .sql(
          `SELECT ${column} AS id FROM ${table} WHERE ${column} > ? AND ${condition}
           ORDER BY ${column} LIMIT ${RANGE}`,
        )
        .all(after),
    );
    for (const { id } of rows) {
      if (count++ % step === 0) ids.push(id as number);
      if (ids.length <= sample) continue;
      // Every second one stays, so that no more are held than asked for.
      ids = ids.filter((_, i) => i % 2 === 0);
      step *= 2;
    }
    if (rows.length < RANGE) return ids;
    after = rows[rows.length - 1].id as number;
    await nextTurn();
  }
}
