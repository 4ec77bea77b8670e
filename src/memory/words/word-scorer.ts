import { addPostings } from "../../wasm/words/postings.ts";
import type { Ranking } from "../search/ranking.ts";
import { BestSlots } from "./best-slots.ts";
import { LetterCounter } from "./letter-counter.ts";
import { PairCounter } from "./pair-counter.ts";
import { wordQuery, type WordQuery } from "./query.ts";
import { NO_SUMS, placeSums, type ScoreSums } from "./score-sums.ts";
import { REACH, SessionOrder } from "./session-order.ts";
import type { SimilarTerm } from "./vocabulary.ts";
import { WordStatistics, type Readable } from "./word-statistics.ts";
import type { WordTable } from "./word-table.ts";

/** A text found by its words, or asked for. */
export interface WordHit {
  readonly id: number;
  readonly slot: number;
  /** BM25 of words and of pairs, smoothed over a session: comparable within one search. */
  readonly words: number;
  /** BM25 of words spelled alike, smoothed the same. */
  readonly characters: number;
}

/** What a table of words answers. */
export interface WordAnswer {
  readonly query: WordQuery;
  readonly hits: readonly WordHit[];
}

/** Which texts may be returned. */
export type SlotFilter = (slot: number) => boolean;

const POOL = 300; // texts looked at closely, beside those that are wanted

/**
 * Scores texts by the words of a query: BM25 (Robertson and Zaragoza, 2009) over stems, weighted by where
 * they stand; pairs of neighboring words (after Metzler and Croft, 2005); words spelled alike; and, in a
 * session, what is said just before and after. Every posting of the query's words is looked at once.
 */
export class WordScorer {
  readonly #table: WordTable;
  readonly sessions: SessionOrder;
  #sums: ScoreSums = NO_SUMS;
  #characters = new Float32Array(0);
  #group = new Float32Array(0);
  #normsOf = "";
  #readable: Readable | undefined;
  #statistics: WordStatistics;
  #grouped = new Uint32Array(0);

  constructor(table: WordTable) {
    this.#table = table;
    this.sessions = new SessionOrder(table);
    this.#statistics = new WordStatistics(table);
  }

  /** From here on words are weighed by how common they are in these namespaces alone. */
  weighBy(readable: Readable | undefined): void {
    this.#readable = readable;
  }

