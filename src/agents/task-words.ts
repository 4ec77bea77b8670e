import { stemOf } from "../text/stemmer.ts";
import { STOP_WORDS } from "../text/stop-words.ts";
import { wordsOf } from "../text/tokenizer.ts";

/** Words of requests and of descriptions that say how something is asked or offered, and not what. */
const GENERAL_WORDS: ReadonlySet<string> = new Set(
  `able access allow allows anything assist assistance available based best better bit currently
  description details different easily easy enable enables enter etc example find finding good great
  guide hello help helpful helping helps hey hi hope idea include includes including information
  interested kind kindly know lets like likely looking lot make makes making many need needed needs new
  offer offers okay options particular possible provide provided provides providing purpose recommend
  recommendation recommendations request required retrieve see service services several show specific
  specifically suggest suggestions support sure system take tell thank thanks thing things today tool
  tools trouble try trying type understand useful user users various wanted wants way ways wish wonder
  wondering work`.split(/\s+/),
);

/** A stem for each word, so that words met once are not taken apart again. */
const stems = new Map<string, string>();
const MOST_STEMS = 65_536;

/**
 * The stems of what a text is about, in order, duplicates kept: identifiers whole and in parts, without
 * words that only say how something is asked.
 */
export function taskWords(text: string): string[] {
  const words: string[] = [];
  for (const word of wordsOf(text)) {
    if (!STOP_WORDS.has(word) && !GENERAL_WORDS.has(word)) words.push(stemOfWord(word));
  }
  return words;
}

/** Words of a text, in order, whose stems are among some: each stem once, at most so many. */
export function wordsAmong(text: string, stems: ReadonlySet<string>, most: number): string[] {
  const found = new Map<string, string>();
  for (const word of wordsOf(text)) {
    if (STOP_WORDS.has(word) || GENERAL_WORDS.has(word)) continue;
    const stem = stemOfWord(word);
    if (stems.has(stem) && !found.has(stem)) found.set(stem, word);
    if (found.size === most) break;
  }
  return [...found.values()];
}

/** The stems of every word of a text, in order. */
export function allStems(text: string): string[] {
  return wordsOf(text).map(stemOfWord);
}

function stemOfWord(word: string): string {
  let stem = stems.get(word);
  if (stem === undefined) {
    stem = stemOf(word);
    if (stems.size >= MOST_STEMS) stems.clear();
    stems.set(word, stem);
  }
  return stem;
}
