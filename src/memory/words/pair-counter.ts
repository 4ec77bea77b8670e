import { grown } from "./growable.ts";
import { UNKNOWN, type WordQuery } from "./query.ts";
import type { WordStatistics } from "./word-statistics.ts";
import { PART_END, type WordTable } from "./word-table.ts";

const MOST_WORDS = 20_000; // of a text that are looked through

/** Of each term of a vocabulary, its number in the query, from 1; 0 for others. */
let places = new Uint8Array(0);

/**
 * Counts where two neighboring words of a query stand side by side. Only the texts that came near are
 * looked through: how many texts have a pair is told by those of them.
 */
export class PairCounter {
  readonly #table: WordTable;
  readonly #statistics: WordStatistics;
  /** Terms of the query, each once. */
  readonly #terms: number[] = [];
  /** The number of a pair, from 1, by the places of its two terms; 0 for what is no pair. */
  readonly #pairs: Uint8Array;
  readonly #width: number;
  #count = 0;

  constructor(table: WordTable, { order }: WordQuery, statistics: WordStatistics) {
    this.#table = table;
    this.#statistics = statistics;
    const placeOf = new Map<number, number>();
    for (const term of order) {
      if (term !== UNKNOWN && !placeOf.has(term)) placeOf.set(term, this.#terms.push(term));
    }
    this.#width = this.#terms.length + 1;
    this.#pairs = new Uint8Array(this.#width ** 2);
    for (let i = 1; i < order.length; i++) {
      const first = placeOf.get(order[i - 1]);
      const second = placeOf.get(order[i]);
      if (first === undefined || second === undefined || first === second) continue;
      const at = first * this.#width + second;
      if (this.#pairs[at] === 0) this.#pairs[at] = ++this.#count;
    }
  }

  get isEmpty(): boolean {
    return this.#count === 0;
  }

  /** BM25 of the pairs of each slot's text. */
  score(slots: readonly number[], norms: Float32Array, saturation: number): Float32Array {
    const pairs = this.#count;
    const counts = new Uint16Array(slots.length * pairs);
    places = grown(places, this.#table.vocabulary.stems.length);
    this.#terms.forEach((term, i) => (places[term] = i + 1));
    slots.forEach((slot, i) => this.#countIn(slot, counts, i * pairs));
    for (const term of this.#terms) places[term] = 0;
    const frequencies = new Uint32Array(pairs);
    for (let i = 0; i < counts.length; i++) if (counts[i] > 0) frequencies[i % pairs]++;
    const rarities = Array.from(frequencies, (each) => this.#statistics.rarity(each));
    return Float32Array.from(slots, (slot, i) => {
      let sum = 0;
      for (let pair = 0; pair < pairs; pair++) {
        const times = counts[i * pairs + pair];
        if (times > 0) sum += (rarities[pair] * times) / (times + norms[slot]);
      }
      return sum * (1 + saturation);
    });
  }

  #countIn(slot: number, counts: Uint16Array, base: number): void {
    const { sequence, wordStarts, vocabulary } = this.#table;
    const { terms } = vocabulary;
    const from = wordStarts[slot];
    const to = Math.min(wordStarts[slot + 1], from + MOST_WORDS);
    let previous = 0;
    for (let i = from; i < to; i++) {
      const word = sequence[i];
      const place = word === PART_END ? 0 : places[terms[word]];
      if (place > 0 && previous > 0) {
        const pair = this.#pairs[previous * this.#width + place];
        if (pair > 0) counts[base + pair - 1]++;
      }
      previous = place;
    }
  }
}
