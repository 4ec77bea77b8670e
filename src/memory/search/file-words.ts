import { STOP_WORDS } from "../../text/stop-words.ts";
import { foldWord, termOf } from "../../text/terms.ts";
import { wordsOf } from "../../text/tokenizer.ts";
import type { StoreContext } from "../entries/context.ts";
import { ENTRY_COLUMNS } from "../entries/entry.ts";
import { fuse, type FusedHit } from "./fusion.ts";
import { searchWords } from "../words/lexical.ts";
import type { Selection } from "../entries/selection.ts";
import type { WordAnswer } from "../words/word-scorer.ts";

/**
 * Hits by the index of words in the file, which needs nothing in memory: what answers while the words of a
 * large store are read. Plain BM25, with neither pairs, spelling nor neighbors.
 */
export async function fileHits(
  context: StoreContext,
  query: string,
  selection: Selection,
  k: number,
  mode: "lexical" | "semantic" | "hybrid",
  cosines: ReadonlyMap<number, number> | undefined,
): Promise<FusedHit[]> {
  const words = mode === "semantic" ? undefined : await wordsOfFile(context, query, selection, k);
  const arms = {
    words,
    cosines,
    floor: context.embedder.floor ?? 0,
    coverageOf: (id: number) => coverageOf(context, id, query),
    lent: () => 0,
    isInTime: () => false,
  };
  return fuse(arms, context.ranking);
}

async function wordsOfFile(
  { database, words }: StoreContext,
  query: string,
  selection: Selection,
  k: number,
): Promise<WordAnswer> {
  await words.catchUp();
  const found = database.read(() => searchWords(database, query, selection, Date.now(), k));
  const hits = found.map(({ id, score }) => ({ id, slot: -1, words: score, characters: 0 }));
  return { query: { words: [], order: [] }, hits };
}

/** The share of a query's words that an entry says, each counting the same. */
function coverageOf({ database, codec }: StoreContext, id: number, query: string): number {
  const row = database.read(() =>
    database.sql(`SELECT ${ENTRY_COLUMNS} FROM entries WHERE id = ?`).get(id),
  );
  const asked = termsOf(query);
  if (row === undefined || asked.size === 0) return 0;
  const { key, value } = codec.entryOf(row);
  const said = termsOf(`${key} ${value}`);
  return [...asked].filter((term) => said.has(term)).length / asked.size;
}

function termsOf(text: string): Set<string> {
  const telling = wordsOf(text).filter((word) => !STOP_WORDS.has(word));
  return new Set(telling.map((word) => termOf(foldWord(word))));
}
