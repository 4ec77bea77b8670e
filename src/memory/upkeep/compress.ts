import { setImmediate as nextTurn } from "node:timers/promises";
import { deflateRawSync } from "node:zlib";
import { checkNamespace, checkSeconds } from "../../security/limits.ts";
import { knownOptions, type OptionNames } from "../../util/option-names.ts";
import { Codec, type Dictionary } from "../entries/codec.ts";
import type { StoreContext } from "../entries/context.ts";
import type { Database } from "../file/database.ts";
import type { SqlRow } from "../file/driver.ts";
import { trainDictionary } from "../entries/dictionary.ts";
import { giveSpaceBack } from "./space.ts";
import { fileBytes } from "./stats.ts";
import { leaveGap } from "../file/steps.ts";

/** What to compress. */
export interface CompressRequest {
  /** Default every namespace that the one who asks may administer. */
  readonly namespace?: string | undefined;
  /** Only entries that were neither written nor retrieved for so many seconds; default 0: all. */
  readonly idleSeconds?: number | undefined;
}

const COMPRESS_NAMES: OptionNames<CompressRequest> = { namespace: true, idleSeconds: true };

/** What compressing came to. */
export interface CompressReport {
  /** Entries whose value is compressed now and was not before, or better than before. */
  readonly entries: number;
  /** Bytes of the store's files, by the file system. */
  readonly bytesBefore: number;
  /** The same when it was done. */
  readonly bytesAfter: number;
  /** Bytes of the values as they are stored, of the entries looked at. */
  readonly valueBytesBefore: number;
  /** The same when it was done. */
  readonly valueBytesAfter: number;
}

const LEAST_BYTES = 48; // of a value: what deflate adds would eat what a shorter one saves
const MOST_SAMPLES = 4000;
const MOST_SAMPLE_BYTES = 2 ** 21;
const BATCH = 256; // values compressed between two looks at other writers
const IDS = 4096; // read between two turns of others
/** Of a file that is written anew, for which nobody else can write: about a second. */
const MOST_COMPACTED = 2 ** 26;

/**
 * Compresses values: raw deflate with a dictionary trained on the namespace, for each value only
 * where that makes it smaller. They stay as readable and as easy to find as before. A file of up to 64 MiB is
 * then written anew; in a larger one what became free is written again next, or given back by `gc` with `aggressive`.
 * @throws {StigmergyError} FORBIDDEN without the right to administer the namespace; STORE_BUSY, and
 * what was compressed until then stays so
 */
export async function compressValues(
  context: StoreContext,
  request: CompressRequest,
): Promise<CompressReport> {
  const { namespace, idleSeconds = 0 } = knownOptions("compress", request, COMPRESS_NAMES);
  const idle = checkSeconds("idleSeconds", idleSeconds);
  const { database, state, audit } = context;
  const only = namespace === undefined ? undefined : checkNamespace(namespace);
  state.refresh();
  const namespaces = only === undefined ? administered(context) : [only];
  for (const each of namespaces) state.access.assert("admin", each);
  database.checkpoint();
  const bytesBefore = await fileBytes(database.path);
  const sum = { entries: 0, valueBytesBefore: 0, valueBytesAfter: 0 };
  const before = Date.now() - idle * 1000;
  for (const each of namespaces) {
    const done = await compressNamespace(context, each, before);
    sum.entries += done.entries;
    sum.valueBytesBefore += done.valueBytesBefore;
    sum.valueBytesAfter += done.valueBytesAfter;
    if (done.entries > 0) {
      const detail = `${done.entries} entries`;
      database.write(() =>
        audit.write({ action: "compress", outcome: "done", namespace: each, detail }),
      );
    }
  }
  const dropped = database.write(() => dropUnusedDictionaries(context));
  if (sum.entries + dropped > 0) await giveSpaceBack(database, bytesBefore <= MOST_COMPACTED);
  return { ...sum, bytesBefore, bytesAfter: await fileBytes(database.path) };
}

async function compressNamespace(context: StoreContext, namespace: string, before: number) {
  const { database } = context;
  const ids = await idsOf(database, namespace, before);
  const done = { entries: 0, valueBytesBefore: 0, valueBytesAfter: 0 };
  if (ids.length === 0) return done;
  let dictionary = await context.writes.run(async () => chooseDictionary(context, namespace, ids));
  for (let from = 0; from < ids.length; from += BATCH) {
    const began = performance.now();
    await context.writes.run(async () =>
      database.write(() => {
        context.state.refresh();
        // Others may have dropped it meanwhile, or restored a store that has another of its number.
        dictionary = context.codec.keepDictionary(namespace, dictionary);
        for (const id of ids.slice(from, from + BATCH)) {
          const row = rowOf(context, id);
          if (row === undefined || !isAsWanted(context, row)) continue;
          const length = lengthOf(row.value);
          const after = compressRow(context, row, dictionary);
          done.valueBytesBefore += length;
          done.valueBytesAfter += Math.min(after, length);
          if (after < length) done.entries++;
        }
      }),
    );
    await leaveGap(performance.now() - began);
  }
  return done;
}

