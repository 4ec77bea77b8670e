import { stemOf } from "./stemmer.ts";

const ACCENTS = /[\u0300-\u036f]/g;
const SHORTEST_GRAM_WORD = 3;

/** Letters of a run that `gramsOf` gives. */
const GRAM_LENGTH = 5;

/**
 * A word without accents: `größe` and `große` are one. Marks of scripts that are read by them
 * (Devanagari, Thai, Arabic, kana) stay.
 */
export function foldWord(word: string): string {
  for (let i = 0; i < word.length; i++) {
    if (word.charCodeAt(i) > 0x7f) {
      return word.normalize("NFD").replaceAll(ACCENTS, "").normalize("NFC").replaceAll("ß", "ss");
    }
  }
  return word;
}

/** What a folded word is found by: its stem. */
export function termOf(folded: string): string {
  return stemOf(folded);
}

/**
 * The runs of five characters of a word between borders, as 32-bit hashes; of a shorter one, itself
 * with its borders. Words of fewer than three characters have none.
 */
export function gramsOf(word: string): number[] {
  if (word.length < SHORTEST_GRAM_WORD) return [];
  const marked = `<${word}>`;
  const grams: number[] = [];
  for (let from = 0; from + GRAM_LENGTH <= marked.length; from++) {
    let state = 0x811c9dc5;
    for (let i = from; i < from + GRAM_LENGTH; i++) {
      state = Math.imul(state ^ marked.charCodeAt(i), 0x01000193);
    }
    grams.push((state ^ (state >>> 15)) >>> 0);
  }
  return grams;
}
