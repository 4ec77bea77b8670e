import { createWriteStream } from "node:fs";
import { once } from "node:events";
import { finished } from "node:stream/promises";
import { StigmergyError } from "../../errors.ts";
import { Codec } from "../entries/codec.ts";
import { currentPosition } from "../entries/changes.ts";
import type { Database } from "../file/database.ts";
import type { SqlRow, SqlValue } from "../file/driver.ts";
import type { StoreKeys } from "../file/store-keys.ts";
import { SharedState } from "../entries/shared-state.ts";
import { MIGRATIONS } from "../file/schema.ts";
import { JSON_SEAL, sealFile, type FileSum } from "./file-seal.ts";
import {
  JSON_FORMAT,
  SECTIONS,
  type JsonManifest,
  type JsonRow,
  type Section,
} from "./json-format.ts";

const BATCH = 256; // rows held at a time

interface SectionTable {
  readonly table: string;
  readonly order: string;
  readonly without: readonly string[];
  /** Rows held at a time. */
  readonly batch?: number;
}

/** The table and order of each list, and the columns left out. */
const TABLES: Readonly<Record<Section, SectionTable>> = {
  namespaces: { table: "namespaces", order: "name", without: ["entries", "bytes"] },
  keys: { table: "key_records", order: "generation", without: [] },
  dictionaries: { table: "dictionaries", order: "id", without: [] },
  entries: { table: "entries", order: "id", without: ["checksum"] },
  history: { table: "history", order: "id", without: [] },
  models: { table: "models", order: "id", without: [] },
  modelParts: { table: "model_parts", order: "id", without: [], batch: 1 },
  outcomes: { table: "outcomes", order: "id", without: [] },
  agents: { table: "agents", order: "id", without: [] },
};

/** Columns that hold JSON, and are put into the document as such. */
const JSON_COLUMNS = new Set(["tags", "metadata", "settings"]);

/**
 * Writes a store, as of one moment, as a readable backup. No more than a few hundred rows are held
 * in memory. `snapshot` is a connection with nothing else to do.
 */
export async function writeJsonBackup(
  snapshot: Database,
  keys: StoreKeys,
  path: string,
  createdAt: number,
): Promise<FileSum & { readonly entries: number }> {
  const codec = new Codec(snapshot, keys, new SharedState(snapshot, keys, undefined));
  const stream = createWriteStream(path, { mode: 0o600 });
  const ended = finished(stream);
  // Met where it is awaited; until then it is nobody's unhandled rejection.
  ended.catch(() => undefined);
  const write = async (text: string): Promise<void> => {
    if (!stream.write(text)) await Promise.race([once(stream, "drain"), ended]);
  };
  snapshot.execute("BEGIN");
  try {
    const manifest = manifestOf(snapshot, createdAt);
    await write(`{\n"manifest": ${JSON.stringify(manifest)},\n`);
    for (const section of SECTIONS) {
      await write(`"${section}": [`);
      let separator = "\n";
      for (const rows of batches(snapshot, section)) {
        const lines = rows.map((row) => JSON.stringify(jsonRow(section, row, codec)));
        await write(`${separator}${lines.join(",\n")}`);
        separator = ",\n";
      }
      await write("\n],\n");
    }
    stream.end();
    await ended;
    return { ...(await sealFile(path, JSON_SEAL)), entries: manifest.entries };
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    throw new StigmergyError(
      "DAMAGED",
      "memory store: tags, metadata or settings can't be read; run stigmergy memory verify",
      { cause: error },
    );
  } finally {
    stream.destroy();
    snapshot.execute("ROLLBACK");
  }
}

function manifestOf(snapshot: Database, createdAt: number): JsonManifest {
  const fact = (name: string): SqlValue | undefined =>
    snapshot.read(() => snapshot.sql("SELECT value FROM facts WHERE name = ?").get(name)?.value);
  const counts = Object.fromEntries(
    SECTIONS.map((section) => {
      const sql = `SELECT count(*) AS count FROM ${TABLES[section].table}`;
      return [section, Number(snapshot.read(() => snapshot.sql(sql).get())?.count)];
    }),
  ) as Record<Section, number>;
  return {
    format: JSON_FORMAT,
    createdAt: new Date(createdAt).toISOString(),
    schema: MIGRATIONS.length,
    ...snapshot.read(() => currentPosition(snapshot)),
    embedder: String(fact("embedder")),
    dim: Number(fact("dim")),
    entries: counts.entries,
    counts,
  };
}

function* batches(snapshot: Database, section: Section): Generator<SqlRow[]> {
  const { table, order, batch = BATCH } = TABLES[section];
  for (let offset: SqlValue | undefined; ;) {
    const after = offset;
    const rows = snapshot.read(() =>
      after === undefined
        ? snapshot.sql(`SELECT * FROM ${table} ORDER BY ${order} LIMIT ${batch}`).all()
        : snapshot
            .sql(`SELECT * FROM ${table} WHERE ${order} > ? ORDER BY ${order} LIMIT ${batch}`)
            .all(after),
    );
    if (rows.length > 0) yield rows;
    if (rows.length < batch) return;
    offset = rows[rows.length - 1][order];
  }
}

function jsonRow(section: Section, row: SqlRow, codec: Codec): JsonRow {
  const { without } = TABLES[section];
  let kept = row;
  // Compressed values are written in the clear; sealed ones are nobody's to open here.
  if ("value" in row && !Codec.isSealed(row.encoding as number)) {
    kept = { ...codec.decode(row), encoding: 0 };
  }
  const fields = Object.entries(kept)
    .filter(([name]) => !without.includes(name))
    .map(([name, value]): [string, unknown] => {
      if (value instanceof Uint8Array) {
        return [
          name,
          {
            base64: Buffer.from(value.buffer, value.byteOffset, value.byteLength).toString(
              "base64",
            ),
          },
        ];
      }
      return [name, JSON_COLUMNS.has(name) ? JSON.parse(value as string) : value];
    });
  return Object.fromEntries(fields);
}