/** Entries that are long enough and were left alone since a moment. */
async function idsOf(database: Database, namespace: string, before: number): Promise<number[]> {
  const ids: number[] = [];
  for (;;) {
    const rows = database.read(() =>
      database
        .sql(
          `SELECT id FROM entries WHERE id > ? AND +namespace = ? AND size >= ${LEAST_BYTES}
             AND max(updated_at, coalesce(accessed_at, 0)) <= ? ORDER BY id LIMIT ${IDS}`,
        )
        .all(ids.at(-1) ?? Number.MIN_SAFE_INTEGER, namespace, before),
    );
    for (const { id } of rows) ids.push(id as number);
    if (rows.length < IDS) return ids;
    await nextTurn();
  }
}

/** Compresses one value, if that makes it smaller, and returns the bytes that it would take. */
function compressRow(
  { codec, database }: StoreContext,
  row: SqlRow,
  dictionary: Dictionary,
): number {
  const { value, metadata } = codec.decode(row);
  const { namespace, key, id } = row;
  const encoded = codec.encode(
    ...([namespace, key, value, metadata] as [string, string, string, string]),
    dictionary,
  );
  const after = lengthOf(encoded.value);
  if (after < lengthOf(row.value)) {
    // Version and counters stay: what the entry says has not changed.
    database
      .sql("UPDATE entries SET value = ?, metadata = ?, encoding = ? WHERE id = ?")
      .get(encoded.value, encoded.metadata, encoded.encoding, id);
  }
  return after;
}

interface Sample {
  readonly bytes: Uint8Array;
  /** What it takes as it is stored. */
  readonly stored: number;
}

/**
 * What to deflate the values of a namespace with: the dictionary that it has, none, or a new one,
 * which is stored if that saves clearly more than the dictionary itself takes.
 */
function chooseDictionary(
  context: StoreContext,
  namespace: string,
  ids: readonly number[],
): Dictionary {
  const known = newestDictionary(context, namespace);
  const samples = sampleValues(context, ids);
  // Every second one is kept apart, to measure what a dictionary is worth to others.
  const apart = samples.filter((_, i) => i % 2 === 1);
  if (apart.length === 0) return known;
  const trained = trainDictionary(samples.filter((_, i) => i % 2 === 0).map(({ bytes }) => bytes));
  const saved = apart.reduce((sum, sample) => {
    return sum + lengthWith(sample, known.bytes) - lengthWith(sample, trained);
  }, 0);
  if ((saved / apart.length) * ids.length < 2 * trained.byteLength) return known;
  // For good measure it is trained on all that was read.
  const best = trainDictionary(samples.map(({ bytes }) => bytes));
  return context.database.write(() => context.codec.writeDictionary(namespace, best));
}

/** What a value would take: never more than it does. */
function lengthWith({ bytes, stored }: Sample, dictionary: Uint8Array | undefined): number {
  const options = dictionary === undefined ? {} : { dictionary };
  return Math.min(stored, deflateRawSync(bytes, { level: 9, ...options }).byteLength);
}

function newestDictionary({ database, codec }: StoreContext, namespace: string): Dictionary {
  const row = database.read(() =>
    database.sql("SELECT max(id) AS id FROM dictionaries WHERE namespace = ?").get(namespace),
  );
  if (typeof row?.id !== "number") return { id: 0, bytes: undefined };
  return { id: row.id, bytes: codec.readDictionary(row.id) };
}

/** Some values, from all over the namespace. */
function sampleValues(context: StoreContext, ids: readonly number[]): Sample[] {
  const samples: Sample[] = [];
  let bytes = 0;
  const step = Math.max(1, ids.length / MOST_SAMPLES);
  for (let i = 0; i < ids.length && bytes < MOST_SAMPLE_BYTES; i += step) {
    const row = context.database.read(() => rowOf(context, ids[Math.floor(i)]));
    if (row === undefined || !isAsWanted(context, row)) continue;
    const text = Buffer.from(context.codec.decode(row).value, "utf8");
    if (text.byteLength > MOST_SAMPLE_BYTES / 16 && samples.length > 0) continue;
    samples.push({ bytes: text, stored: lengthOf(row.value) });
    bytes += text.byteLength;
  }
  return samples;
}

/** Whether a value is sealed as its namespace is by now; if not, that is for `rekey` to change. */
function isAsWanted({ state }: StoreContext, { namespace, encoding }: SqlRow): boolean {
  return Codec.isSealed(encoding as number) === state.seals(namespace as string);
}

function rowOf({ database }: StoreContext, id: number): SqlRow | undefined {
  return database
    .sql("SELECT id, namespace, key, value, metadata, encoding FROM entries WHERE id = ?")
    .get(id);
}

/** Removes dictionaries that no value refers to any more. Within a transaction. */
export function dropUnusedDictionaries({ database }: Pick<StoreContext, "database">): number {
  const rows = database
    .sql(
      `DELETE FROM dictionaries WHERE id NOT IN (SELECT encoding >> 8 FROM entries)
         AND id NOT IN (SELECT encoding >> 8 FROM history) RETURNING id`,
    )
    .all();
  return rows.length;
}

/** Namespaces that have entries, of those that the one who asks may administer. */
function administered({ database, state }: StoreContext): string[] {
  const rows = database.read(() =>
    database.sql("SELECT name FROM namespaces WHERE entries > 0 ORDER BY name").all(),
  );
  return rows
    .map(({ name }) => name as string)
    .filter((name) => state.access.allows("admin", name));
}

function lengthOf(stored: unknown): number {
  return typeof stored === "string"
    ? Buffer.byteLength(stored, "utf8")
    : (stored as Uint8Array).byteLength;
}
