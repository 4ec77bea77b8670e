import { embedTexts, type Embedder } from "../text/embedder.ts";
import { StigmergyError } from "../errors.ts";
import type { Database } from "./database.ts";
import { ENTRY_COLUMNS, entryOf } from "./entry.ts";
import { mismatch } from "./vector-mirror.ts";
import { embeddedText, replaceVector } from "./writes.ts";

const BATCH = 256; // entries embedded and written at a time

/**
 * Makes sure that a store's vectors are of `embedder`, and records it in a new store. Returns false
 * when they are of another and may be made again.
 * @throws {StigmergyError} EMBEDDER_MISMATCH when they are of another and may not
 */
export function rememberEmbedder(
  database: Database,
  embedder: Embedder,
  mayReembed: boolean,
): boolean {
  checkEmbedder(embedder);
  const stored = database.read(() => storedEmbedder(database));
  if (stored === embedder.id) return true;
  if (stored !== undefined) {
    if (mayReembed) return false;
    throw mismatch(stored, embedder.id);
  }
  return database.write(() => {
    // Another process may have been first.
    database
      .sql("INSERT INTO facts VALUES ('embedder', ?) ON CONFLICT DO NOTHING")
      .run(embedder.id);
    const winner = storedEmbedder(database);
    if (winner !== undefined && winner !== embedder.id && !mayReembed) {
      throw mismatch(winner, embedder.id);
    }
    return winner === embedder.id;
  });
}

/**
 * Embeds every entry again. Can be interrupted at any time: the store is of the new embedder only
 * when all are done, and the next attempt begins anew.
 */
export async function reembedAll(database: Database, embedder: Embedder): Promise<void> {
  for (let after = 0; ;) {
    const rows = database.read(() =>
      database
        .sql(`SELECT ${ENTRY_COLUMNS} FROM entries WHERE id > ? ORDER BY id LIMIT ${BATCH}`)
        .all(after),
    );
    if (rows.length === 0) break;
    const entries = rows.map(entryOf);
    const vectors = await embedTexts(embedder, entries.map(embeddedText));
    database.write(() => {
      entries.forEach(({ id }, i) => {
        const vector = vectors.subarray(i * embedder.dim, (i + 1) * embedder.dim);
        replaceVector(database, id, embedder.id, vector);
      });
    });
    after = entries[entries.length - 1].id;
  }
  database.write(() => {
    database.sql("UPDATE facts SET value = ? WHERE name = 'embedder'").run(embedder.id);
  });
}

/** The embedder that the store's vectors are of, or undefined in a new store. */
export function storedEmbedder(database: Database): string | undefined {
  const row = database.sql("SELECT value FROM facts WHERE name = 'embedder'").get();
  return row === undefined ? undefined : String(row.value);
}

function checkEmbedder({ id, dim, kind }: Embedder): void {
  const isNamed = typeof id === "string" && /^[\w\-.:/]{1,128}$/.test(id);
  const hasDim = Number.isInteger(dim) && dim >= 1 && dim <= 4096;
  if (isNamed && hasDim && (kind === "lexical" || kind === "semantic")) return;
  throw new StigmergyError(
    "INVALID_INPUT",
    "embedder: expected an id of letters, digits and -_.:/, a dim from 1 to 4096, and kind lexical or semantic",
  );
}
