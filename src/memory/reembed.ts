import { StigmergyError } from "../errors.ts";
import { embedTexts, type Embedder } from "../text/embedder.ts";
import { isOwnEmbedder } from "../text/own-embedder.ts";
import type { Database } from "./database.ts";
import type { Codec } from "./codec.ts";
import { ENTRY_COLUMNS } from "./entry.ts";
import type { SharedState } from "./shared-state.ts";
import { embeddedText } from "./writes.ts";

const BATCH = 256; // entries embedded and written at a time

/**
 * Makes sure that a store's vectors are of `embedder`, and records it in a new store. Returns false
 * when they are of another and may be made again, as they always may when both are of this package.
 * @throws {StigmergyError} EMBEDDER_MISMATCH when they are of another and may not
 */
export function rememberEmbedder(
  database: Database,
  embedder: Embedder,
  mayReembed: boolean,
): boolean {
  checkEmbedder(embedder);
  if (database.read(() => nameOf(database)) === undefined) {
    database.write(() => {
      // Another process may have been first.
      if (nameOf(database) === undefined) setName(database, embedder);
    });
  }
  try {
    database.read(() => assertEmbedder(database, embedder));
    return true;
  } catch (error) {
    if (mayReembed || areBothOwn(database, embedder)) return false;
    throw error;
  }
}

/**
 * Asked within every transaction that writes or reads vectors: another process may have had the
 * store embedded again.
 * @throws {StigmergyError} EMBEDDER_MISMATCH when the store's vectors are of another embedder
 */
export function assertEmbedder(database: Database, { id, dim }: Embedder): void {
  const stored = nameOf(database);
  if (stored?.id === id && stored.dim === dim) return;
  throw new StigmergyError(
    "EMBEDDER_MISMATCH",
    `memory store: its vectors are of embedder "${stored?.id}" (${stored?.dim} values), the one in use is "${id}" (${dim}); open it with the first, or with reembed: true to embed every entry again`,
  );
}

/**
 * Embeds every entry again. The new vectors stand apart until none is missing, and then take the
 * place of the others in one transaction: whoever uses the store with the old embedder goes on
 * until then, and an attempt that was cut off is taken up by the next.
 */
export async function reembedAll(
  database: Database,
  codec: Codec,
  state: SharedState,
  embedder: Embedder,
): Promise<void> {
  for (;;) {
    const rows = database.read(() => missingRows(database, embedder.id));
    if (rows.length === 0 && finish(database, embedder)) return;
    const entries = rows.map((row) => codec.entryOf(row));
    const vectors = await embedTexts(embedder, entries.map(embeddedText));
    database.write(() => {
      // Settings and key may have changed since.
      state.refresh();
      for (const [i, { id, namespace, key, version }] of entries.entries()) {
        const vector = vectors.subarray(i * embedder.dim, (i + 1) * embedder.dim);
        const isNone =
          state.settingsOf(namespace).vectors === false || vector.every((value) => value === 0);
        const bytes = isNone ? NONE : codec.encodeVector(namespace, key, vector);
        // The insert finds no row when the entry has gone meanwhile.
        database
          .sql("INSERT OR REPLACE INTO next_vectors SELECT id, ?, ?, ? FROM entries WHERE id = ?")
          .get(version, embedder.id, bytes, id);
      }
    });
  }
}

/** Stands for the vector of an entry that has none. */
const NONE = new Uint8Array(0);

/** Entries whose new vector is missing, or of a text that they no longer have. */
function missingRows(database: Database, embedder: string) {
  return database
    .sql(
      `SELECT ${ENTRY_COLUMNS} FROM entries WHERE NOT EXISTS (
         SELECT 1 FROM next_vectors AS next
         WHERE next.entry = entries.id AND next.seq = entries.seq AND next.embedder = ?
       ) ORDER BY id LIMIT ${BATCH}`,
    )
    .all(embedder);
}

/** From one embedder of this package to another: nobody has to be asked. */
function areBothOwn(database: Database, embedder: Embedder): boolean {
  const stored = database.read(() => nameOf(database));
  return stored !== undefined && isOwnEmbedder(stored) && isOwnEmbedder(embedder);
}

/** Puts the new vectors in the place of the old, unless one is missing. */
function finish(database: Database, embedder: Embedder): boolean {
  return database.write(() => {
    if (missingRows(database, embedder.id).length > 0) return false;
    database.sql("DELETE FROM vectors").get();
    database
      .sql(
        `INSERT INTO vectors SELECT entry, embedder, vector FROM next_vectors
         WHERE length(vector) > 0`,
      )
      .get();
    database.sql("DELETE FROM next_vectors").get();
    setName(database, embedder);
    return true;
  });
}

function nameOf(database: Database): { id: string; dim: number } | undefined {
  const row = database
    .sql(
      `SELECT (SELECT value FROM facts WHERE name = 'embedder') AS id,
              (SELECT value FROM facts WHERE name = 'dim') AS dim`,
    )
    .get();
  if (row === undefined || row.id === null) return undefined;
  return { id: String(row.id), dim: Number(row.dim) };
}

function setName(database: Database, { id, dim }: Embedder): void {
  const statement = database.sql("INSERT OR REPLACE INTO facts VALUES (?, ?)");
  statement.get("embedder", id);
  statement.get("dim", dim);
}

function checkEmbedder(embedder: Embedder): void {
  const { id, dim, kind, embed } = embedder ?? {};
  const isNamed = typeof id === "string" && /^[\w\-.:/]{1,128}$/.test(id);
  const hasDim = Number.isInteger(dim) && dim >= 1 && dim <= 4096;
  const isOfKind = kind === "lexical" || kind === "semantic";
  if (isNamed && hasDim && isOfKind && typeof embed === "function") return;
  throw new StigmergyError(
    "INVALID_INPUT",
    "embedder: expected an id of letters, digits and -_.:/, a dim from 1 to 4096, kind lexical or semantic, and a function embed",
  );
}
