import { gramsOf } from "../../text/terms.ts";
import { Vocabulary, type PackedGrams } from "./vocabulary.ts";
import { Names, PART_END, WordTable } from "./word-table.ts";

/**
 * The same texts in a table of its own without what has gone: no slot, posting, word or name is kept that
 * no text has. Words are numbered in order, postings stand term by term.
 */
export function packTable(table: WordTable): WordTable {
  const used = wordsInUse(table);
  const packed = new WordTable(used.vocabulary);
  const slotOf = copySlots(table, packed);
  copySequence(table, packed, used.numbers);
  copyPostings(table, packed, slotOf, used.terms);
  for (let slot = 0; slot < packed.slots; slot++) packed.restore(slot);
  return packed;
}

/** Words that a text has, in order, and what words and terms of the table before became. */
function wordsInUse({ vocabulary, sequence, wordStarts, slots, isLive }: WordTable) {
  const { words, terms, stops, stems } = vocabulary;
  // Words that are left out of sequences are few, and the same for all.
  const isUsed = Uint8Array.from(words, (_, number) => stops[number]);
  for (let slot = 0; slot < slots; slot++) {
    if (isLive[slot] === 0) continue;
    for (let i = wordStarts[slot]; i < wordStarts[slot + 1]; i++) {
      if (sequence[i] !== PART_END) isUsed[sequence[i]] = 1;
    }
  }
  const order: number[] = [];
  for (let number = 0; number < words.length; number++) if (isUsed[number]) order.push(number);
  order.sort((a, b) => (words[a] < words[b] ? -1 : words[a] > words[b] ? 1 : 0));
  const numbers = new Uint32Array(words.length);
  const newTerms = new Int32Array(stems.length).fill(-1);
  const keptStems: string[] = [];
  const termOf = new Uint32Array(order.length);
  order.forEach((old, number) => {
    numbers[old] = number;
    const term = terms[old];
    if (newTerms[term] < 0) newTerms[term] = keptStems.push(stems[term]) - 1;
    termOf[number] = newTerms[term];
  });
  const keptWords = order.map((old) => words[old]);
  const grams = packGrams(keptWords);
  return {
    vocabulary: new Vocabulary(keptWords, keptStems, termOf, grams),
    numbers,
    terms: newTerms,
  };
}

/** Words of each run of letters. Runs and words are sorted as one number, which has 53 bits for both. */
function packGrams(words: readonly string[]): PackedGrams {
  const WORDS = 2 ** 21;
  let pairs = new Float64Array(8 * words.length + 64);
  let count = 0;
  words.slice(0, WORDS).forEach((word, number) => {
    for (const gram of new Set(gramsOf(word))) {
      if (count === pairs.length) {
        const larger = new Float64Array(2 * count);
        larger.set(pairs);
        pairs = larger;
      }
      pairs[count++] = gram * WORDS + number;
    }
  });
  const sorted = pairs.subarray(0, count).sort();
  const grams: number[] = [];
  const starts: number[] = [];
  const having = new Uint32Array(count);
  for (let i = 0; i < count; i++) {
    const gram = Math.floor(sorted[i] / WORDS);
    having[i] = sorted[i] - gram * WORDS;
    if (grams[grams.length - 1] !== gram) {
      grams.push(gram);
      starts.push(i);
    }
  }
  starts.push(count);
  return { grams: Uint32Array.from(grams), starts: Uint32Array.from(starts), words: having };
}

/** Copies what is known of each text that is there; returns the new slot of each, −1 for the others. */
function copySlots(from: WordTable, to: WordTable): Int32Array {
  const slotOf = new Int32Array(from.slots).fill(-1);
  const { live } = from;
  const numbers = {
    ids: new Float64Array(live),
    at: new Float64Array(live),
    expires: new Float64Array(live),
    lengths: new Uint32Array(live),
    isLive: new Uint8Array(live).fill(1),
    namespaceOf: new Uint32Array(live),
    sessionOf: new Uint32Array(live),
  };
  let slot = 0;
  for (let old = 0; old < from.slots; old++) {
    if (from.isLive[old] === 0) continue;
    slotOf[old] = slot;
    numbers.ids[slot] = from.ids[old];
    numbers.at[slot] = from.at[old];
    numbers.expires[slot] = from.expires[old];
    numbers.lengths[slot] = from.lengths[old];
    numbers.namespaceOf[slot] = renamed(from.namespaces, to.namespaces, from.namespaceOf[old]);
    numbers.sessionOf[slot] = renamed(from.sessions, to.sessions, from.sessionOf[old]);
    slot++;
  }
  Object.assign(to, numbers, { slots: live, live });
  return slotOf;
}

function renamed(from: Names, to: Names, number: number): number {
  return number === 0 ? 0 : to.numberOf(from.list[number]);
}

function copySequence(from: WordTable, to: WordTable, numbers: Uint32Array): void {
  let length = 0;
  for (let old = 0; old < from.slots; old++) {
    if (from.isLive[old] === 1) length += from.wordStarts[old + 1] - from.wordStarts[old];
  }
  const sequence = new Uint32Array(length);
  const starts = new Uint32Array(to.slots + 1);
  let slot = 0;
  let at = 0;
  for (let old = 0; old < from.slots; old++) {
    if (from.isLive[old] === 0) continue;
    for (let i = from.wordStarts[old]; i < from.wordStarts[old + 1]; i++) {
      const word = from.sequence[i];
      sequence[at++] = word === PART_END ? PART_END : numbers[word];
    }
    starts[++slot] = at;
  }
  Object.assign(to, { sequence, sequenceLength: length, wordStarts: starts });
}

function copyPostings(from: WordTable, to: WordTable, slotOf: Int32Array, terms: Int32Array): void {
  const count = to.vocabulary.stems.length;
  const starts = new Uint32Array(count + 1);
  const each = (visit: (term: number, posting: number) => void): void => {
    for (let old = 0; old < terms.length; old++) {
      const term = terms[old];
      if (term < 0) continue;
      for (const postings of from.postingsOf(old)) {
        for (let i = 0; i < postings.length; i++) {
          const slot = slotOf[Math.floor(postings[i] / 256)];
          if (slot >= 0) visit(term, slot * 256 + (postings[i] & 0xff));
        }
      }
    }
  };
  each((term) => starts[term + 1]++);
  for (let term = 0; term < count; term++) starts[term + 1] += starts[term];
  const next = starts.slice();
  const postings = new Uint32Array(starts[count]);
  each((term, posting) => (postings[next[term]++] = posting));
  to.packed = { starts, postings };
}
