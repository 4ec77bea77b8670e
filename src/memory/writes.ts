import type { Database } from "./database.ts";
import { ENTRY_COLUMNS, entryOf, titleOf, type Entry } from "./entry.ts";
import { indexWords, removeWords, type WordColumns } from "./lexical.ts";

/** An entry whose parts have been checked, ready to be written. */
export interface NewEntry {
  readonly namespace: string;
  readonly key: string;
  readonly value: string;
  readonly tags: readonly string[];
  readonly metadata: Readonly<Record<string, unknown>>;
  readonly agent: string | undefined;
  readonly session: string | undefined;
  readonly at: number;
  readonly expiresAt: number | undefined;
}

/** What an entry is embedded as: its title and value, and the words of its key. */
export function embeddedText(entry: Pick<NewEntry, "key" | "value" | "metadata">): string {
  return `${entry.key}\n${titleOf(entry.metadata)}\n${entry.value}`;
}

/** An entry with what was found about it before the store was locked. */
export interface PreparedEntry {
  readonly entry: NewEntry;
  readonly words: WordColumns;
  readonly embedder: string;
  readonly vector: Float32Array;
}

/** Writes an entry in place of the one of its key, if there is one. Within a transaction. */
export function writeEntry(
  database: Database,
  { entry, words, embedder, vector }: PreparedEntry,
  now: number,
): Entry {
  // One that has expired is gone: what takes its key is another entry.
  const expired = database
    .sql("SELECT id FROM entries WHERE namespace = ? AND key = ? AND expires_at <= ?")
    .get(entry.namespace, entry.key, now);
  if (expired !== undefined) removeEntry(database, expired.id as number);
  const row = database
    .sql(
      `INSERT INTO entries (namespace, key, value, tags, metadata, agent, session, at,
         created_at, updated_at, expires_at, seq)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
       ON CONFLICT (namespace, key) DO UPDATE SET value = excluded.value, tags = excluded.tags,
         metadata = excluded.metadata, agent = excluded.agent, session = excluded.session,
         at = excluded.at, updated_at = excluded.updated_at, expires_at = excluded.expires_at,
         seq = excluded.seq
       RETURNING ${ENTRY_COLUMNS}`,
    )
    .get(
      entry.namespace,
      entry.key,
      entry.value,
      JSON.stringify(entry.tags),
      JSON.stringify(entry.metadata),
      entry.agent ?? null,
      entry.session ?? null,
      entry.at,
      now,
      now,
      entry.expiresAt ?? null,
      nextSeq(database),
    );
  if (row === undefined) throw new Error("INSERT … RETURNING returned no row");
  const stored = entryOf(row);
  indexWords(database, stored.id, words);
  writeVector(database, stored.id, embedder, vector);
  return stored;
}

/** Removes an entry, and leaves word of it for other processes. Within a transaction. */
export function removeEntry(database: Database, id: number): void {
  removeWords(database, id);
  database.sql("DELETE FROM entries WHERE id = ?").get(id);
  database.sql("INSERT INTO removals (seq, entry) VALUES (?, ?)").get(nextSeq(database), id);
}

function writeVector(database: Database, id: number, embedder: string, vector: Float32Array): void {
  if (vector.every((value) => value === 0)) {
    database.sql("DELETE FROM vectors WHERE entry = ?").get(id);
    return;
  }
  const bytes = new Uint8Array(vector.buffer, vector.byteOffset, vector.byteLength);
  database.sql("INSERT OR REPLACE INTO vectors VALUES (?, ?, ?)").get(id, embedder, bytes);
}

function nextSeq(database: Database): number {
  const row = database
    .sql("UPDATE facts SET value = value + 1 WHERE name = 'seq' RETURNING value")
    .get();
  return Number(row?.value);
}
