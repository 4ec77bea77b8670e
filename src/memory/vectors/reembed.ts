import { embedTexts, type Embedder } from "../../text/embedder.ts";
import type { Codec } from "../entries/codec.ts";
import type { Database } from "../file/database.ts";
import { assertEmbedder, roleOf, setCurrent, setOnlyNext } from "../entries/embedder-role.ts";
import { ENTRY_COLUMNS } from "../entries/entry.ts";
import type { SharedState } from "../entries/shared-state.ts";
import { embeddedText } from "../entries/writes.ts";

const BATCH = 256; // entries embedded and written at a time
const REACH = 4096; // entries looked at for those whose vector is missing

/** What embedding again needs. */
export interface ReembedContext {
  readonly database: Database;
  readonly codec: Codec;
  readonly state: SharedState;
  readonly embedder: Embedder;
}

/** A part of a store that has been gone through. */
export interface ReembedStep {
  /** Entries of an id after `from`, up to `to`, have their vectors. */
  readonly from: number;
  readonly to: number;
  /** How many entries these are. */
  readonly count: number;
  /** Of them, how many had to be embedded. */
  readonly embedded: number;
}

/**
 * Embeds every entry of a store again that has no vector of the next embedder. The new vectors
 * stand apart until none is missing, and then take the place of the others in one transaction:
 * whoever uses the store with the embedder before goes on until then, and what was cut off is taken
 * up by the next.
 * @param mayGoOn asked after each wait: when it says no, nothing more is read or written
 * @param onStep told after each batch; what it returns is waited for
 * @throws {StigmergyError} EMBEDDER_MISMATCH when another embedder is to be the next; STORE_BUSY
 */
export async function reembedMissing(
  context: ReembedContext,
  mayGoOn: () => boolean,
  onStep: (step: ReembedStep) => Promise<void>,
): Promise<void> {
  const { database, embedder } = context;
  for (;;) {
    let missing = 0;
    for (let from = FIRST; ;) {
      const step = await stepFrom(context, from, mayGoOn);
      if (step === undefined) break;
      missing += step.embedded;
      from = step.to;
      await onStep(step);
      if (!mayGoOn()) return;
    }
    if (!mayGoOn()) return;
    if (database.readAtOnce(() => assertEmbedder(database, embedder)) === "current") return;
    // What was written behind the last batch is found by another round.
    if (missing === 0 && finish(context)) return;
  }
}

/** Embeds every entry of a store that nobody else uses, whatever vectors it has. @throws as the embedder */
export async function reembedAll(context: ReembedContext): Promise<void> {
  context.database.write(() => setOnlyNext(context.database, context.embedder));
  await reembedMissing(
    context,
    () => true,
    async () => undefined,
  );
}

/**
 * Embeds what a process with the next embedder has written, for those who go back to the one before:
 * such an entry has a vector of the next embedder only.
 * @returns how many entries that were
 * @throws as the embedder; STORE_BUSY
 */
export async function embedWrittenByNext(context: ReembedContext): Promise<number> {
  const { database, codec, embedder } = context;
  let count = 0;
  for (let from = FIRST; ;) {
    const rows = database.read(() =>
      database
        .sql(
          `SELECT ${ENTRY_COLUMNS} FROM entries WHERE id > ?
             AND id IN (SELECT entry FROM next_vectors WHERE length(vector) > 0)
             AND id NOT IN (SELECT entry FROM vectors) ORDER BY id LIMIT ${BATCH}`,
        )
        .all(from),
    );
    if (rows.length === 0) return count;
    from = rows[rows.length - 1].id as number;
    const entries = rows.map((row) => codec.entryOf(row));
    const vectors = await embedTexts(embedder, entries.map(embeddedText));
    database.write(() => {
      if (roleOf(database, embedder) !== "current") return;
      for (const [i, { id, namespace, key, version }] of entries.entries()) {
        const vector = vectors.subarray(i * embedder.dim, (i + 1) * embedder.dim);
        if (vector.every((value) => value === 0)) continue;
        const bytes = codec.encodeVector(namespace, key, vector);
        database
          .sql(
            "INSERT OR REPLACE INTO vectors SELECT id, ?, ? FROM entries WHERE id = ? AND seq = ?",
          )
          .get(embedder.id, bytes, id, version);
      }
    });
    count += rows.length;
  }
}

