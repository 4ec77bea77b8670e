import type { Embedder } from "./embedder.ts";
import { hashText } from "./hash.ts";
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
  readonly isLocal = true;
  /** 99 of 100 pairs of unrelated texts (CoSQA questions, SciFact titles) are below. */
  readonly floor = 0.15;

  async embed(texts: readonly string[]): Promise<Float32Array> {
    return this.embedNow(texts);
  }

  embedNow(texts: readonly string[]): Float32Array {
    const vectors = new Float32Array(texts.length * DIM);
    texts.forEach((text, i) => {
      embedInto(text, vectors.subarray(i * DIM, (i + 1) * DIM));
    });
    return vectors;
  }
}

function embedInto(text: string, vector: Float32Array): void {
  const counts = new Map<string, number>();
  for (const part of partsOf(text)) {
    for (const word of wordsOf(part)) {
      if (!STOP_WORDS.has(word)) counts.set(word, (counts.get(word) ?? 0) + 1);
    }
  }
  for (const [word, count] of counts) addWord(vector, featuresOf(word), 1 + Math.log(count));
  let squares = 0;
  for (const value of vector) squares += value * value;
  if (squares === 0) return;
  const scale = 1 / Math.sqrt(squares);
  for (let i = 0; i < vector.length; i++) vector[i] *= scale;
}

/** The first two lines and the rest, which as a text of its own has been, or will be, split too. */
function partsOf(text: string): string[] {
  const first = text.indexOf("\n");
  const second = text.indexOf("\n", first + 1);
  if (second === -1) return [text];
  return [text.slice(0, first), text.slice(first + 1, second), text.slice(second + 1)];
}

/** Buckets of a word's features, the word itself first: bucket · 2, and 1 more where it is taken off. */
type Features = Uint16Array;

/** Features of words met lately: a few thousand words make up most of what is said. */
const known = new Map<string, Features>();
const MOST_KNOWN = 16_384;

function featuresOf(word: string): Features {
  let features = known.get(word);
  if (features === undefined) {
    features = hashFeatures(word);
    if (known.size >= MOST_KNOWN) known.clear();
    known.set(word, features);
  }
  return features;
}

function hashFeatures(word: string): Features {
  const hashes = [hashText(word, 0, word.length)];
  const marked = `<${word}>`;
  for (let length = SHORTEST_GRAM; length <= LONGEST_GRAM; length++) {
    for (let from = 0; from + length <= marked.length; from++) {
      // Seeded by length, so that a run of letters never counts as the word it spells.
      hashes.push(hashText(marked, from, from + length, length));
    }
  }
  return Uint16Array.from(hashes, (each) => ((each & (DIM - 1)) << 1) | (each >>> 31));
}

function addWord(vector: Float32Array, features: Features, weight: number): void {
  addFeature(vector, features[0], weight);
  const grams = features.length - 1;
  if (grams === 0) return;
  const each = (weight * GRAM_WEIGHT) / Math.sqrt(grams);
  for (let i = 1; i <= grams; i++) addFeature(vector, features[i], each);
}

function addFeature(vector: Float32Array, feature: number, weight: number): void {
  // Signs are as good as random: a branch on them would be foreseen half of the time.
  vector[feature >>> 1] += weight * (1 - 2 * (feature & 1));
}
