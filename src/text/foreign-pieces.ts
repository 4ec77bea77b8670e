import { hashText } from "./hash.ts";

// Pieces of writing that the vocabulary does not cover: hashed, so that any script has some.

/** Rows that the hashes of other scripts fall into. */
export const BUCKETS = 4096;

const SHORTEST_WORD = 3; // characters: a shorter one is its own only run
const RUN = 3;
const UNSPACED =
  "\\p{Script=Han}\\p{Script=Hiragana}\\p{Script=Katakana}\\p{Script=Thai}\\p{Script=Lao}\\p{Script=Khmer}\\p{Script=Myanmar}\\p{Extended_Pictographic}ー々";

/**
 * Runs of a text that is not ASCII: 1 of Latin letters, 2 of a script without spaces or of symbols that
 * stand for things, 3 of any other script.
 */
export const SCRIPT_RUN = new RegExp(
  `((?:\\p{Script=Latin}\\p{M}*)+)|([${UNSPACED}]+)|((?:(?![${UNSPACED}]|\\p{Script=Latin})[\\p{L}\\p{M}])+)`,
  "gu",
);

/** The buckets of a run of characters written without spaces: each of them, and each two neighbors. */
export function unspacedBuckets(run: string): number[] {
  const characters = [...run];
  const buckets = characters.map((each) => bucketOf(each));
  for (let i = 1; i < characters.length; i++) {
    buckets.push(bucketOf(characters[i - 1] + characters[i]));
  }
  return buckets;
}

/** The buckets of a word, lower case: itself, and its runs of three characters, borders included. */
export function foreignBuckets(word: string): number[] {
  const buckets = [bucketOf(word)];
  const characters = [...`<${word}>`];
  if (characters.length - 2 < SHORTEST_WORD) return buckets;
  for (let i = 0; i + RUN <= characters.length; i++) {
    buckets.push(bucketOf(characters.slice(i, i + RUN).join("")));
  }
  return buckets;
}

function bucketOf(text: string): number {
  return hashText(text, 0, text.length) % BUCKETS;
}
