/** A row of a CSV text. */
export interface CsvRow {
  /** The line that it begins on, from 1. */
  readonly line: number;
  readonly cells: readonly string[];
}

/** The rows of a CSV text, up to where it is none any more. */
export interface CsvText {
  readonly rows: readonly CsvRow[];
  /** What no CSV has, and on which line. */
  readonly problem?: { readonly line: number; readonly detail: string };
}

const BARE = /[^,\r\n]*/y;
const LINE_END = /\r\n|\r|\n/g;

/**
 * Reads a text as RFC 4180 has it, with any line end: a quoted cell keeps its own. An empty line is a
 * row of one empty cell; a byte order mark is passed over.
 */
export function parseCsv(text: string): CsvText {
  const rows: CsvRow[] = [];
  let cells: string[] = [];
  let at = text.startsWith("\uFEFF") ? 1 : 0;
  let line = 1;
  let first = line;
  while (at < text.length || cells.length > 0) {
    if (text[at] === '"') {
      const end = closingQuote(text, at + 1);
      if (end === -1) {
        return { rows, problem: { line, detail: "a quote that no other ends" } };
      }
      const cell = text.slice(at + 1, end);
      line += cell.match(LINE_END)?.length ?? 0;
      cells.push(cell.replaceAll('""', '"'));
      at = end + 1;
    } else {
      BARE.lastIndex = at;
      const [cell] = BARE.exec(text) ?? [""];
      cells.push(cell);
      at += cell.length;
    }
    if (text[at] === ",") {
      at++;
      continue;
    }
    if (at < text.length && text[at] !== "\r" && text[at] !== "\n") {
      return { rows, problem: { line, detail: "text after the quote that ends a cell" } };
    }
    at += text.startsWith("\r\n", at) ? 2 : 1;
    rows.push({ line: first, cells });
    first = ++line;
    cells = [];
  }
  return { rows };
}

/** Where the quote is that ends a cell; -1 when none does. */
function closingQuote(text: string, from: number): number {
  let at = text.indexOf('"', from);
  while (at !== -1 && text[at + 1] === '"') at = text.indexOf('"', at + 2);
  return at;
}
