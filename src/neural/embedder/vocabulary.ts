import { CONTINUES } from "../../text/pieces.ts";
import { PairQueue } from "./pair-queue.ts";

const ALPHABET = "abcdefghijklmnopqrstuvwxyz";
/** More pieces are learned than wanted: steps on the way to longer ones are then dropped. */
const SURPLUS = 1.3;
const LEAST_COUNT = 3; // of a word: what is met less often is mostly noise

/**
 * Learns pieces of words: the pair of neighboring pieces that is most frequent becomes a piece, again and
 * again; in the end those that the longest match hardly uses are dropped. Equal frequencies are decided
 * by which pair was met first, so the same counts in the same order give the same pieces.
 *
 * @param counts words of letters a to z, and how often each was met
 * @param size   pieces wanted, at least 52: the letters are always among them
 * @returns pieces, those that go on with a word marked with `#`; the most used first
 *
 * Source: Sennrich, Haddow and Birch, Neural machine translation of rare words with subword units, 2016.
 */
export function learnVocabulary(counts: ReadonlyMap<string, number>, size: number): string[] {
  const words = [...counts].filter(([, count]) => count >= LEAST_COUNT);
  const pieces = mergePairs(words, Math.ceil(size * SURPLUS));
  return dropUnused(pieces, words, size);
}

/** All pieces that merging comes to, letters first. */
function mergePairs(words: readonly (readonly [string, number])[], size: number): string[] {
  const letters = [...ALPHABET, ...[...ALPHABET].map((letter) => CONTINUES + letter)];
  const pieces = [...letters];
  const numbers = new Map(letters.map((piece, i) => [piece, i]));
  const cut = words.map(([word]) =>
    [...word].map((letter, i) => numbers.get(i === 0 ? letter : CONTINUES + letter) as number),
  );
  const queue = new PairQueue();
  cut.forEach((parts, word) => {
    for (let i = 1; i < parts.length; i++) queue.add(parts[i - 1], parts[i], words[word][1], word);
  });
  while (pieces.length < size) {
    const pair = queue.take();
    if (pair === undefined) break;
    const { left, right } = pair;
    const joined = pieces[left] + pieces[right].slice(CONTINUES.length);
    const merged = pieces.length;
    pieces.push(joined);
    for (const word of pair.words) {
      cut[word] = mergeIn(cut[word], left, right, merged, (a, b, sign) => {
        queue.add(a, b, sign * words[word][1], word);
      });
    }
  }
  return pieces;
}

/** A word with each pair replaced; tells which pairs of neighbors it has no longer, and which anew. */
function mergeIn(
  parts: readonly number[],
  left: number,
  right: number,
  merged: number,
  change: (left: number, right: number, sign: 1 | -1) => void,
): number[] {
  const out: number[] = [];
  for (let i = 0; i < parts.length; i++) {
    if (i + 1 < parts.length && parts[i] === left && parts[i + 1] === right) {
      out.push(merged);
      i++;
    } else out.push(parts[i]);
  }
  if (out.length === parts.length) return out;
  for (let i = 1; i < parts.length; i++) change(parts[i - 1], parts[i], -1);
  for (let i = 1; i < out.length; i++) change(out[i - 1], out[i], 1);
  return out;
}

/** The letters and the pieces that cutting by the longest match uses most. */
function dropUnused(
  pieces: readonly string[],
  words: readonly (readonly [string, number])[],
  size: number,
): string[] {
  const numbers = new Map(pieces.map((piece, i) => [piece, i]));
  const uses = new Float64Array(pieces.length);
  const longest = pieces.reduce((most, piece) => Math.max(most, piece.length), 1);
  for (const [word, count] of words) {
    for (let at = 0; at < word.length;) {
      const mark = at === 0 ? "" : CONTINUES;
      let end = Math.min(word.length, at + longest);
      while (!numbers.has(mark + word.slice(at, end))) end--;
      uses[numbers.get(mark + word.slice(at, end)) as number] += count;
      at = end;
    }
  }
  uses.fill(Infinity, 0, 2 * ALPHABET.length);
  const order = pieces
    .map((_, i) => i)
    .toSorted((a, b) => (uses[b] === uses[a] ? a - b : uses[b] - uses[a]));
  return order.slice(0, size).map((i) => pieces[i]);
}
