import { WORD_BORDER, type NgramKinds } from "../wasm/words/ngrams.ts";
import { LONGEST_WORD } from "./ascii-words.ts";

// The hashes of assembly/words/hash.ts in plain JavaScript, to the bit: what runs where WebAssembly is off, a
// text is not ASCII or very long, and what the kernel is compared with.

/** Hashes of one text: first of its words, then of neighboring words, then of runs of letters. */
export interface Ngrams {
  readonly hashes: Uint32Array;
  /** How many of them are of words. */
  readonly words: number;
  /** How many are of two neighboring words. */
  readonly bigrams: number;
}

const WORD_SEED = 0x811c9dc5 | 0;
const GRAM_SEED = 0x2f0b4c47;
const LENGTH_STEP = 0x9e3779b9 | 0;
const BIGRAM_SEED = 0x5bd1e995;
const PRIME = 0x01000193;
const BORDER = WORD_BORDER.charCodeAt(0);

// A letter's lower case may take more units than the letter.
const units = new Uint16Array(3 * LONGEST_WORD + 2).fill(BORDER);
let room = new Uint32Array(4096);

/** The hashes of words, in order. `hashes` is written over by the next call. */
export function hashWords(words: readonly string[], kinds: NgramKinds): Ngrams {
  const { shortest, longest } = kinds;
  const found = words.length;
  const wordCount = kinds.words ? found : 0;
  const bigramCount = kinds.bigrams && found > 0 ? found - 1 : 0;
  const first = wordCount + bigramCount;
  reserve(first + 1, 0);
  let end = first;
  let previous = 0;
  for (let i = 0; i < found; i++) {
    const word = words[i];
    const length = readUnits(word);
    reserve(end + (length + 2) * (longest - shortest + 1), end);
    let state = WORD_SEED;
    for (let at = 1; at <= length; at++) state = Math.imul(state ^ units[at], PRIME);
    const hash = mix(state);
    if (wordCount > 0) room[i] = hash;
    if (bigramCount > 0 && i > 0) room[wordCount + i - 1] = pairOf(previous, hash);
    previous = hash;
    end = writeGrams(length + 2, shortest, longest, end);
  }
  return { hashes: room.subarray(0, end), words: wordCount, bigrams: bigramCount };
}

/** Writes a word's units between borders, and returns how many they are without those. */
function readUnits(word: string): number {
  const { length } = word;
  for (let i = 0; i < length; i++) units[i + 1] = word.charCodeAt(i);
  units[length + 1] = BORDER;
  return length;
}

/** Writes the hashes of runs of the first `marked` units, and returns where they end. */
function writeGrams(marked: number, shortest: number, longest: number, from: number): number {
  const most = marked + 1 - shortest;
  for (let start = 0; start < most; start++) {
    let state = GRAM_SEED;
    let at = from + start;
    for (let length = 1; length <= longest && start + length <= marked; length++) {
      state = Math.imul(state ^ units[start + length - 1], PRIME);
      if (length < shortest) continue;
      room[at] = mix(state + Math.imul(length, LENGTH_STEP));
      at += marked + 1 - length;
    }
  }
  let end = from;
  for (let length = shortest; length <= longest; length++) end += Math.max(0, marked + 1 - length);
  return end;
}

/** The hash of two neighboring words, from theirs. */
export function pairOf(first: number, second: number): number {
  const state = Math.imul(first ^ BIGRAM_SEED, PRIME);
  return mix(state ^ ((second << 15) | (second >>> 17)));
}

function mix(state: number): number {
  let mixed = Math.imul(state ^ (state >>> 16), 0x85ebca6b);
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35);
  return mixed ^ (mixed >>> 16);
}

/** Makes room for `length` hashes, and keeps the first `kept`. */
function reserve(length: number, kept: number): void {
  if (length <= room.length) return;
  const larger = new Uint32Array(2 * length);
  larger.set(room.subarray(0, kept));
  room = larger;
}
