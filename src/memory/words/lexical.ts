import { STOP_WORDS } from "../../text/stop-words.ts";
import { wordsOf } from "../../text/tokenizer.ts";
import type { Database } from "../file/database.ts";
import { conditionOf, type Selection } from "../entries/selection.ts";
import { titleOf, type Entry } from "../entries/entry.ts";

// Words that a query may have: the rest of a longer one adds time and hardly any order.
const MOST_TERMS = 64;

// How much a word counts by where it stands, in the order of the table's columns: key, title,
// tags, body. A title of weight 2 is what was best on four test collections.
const WEIGHTS = "1.5, 2.0, 1.5, 1.0";

/** A text found by its words. */
export interface LexicalHit {
  readonly id: number;
  /** BM25: higher is better, comparable within one search only. */
  readonly score: number;
}

/** The words of an entry by column of the index: key, title, tags, body. */
export type WordColumns = readonly [key: string, title: string, tags: string, body: string];

/** The words of an entry. They take a while, so they are found before the store is locked. */
export function wordColumns(
  entry: Pick<Entry, "key" | "value" | "tags" | "metadata">,
): WordColumns {
  const wordsIn = (text: string): string => wordsOf(text).join(" ");
  return [
    wordsIn(entry.key),
    wordsIn(titleOf(entry.metadata)),
    wordsIn(entry.tags.join(" ")),
    wordsIn(entry.value),
  ];
}

/** Puts an entry's words into an index, in place of those it had. */
export function indexWords(database: Database, id: number, columns: WordColumns): void {
  database
    .sql(`INSERT OR REPLACE INTO words (rowid, key, title, tags, body) VALUES (?, ?, ?, ?, ?)`)
    .get(id, ...columns);
}

/** Takes an entry's words out of an index. */
export function removeWords(database: Database, id: number): void {
  database.sql(`DELETE FROM words WHERE rowid = ?`).get(id);
}

/**
 * The selected entries that share words with a query, best first, by BM25 (Robertson and Zaragoza,
 * 2009; k1 1.2, b .75) over Porter stems. Words that only say how something is asked are left out.
 */
export function searchWords(
  database: Database,
  query: string,
  selection: Selection,
  now: number,
  limit: number,
): LexicalHit[] {
  const match = matchExpression(query);
  if (match === "") return [];
  const { text, values } = conditionOf(selection, now);
  const rows = database
    .sql(
      `SELECT entries.id AS id, -bm25(words, ${WEIGHTS}) AS score
       FROM words JOIN entries ON entries.id = words.rowid
       WHERE words MATCH ? AND ${text} ORDER BY score DESC, id LIMIT ?`,
    )
    .all(match, ...values, limit);
  return rows as unknown as LexicalHit[];
}

function matchExpression(query: string): string {
  const words = [...new Set(wordsOf(query))];
  const telling = words.filter((word) => !STOP_WORDS.has(word));
  const terms = (telling.length > 0 ? telling : words).slice(0, MOST_TERMS);
  // Quoted, a word is never an operator; words hold letters and digits only.
  return terms.map((term) => `"${term}"`).join(" OR ");
}
