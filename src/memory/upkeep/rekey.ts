import { StigmergyError } from "../../errors.ts";
import { KeyRing } from "../../security/key-ring.ts";
import { knownOptions, type OptionNames } from "../../util/option-names.ts";
import { writeHead, headOf } from "../entries/audit-trail.ts";
import { Codec } from "../entries/codec.ts";
import type { StoreContext } from "../entries/context.ts";
import type { SqlRow } from "../file/driver.ts";
import { IndexSnapshots } from "../file/index-snapshots.ts";
import { indexWords, removeWords, wordColumns } from "../words/lexical.ts";
import { changeSealing } from "../file/sealing.ts";
import { RESEALED, type ResealedTable } from "../shelves/model-rows.ts";
import { leaveNothing } from "./space.ts";
import { leaveGap } from "../file/steps.ts";
import { readRecords, writeRecords } from "../file/store-keys.ts";

/** How a change of key goes on. */
export interface RekeyOptions {
  /** Ends it with the signal's reason; called again with the same key it goes on. */
  readonly signal?: AbortSignal | undefined;
  /** Is told, time and again, how many rows are sealed with the new key. */
  readonly onProgress?: ((done: number) => void) | undefined;
}

const REKEY_NAMES: OptionNames<RekeyOptions> = { signal: true, onProgress: true };

/** What a change of key came to. */
export interface RekeyReport {
  /** The generation of the key in force. */
  readonly generation: number;
  /** Rows that were sealed anew: entries, values of history, vectors, dictionaries, messages, models, outcomes, agents. */
  readonly rows: number;
}

const BATCH = 200; // rows sealed between two looks at other writers

/**
 * Seals the whole store with a new key, while it is used: by those who have the old key, too, until
 * the last row is done. What was in the clear is sealed. It can be cut off at any moment: called
 * again with the same new key it goes on where it was.
 * @throws {StigmergyError} INVALID_INPUT for the key in force; CONFLICT while another change of key is
 * not finished; FORBIDDEN; STORE_BUSY
 */
export async function rekeyStore(
  context: StoreContext,
  master: Uint8Array,
  options: RekeyOptions,
): Promise<RekeyReport> {
  const { signal, onProgress } = knownOptions("rekey", options, REKEY_NAMES);
  const { database, state, keys } = context;
  state.refresh();
  state.access.assert("admin", "*");
  // What is still to be added must not be added once it is sealed.
  await context.words.catchUp();
  begin(context, master);
  let rows = 0;
  for (const table of TABLES) {
    for (let after = 0; ;) {
      signal?.throwIfAborted();
      const began = performance.now();
      const [read, done, last] = await context.writes.run(async () =>
        database.write(() => {
          state.refresh();
          return sealBatch(context, table, after);
        }),
      );
      rows += done;
      onProgress?.(rows);
      if (read < (table.batch ?? BATCH)) break;
      after = last;
      await leaveGap(performance.now() - began);
    }
  }
  database.write(() => {
    const ring = ringOf(context);
    database.sql("DELETE FROM next_vectors").get();
    writeRecords(database, ring.finished());
    context.audit.write({ action: "rekey", outcome: "done", detail: `${rows} rows` });
  });
  state.reload();
  // Nothing of what was in the clear stays: not in the word index, not in free pages, not beside.
  await (await context.wordMirror.made)?.settle();
  await IndexSnapshots.removeAll(context.folder);
  database.execute("INSERT INTO words (words) VALUES ('optimize')");
  await leaveNothing(database, "the key is changed");
  context.cache.clear();
  return { generation: keys.ring?.current ?? 0, rows };
}

/** Writes the records of both keys: from here on new rows are sealed with the new one. */
function begin(context: StoreContext, master: Uint8Array): void {
  const { database, keys, state } = context;
  database.write(() => {
    const records = readRecords(database);
    const ring = keys.ring;
    if (records.length > 1) {
      if (!opens(master, records.slice(-1))) {
        throw new StigmergyError(
          "CONFLICT",
          "rekey: another change of key is not finished; finish it with the new key that it was begun with",
        );
      }
    } else if (ring === undefined) writeRecords(database, [KeyRing.create(master).record]);
    else writeRecords(database, ring.rotate(master).records);
    // Vectors in the making are made again: they are sealed by the key before, or not at all.
    database.sql("DELETE FROM next_vectors").get();
    keys.adopt(master);
    const head = headOf(database);
    if (head !== undefined) writeHead(database, head, keys);
  });
  state.reload();
}

function opens(master: Uint8Array, records: Parameters<typeof KeyRing.open>[1]): boolean {
  try {
    KeyRing.open(master, records);
    return true;
  } catch {
    return false;
  }
}

interface SealedTable {
  readonly select: string;
  readonly batch?: number;
  /** Seals a row anew; false when it was as it must be. */
  readonly seal: (context: StoreContext, row: SqlRow) => boolean;
}

