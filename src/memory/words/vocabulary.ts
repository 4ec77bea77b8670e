import { foldWord, gramsOf, termOf } from "../../text/terms.ts";
import { STOP_WORDS } from "../../text/stop-words.ts";
import { grown } from "./growable.ts";

/** A term that is spelled like a word. */
export interface SimilarTerm {
  readonly term: number;
  /** How much of the word it has, 0 to 1. */
  readonly share: number;
}

/** Words of each run of letters, of a vocabulary that was saved: runs in ascending order. */
export interface PackedGrams {
  readonly grams: Uint32Array;
  /** Where each run's words begin, and one more. */
  readonly starts: Uint32Array;
  readonly words: Uint32Array;
}

/**
 * The words of a store by number, each with the number of its term (its stem) and the runs of letters
 * that it is made of. Misspelled, inflected and joined words are told by the runs they share, so that
 * none need be kept of each text.
 */
export class Vocabulary {
  /** Of words that came after the sorted ones, and of those of these that were asked for. */
  readonly #numbers = new Map<string, number>();
  /** Of stems that came after the sorted ones. */
  readonly #terms = new Map<string, number>();
  /** The terms of the sorted words in the order of their stems. */
  readonly stemOrder: Uint32Array;
  readonly stems: string[] = [];
  /** All words, by number; the first `sorted` of them in order. */
  readonly words: string[] = [];
  readonly sorted: number;
  /** The term of each word, by its number. */
  terms: Uint32Array = new Uint32Array(1024);
  /** 1 for each word that only says how something is asked, by its number. */
  stops: Uint8Array = new Uint8Array(1024);
  /** Words of the runs of letters of the first `sorted` words. */
  readonly packedGrams: PackedGrams | undefined;
  readonly #recentGrams = new Map<number, number[]>();
  #gramsKnown = 0;

  /** A vocabulary that was saved, or an empty one. */
  constructor(
    words: string[] = [],
    stems: string[] = [],
    terms?: Uint32Array,
    grams?: PackedGrams,
    stemOrder?: Uint32Array,
  ) {
    this.words = words;
    this.stems = stems;
    this.sorted = words.length;
    this.stemOrder = stemOrder ?? orderOf(stems);
    if (terms === undefined) return;
    this.terms = terms;
    this.stops = new Uint8Array(words.length);
    for (const word of STOP_WORDS) {
      const number = this.#sortedNumber(word);
      if (number !== undefined) this.stops[number] = 1;
    }
    this.packedGrams = grams;
    this.#gramsKnown = grams === undefined ? 0 : words.length;
  }

  /** The number of a word in lower case, which becomes part of the vocabulary. */
  add(word: string): number {
    const known = this.#numberOf(word);
    if (known !== undefined) return known;
    const folded = foldWord(word);
    const number = folded === word ? this.#insert(word) : this.add(folded);
    // An accented form is another name of the same word.
    if (folded !== word) this.#numbers.set(word, number);
    return number;
  }

