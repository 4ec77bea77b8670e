import { createHash } from "node:crypto";
import { EXPORT_FIELDS, EXPORT_SCHEMA, exportLine, TIME_FIELDS } from "../export-format.ts";
import type { ForeignRecord } from "./imported-entry.ts";
import type { JsonStore } from "./json-stores.ts";
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
  const [header, ...rows] = csvRows(text.replace(/^\uFEFF/, ""));
  const isWhole = [header, ...rows].every((row) => row.length === EXPORT_FIELDS.length);
  if (!isWhole || header.join(",") !== EXPORT_FIELDS.join(",")) return undefined;
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

/** Rows of a text as RFC 4180 has it, with any line end; a quoted cell keeps its own. */
function csvRows(text: string): string[][] {
  const bare = /[^,\r\n]*/y;
  const rows: string[][] = [];
  let row: string[] = [];
  let at = 0;
  while (at < text.length || row.length > 0) {
    if (text[at] === '"') {
      const end = closingQuote(text, at + 1);
      row.push(text.slice(at + 1, end).replaceAll('""', '"'));
      at = end + 1;
    } else {
      bare.lastIndex = at;
      const [cell] = bare.exec(text)!;
      row.push(cell);
      at += cell.length;
    }
    // What is neither a comma nor a line end would be text after a quote: no row has that.
    if (text[at] === ",") {
      at++;
      continue;
    }
    if (at < text.length && !/[\r\n]/.test(text[at])) return [[]];
    at += text.startsWith("\r\n", at) ? 2 : 1;
    rows.push(row);
    row = [];
  }
  return rows.length === 0 ? [[]] : rows;
}

/** Where the quote is that ends a cell; the text's end when none does. */
function closingQuote(text: string, from: number): number {
  let at = text.indexOf('"', from);
  while (at !== -1 && text[at + 1] === '"') at = text.indexOf('"', at + 2);
  return at === -1 ? text.length : at;
}

function digestOf(entries: readonly unknown[]): string {
  const hash = createHash("sha256");
  for (const entry of entries) hash.update(`${isObject(entry) ? exportLine(entry) : ""}\n`);
  return hash.digest("hex");
}
