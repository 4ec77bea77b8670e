import { setImmediate as nextTurn } from "node:timers/promises";
import { rowChecksum } from "../entries/checksum.ts";
import { Codec } from "../entries/codec.ts";
import type { StoreContext } from "../entries/context.ts";
import type { Database } from "../file/database.ts";
import type { SqlRow } from "../file/driver.ts";
import { RESEALED } from "../shelves/model-rows.ts";
import { rebuildWords } from "../integrity/rebuild.ts";
import { reembedAll } from "../vectors/reembed.ts";
import { SharedState } from "../entries/shared-state.ts";
import { readRecords } from "../file/store-keys.ts";
import { WordIndex } from "../words/word-index.ts";
import type { Image } from "./image.ts";
import { factOf } from "../file/facts.ts";

const BATCH = 256; // rows sealed before others get a turn

/**
 * Makes an image what the live store could have written: sealed with its keys or in the clear as it
 * is, with words in the index and vectors of its embedder.
 * @returns what reads the image from then on
 */
export async function adopt(
  { keys, embedder, asked, database: live }: StoreContext,
  image: Image,
): Promise<Codec> {
  const { database } = image;
  // The policy of the live store stays in force; the backup's is not even read.
  database.write(() => database.sql("DELETE FROM facts WHERE name = 'policy'").get());
  const state = new SharedState(database, keys, undefined);
  const codec = new Codec(database, keys, state);
  const isJson = image.facts.format === "json";
  if (isJson || !hasSameKeys(live, database)) {
    await sealRows(image, codec, embedder.dim);
    database.write(() => rebuildWords(database, codec));
  } else await new WordIndex(database, codec).catchUp();
  const { id, dim } = embedderOf(database);
  // What never answered has no vectors yet, nor has what is restored then.
  const isNone = embedder.dim === 0 && id === undefined;
  if (!isNone && (isJson || id !== embedder.id || dim !== embedder.dim)) {
    if (embedder.dim === 0) await asked.embed(embedder, ["a text"]);
    await reembedAll({ database, codec, state, embedder });
  }
  return codec;
}

/** Whether what one file has sealed can be read with the other's keys. */
function hasSameKeys(live: Database, other: Database): boolean {
  const theirs = readRecords(other);
  const known = new Set(readRecords(live).map(nameOfRecord));
  if (theirs.length === 0) return known.size === 0;
  return theirs.every((record) => known.has(nameOfRecord(record)));
}

function nameOfRecord({ generation, salt, proof }: ReturnType<typeof readRecords>[number]): string {
  return [generation, ...[salt, proof].map((bytes) => Buffer.from(bytes).toString("hex"))].join();
}

function embedderOf(database: Database): { id: unknown; dim: unknown } {
  const fact = (name: string): unknown => database.read(() => factOf(database, name));
  return { id: fact("embedder"), dim: fact("dim") };
}

async function sealRows({ database, codec: from }: Image, to: Codec, dim: number): Promise<void> {
  const theirDim = Number(embedderOf(database).dim ?? dim);
  await eachBatch(database, rowsOf("entries"), BATCH, (rows) => {
    for (const row of rows) {
      const id = row.id as number;
      const plain = from.decode(row);
      const namespace = row.namespace as string;
      const key = row.key as string;
      const { value, metadata, encoding } = to.encode(namespace, key, plain.value, plain.metadata);
      const checksum = rowChecksum(plain, Codec.isSealed(encoding));
      database
        .sql("UPDATE entries SET value = ?, metadata = ?, encoding = ?, checksum = ? WHERE id = ?")
        .get(value, metadata, encoding, checksum, id);
      const stored = database.sql("SELECT vector FROM vectors WHERE entry = ?").get(id)?.vector;
      if (stored === undefined) continue;
      const bytes = from.decodeVector(namespace, key, stored as Uint8Array, theirDim);
      const vector = new Float32Array(Uint8Array.from(bytes).buffer);
      database
        .sql("UPDATE vectors SET vector = ? WHERE entry = ?")
        .get(to.encodeVector(namespace, key, vector), id);
    }
  });
  await eachBatch(database, rowsOf("history"), BATCH, (rows) => {
    for (const row of rows) {
      const plain = from.decode(row);
      const namespace = row.namespace as string;
      const key = row.key as string;
      const { value, metadata, encoding } = to.encode(namespace, key, plain.value, plain.metadata);
      database
        .sql("UPDATE history SET value = ?, metadata = ?, encoding = ? WHERE id = ?")
        .get(value, metadata, encoding, row.id);
    }
  });
  for (const { select, batch, reseal } of RESEALED) {
    await eachBatch(database, `${select} ORDER BY 1 LIMIT ${batch}`, batch, (rows) => {
      for (const row of rows) reseal(database, from, to, row);
    });
  }
  // Nothing is compressed any more.
  database.write(() => database.sql("DELETE FROM dictionaries").get());
}

function rowsOf(table: "entries" | "history"): string {
  return `SELECT * FROM ${table} WHERE id > ? ORDER BY id LIMIT ${BATCH}`;
}

/** @param sql rows after an id, in order, at most `batch` */
async function eachBatch(
  database: Database,
  sql: string,
  batch: number,
  work: (rows: SqlRow[]) => void,
): Promise<void> {
  for (let after = Number.MIN_SAFE_INTEGER; ;) {
    const rows = database.write(() => {
      const found = database.sql(sql).all(after);
      work(found);
      return found;
    });
    if (rows.length < batch) return;
    after = rows[rows.length - 1].id as number;
    await nextTurn();
  }
}