  /**
   * The best `k` texts by words, the best by characters, and those of `asked` (ids found by other means),
   * in no order.
   */
  search(
    text: string,
    ranking: Ranking,
    k: number,
    isAllowed: SlotFilter,
    asked: readonly number[] = [],
  ): WordAnswer {
    const table = this.#table;
    const statistics = (this.#statistics = this.#statistics.asOf(this.#readable));
    const query = wordQuery(table.vocabulary, text, statistics.isKnown);
    this.#reserve(ranking);
    let count = 0;
    for (const word of query.words) {
      const weight = word.count * statistics.rarity(statistics.frequencyOfAny(word.terms));
      count = this.#addGroup(word.terms, weight, ranking, count);
    }
    const pool = this.#pool(count, POOL + k, isAllowed);
    for (const id of asked) {
      const slot = table.slotOf(id);
      if (slot !== undefined) pool.add(slot);
    }
    const hits = this.#look(pool, query, ranking, isAllowed);
    this.#clear(count);
    return { query, hits: bestOf(hits, k, asked) };
  }

  /** The share of a query that a text says: each word counts by how rare it is, how often it is said not. */
  coverageOf(id: number, { words }: WordQuery): number {
    const { vocabulary, sequence, wordStarts } = this.#table;
    const slot = this.#table.slotOf(id);
    const said = new Set<number>();
    if (slot !== undefined) {
      const end = wordStarts[slot + 1];
      for (let i = wordStarts[slot]; i < end; i++) said.add(vocabulary.terms[sequence[i]] ?? -1);
    }
    let found = 0;
    let all = 0;
    for (const { terms } of words) {
      const rarity = this.#statistics.rarity(this.#statistics.frequencyOfAny(terms));
      all += rarity;
      if (terms.some(({ term }) => said.has(term))) found += rarity;
    }
    return all === 0 ? 0 : found / all;
  }

  /** Pairs and neighbors, of the texts that came near. */
  #look(pool: Set<number>, query: WordQuery, ranking: Ranking, isAllowed: SlotFilter): WordHit[] {
    const { sessions } = this;
    const smooths = ranking.neighbors > 0 || ranking.nextNeighbors > 0 || ranking.session > 0;
    if (smooths) {
      for (const slot of [...pool]) {
        sessions.around(slot, REACH, (neighbor) => isAllowed(neighbor) && pool.add(neighbor));
      }
    }
    const pairs = new PairCounter(this.#table, query, this.#statistics);
    const slots = [...pool];
    const bonus = pairs.isEmpty
      ? undefined
      : pairs.score(slots, this.#sums.norms, ranking.saturation);
    if (bonus !== undefined) {
      slots.forEach((slot, i) => {
        this.#sums.scores[slot] += ranking.pairs * bonus[i];
      });
    }
    const letters =
      ranking.characters > 0 ? new LetterCounter(this.#table, query, this.#statistics) : undefined;
    if (letters !== undefined && !letters.isEmpty) {
      const shared = letters.score(slots, this.#sums.norms, ranking.saturation);
      slots.forEach((slot, i) => {
        this.#characters[slot] = shared[i];
      });
    }
    const lend = [0, ranking.neighbors, ranking.nextNeighbors];
    const { ids } = this.#table;
    const hits = slots.map((slot) => {
      let words = this.#sums.scores[slot];
      let characters = this.#characters[slot];
      if (smooths) {
        sessions.around(slot, REACH, (neighbor, distance) => {
          if (!isAllowed(neighbor)) return;
          words += lend[Math.abs(distance)] * this.#sums.scores[neighbor];
          characters += lend[Math.abs(distance)] * this.#characters[neighbor];
        });
      }
      return { id: ids[slot], slot, words, characters };
    });
    for (const slot of slots) this.#sums.scores[slot] = this.#characters[slot] = 0;
    return ranking.session > 0 ? this.#lendBest(hits, ranking.session) : hits;
  }

  /** Hits with a share of the best score of their session. */
  #lendBest(hits: readonly WordHit[], share: number): WordHit[] {
    const { sessionOf, namespaceOf } = this.#table;
    const nameOf = ({ slot }: WordHit): number => sessionOf[slot] * 2 ** 24 + namespaceOf[slot];
    const best = new Map<number, number>();
    for (const hit of hits) {
      if (sessionOf[hit.slot] === 0) continue;
      best.set(nameOf(hit), Math.max(hit.words, best.get(nameOf(hit)) ?? 0));
    }
    return hits.map((hit) => ({ ...hit, words: hit.words + share * (best.get(nameOf(hit)) ?? 0) }));
  }

  /** The texts that are looked at closely. */
  #pool(count: number, most: number, isAllowed: SlotFilter): Set<number> {
    const words = this.#sums.scores;
    const touched = this.#sums.touched;
    const best = new BestSlots(Math.max(1, Math.min(most, count)));
    let { least } = best;
    for (let i = 0; i < count; i++) {
      const slot = touched[i];
      if (words[slot] <= least || !isAllowed(slot)) continue;
      best.offer(slot, words[slot]);
      ({ least } = best);
    }
    return new Set(best.slots.subarray(0, best.count));
  }

  /** Adds what texts score for one word of the query. Returns how many texts have been touched. */
  #addGroup(
    terms: readonly SimilarTerm[],
    weight: number,
    { saturation }: Ranking,
    before: number,
  ): number {
    if (terms.length === 0 || weight <= 0) return before;
    if (terms.length === 1 && terms[0].share === 1) {
      const [{ term }] = terms;
      const scale = weight * (1 + saturation);
      const [packed, recent] = this.#table.postingsOf(term);
      return this.#addTerm(recent, scale, this.#addTerm(packed, scale, before));
    }
    let grouped = 0;
    for (const { term, share } of terms) {
      for (const postings of this.#table.postingsOf(term)) {
        grouped = this.#gather(postings, share / 2, grouped);
      }
    }
    const scale = weight * (1 + saturation);
    const group = this.#group;
    const norms = this.#sums.norms;
    const touched = this.#sums.touched;
    const words = this.#sums.scores;
    let count = before;
    for (let i = 0; i < grouped; i++) {
      const slot = this.#grouped[i];
      const times = group[slot];
      group[slot] = 0;
      if (words[slot] === 0) touched[count++] = slot;
      words[slot] += (scale * times) / (times + norms[slot]);
    }
    return count;
  }

  #addTerm(postings: ArrayLike<number>, scale: number, before: number): number {
    const words = this.#sums.scores;
    const norms = this.#sums.norms;
    const touched = this.#sums.touched;
    const { heap } = this.#sums;
    if (postings instanceof Uint32Array && heap?.memory.buffer === postings.buffer) {
      return heap.run(addPostings(heap, postings, scale, this.#sums, before));
    }
    let count = before;
    for (let i = 0; i < postings.length; i++) {
      const posting = postings[i];
      const slot = posting >>> 8;
      const times = (posting & 0xff) * 0.5;
      if (words[slot] === 0) touched[count++] = slot;
      words[slot] += (scale * times) / (times + norms[slot]);
    }
    return count;
  }

  #gather(postings: ArrayLike<number>, share: number, before: number): number {
    const group = this.#group;
    const grouped = this.#grouped;
    let count = before;
    for (let i = 0; i < postings.length; i++) {
      const slot = postings[i] >>> 8;
      if (group[slot] === 0) grouped[count++] = slot;
      group[slot] += (postings[i] & 0xff) * share;
    }
    return count;
  }

  #reserve({ saturation, lengthNorm }: Ranking): void {
    const table = this.#table;
    if (this.#sums.scores.length < table.slots) {
      const capacity = Math.ceil(1.5 * table.slots) + 64;
      this.#characters = new Float32Array(capacity);
      this.#group = new Float32Array(capacity);
      this.#grouped = new Uint32Array(capacity);
      this.#sums = placeSums(table, capacity);
      this.#normsOf = "";
    }
    const { meanLength: mean, state: of } = this.#statistics;
    const state = `${of} ${saturation} ${lengthNorm}`;
    if (state === this.#normsOf) return;
    // Each write changes the mean, and with it every norm.
    const { slots, lengths } = table;
    const { norms } = this.#sums;
    for (let slot = 0; slot < slots; slot++) {
      const norm = saturation * (1 - lengthNorm + (lengthNorm * lengths[slot]) / mean);
      norms[slot] = Math.max(0.01, norm);
    }
    this.#normsOf = state;
  }

  #clear(count: number): void {
    for (let i = 0; i < count; i++) {
      this.#sums.scores[this.#sums.touched[i]] = 0;
    }
  }
}

/** The best by each score, and those that were asked for. */
function bestOf(hits: WordHit[], k: number, asked: readonly number[]): WordHit[] {
  if (hits.length <= k) return hits;
  const kept = new Set<WordHit>();
  const wanted = new Set(asked);
  for (const hit of hits) if (wanted.has(hit.id)) kept.add(hit);
  for (const by of ["words", "characters"] as const) {
    hits.sort((a, b) => b[by] - a[by] || a.id - b.id);
    for (const hit of hits.slice(0, k)) if (hit[by] > 0) kept.add(hit);
  }
  return [...kept];
}
