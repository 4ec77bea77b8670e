import { randomBytes } from "node:crypto";
import { EmbedderError, embedTexts, type Embedder } from "../../text/embedder.ts";
import { isOwnEmbedder } from "../../text/own-embedder.ts";
import { rowChecksum } from "../entries/checksum.ts";
import { Codec } from "../entries/codec.ts";
import type { Database } from "../file/database.ts";
import type { SqlRow, SqlValue } from "../file/driver.ts";
import { ENTRY_COLUMNS } from "../entries/entry.ts";
import { rememberEmbedder, resetEmbedder, storedEmbedder } from "../entries/embedder-role.ts";
import { SharedState } from "../entries/shared-state.ts";
import { StoreKeys } from "../file/store-keys.ts";
import { embeddedText } from "../entries/writes.ts";
import { dropDamagedModels } from "../integrity/model-check.ts";
import type { StoreProblem } from "../integrity/problems.ts";
import { everyRow, rebuildWords, recount } from "../integrity/rebuild.ts";
import { entryProblem } from "../integrity/row-check.ts";
import type { Salvage, SalvagedTable } from "./salvage.ts";

const BATCH = 256; // entries embedded at a time
/** Numbers that the damaged store may have given beyond those that could be read. */
const SPARE_VERSIONS = 2 ** 20;
/** What no store has counted up to: a bit of it has flipped. */
const MOST_SEQ = 2 ** 50;

/**
 * Fills a new store file with what was salvaged, as far as it proves to be what was stored; words,
 * counters and the vectors that are missing are made anew.
 * @returns what was lost
 * @throws {StigmergyError} WRONG_KEY, EMBEDDER_MISMATCH
 */
export async function fillFromSalvage(
  database: Database,
  { entries, tables, isComplete }: Salvage,
  master: Uint8Array | undefined,
  embedder: Embedder,
  mayReembed: boolean,
): Promise<StoreProblem[]> {
  const lost: StoreProblem[] = [];
  // Before the records are there: without a key, what is sealed is carried over unread.
  let keys = StoreKeys.open(database, undefined);
  let state = new SharedState(database, keys, undefined);
  database.write(() => {
    for (const table of ["key_records", "dictionaries"] as const)
      insertAll(database, table, tables);
    writeFacts(database, tables, isComplete, lost);
    for (const { name, settings } of tables.namespaces) {
      if (isJsonObject(settings)) insert(database, "namespaces", { name, settings });
      else lost.push({ part: "namespaces", detail: "its settings", namespace: String(name) });
    }
  });
  if (master !== undefined) {
    keys = StoreKeys.open(database, master);
    state = new SharedState(database, keys, undefined);
  }
  const codec = new Codec(database, keys, state);
  database.write(() => {
    for (const found of entries) putNewest(database, codec, found, lost);
    for (const row of tables.history) {
      if (
        problemOf({ ...row, checksum: null, created_at: 0, at: 0, expires_at: null }, codec) ===
        undefined
      ) {
        insert(database, "history", row);
      } else lost.push({ part: "history", detail: "an earlier value", ...placeOf(row) });
    }
    for (const table of [
      "audit",
      "events",
      "models",
      "model_parts",
      "outcomes",
      "agents",
    ] as const) {
      insertAll(database, table, tables);
    }
    keepVectors(database, tables.vectors, embedder);
    recount(database);
    numberOn(database, isComplete);
    rebuildWords(database, codec);
  });
  if (rememberEmbedder(database, embedder, mayReembed) === "next")
    resetEmbedder(database, embedder);
  await embedMissing(database, codec, state, embedder, lost);
  // A service that had never answered may have done so.
  if (database.readAtOnce(() => storedEmbedder(database)) === undefined) {
    rememberEmbedder(database, embedder, mayReembed);
  }
  await dropDamagedModels(database, codec, lost);
  return lost;
}

/** Keeps the newest row of a key that is what was stored. */
function putNewest(
  database: Database,
  codec: Codec,
  found: readonly SqlRow[],
  lost: StoreProblem[],
): void {
  const [newest] = found;
  const sound = found.find((row) => problemOf(row, codec) === undefined);
  if (sound !== newest) {
    const problem = problemOf(newest, codec) ?? "";
    const detail = sound === undefined ? problem : `${problem}; an earlier value was found`;
    lost.push({ part: "entries", detail, ...placeOf(newest) });
  }
  if (sound === undefined) return;
  const isTaken = database.sql("SELECT 1 FROM entries WHERE id = ?").get(sound.id) !== undefined;
  const { id, ...rest } = sound;
  const isSealed = Codec.isSealed(sound.encoding as number);
  const checksum = isSealed ? (sound.checksum ?? null) : rowChecksum(codec.decode(sound), false);
  insert(database, "entries", { ...rest, ...(isTaken ? {} : { id }), checksum });
}

/** What is wrong with a row; what is sealed and can't be opened without a key is believed. */
function problemOf(row: SqlRow, codec: Codec): string | undefined {
  const problem = entryProblem(row, codec);
  const isUnread =
    problem !== undefined && Codec.isSealed(row.encoding as number) && !codec.canOpen;
  return isUnread && row.value instanceof Uint8Array ? undefined : problem;
}

