import type { Embedder } from "./embedder.ts";
import { STOP_WORDS } from "./stop-words.ts";
import { wordsOf } from "./tokenizer.ts";

const DIM = 512;
const SHORTEST_GRAM = 3;
const LONGEST_GRAM = 5;
// Of all a word's letter runs together, beside 1 for the word itself. Measured on CoSQA and SciFact:
// what hybrid search finds grows up to about 2 and is flat beyond.
const GRAM_WEIGHT = 2;

/**
 * A lexical sketch of a text: its words and runs of 3 to 5 letters, hashed into 512 signed buckets
 * with sublinear weights. Close means "uses the same words, or words spelled alike"; it knows
 * nothing of meaning. Pure arithmetic: the same vector on every machine.
 *
 * Source: Weinberger et al., Feature hashing for large scale multitask learning, 2009; runs of
 * letters within word borders as in Bojanowski et al., 2017.
 */
export class LexicalHashEmbedder implements Embedder {
  static readonly ID = `lexical-hash-1-${DIM}`;
  readonly id = LexicalHashEmbedder.ID;
  readonly dim = DIM;
  readonly kind = "lexical";
  /** 99 of 100 pairs of unrelated texts (CoSQA questions, SciFact titles) are below. */
  readonly floor = 0.15;

  async embed(texts: readonly string[]): Promise<Float32Array> {
    const vectors = new Float32Array(texts.length * DIM);
    texts.forEach((text, i) => {
      embedInto(text, vectors.subarray(i * DIM, (i + 1) * DIM));
    });
    return vectors;
  }
}

function embedInto(text: string, vector: Float32Array): void {
  const counts = new Map<string, number>();
  for (const word of wordsOf(text)) {
    if (!STOP_WORDS.has(word)) counts.set(word, (counts.get(word) ?? 0) + 1);
  }
  for (const [word, count] of counts) {
    const weight = 1 + Math.log(count);
    addFeature(vector, hash(word, 0, word.length), weight);
    addGrams(vector, `<${word}>`, weight * GRAM_WEIGHT);
  }
  let squares = 0;
  for (const value of vector) squares += value * value;
  if (squares === 0) return;
  const scale = 1 / Math.sqrt(squares);
  for (let i = 0; i < vector.length; i++) vector[i] *= scale;
}

function addGrams(vector: Float32Array, word: string, weight: number): void {
  let grams = 0;
  for (let length = SHORTEST_GRAM; length <= LONGEST_GRAM; length++) {
    grams += Math.max(0, word.length - length + 1);
  }
  if (grams === 0) return;
  const each = weight / Math.sqrt(grams);
  for (let length = SHORTEST_GRAM; length <= LONGEST_GRAM; length++) {
    for (let from = 0; from + length <= word.length; from++) {
      // Seeded by length, so that a run of letters never counts as the word it spells.
      addFeature(vector, hash(word, from, from + length, length), each);
    }
  }
}

function addFeature(vector: Float32Array, hashed: number, weight: number): void {
  vector[hashed & (DIM - 1)] += hashed >>> 31 === 0 ? weight : -weight;
}

/** FNV-1a over UTF-16 units (Fowler, Noll and Vo, 1991), finished by murmur3's mixer. */
function hash(text: string, from: number, to: number, seed = 0): number {
  let state = 0x811c9dc5 ^ seed;
  for (let i = from; i < to; i++) state = Math.imul(state ^ text.charCodeAt(i), 0x01000193);
  state = Math.imul(state ^ (state >>> 16), 0x85ebca6b);
  state = Math.imul(state ^ (state >>> 13), 0xc2b2ae35);
  return (state ^ (state >>> 16)) >>> 0;
}
