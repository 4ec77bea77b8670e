import { stemOf } from "../../text/stemmer.ts";
import { STOP_WORDS } from "../../text/stop-words.ts";
import { wordsOf } from "../../text/tokenizer.ts";
import { hashText, MOST_CHARACTERS, pairOf } from "./surface.ts";

const STEM_SEED = 0x51ed270b;
const MOST_KNOWN = 65_536;

/** The hash of each word's stem, so that words met once are not taken apart again; 0 for a stop word. */
const known = new Map<string, number>();

/**
 * What a text is about, as hashes, with duplicates: the stems of its words in order, without those that only
 * say how something is asked, and each two of them that become neighbors. So "find me a renter" and
 * "finding renters" are alike, and "apartment in Rome" and "apartment near Rome".
 */
export function stemsOf(text: string): Uint32Array {
  const stems: number[] = [];
  for (const word of wordsOf(text.slice(0, MOST_CHARACTERS))) {
    const stem = hashOf(word);
    if (stem !== 0) stems.push(stem);
  }
  const count = stems.length;
  for (let i = 1; i < count; i++) stems.push(pairOf(stems[i - 1], stems[i]));
  return Uint32Array.from(stems);
}

function hashOf(word: string): number {
  let hash = known.get(word);
  if (hash === undefined) {
    hash = STOP_WORDS.has(word) ? 0 : hashText(stemOf(word), STEM_SEED);
    if (known.size >= MOST_KNOWN) known.clear();
    known.set(word, hash);
  }
  return hash;
}