  #insert(word: string): number {
    const number = this.words.length;
    const stem = termOf(word);
    let term = this.#termOfStem(stem);
    if (term === undefined) {
      term = this.stems.length;
      this.stems.push(stem);
      this.#terms.set(stem, term);
    }
    this.terms = grown(this.terms, number + 1);
    this.stops = grown(this.stops, number + 1);
    this.terms[number] = term;
    this.stops[number] = STOP_WORDS.has(word) ? 1 : 0;
    this.words.push(word);
    this.#numbers.set(word, number);
    return number;
  }

  #numberOf(word: string): number | undefined {
    const known = this.#numbers.get(word);
    if (known !== undefined) return known;
    const number = this.#sortedNumber(word);
    if (number !== undefined) this.#numbers.set(word, number);
    return number;
  }

  #sortedNumber(word: string): number | undefined {
    const number = this.#firstFrom(word);
    return number < this.sorted && this.words[number] === word ? number : undefined;
  }

  #termOfStem(stem: string): number | undefined {
    const { stemOrder, stems } = this;
    const place = firstWhere(stemOrder.length, (i) => stems[stemOrder[i]] >= stem);
    const term = stemOrder[place];
    return term !== undefined && stems[term] === stem ? term : this.#terms.get(stem);
  }

  /** The term of a word, when a text has it or had it. */
  termOf(word: string): number | undefined {
    const folded = foldWord(word);
    const number = this.#numberOf(folded);
    return number === undefined ? this.#termOfStem(termOf(folded)) : this.terms[number];
  }

  /** Terms with a word that begins so, at most `most` of those that are `wanted`, in the order of the words. */
  termsOfPrefix(prefix: string, most: number, wanted?: (term: number) => boolean): number[] {
    const folded = foldWord(prefix);
    const found = new Set<number>();
    const add = (term: number): void => {
      if (wanted?.(term) !== false) found.add(term);
    };
    for (let i = this.#firstFrom(folded); i < this.sorted && found.size < most; i++) {
      if (!this.words[i].startsWith(folded)) break;
      add(this.terms[i]);
    }
    for (let i = this.sorted; i < this.words.length && found.size < most; i++) {
      if (this.words[i].startsWith(folded)) add(this.terms[i]);
    }
    return [...found];
  }

  /**
   * Words that a misspelled one may have been meant to be: with the same first letter, and one letter
   * missing, wrong, too many or in its neighbor's place; two in a word of eight letters or more.
   */
  termsMeant(misspelled: string): SimilarTerm[] {
    const folded = foldWord(misspelled);
    const most = folded.length >= LONG_WORD ? 2 : 1;
    const shares = new Map<number, number>();
    const [first] = folded;
    const look = (number: number): void => {
      const word = this.words[number];
      if (Math.abs(word.length - folded.length) > most || word[0] !== first) return;
      const edits = editsBetween(folded, word, most);
      if (edits > most) return;
      const share = 1 - (1.5 * edits) / folded.length;
      const term = this.terms[number];
      if (share > (shares.get(term) ?? 0)) shares.set(term, share);
    };
    for (let i = this.#firstFrom(first); i < this.sorted && this.words[i][0] === first; i++)
      look(i);
    for (let i = this.sorted; i < this.words.length; i++) look(i);
    return Array.from(shares, ([term, share]) => ({ term, share }));
  }

  /** The words that have each run of letters of a word, by run. */
  wordsByRun(word: string): Map<number, readonly number[]> {
    this.#takeGrams();
    const found = new Map<number, readonly number[]>();
    for (const gram of gramsOf(foldWord(word))) {
      const words = this.#wordsOfGram(gram);
      if (words.length > 0) found.set(gram, words);
    }
    return found;
  }

  /** The first of the sorted words that is not before `text`. */
  #firstFrom(text: string): number {
    return firstWhere(this.sorted, (i) => this.words[i] >= text);
  }

  #wordsOfGram(gram: number): number[] {
    const recent = this.#recentGrams.get(gram);
    if (this.packedGrams === undefined) return recent ?? [];
    const { grams, starts, words } = this.packedGrams;
    const low = firstWhere(grams.length, (i) => grams[i] >= gram);
    if (grams[low] !== gram) return recent ?? [];
    const packed = Array.from(words.subarray(starts[low], starts[low + 1]));
    return recent === undefined ? packed : packed.concat(recent);
  }

  #takeGrams(): void {
    for (; this.#gramsKnown < this.words.length; this.#gramsKnown++) {
      const number = this.#gramsKnown;
      for (const gram of new Set(gramsOf(this.words[number]))) {
        const words = this.#recentGrams.get(gram);
        if (words === undefined) this.#recentGrams.set(gram, [number]);
        else words.push(number);
      }
    }
  }
}

const LONG_WORD = 8;

/** Terms in the order of their stems. */
function orderOf(stems: readonly string[]): Uint32Array {
  const order = Array.from(stems, (_, term) => term);
  // The words were in order, and so nearly are their stems.
  order.sort((a, b) => (stems[a] < stems[b] ? -1 : stems[a] > stems[b] ? 1 : 0));
  return Uint32Array.from(order);
}

/** The first of `count` places from which on something is so; `count` for none. */
function firstWhere(count: number, isSo: (place: number) => boolean): number {
  let low = 0;
  let high = count;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (isSo(middle)) high = middle;
    else low = middle + 1;
  }
  return low;
}

/**
 * Letters to add, take away, change or swap with their neighbor to make one word another; more than
 * `most` when it takes more. Source: Damerau, 1964; restricted to swaps without edits between.
 */
export function editsBetween(from: string, to: string, most: number): number {
  const width = to.length + 1;
  let before = new Uint8Array(width);
  let last = Uint8Array.from({ length: width }, (_, i) => i);
  let current = new Uint8Array(width);
  for (let i = 1; i <= from.length; i++) {
    current[0] = i;
    let least = i;
    for (let j = 1; j < width; j++) {
      const differs = from[i - 1] === to[j - 1] ? 0 : 1;
      let edits = Math.min(last[j] + 1, current[j - 1] + 1, last[j - 1] + differs);
      const isSwap = i > 1 && j > 1 && from[i - 1] === to[j - 2] && from[i - 2] === to[j - 1];
      if (isSwap) edits = Math.min(edits, before[j - 2] + 1);
      current[j] = edits;
      if (edits < least) least = edits;
    }
    if (least > most) return most + 1;
    [before, last, current] = [last, current, before];
  }
  return last[to.length];
}
