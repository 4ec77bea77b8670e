import type { Ngrams } from "#dist/text/plain-ngrams.js";
import type { NgramKinds } from "#dist/wasm/words/ngrams.js";

/** Textbook squared Euclidean distances in f64: slow, obvious, and what the kernels are held to. */
export function l2sqReference(query: Float32Array, rows: Float32Array): number[] {
  return eachRow(query, rows, (row) => sum(query, (value, j) => (value - row[j]) ** 2));
}

/** Negated inner products in f64. */
export function dotReference(query: Float32Array, rows: Float32Array): number[] {
  return eachRow(query, rows, (row) => -sum(query, (value, j) => value * row[j]));
}

/** 1 − cos in f64. */
export function cosineReference(query: Float32Array, rows: Float32Array): number[] {
  return eachRow(query, rows, (row) => {
    const dot = sum(query, (value, j) => value * row[j]);
    return 1 - dot / Math.sqrt(sum(query, (value) => value ** 2) * sum(row, (value) => value ** 2));
  });
}

/** Distances by the name of their metric. */
export const REFERENCES = {
  cosine: cosineReference,
  l2sq: l2sqReference,
  dot: dotReference,
} as const;

/** Sum of `term` over an array, in f64. */
export function sum(array: Float32Array, term: (value: number, j: number) => number): number {
  let total = 0;
  array.forEach((value, j) => {
    total += term(value, j);
  });
  return total;
}

function eachRow(
  query: Float32Array,
  rows: Float32Array,
  measure: (row: Float32Array) => number,
): number[] {
  const distances: number[] = [];
  for (let start = 0; start < rows.length; start += query.length) {
    distances.push(measure(rows.subarray(start, start + query.length)));
  }
  return distances;
}

/** Hashes of words, of neighbors and of runs of letters, one by one: what the kernels and their twin give. */
export function ngramsReference(
  words: readonly string[],
  { words: ofWords, bigrams, shortest, longest }: NgramKinds,
): Ngrams {
  const single = words.map((word) => fnv(word, 0x811c9dc5));
  const pairs = single.slice(1).map((second, i) => {
    const turned = (second << 15) | (second >>> 17);
    return murmurMix(Math.imul(single[i] ^ 0x5bd1e995, 0x01000193) ^ turned);
  });
  const grams = words.flatMap((word) => {
    const marked = ` ${word} `;
    return range(shortest, longest).flatMap((length) =>
      range(0, marked.length - length).map((from) =>
        murmurMix(fnvState(marked.slice(from, from + length), 0x2f0b4c47) + length * 0x9e3779b9),
      ),
    );
  });
  const hashes = [...(ofWords ? single : []), ...(bigrams ? pairs : []), ...grams];
  return {
    hashes: Uint32Array.from(hashes),
    words: ofWords ? single.length : 0,
    bigrams: bigrams ? pairs.length : 0,
  };
}

/** The checksum of assembly/base/checksum.ts, word by word. */
export function checksumReference(before: Uint32Array, words: Uint32Array): number[] {
  const lanes = [...before];
  words.forEach((word, i) => {
    const sum = (lanes[i % 16] + Math.imul(word, 0x85ebca77)) >>> 0;
    lanes[i % 16] = Math.imul((sum << 13) | (sum >>> 19), 0x9e3779b1) >>> 0;
  });
  return lanes;
}

function fnv(text: string, seed: number): number {
  return murmurMix(fnvState(text, seed));
}

function fnvState(text: string, seed: number): number {
  return text.split("").reduce((state, unit) => {
    return Math.imul(state ^ unit.charCodeAt(0), 0x01000193);
  }, seed);
}

function murmurMix(state: number): number {
  const first = Math.imul(state ^ (state >>> 16), 0x85ebca6b);
  const second = Math.imul(first ^ (first >>> 13), 0xc2b2ae35);
  return (second ^ (second >>> 16)) >>> 0;
}

/** Whole numbers of [first, last]. */
function range(first: number, last: number): number[] {
  return Array.from({ length: Math.max(0, last - first + 1) }, (_, i) => first + i);
}
