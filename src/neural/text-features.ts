import { NgramHasher } from "../text/ngrams.ts";
import { FeatureTable } from "./feature-table.ts";
import type { SparseRows } from "./samples.ts";

/** Features of one text that count; of more, those with the largest weights. */
export const MOST_FEATURES = 4096;

const KINDS = 4;
const EXACT = 3;
/** Texts that a feature must stand in to be learned: a run of letters met once is a typing error. */
const LEAST_TEXTS = [1, 1, 2, 1] as const;
/** Features of all texts together; the most frequent stay. */
const MOST_VOCABULARY = 200_000;

/** One text and facts of a sample: `exact` are hashed whole, as they are. */
export interface FeatureSource {
  readonly text: string;
  readonly exact: readonly string[];
}

/**
 * Words, neighboring words, runs of letters and exact facts of samples, as weights of unit length:
 *
 *     weight = (1 + ln count) · (1 + ln((1 + texts) / (1 + texts with it)))
 *
 * each kind brought to unit length by itself, then all together. Features never met in training are
 * left out.
 *
 * Source: Salton and Buckley, Term-weighting approaches in automatic text retrieval, 1988.
 */
export class TextFeatures {
  readonly #hasher = new NgramHasher();
  readonly #table = new FeatureTable();
  readonly #texts: number;
  #kinds: Uint8Array;
  #weights: Float32Array;

  private constructor(
    texts: number,
    hashes: Uint32Array,
    kinds: Uint8Array,
    weights: Float32Array,
  ) {
    this.#texts = texts;
    for (const hash of hashes) this.#table.add(hash);
    this.#kinds = kinds;
    this.#weights = weights;
  }

  /** Finds the features of texts. */
  static learn(sources: readonly FeatureSource[]): TextFeatures {
    const hasher = new NgramHasher();
    const table = new FeatureTable();
    const kinds: number[] = [];
    const texts: number[] = [];
    const last: number[] = [];
    sources.forEach((source, i) => {
      eachFeature(hasher, source, (hash, kind) => {
        const number = table.add(hash);
        if (number === kinds.length) {
          kinds.push(kind);
          texts.push(0);
          last.push(-1);
        }
        if (last[number] === i) return;
        last[number] = i;
        texts[number]++;
      });
    });
    const hashes = table.hashes();
    const kept = chooseFeatures(kinds, texts);
    const weights = kept.map((number) => idf(sources.length, texts[number]));
    return new TextFeatures(
      sources.length,
      Uint32Array.from(kept, (number) => hashes[number]),
      Uint8Array.from(kept, (number) => kinds[number]),
      Float32Array.from(weights),
    );
  }

  /** What a file kept, or 0 features when nothing was. */
  static from(state: TextFeaturesState): TextFeatures {
    return new TextFeatures(state.texts, state.hashes, state.kinds, state.weights);
  }

  /** What a file keeps. */
  get state(): TextFeaturesState {
    return {
      texts: this.#texts,
      hashes: this.#table.hashes(),
      kinds: this.#kinds,
      weights: this.#weights,
    };
  }

  /** Features known. */
  get size(): number {
    return this.#kinds.length;
  }

  /** Of each feature here, its number in `other`; −1 where that does not know it. */
  sameAs(other: TextFeatures | undefined): Int32Array {
    const { hashes } = this.state;
    return Int32Array.from(hashes, (hash) =>
      other === undefined ? -1 : other.#table.numberOf(hash),
    );
  }

  /** Adds the features of texts that are not known yet, each as one that a single text has. */
  grow(sources: readonly FeatureSource[]): void {
    const kinds = [...this.#kinds];
    for (const source of sources) {
      eachFeature(this.#hasher, source, (hash, kind) => {
        if (kinds.length < MOST_VOCABULARY && this.#table.add(hash) === kinds.length) {
          kinds.push(kind);
        }
      });
    }
    const weights = new Float32Array(kinds.length).fill(idf(this.#texts, 1));
    weights.set(this.#weights);
    this.#kinds = Uint8Array.from(kinds);
    this.#weights = weights;
  }

  /** The features of samples, a row for each. */
  encode(sources: readonly FeatureSource[]): SparseRows {
    const starts = new Uint32Array(sources.length + 1);
    const ids: number[] = [];
    const values: number[] = [];
    sources.forEach((source, i) => {
      this.#encodeInto(source, ids, values);
      starts[i + 1] = ids.length;
    });
    return { starts, ids: Uint32Array.from(ids), values: Float32Array.from(values) };
  }

  #encodeInto(source: FeatureSource, ids: number[], values: number[]): void {
    const counts = new Map<number, number>();
    eachFeature(this.#hasher, source, (hash) => {
      const number = this.#table.numberOf(hash);
      if (number !== -1) counts.set(number, (counts.get(number) ?? 0) + 1);
    });
    const squares = new Float64Array(KINDS);
    const weighted: [number, number][] = [];
    for (const [number, count] of counts) {
      const weight = (1 + Math.log(count)) * this.#weights[number];
      squares[this.#kinds[number]] += weight * weight;
      weighted.push([number, weight]);
    }
    if (weighted.length > MOST_FEATURES) {
      weighted.sort(([a, x], [b, y]) => y - x || a - b);
      weighted.length = MOST_FEATURES;
    }
    const kinds = squares.reduce((sum, square) => sum + (square > 0 ? 1 : 0), 0);
    for (const [number, weight] of weighted) {
      ids.push(number);
      values.push(weight / Math.sqrt(squares[this.#kinds[number]] * kinds));
    }
  }
}

/** What a file keeps of text features; arrays by feature. */
export interface TextFeaturesState {
  /** Texts that the weights were found in. */
  readonly texts: number;
  readonly hashes: Uint32Array;
  readonly kinds: Uint8Array;
  readonly weights: Float32Array;
}

/** Calls back with every feature of a source, duplicates too. */
function eachFeature(
  hasher: NgramHasher,
  { text, exact }: FeatureSource,
  found: (hash: number, kind: number) => void,
): void {
  const { hashes, words, bigrams } = hasher.hash(text);
  for (let i = 0; i < hashes.length; i++) {
    found(hashes[i], i < words ? 0 : i < words + bigrams ? 1 : 2);
  }
  for (const fact of exact) found(hashExact(fact), EXACT);
}

/** FNV-1a (Fowler, Noll and Vo, 1991) with murmur3's finisher, apart from the hashes of text. */
function hashExact(fact: string): number {
  let state = 0x2545f491;
  for (let i = 0; i < fact.length; i++) {
    state = Math.imul(state ^ fact.charCodeAt(i), 0x01000193);
  }
  state = Math.imul(state ^ (state >>> 16), 0x85ebca6b);
  state = Math.imul(state ^ (state >>> 13), 0xc2b2ae35);
  return (state ^ (state >>> 16)) >>> 0;
}

function chooseFeatures(kinds: readonly number[], texts: readonly number[]): number[] {
  const kept: number[] = [];
  kinds.forEach((kind, number) => {
    if (texts[number] >= LEAST_TEXTS[kind]) kept.push(number);
  });
  if (kept.length <= MOST_VOCABULARY) return kept;
  // Words first, then what most texts have.
  kept.sort(
    (a, b) => Number(kinds[a] !== 0) - Number(kinds[b] !== 0) || texts[b] - texts[a] || a - b,
  );
  return kept.slice(0, MOST_VOCABULARY);
}

function idf(texts: number, having: number): number {
  return 1 + Math.log((1 + texts) / (1 + having));
}
