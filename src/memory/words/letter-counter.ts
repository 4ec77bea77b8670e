import { grown } from "./growable.ts";
import type { WordQuery } from "./query.ts";
import type { WordStatistics } from "./word-statistics.ts";
import type { WordTable } from "./word-table.ts";

const MOST_WORDS = 20_000; // of a text that are looked through

/** Of each word of a vocabulary, where its runs of letters begin in a list; 0 for none. */
let runsAt = new Uint32Array(0);

/**
 * Counts the runs of letters that texts have in common with a query: inflected, joined and misspelled
 * words share some of theirs. Only the texts that came near are looked through.
 */
export class LetterCounter {
  readonly #table: WordTable;
  readonly #statistics: WordStatistics;
  /** Of each word that has some, after a number of its own: how many, and which. */
  readonly #runsOf = new Map<number, number[]>();
  readonly #rarities: number[] = [];

  constructor(table: WordTable, { words }: WordQuery, statistics: WordStatistics) {
    this.#table = table;
    this.#statistics = statistics;
    const { vocabulary } = table;
    const known = new Set<number>();
    for (const { word, isPrefix } of words) {
      if (isPrefix) continue;
      for (const [run, having] of vocabulary.wordsByRun(word)) {
        if (known.has(run)) continue;
        known.add(run);
        const number = this.#rarities.length;
        this.#rarities.push(statistics.rarity(this.#frequencyOf(having)));
        for (const each of having) {
          const runs = this.#runsOf.get(each);
          if (runs === undefined) this.#runsOf.set(each, [number]);
          else runs.push(number);
        }
      }
    }
  }

  get isEmpty(): boolean {
    return this.#rarities.length === 0;
  }

  /** BM25 of the runs of each slot's text. */
  score(slots: readonly number[], norms: Float32Array, saturation: number): Float32Array {
    const { sequence, wordStarts, vocabulary } = this.#table;
    runsAt = grown(runsAt, vocabulary.words.length);
    const lists: number[][] = [[]];
    for (const [word, runs] of this.#runsOf) runsAt[word] = lists.push(runs) - 1;
    const counts = new Uint16Array(this.#rarities.length);
    const vocabularySize = vocabulary.words.length;
    const scores = Float32Array.from(slots, (slot) => {
      counts.fill(0);
      const from = wordStarts[slot];
      const to = Math.min(wordStarts[slot + 1], from + MOST_WORDS);
      for (let i = from; i < to; i++) {
        const word = sequence[i];
        // What ends a part is no word of the vocabulary.
        const at = word < vocabularySize ? runsAt[word] : 0;
        if (at === 0) continue;
        const runs = lists[at];
        for (let j = 0; j < runs.length; j++) counts[runs[j]]++;
      }
      let sum = 0;
      for (let run = 0; run < counts.length; run++) {
        const times = counts[run];
        if (times > 0) sum += (this.#rarities[run] * times) / (times + norms[slot]);
      }
      return sum * (1 + saturation);
    });
    for (const word of this.#runsOf.keys()) runsAt[word] = 0;
    return scores;
  }

  /** Texts that have one of some words, as if none had two of them, or two forms of one. */
  #frequencyOf(words: readonly number[]): number {
    const { terms } = this.#table.vocabulary;
    const statistics = this.#statistics;
    const { texts } = statistics;
    let sum = 0;
    for (let i = 0; i < words.length && sum < texts; i++) {
      if (statistics.hasWord(words[i])) sum += statistics.frequencyOf(terms[words[i]]);
    }
    return Math.min(sum, texts);
  }
}