const TABLES: readonly SealedTable[] = [
  { select: "SELECT * FROM dictionaries WHERE id > ?", seal: sealDictionary },
  { select: "SELECT * FROM entries WHERE id > ?", seal: (...all) => sealValue("entries", ...all) },
  { select: "SELECT * FROM history WHERE id > ?", seal: (...all) => sealValue("history", ...all) },
  {
    select: `SELECT entry AS id, namespace, key, vector FROM vectors
      JOIN entries ON entries.id = entry WHERE entry > ?`,
    seal: sealVector,
  },
  { select: "SELECT seq AS id, name, data FROM events WHERE seq > ?", seal: sealMessage },
  ...RESEALED.map((table) => ({
    select: table.select,
    batch: table.batch,
    seal: (context: StoreContext, row: SqlRow) => sealOwn(context, table, row),
  })),
];

function sealBatch(
  context: StoreContext,
  { select, seal, batch = BATCH }: SealedTable,
  after: number,
): [read: number, done: number, last: number] {
  const rows = context.database.sql(`${select} ORDER BY 1 LIMIT ${batch}`).all(after);
  const done = rows.filter((row) => seal(context, row)).length;
  return [rows.length, done, Number(rows.at(-1)?.id ?? after)];
}

/** Whether bytes are as the namespace wants them: in the clear, or sealed by the key in force. */
function isAsWanted(
  context: StoreContext,
  row: SqlRow,
  isSealed: boolean,
  bytes: unknown,
): boolean {
  const wanted = context.state.seals(row.namespace as string);
  if (wanted !== isSealed) return false;
  return !wanted || ringOf(context).isCurrent(bytes as Uint8Array);
}

function sealValue(table: "entries" | "history", context: StoreContext, row: SqlRow): boolean {
  const { database, codec } = context;
  const encoding = row.encoding as number;
  const isSealed = Codec.isSealed(encoding);
  if (isAsWanted(context, row, isSealed, row.value)) return false;
  const { value, metadata } = codec.decode(row);
  const dictionary = Codec.isDeflated(encoding) ? codec.dictionaryFor(encoding) : undefined;
  const { namespace, key, id } = row;
  const encoded = codec.encode(namespace as string, key as string, value, metadata, dictionary);
  database
    .sql(`UPDATE ${table} SET value = ?, metadata = ?, encoding = ? WHERE id = ?`)
    .get(encoded.value, encoded.metadata, encoded.encoding, id);
  if (table === "entries" && Codec.isSealed(encoded.encoding) !== isSealed) {
    if (isSealed) indexWords(database, id as number, wordColumns(codec.entryOf({ ...row })));
    else removeWords(database, id as number);
    changeSealing(database);
  }
  return true;
}

function sealVector(context: StoreContext, row: SqlRow): boolean {
  const { database, codec, embedder } = context;
  const stored = row.vector as Uint8Array;
  const isSealed = stored.byteLength !== embedder.dim * 4;
  if (isAsWanted(context, row, isSealed, stored)) return false;
  const namespace = row.namespace as string;
  const key = row.key as string;
  const bytes = codec.decodeVector(namespace, key, stored, embedder.dim);
  const vector = new Float32Array(Uint8Array.from(bytes).buffer);
  database
    .sql("UPDATE vectors SET vector = ? WHERE entry = ?")
    .get(codec.encodeVector(namespace, key, vector), row.id);
  return true;
}

function sealDictionary(context: StoreContext, row: SqlRow): boolean {
  const { database, codec } = context;
  if (isAsWanted(context, row, Codec.isSealed(row.encoding as number), row.bytes)) return false;
  codec.rewriteDictionary(database, row.id as number, row.namespace as string);
  return true;
}

function sealMessage(context: StoreContext, row: SqlRow): boolean {
  const { database, codec } = context;
  const data = row.data as string | Uint8Array;
  if (typeof data !== "string" && ringOf(context).isCurrent(data)) return false;
  const name = row.name as string;
  database
    .sql("UPDATE events SET data = ? WHERE seq = ?")
    .get(codec.encodeText(name, codec.decodeText(name, data)), row.id);
  return true;
}

/** A row of a model or an outcome. */
function sealOwn(context: StoreContext, { stored, reseal }: ResealedTable, row: SqlRow): boolean {
  const { namespace, bytes } = stored(row);
  const isSealed = bytes instanceof Uint8Array;
  if (isAsWanted(context, { namespace }, isSealed, bytes)) return false;
  reseal(context.database, context.codec, context.codec, row);
  return true;
}

function ringOf({ keys }: StoreContext): KeyRing {
  if (keys.ring === undefined) throw new Error("a store without a key in the middle of a rekey");
  return keys.ring;
}
