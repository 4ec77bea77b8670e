import { createHash } from "node:crypto";
import { EXPORT_FIELDS, EXPORT_SCHEMA, exportLine, TIME_FIELDS } from "../export-format.ts";
import type { ForeignRecord } from "./imported-entry.ts";
import type { JsonStore } from "./json-stores.ts";
import { isObject, parsedJson } from "./record.ts";

const RUFLO_SCHEMA = "ruflo-memory-export/v1";
const CSV_HEADER = EXPORT_FIELDS.join(",");

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
    if (content.sha256 === undefined || content.sha256 === digestOf(content.entries)) {
      return undefined;
    }
    return "damaged: its entries are not those that its sha256 is of; remove sha256 to read what is there";
  },
  *records({ entries }) {
    for (const entry of (entries as unknown[]).filter(isObject)) {
      yield { ...(entry as unknown as ForeignRecord), isOurs: true };
    }
  },
};

/** The rows of our own CSV export; undefined when a text is none. */
export function csvRecords(text: string): ForeignRecord[] | undefined {
  if (!/^\uFEFF?namespace,key,value,/.test(text)) return undefined;
  const [header, ...rows] = csvRows(text.replace(/^\uFEFF/, ""));
  if (header.join(",") !== CSV_HEADER) return undefined;
  return rows.map((cells) => {
    const fields = EXPORT_FIELDS.map((field, i) => [field, cellValue(field, cells[i] ?? "")]);
    return { ...Object.fromEntries(fields), isOurs: true };
  });
}

/** A text that an export wrote for a field, as the value it was written from. */
export function cellValue(field: string, text: string): unknown {
  if (text === "") return undefined;
  if (TIME_FIELDS.has(field)) return Date.parse(text);
  if (field === "tags" || field === "metadata") return parsedJson(text);
  return field === "accessCount" ? Number(text) : text;
}

/** Rows of a text as RFC 4180 has it, with any line end; quoted cells keep theirs. */
function csvRows(text: string): string[][] {
  const cell = /(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r\n|\n|\r|$)/y;
  const rows: string[][] = [];
  let row: string[] = [];
  while (cell.lastIndex < text.length) {
    const found = cell.exec(text);
    // A quote within a bare cell, or none that closes: the rest can't be told apart.
    if (found === null) break;
    const [, quoted, bare, end] = found;
    row.push(quoted === undefined ? bare : quoted.replaceAll('""', '"'));
    if (end !== ",") rows.push(row);
    if (end !== ",") row = [];
  }
  return rows;
}

function digestOf(entries: readonly unknown[]): string {
  const hash = createHash("sha256");
  for (const entry of entries) hash.update(`${isObject(entry) ? exportLine(entry) : ""}\n`);
  return hash.digest("hex");
}
