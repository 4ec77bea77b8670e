// Hashes of what a text is made of: its words, each two neighbors, and runs of letters within each
// word. The same, to the bit, as src/text/plain-ngrams.ts computes.
//
// A run is FNV-1a over UTF-16 units (Fowler, Noll and Vo, 1991), finished by murmur3's mixer
// (Appleby, 2011). Runs that begin at the same unit share their first steps, and those that begin at
// four neighboring units are hashed at once, one in each lane.

import { splitAscii } from "./words";

const WORD_SEED: u32 = 0x811c9dc5;
const GRAM_SEED: u32 = 0x2f0b4c47; // runs of letters never count as the word that they spell …
const LENGTH_STEP: u32 = 0x9e3779b9; // … nor as part of a run of another length
const BIGRAM_SEED: u32 = 0x5bd1e995;
const PRIME: u32 = 0x01000193;
const MIX1: u32 = 0x85ebca6b;
const MIX2: u32 = 0xc2b2ae35;

const WORDS: u32 = 1;
const BIGRAMS: u32 = 2;

/**
 * Writes the hashes of an ASCII text: of its words if `kinds` has bit 0, of each two neighboring
 * words if it has bit 1, and of each word's runs of `shortest` to `longest` units, the borders before
 * and after the word included. Returns how many they are.
 *
 * @param text      u8[bytes + 16], each below 128; the last 16 are written to
 * @param bytes     characters; 0 gives nothing
 * @param kinds     0 to 3
 * @param shortest  units; at least 2
 * @param longest   units; `shortest` − 1 leaves runs out
 * @param masks     scratch, u8[3][bytes / 8 + 18], rounded up
 * @param units     scratch, u16[9 · bytes / 2 + 48], drawn in words.ts
 * @param spans     scratch, u32[3 · bytes / 2 + 1][2], drawn in words.ts
 * @param counts    u32[3]: words, neighbors and runs that were written
 * @param out       u32[…]: those, in this order, words as they appear, a word's runs by length and
 *                  then by where they begin; and 16 more, which are written to
 *
 * Words are at most 64 characters, and at most 3 · bytes / 2.
 */
export function ngrams_u8(
  text: usize,
  bytes: u32,
  kinds: u32,
  shortest: u32,
  longest: u32,
  masks: usize,
  units: usize,
  spans: usize,
  counts: usize,
  out: usize,
): u32 {
  const end = splitAscii(text, bytes, masks, units, spans);
  return hashWords(spans, end, kinds, shortest, longest, counts, out);
}

function hashWords(
  spans: usize,
  end: usize,
  kinds: u32,
  shortest: u32,
  longest: u32,
  counts: usize,
  out: usize,
): u32 {
  const found = <u32>((end - spans) >> 3);
  const words = kinds & WORDS ? found : 0;
  const bigrams = kinds & BIGRAMS && found > 0 ? found - 1 : 0;
  if (kinds != 0) writeWordHashes(spans, end, out);
  // Without the words themselves neighbors are written over them, each after it was read.
  if (bigrams > 0) writeBigrams(out, bigrams, out + ((<usize>words) << 2));
  const from = out + ((<usize>(words + bigrams)) << 2);
  let at = from;
  if (longest >= shortest) {
    for (; spans < end; spans += 8) {
      at = writeGrams(load<u32>(spans), load<u32>(spans, 4), shortest, longest, at);
    }
  }
  store<u32>(counts, words);
  store<u32>(counts, bigrams, 4);
  store<u32>(counts, <u32>((at - from) >> 2), 8);
  return <u32>((at - out) >> 2);
}

function writeWordHashes(spans: usize, end: usize, out: usize): void {
  for (; spans < end; spans += 8, out += 4) {
    let state = WORD_SEED;
    const to = <usize>load<u32>(spans, 4);
    for (let at = <usize>load<u32>(spans); at < to; at += 2) {
      state = (state ^ load<u16>(at)) * PRIME;
    }
    state = (state ^ (state >> 16)) * MIX1;
    state = (state ^ (state >> 13)) * MIX2;
    store<u32>(out, state ^ (state >> 16));
  }
}

function writeBigrams(words: usize, count: u32, out: usize): void {
  for (const end = out + ((<usize>count) << 2); out < end; out += 16, words += 16) {
    const first = i32x4.mul(
      v128.xor(v128.load(words), i32x4.splat(BIGRAM_SEED)),
      i32x4.splat(PRIME),
    );
    const second = v128.load(words, 4);
    const turned = v128.or(i32x4.shl(second, 15), i32x4.shr_u(second, 17));
    v128.store(out, mix(v128.xor(first, turned)));
  }
}

/**
 * Writes the hashes of a word's runs, its borders included, by length, and returns where they end.
 * Stores of four reach into what follows, which is the next length's list or the next word's, so those
 * that begin last are hashed first: whatever belongs there is written later.
 */
function writeGrams(start: usize, end: usize, shortest: u32, longest: u32, out: usize): usize {
  const marked = <i32>((end - start) >> 1) + 2;
  const most = marked + 1 - <i32>shortest;
  if (most <= 0) return out;
  let from = (most - 1) & ~3;
  let at = out;
  for (; from >= 0; from -= 4) {
    let state = i32x4.splat(GRAM_SEED);
    let unit = start - 2 + ((<usize>from) << 1);
    const units = unit + ((<usize>shortest) << 1);
    for (; unit < units - 2; unit += 2) {
      state = step(state, unit);
    }
    at = out + ((<usize>from) << 2);
    let list = most;
    for (let length = shortest; length <= longest; length++, unit += 2, list--) {
      state = step(state, unit);
      v128.store(at, mix(i32x4.add(state, i32x4.splat(length * LENGTH_STEP))));
      if (list > 0) at += (<usize>list) << 2;
    }
  }
  return at;
}

/** Adds a unit to each of four runs, neighbors in memory. */
function step(state: v128, unit: usize): v128 {
  return i32x4.mul(v128.xor(state, v128.load16x4_u(unit)), i32x4.splat(PRIME));
}

function mix(state: v128): v128 {
  state = i32x4.mul(v128.xor(state, i32x4.shr_u(state, 16)), i32x4.splat(MIX1));
  state = i32x4.mul(v128.xor(state, i32x4.shr_u(state, 13)), i32x4.splat(MIX2));
  return v128.xor(state, i32x4.shr_u(state, 16));
}
