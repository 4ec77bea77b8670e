import type { SimilarTerm } from "./vocabulary.ts";
import { COUNT_BITS, type WordTable } from "./word-table.ts";

/** Namespaces that somebody may read, where that is not all of them. */
export interface Readable {
  /** Equal for equal namespaces. */
  readonly name: string;
  readonly holds: (namespace: string) => boolean;
}

/**
 * How common words are among texts, and how long these are: what scores are weighed by. Of those alone that may
 * be read, where that is not all of them: scores would tell else which words stand in the others.
 */
export class WordStatistics {
  readonly #table: WordTable;
  /** 1 for each namespace of the table that may be read; undefined when all may. */
  readonly #readable: Uint8Array | undefined;
  readonly #frequencies = new Map<number, number>();
  #words: Uint8Array | undefined;
  /** Texts, those that have gone since the table was packed included. */
  readonly texts: number;
  /** Words of a text, on average. */
  readonly meanLength: number;
  /** Other where they may have changed. */
  readonly state: string;

  constructor(table: WordTable, readable?: Readable) {
    this.#table = table;
    this.state = stateOf(table, readable);
    if (readable === undefined) {
      this.texts = table.slots;
      this.meanLength = Math.max(1, table.totalLength / Math.max(1, table.live));
      return;
    }
    const { slots, namespaces, namespaceOf, isLive, lengths } = table;
    const holds = Uint8Array.from(namespaces.list, (name) => (readable.holds(name) ? 1 : 0));
    let texts = 0;
    let live = 0;
    let length = 0;
    for (let slot = 0; slot < slots; slot++) {
      if (holds[namespaceOf[slot]] === 0) continue;
      texts++;
      if (isLive[slot] === 0) continue;
      live++;
      length += lengths[slot];
    }
    this.#readable = holds;
    this.texts = texts;
    this.meanLength = Math.max(1, length / Math.max(1, live));
  }

  /** These, or those of the table as it is by now. */
  asOf(readable: Readable | undefined): WordStatistics {
    const isSame = this.state === stateOf(this.#table, readable);
    return isSame ? this : new WordStatistics(this.#table, readable);
  }

  /** What tells terms that a text has; undefined when those of the vocabulary all count. */
  get isKnown(): ((term: number) => boolean) | undefined {
    return this.#readable && ((term) => this.frequencyOf(term) > 0);
  }

  /** Texts that have a term. */
  frequencyOf(term: number): number {
    const readable = this.#readable;
    if (readable === undefined) return this.#table.frequencyOf(term);
    let frequency = this.#frequencies.get(term);
    if (frequency !== undefined) return frequency;
    frequency = 0;
    const { namespaceOf } = this.#table;
    for (const postings of this.#table.postingsOf(term)) {
      for (let i = 0; i < postings.length; i++) {
        frequency += readable[namespaceOf[postings[i] >>> COUNT_BITS]];
      }
    }
    this.#frequencies.set(term, frequency);
    return frequency;
  }

  /** Whether a word of the vocabulary, by its number, counts: another form of its term may stand elsewhere alone. */
  hasWord(word: number): boolean {
    const readable = this.#readable;
    if (readable === undefined) return true;
    this.#words ??= this.#wordsOf(readable);
    return this.#words[word] === 1;
  }

  #wordsOf(readable: Uint8Array): Uint8Array {
    const { slots, sequence, wordStarts, namespaceOf, vocabulary } = this.#table;
    // Words that only say how something is asked stand in no sequence.
    const words = new Uint8Array(vocabulary.words.length);
    words.set(vocabulary.stops.subarray(0, words.length));
    for (let slot = 0; slot < slots; slot++) {
      if (readable[namespaceOf[slot]] === 0) continue;
      // What ends a part lies beyond the array, where nothing is kept.
      for (let i = wordStarts[slot]; i < wordStarts[slot + 1]; i++) words[sequence[i]] = 1;
    }
    return words;
  }

  /** Texts that have one of some terms, as if none had two of them. */
  frequencyOfAny(terms: readonly SimilarTerm[]): number {
    let sum = 0;
    for (const { term } of terms) sum += this.frequencyOf(term);
    return Math.min(sum, this.texts);
  }

  /** How much a word tells that so many texts have; above 0 for any. */
  rarity(frequency: number): number {
    return Math.log(1 + (this.texts - frequency + 0.5) / (frequency + 0.5));
  }
}

function stateOf({ slots, totalLength }: WordTable, readable: Readable | undefined): string {
  return `${slots} ${totalLength} ${readable?.name ?? ""}`;
}
