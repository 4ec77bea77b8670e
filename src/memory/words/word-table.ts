import { StigmergyError } from "../../errors.ts";
import { grown } from "./growable.ts";
import type { Part } from "./document-words.ts";
import { Vocabulary } from "./vocabulary.ts";

// A posting is one number: the slot of a text, and how often the text has the term, each place counting
// by its weight, in halves up to 127.5.
//
//   bit 31              8 7         0
//       | slot, 24 bits  | count · 2 |

/** Bits of a posting below its slot. */
export const COUNT_BITS = 8;
const MOST_COUNT = 255;
/** Texts that one table holds; more than this do not fit the 24 bits of a posting's slot. */
const MOST_SLOTS = 2 ** 24 - 1;
/** Ends a part of a text: words beside it are no neighbors. */
export const PART_END = 0xffffffff;

/** What is known of a text beside its words. */
export interface SlotFacts {
  /** The entry's id. */
  readonly id: number;
  readonly namespace: string;
  readonly session?: string;
  readonly at: number;
  readonly expiresAt?: number;
}

/** Names by number, from 1; 0 is no name. */
export class Names {
  readonly #numbers = new Map<string, number>();
  readonly list: string[] = [""];

  numberOf(name: string | undefined): number {
    if (name === undefined) return 0;
    let number = this.#numbers.get(name);
    if (number === undefined) {
      number = this.list.length;
      this.list.push(name);
      this.#numbers.set(name, number);
    }
    return number;
  }
}

const NONE = new Uint32Array(0);

/** The arrays of a table that has been packed: postings of a term one after the other. */
export interface PackedPostings {
  /** Where each term's postings begin, and one more: u32[terms + 1]. */
  readonly starts: Uint32Array;
  readonly postings: Uint32Array;
}

const NO_POSTINGS: PackedPostings = {
  starts: new Uint32Array(1),
  postings: new Uint32Array(0),
};

/**
 * Which texts have which terms, in memory: postings by term, and each text's words in order. A text has a
 * slot, which it gives up when it is removed or replaced; packing leaves such slots out.
 */
export class WordTable {
  readonly vocabulary: Vocabulary;
  readonly namespaces = new Names();
  readonly sessions = new Names();
  packed: PackedPostings = NO_POSTINGS;
  /** Postings since the table was packed, by term. */
  recent: (number[] | undefined)[] = [];
  recentPostings = 0;

  /** Slots given so far, and how many of them are of texts that are there. */
  slots = 0;
  live = 0;
  /** By slot. */
  ids: Float64Array = new Float64Array(64);
  isLive: Uint8Array = new Uint8Array(64);
  lengths: Uint32Array = new Uint32Array(64);
  at: Float64Array = new Float64Array(64);
  expires: Float64Array = new Float64Array(64);
  namespaceOf: Uint32Array = new Uint32Array(64);
  sessionOf: Uint32Array = new Uint32Array(64);
  /** Where each slot's words begin in `sequence`; the next slot's begin where they end. */
  wordStarts: Uint32Array = new Uint32Array(64);
  /** Words in order, without those that only say how something is asked. */
  sequence: Uint32Array = new Uint32Array(1024);
  sequenceLength = 0;
  /** Sum of the lengths of texts that are there. */
  totalLength = 0;
  readonly #slotOf = new Map<number, number>();

  constructor(vocabulary = new Vocabulary()) {
    this.vocabulary = vocabulary;
  }

  slotOf(id: number): number | undefined {
    return this.#slotOf.get(id);
  }

  /** Adds a text, in place of the one of its id. */
  add(facts: SlotFacts, parts: readonly Part[]): void {
    this.remove(facts.id);
    const slot = this.#newSlot(facts);
    const { vocabulary } = this;
    const counts = new Map<number, number>();
    let length = 0;
    for (const { words, weight } of parts) {
      this.sequence = grown(this.sequence, this.sequenceLength + words.length + 1);
      for (const word of words) {
        // A mark beside a script without spaces gives an empty word.
        if (word === "") continue;
        const number = vocabulary.add(word);
        const term = vocabulary.terms[number];
        counts.set(term, (counts.get(term) ?? 0) + weight);
        if (vocabulary.stops[number] === 1) continue;
        this.sequence[this.sequenceLength++] = number;
        length++;
      }
      this.sequence[this.sequenceLength++] = PART_END;
    }
    this.lengths[slot] = length;
    this.totalLength += length;
    for (const [term, count] of counts) {
      const posting = slot * 2 ** COUNT_BITS + Math.min(MOST_COUNT, Math.round(2 * count));
      (this.recent[term] ??= []).push(posting);
    }
    this.recentPostings += counts.size;
    this.wordStarts[slot + 1] = this.sequenceLength;
  }

  /** Removes the text of an id, if there is one. */
  remove(id: number): void {
    const slot = this.#slotOf.get(id);
    if (slot === undefined) return;
    this.#slotOf.delete(id);
    this.isLive[slot] = 0;
    this.live--;
    this.totalLength -= this.lengths[slot];
  }

  /** Takes a slot in as it was saved; postings and words are set apart. */
  restore(slot: number): void {
    this.#slotOf.set(this.ids[slot], slot);
    this.totalLength += this.lengths[slot];
  }

  #newSlot({ id, namespace, session, at, expiresAt }: SlotFacts): number {
    if (this.slots === MOST_SLOTS) {
      throw new StigmergyError(
        "LIMIT_REACHED",
        `words of a store: expected at most ${MOST_SLOTS} entries in memory, received more`,
      );
    }
    const slot = this.slots++;
    const { slots } = this;
    this.ids = grown(this.ids, slots);
    this.isLive = grown(this.isLive, slots);
    this.lengths = grown(this.lengths, slots);
    this.at = grown(this.at, slots);
    this.expires = grown(this.expires, slots);
    this.namespaceOf = grown(this.namespaceOf, slots);
    this.sessionOf = grown(this.sessionOf, slots);
    this.wordStarts = grown(this.wordStarts, slots + 1);
    this.ids[slot] = id;
    this.isLive[slot] = 1;
    this.at[slot] = at;
    this.expires[slot] = expiresAt ?? Infinity;
    this.namespaceOf[slot] = this.namespaces.numberOf(namespace);
    this.sessionOf[slot] = this.sessions.numberOf(session);
    this.#slotOf.set(id, slot);
    this.live++;
    return slot;
  }

  /** The postings of a term: those that were packed, and those that have come since. */
  postingsOf(term: number): readonly [Uint32Array, readonly number[]] {
    const { starts, postings } = this.packed;
    const packed =
      term + 1 < starts.length ? postings.subarray(starts[term], starts[term + 1]) : NONE;
    return [packed, this.recent[term] ?? []];
  }

  /** Texts that have a term, those that have gone since the table was packed included. */
  frequencyOf(term: number): number {
    const { starts } = this.packed;
    const packed = term + 1 < starts.length ? starts[term + 1] - starts[term] : 0;
    return packed + (this.recent[term]?.length ?? 0);
  }
}
