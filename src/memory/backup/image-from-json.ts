import type { Database } from "../file/database.ts";
import type { SqlValue } from "../file/driver.ts";
import { recount } from "../integrity/rebuild.ts";
import { damaged } from "./file-seal.ts";
import type { JsonRow, Section } from "./json-format.ts";
import { readJsonBackup } from "./json-reading.ts";

const BATCH = 512; // rows written at a time

/** The table of each list, and the columns that a row of it may have. */
const COLUMNS: Readonly<Record<Section, { table: string; names: readonly string[] }>> = {
  namespaces: { table: "namespaces", names: ["name", "settings"] },
  keys: { table: "key_records", names: ["generation", "salt", "proof", "wrapped"] },
  dictionaries: { table: "dictionaries", names: ["id", "namespace", "encoding", "bytes"] },
  entries: {
    table: "entries",
    names: [
      ...["id", "namespace", "key", "value", "tags", "metadata", "agent", "session", "at"],
      ...["created_at", "updated_at", "expires_at", "access_count", "accessed_at", "seq"],
      ...["provenance", "signature", "pinned", "encoding", "size"],
    ],
  },
  history: {
    table: "history",
    names: [
      ...["id", "namespace", "key", "version", "value", "encoding", "size", "tags", "metadata"],
      ...["agent", "provenance", "updated_at", "replaced_at"],
    ],
  },
  models: {
    table: "models",
    names: ["id", "name", "version", "created_at", "agent", "size", "facts"],
  },
  modelParts: { table: "model_parts", names: ["id", "model", "part", "encoding", "bytes"] },
  outcomes: { table: "outcomes", names: ["id", "pattern", "at", "agent", "data"] },
  agents: {
    table: "agents",
    names: [
      ...["id", "name", "state", "starts", "created_at", "started_at", "heartbeat_at"],
      ...["load", "version", "facts"],
    ],
  },
};

/** Fills a new store file with what a readable backup holds; words and vectors are still missing. */
export async function fillFromJson(database: Database, path: string): Promise<void> {
  let held: { section: Section; row: JsonRow }[] = [];
  const write = (): void => {
    const rows = held;
    held = [];
    database.write(() => {
      for (const { section, row } of rows) insert(database, section, row);
    });
  };
  const { manifest } = await readJsonBackup(path, (section, row) => {
    held.push({ section, row });
    // Parts of models are as large as thousands of entries.
    if (held.length >= BATCH || section === "modelParts") write();
  });
  write();
  database.write(() => {
    const fact = database.sql("INSERT OR REPLACE INTO facts VALUES (?, ?)");
    fact.get("seq", manifest.seq);
    recount(database);
  });
}

function insert(database: Database, section: Section, row: JsonRow): void {
  const { table, names } = COLUMNS[section];
  const given = names.filter((name) => row[name] !== undefined);
  const sql = `INSERT INTO ${table} (${given.join(", ")}) VALUES (${given.map(() => "?").join(", ")})`;
  database.sql(sql).get(...given.map((name) => sqlValue(name, row[name])));
}

/** Columns that stand in the document as JSON of their own. */
const JSON_COLUMNS = new Set(["tags", "metadata", "settings"]);

function sqlValue(name: string, value: unknown): SqlValue {
  if (JSON_COLUMNS.has(name)) return JSON.stringify(value);
  if (value === null || typeof value === "string" || typeof value === "number") return value;
  if (typeof value !== "object" || !("base64" in value) || typeof value.base64 !== "string") {
    throw damaged();
  }
  return Buffer.from(value.base64, "base64");
}