function writeFacts(
  database: Database,
  { facts }: Salvage["tables"],
  isComplete: boolean,
  lost: StoreProblem[],
): void {
  const own = new Set(["seq", "epoch", "removals_floor"]);
  for (const { name, value } of facts) {
    if (own.has(String(name))) {
      if (name !== "seq" || !Number.isSafeInteger(value)) continue;
    } else if (name === "policy" && !isJsonObject(value)) {
      lost.push({ part: "facts", detail: "the policy can't be read: everybody may do everything" });
      continue;
    }
    database.sql("INSERT OR REPLACE INTO facts VALUES (?, ?)").get(name, value);
  }
  const isWhole = facts.some(({ name }) => name === "epoch");
  if (!isComplete && !isWhole) {
    lost.push({ part: "facts", detail: "a policy, if there was one: everybody may do everything" });
  }
}

/** Numbers that were given never come back, and no two entries have one. */
function numberOn(database: Database, isComplete: boolean): void {
  const told = database
    .sql(
      `SELECT max(seq) AS seq FROM (SELECT value AS seq FROM facts WHERE name = 'seq'
         UNION ALL SELECT seq FROM entries UNION ALL SELECT version FROM history
         UNION ALL SELECT seq FROM events) WHERE seq < ${MOST_SEQ}`,
    )
    .get();
  let seq = Number(told?.seq ?? 0) + (isComplete ? 1 : SPARE_VERSIONS);
  const doubtful = database
    .sql(
      `SELECT id FROM entries WHERE seq >= ${MOST_SEQ}
         OR id NOT IN (SELECT min(id) FROM entries GROUP BY seq)`,
    )
    .all();
  for (const { id } of doubtful) {
    database.sql("UPDATE entries SET seq = ? WHERE id = ?").get(++seq, id);
  }
  const fact = database.sql("INSERT OR REPLACE INTO facts VALUES (?, ?)");
  fact.get("seq", seq);
  fact.get("removals_floor", seq);
  fact.get("epoch", randomBytes(8).toString("hex"));
}

function keepVectors(database: Database, rows: readonly SqlRow[], embedder: Embedder): void {
  // Those of the embedder that is built in are made again: that proves them.
  if (isOwnEmbedder(embedder)) return;
  for (const { entry, embedder: id, vector } of rows) {
    const isOurs = id === embedder.id && vector instanceof Uint8Array;
    if (!isOurs || vector.byteLength < embedder.dim * 4) continue;
    database
      .sql("INSERT OR IGNORE INTO vectors SELECT id, ?, ? FROM entries WHERE id = ?")
      .get(id, vector, entry);
  }
}

async function embedMissing(
  database: Database,
  codec: Codec,
  state: SharedState,
  embedder: Embedder,
  lost: StoreProblem[],
): Promise<void> {
  const missing = [...everyRow(database, ENTRY_COLUMNS, "id NOT IN (SELECT entry FROM vectors)")];
  for (let from = 0; from < missing.length; from += BATCH) {
    const entries = missing.slice(from, from + BATCH).flatMap((row) => {
      if (state.settingsOf(String(row.namespace)).vectors === false) return [];
      if (!Codec.isSealed(row.encoding as number) || codec.canOpen) return [codec.entryOf(row)];
      lost.push({ part: "vectors", detail: "its vector, which needs the key", ...placeOf(row) });
      return [];
    });
    if (entries.length === 0) continue;
    const vectors = await embedTexts(embedder, entries.map(embeddedText)).catch(whenOutOfReach);
    database.write(() => {
      for (const [i, { id, namespace, key }] of entries.entries()) {
        if (vectors === undefined) {
          // As whoever writes while the embedder does not answer: it is embedded later.
          database.sql("INSERT OR IGNORE INTO unembedded (entry, at) VALUES (?, 0)").get(id);
          continue;
        }
        const vector = vectors.subarray(i * embedder.dim, (i + 1) * embedder.dim);
        if (vector.every((value) => value === 0)) continue;
        database
          .sql("INSERT INTO vectors VALUES (?, ?, ?)")
          .get(id, embedder.id, codec.encodeVector(namespace, key, vector));
      }
    });
  }
}

function whenOutOfReach(error: unknown): undefined {
  if (error instanceof EmbedderError) return undefined;
  throw error;
}

function insertAll(database: Database, table: SalvagedTable, tables: Salvage["tables"]): void {
  for (const row of tables[table]) insert(database, table, row);
}

/** Writes a row's columns as far as the table has them; one that breaks a rule of it is left out. */
function insert(database: Database, table: string, row: SqlRow): void {
  const columns = database.sql(`SELECT name FROM pragma_table_info('${table}')`).all();
  const names = columns.map(({ name }) => String(name)).filter((name) => row[name] !== undefined);
  const places = names.map(() => "?").join(", ");
  database
    .sql(`INSERT OR IGNORE INTO "${table}" (${names.join(", ")}) VALUES (${places})`)
    .get(...names.map((name) => row[name]));
}

function isJsonObject(text: SqlValue | undefined): boolean {
  try {
    const value: unknown = JSON.parse(String(text));
    return typeof value === "object" && value !== null && !Array.isArray(value);
  } catch {
    return false;
  }
}

function placeOf({ namespace, key }: SqlRow): { namespace?: string; key?: string } {
  return {
    ...(typeof namespace === "string" ? { namespace } : {}),
    ...(typeof key === "string" ? { key } : {}),
  };
}