/** How many entries have their vector of the next embedder. Reads them all. */
export function countReembedded({ database, embedder }: ReembedContext): number {
  const row = database
    .sql(
      `SELECT count(*) AS count FROM next_vectors AS next JOIN entries ON id = entry
       WHERE next.seq = entries.seq AND next.embedder = ?`,
    )
    .get(embedder.id);
  return Number(row?.count);
}

/** Before the first id. */
const FIRST = 0;

/** Stands for the vector of an entry that has none. */
const NONE = new Uint8Array(0);

/** Entries whose new vector is missing, or of a text that they no longer have. */
const IS_MISSING = `NOT EXISTS (SELECT 1 FROM next_vectors AS next
  WHERE next.entry = entries.id AND next.seq = entries.seq AND next.embedder = ?)`;

/** Goes through entries after an id; undefined when there are none, or nothing is to be done. */
async function stepFrom(
  context: ReembedContext,
  from: number,
  mayGoOn: () => boolean,
): Promise<ReembedStep | undefined> {
  const { database, codec, embedder } = context;
  const read = database.readAtOnce(() => {
    if (assertEmbedder(database, embedder) === "current") return undefined;
    const reach = database
      .sql(
        `SELECT max(id) AS last FROM
         (SELECT id FROM entries WHERE id > ? ORDER BY id LIMIT ${REACH})`,
      )
      .get(from);
    if (typeof reach?.last !== "number") return undefined;
    const rows = database
      .sql(
        `SELECT ${ENTRY_COLUMNS} FROM entries WHERE id > ? AND id <= ? AND ${IS_MISSING}
         ORDER BY id LIMIT ${BATCH}`,
      )
      .all(from, reach.last, embedder.id);
    const to = rows.length < BATCH ? reach.last : (rows[rows.length - 1].id as number);
    const passed = database
      .sql("SELECT count(*) AS count FROM entries WHERE id > ? AND id <= ?")
      .get(from, to);
    return { rows, to, count: Number(passed?.count) };
  });
  if (read === undefined) return undefined;
  const { rows, to, count } = read;
  if (rows.length > 0) {
    const entries = rows.map((row) => codec.entryOf(row));
    const vectors = await embedTexts(embedder, entries.map(embeddedText));
    if (mayGoOn()) writeNext(context, entries, vectors);
  }
  return { from, to, count, embedded: rows.length };
}

function writeNext(
  { database, codec, state, embedder }: ReembedContext,
  entries: readonly ReturnType<Codec["entryOf"]>[],
  vectors: Float32Array,
): void {
  database.write(() => {
    // Others may have finished, or begun with another embedder.
    if (roleOf(database, embedder) !== "next") return;
    // Settings and key may have changed since.
    state.refresh();
    for (const [i, { id, namespace, key, version }] of entries.entries()) {
      const vector = vectors.subarray(i * embedder.dim, (i + 1) * embedder.dim);
      const isNone =
        state.settingsOf(namespace).vectors === false || vector.every((value) => value === 0);
      const bytes = isNone ? NONE : codec.encodeVector(namespace, key, vector);
      // No row is found when the entry has gone, or was written again, meanwhile.
      database
        .sql(
          `INSERT OR REPLACE INTO next_vectors SELECT id, seq, ?, ? FROM entries
           WHERE id = ? AND seq = ?`,
        )
        .get(embedder.id, bytes, id, version);
    }
  });
}

/** Puts the new vectors in the place of the old, unless one is missing. */
function finish({ database, embedder }: ReembedContext): boolean {
  return database.write(() => {
    if (assertEmbedder(database, embedder) === "current") return true;
    const missing = database
      .sql(`SELECT 1 FROM entries WHERE ${IS_MISSING} LIMIT 1`)
      .get(embedder.id);
    if (missing !== undefined) return false;
    database.sql("DELETE FROM vectors").get();
    database
      .sql(
        `INSERT INTO vectors SELECT entry, embedder, vector FROM next_vectors
         WHERE length(vector) > 0 ORDER BY entry`,
      )
      .get();
    database.sql("DELETE FROM unembedded").get();
    setCurrent(database, embedder);
    return true;
  });
}
