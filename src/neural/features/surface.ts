import { hashText as hashUnits, mix } from "../../text/hash.ts";

// What a text looks like: its words and marks as they stand, which words begin large, how long it is.

/** First characters of a text that are read: of a longer one the rest hardly changes what it is about. */
export const MOST_CHARACTERS = 8192;

/** Words with what belongs to them (`don't`, `c#`, `c++`), and every other mark by itself. */
const TOKEN = /[\p{L}\p{N}]+(?:['’][\p{L}\p{N}]+)?[+#]*|[^\s\p{L}\p{N}]/gu;
const WORD = /\p{L}+/gu;
const LETTER_OR_DIGIT = /^[\p{L}\p{N}]/u;

const TOKEN_SEED = 0x3c6ef372;
const CASE_SEED = 0x1b873593;
const STYLE_SEED = 0x7ed55d16;
const HEADLINE_SEED = 0x2f0b4c47;
const PAIR_FACTOR = 0x85ebca6b | 0;
const BEGIN = hashText("begin", STYLE_SEED);
const END = hashText("end", STYLE_SEED);
const MOST_LARGE = 5;

/** What is found in a text, as hashes, with duplicates. */
export interface Surface {
  /** Words and marks, and each two neighbors, the text's borders included. */
  readonly tokens: Uint32Array;
  /** Words and marks alone. */
  readonly count: number;
  /** Words that are not all small letters, as they are written. */
  readonly cased: Uint32Array;
  /** Words of the first line, and each two neighbors, where more lines follow. */
  readonly headline: Uint32Array;
  /** Length, first letter, first and last character, how many words begin large. */
  readonly style: Uint32Array;
}

/** Reads a text, at most `MOST_CHARACTERS` of it. */
export function surfaceOf(text: string): Surface {
  const raw = text.slice(0, MOST_CHARACTERS).trim();
  const found = raw.toLowerCase().match(TOKEN) ?? [];
  const count = found.length;
  const tokens = new Uint32Array(count === 0 ? 0 : 2 * count + 1);
  let previous = BEGIN;
  for (let i = 0; i < count; i++) {
    const hash = hashText(found[i], TOKEN_SEED);
    tokens[i] = hash;
    tokens[count + i] = pairOf(previous, hash);
    previous = hash;
  }
  if (count > 0) tokens[2 * count] = pairOf(previous, END);
  const words = raw.match(WORD) ?? [];
  const large = words.filter((word) => word !== word.toLowerCase());
  return {
    tokens,
    count,
    cased: Uint32Array.from(large, (word) => hashText(word, CASE_SEED)),
    headline: headlineOf(raw),
    style: styleOf(raw, words),
  };
}

function headlineOf(raw: string): Uint32Array {
  const end = raw.indexOf("\n");
  const found = end === -1 ? [] : (raw.slice(0, end).toLowerCase().match(TOKEN) ?? []);
  const hashes = found.map((word) => hashText(word, HEADLINE_SEED));
  return Uint32Array.from([
    ...hashes,
    ...hashes.slice(1).map((hash, i) => pairOf(hashes[i], hash)),
  ]);
}

function styleOf(raw: string, words: readonly string[]): Uint32Array {
  const isLarge = (word: string | undefined): boolean =>
    word !== undefined && word[0] !== word[0].toLowerCase();
  const large = words.slice(1).filter(isLarge).length;
  const facts = [
    `length ${Math.floor(2 * Math.log2(words.length + 1))}`,
    `first ${isLarge(words[0]) ? "large" : "small"}`,
    `begins ${kindOf(raw[0])}`,
    `ends ${kindOf(raw.at(-1))}`,
    `large ${Math.min(MOST_LARGE, large)}`,
  ];
  return Uint32Array.from(facts, (fact) => hashText(fact, STYLE_SEED));
}

function kindOf(character: string | undefined): string {
  return character === undefined || LETTER_OR_DIGIT.test(character) ? "word" : character;
}

/** The hash of a whole text: see `text/hash.ts`. */
export function hashText(text: string, seed: number): number {
  return hashUnits(text, 0, text.length, seed);
}

/** The hash of two neighbors, in order. */
export function pairOf(first: number, second: number): number {
  return mix(Math.imul(first, PAIR_FACTOR) ^ second);
}
