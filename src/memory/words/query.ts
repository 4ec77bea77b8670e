import { STOP_WORDS } from "../../text/stop-words.ts";
import { wordsOf } from "../../text/tokenizer.ts";
import type { SimilarTerm, Vocabulary } from "./vocabulary.ts";

/** Words that a query may have: the rest of a longer one adds time and hardly any order. */
const MOST_WORDS = 64;
const MOST_OF_PREFIX = 64; // terms
const SHORTEST_MISSPELLED = 4; // letters; a shorter word is as near to others as to itself

/** Stands in a query's order for a word that no text has. */
export const UNKNOWN = -1;

/** A word of a query with the terms that count for it. */
export interface QueryWord {
  readonly word: string;
  /** Terms of texts that count as this word, by how much; the word's own alone, as a rule. */
  readonly terms: readonly SimilarTerm[];
  /** How often the query says it. */
  readonly count: number;
  /** Whether it is looked for as the beginning of a word. */
  readonly isPrefix: boolean;
}

/** What a text asks for, as a table of words sees it. */
export interface WordQuery {
  readonly words: readonly QueryWord[];
  /** The terms of the query in order, −1 for those that no text has: neighbors in it are pairs. */
  readonly order: readonly number[];
}

/** Words of letters alone; in other scripts one sign more or less is another word. */
const ALPHABETIC = /^[\p{Script=Latin}\p{Script=Cyrillic}\p{Script=Greek}\p{Mn}]+$/u;
const PREFIX = /(?<=^|\s)([\p{L}\p{N}]{2,})\*(?=\s|$)/gu;

/**
 * The words of a query, without those that only say how it is asked, unless it has no others.
 * @param isKnown which terms of the vocabulary count; default all
 */
export function wordQuery(
  vocabulary: Vocabulary,
  query: string,
  isKnown?: (term: number) => boolean,
): WordQuery {
  const known = (word: string): number | undefined => {
    const term = vocabulary.termOf(word);
    return term === undefined || isKnown?.(term) === false ? undefined : term;
  };
  const prefixes = new Set(Array.from(query.matchAll(PREFIX), ([, word]) => word.toLowerCase()));
  const all = wordsOf(query.replaceAll(PREFIX, " "));
  const telling = all.filter((word) => !STOP_WORDS.has(word));
  const said = telling.length > 0 || prefixes.size > 0 ? telling : all;
  const counts = new Map<string, number>();
  for (const word of said) counts.set(word, (counts.get(word) ?? 0) + 1);
  const words: QueryWord[] = Array.from(prefixes, (word) => ({
    word,
    count: 1,
    isPrefix: true,
    terms: vocabulary
      .termsOfPrefix(word, MOST_OF_PREFIX, isKnown)
      .map((term) => ({ term, share: 1 })),
  }));
  const seen = new Map<number, number>();
  for (const [word, count] of counts) {
    if (words.length === MOST_WORDS) break;
    const term = known(word);
    // Forms of one word count once.
    const same = term === undefined ? undefined : seen.get(term);
    if (same !== undefined) {
      words[same] = { ...words[same], count: words[same].count + count };
      continue;
    }
    if (term !== undefined) seen.set(term, words.length);
    const terms = term === undefined ? meant(vocabulary, word, isKnown) : [{ term, share: 1 }];
    words.push({ word, count, isPrefix: false, terms });
  }
  const order = said.slice(0, MOST_WORDS).map((word) => known(word) ?? UNKNOWN);
  return { words, order };
}

function meant(
  vocabulary: Vocabulary,
  word: string,
  isKnown: ((term: number) => boolean) | undefined,
): SimilarTerm[] {
  if (word.length < SHORTEST_MISSPELLED || !ALPHABETIC.test(word)) return [];
  const terms = vocabulary.termsMeant(word);
  return isKnown === undefined ? terms : terms.filter(({ term }) => isKnown(term));
}
