// Text to words: what the word index stores and what the lexical embedder hashes.

import { asciiWordsOf, LONGEST_WORD, MOST_PIECES } from "./ascii-words.ts";

// oxlint-disable-next-line no-control-regex
const ASCII = /^[\u0000-\u007f]*$/;

/** Runs of letters and digits, joined by the marks that hold an identifier together. */
const RUN = /[\p{L}\p{N}\p{M}]+(?:[_\-.]+[\p{L}\p{N}\p{M}]+)*/gu;

/** What most runs are, which needs no further look: a plain word. */
const PLAIN_WORD = /^[A-Za-z]?[a-z]*$/;

/** Borders inside a run: joining marks, userId, HTTPServer, step2Done. */
const BORDER = /[_\-.]+|(?<=\p{Ll})(?=\p{Lu})|(?<=[\p{Lu}\p{N}])(?=\p{Lu}\p{Ll})/u;

/** Borders between letters and digits: sha256, H3K4me3. With many of them a part is a code. */
const DIGIT_BORDER = /(?<=\p{L})(?=\p{N})|(?<=\p{N})(?=\p{L})/u;

/** Scripts written without spaces between words, with the marks that belong to them. */
const UNSPACED_RUN =
  /([\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}\p{Script=Myanmar}ー々]+)/u;

/**
 * The words of a text, lower case, in order. An identifier gives its parts and then itself without
 * its marks: `getUserById`, `get_user_by_id` and `get-user-by-id` all give get, user, by, id,
 * getuserbyid. Scripts without spaces give every pair of neighboring characters.
 */
export function wordsOf(text: string): readonly string[] {
  if (text.length < LEAST_RECENT || text.length > MOST_RECENT) return splitWords(text);
  let words = recent.get(text);
  if (words === undefined) {
    words = splitWords(text);
    if (recent.size >= MOST_RECENT_TEXTS) recent.clear();
    recent.set(text, words);
  }
  return words;
}

/** Texts met lately: what is stored is split for its vector, and soon after for its words. */
const recent = new Map<string, readonly string[]>();
const MOST_RECENT_TEXTS = 64;
const LEAST_RECENT = 64; // characters: a shorter one is split as quickly as it is found
const MOST_RECENT = 16_384; // characters: longer ones would fill memory

function splitWords(text: string): string[] {
  if (ASCII.test(text)) return asciiWordsOf(text);
  const words: string[] = [];
  for (const [run] of text.normalize("NFKC").matchAll(RUN)) {
    if (PLAIN_WORD.test(run)) {
      pushWord(words, run);
      continue;
    }
    // Split with a capturing group: every second piece is in a script without spaces.
    run.split(UNSPACED_RUN).forEach((piece, i) => {
      if (i % 2 === 1) pushCharacterPairs(words, piece);
      else if (piece !== "") pushIdentifier(words, piece);
    });
  }
  return words;
}

function pushIdentifier(words: string[], run: string): void {
  const parts = run.split(BORDER).flatMap((part) => {
    const pieces = part.split(DIGIT_BORDER);
    return pieces.length > MOST_PIECES ? [part] : pieces;
  });
  for (const part of parts) pushWord(words, part);
  if (parts.length > 1) pushWord(words, parts.join(""));
}

function pushWord(words: string[], word: string): void {
  if (word.length <= LONGEST_WORD) words.push(word.toLowerCase());
}

function pushCharacterPairs(words: string[], run: string): void {
  const characters = [...run];
  if (characters.length === 1) words.push(run);
  for (let i = 1; i < characters.length; i++) words.push(characters[i - 1] + characters[i]);
}
