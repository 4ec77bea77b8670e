import type { Codec } from "../entries/codec.ts";
import type { Database } from "../file/database.ts";
import type { SqlRow } from "../file/driver.ts";
import { indexWords, wordColumns } from "../words/lexical.ts";
import { ENTRY_COLUMNS } from "../entries/entry.ts";

const BATCH = 512; // rows held at a time

/** Counts anew what each namespace holds. Within a transaction. */
export function recount(database: Database): void {
  database.sql("UPDATE namespaces SET entries = 0, bytes = 0").get();
  database
    .sql(
      `INSERT INTO namespaces (name, entries, bytes)
       SELECT namespace, count(*), sum(size) FROM entries WHERE true GROUP BY namespace
       ON CONFLICT DO UPDATE SET entries = excluded.entries, bytes = excluded.bytes`,
    )
    .get();
}

/** Makes the index of words anew, from the entries that are not sealed. Within a transaction. */
export function rebuildWords(database: Database, codec: Codec): void {
  database.sql("INSERT INTO words (words) VALUES ('delete-all')").get();
  for (const row of everyRow(database, ENTRY_COLUMNS, "(encoding & 2) = 0")) {
    indexWords(database, row.id as number, wordColumns(codec.entryOf(row)));
  }
  database
    .sql(`INSERT OR REPLACE INTO facts SELECT 'words_seq', value FROM facts WHERE name = 'seq'`)
    .get();
}

/** The rows of entries by id; those already given may be changed meanwhile. */
export function* everyRow(
  database: Database,
  columns: string,
  condition: string,
): Generator<SqlRow> {
  for (let after = Number.MIN_SAFE_INTEGER; ;) {
    const rows = database
      .sql(
        `SELECT ${columns} FROM entries WHERE id > ? AND ${condition} ORDER BY id LIMIT ${BATCH}`,
      )
      .all(after);
    yield* rows;
    if (rows.length < BATCH) return;
    after = rows[rows.length - 1].id as number;
  }
}
