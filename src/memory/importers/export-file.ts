import { createHash } from "node:crypto";
import { EXPORT_FIELDS, EXPORT_SCHEMA, exportLine, TIME_FIELDS } from "../upkeep/export-format.ts";
import type { ForeignRecord } from "./imported-entry.ts";
import type { JsonStore } from "./json-stores.ts";
import { parseCsv } from "../../util/csv.ts";
import { isObject, parsedJson } from "./record.ts";

const RUFLO_SCHEMA = "ruflo-memory-export/v1";

/** The JSON export of claude-flow 3, which has no tags, times to live or provenance. */
export const RUFLO_EXPORT: JsonStore = {
  format: RUFLO_SCHEMA,
  matches: (content) => content.schema === RUFLO_SCHEMA && Array.isArray(content.entries),
  *records({ entries }) {
    for (const entry of (entries as unknown[]).filter(isObject)) {
      const { key, namespace, value, createdAt, updatedAt, accessCount } = entry;
      yield { key, namespace, value, createdAt, updatedAt, accessCount };
    }
  },
};

/** Our own JSON export, of which nothing is lost. */
export const OWN_JSON: JsonStore = {
  format: EXPORT_SCHEMA,
  matches: ({ schema }) => typeof schema === "string" && schema.startsWith("stigmergy-export/"),
  problem(content) {
    if (content.schema !== EXPORT_SCHEMA) {
      return `foreign: expected ${EXPORT_SCHEMA}, a newer stigmergy wrote it; upgrade to read it`;
    }
    if (!Array.isArray(content.entries)) return "damaged: it has no entries";
    try {
      if (content.sha256 === undefined || content.sha256 === digestOf(content.entries)) {
        return undefined;
      }
    } catch (error) {
      // JSON reads what is nested deeper than it writes.
      if (!(error instanceof RangeError)) throw error;
      return "too large: its entries are nested deeper than any that were exported";
    }
    return "damaged: its entries are not those that its sha256 is of; remove sha256 to read what is there";
  },
  *records({ entries }) {
    for (const entry of (entries as unknown[]).filter(isObject)) {
      yield { ...(entry as unknown as ForeignRecord), isOurs: true };
    }
  },
};

/** The rows of our own CSV export; undefined for any other text. */
export function csvRecords(text: string): ForeignRecord[] | undefined {
  const { rows: read, problem } = parseCsv(text);
  const [header = [], ...rows] = read.map(({ cells }) => cells);
  const isWhole = [header, ...rows].every((row) => row.length === EXPORT_FIELDS.length);
  if (problem !== undefined || !isWhole || header.join(",") !== EXPORT_FIELDS.join(",")) {
    return undefined;
  }
  return rows.map((cells) => {
    const fields = EXPORT_FIELDS.map((field, i) => [field, fieldOf(field, cells[i])]);
    return { ...Object.fromEntries(fields), isOurs: true };
  });
}

/** A cell as the value it was written from. */
function fieldOf(field: string, cell: string): unknown {
  if (cell === "") return undefined;
  if (TIME_FIELDS.has(field)) return Date.parse(cell);
  if (field === "tags" || field === "metadata") return parsedJson(cell);
  if (field === "pinned") return cell === "true";
  return field === "accessCount" ? Number(cell) : cell;
}

function digestOf(entries: readonly unknown[]): string {
  const hash = createHash("sha256");
  for (const entry of entries) hash.update(`${isObject(entry) ? exportLine(entry) : ""}\n`);
  return hash.digest("hex");
}
