import { StigmergyError } from "../../errors.ts";
import { finish } from "../../util/turns.ts";
import { FeatureTable } from "./feature-table.ts";
import type { SparseRows } from "./samples.ts";
import { eachFeature, KIND, type FeatureChoice, type FeatureSource } from "./source-features.ts";
import { surfaceOf } from "./surface.ts";

/** Features of one text that count; of more, those with the largest weights. */
export const MOST_FEATURES = 4096;

/** What each kind weighs beside the others. */
const KIND_WEIGHTS = [1, 0.8, 0.5, 0.2, 1, 0.7, 0.7] as const;
/**
 * Texts that a feature must stand in to be learned: a run of letters met once is a typing error, and a
 * stem met once says what its word says.
 */
const LEAST_TEXTS = [1, 2, 1, 1, 1, 1, 2] as const;
/**
 * So many long texts have most of their words and neighbors in one text alone. What is learned of those
 * says nothing of other texts, and each takes a row of the table.
 */
const MANY_TEXTS = 100;
/** Tokens of a text on average from which words say enough; stems and runs of letters only blur them. */
const LONG_TEXT = 150;
/** Taken in at a step. */
const FEATURES_AT_ONCE = 16_384;
/** More than a text has features. */
const MOST_SLOTS = 2 ** 24;
/** Features of all texts together; the most frequent stay. */
const MOST_VOCABULARY = 200_000;

/**
 * Words and marks with their neighbors, the same of the first line once more (of texts of many lines, whose
 * first is a heading), runs of letters and stems with their neighbors (of short texts), words written
 * large, the look of the text, and exact facts of samples:
 *
 *     weight = (1 + ln count) · (1 + ln((1 + texts) / (1 + texts with it)))
 *
 * each kind brought to a length of its own, then all together to 1. Words and stems of short texts, and their
 * neighbors, weigh up to twice as much where a text begins: people say first what they want. Features never met in training are
 * left out.
 *
 * Source: Salton and Buckley, Term-weighting approaches in automatic text retrieval, 1988.
 */
export class TextFeatures {
  readonly #table: FeatureTable;
  readonly #texts: number;
  readonly #hasRuns: boolean;
  readonly #hasStems: boolean;
  readonly #hasPlaces: boolean;
  #kinds: Uint8Array;
  #weights: Float32Array;
  /** Where each feature stands in the text that had it last, beyond what numbers that text: so none is cleared. */
  #slots = new Float64Array(0);
  #text = 0;

  private constructor(state: TextFeaturesState, table: FeatureTable) {
    const { texts, hasRuns, hasStems, hasPlaces, kinds, weights } = state;
    this.#texts = texts;
    this.#hasRuns = hasRuns;
    this.#hasStems = hasStems;
    this.#hasPlaces = hasPlaces;
    this.#table = table;
    this.#kinds = kinds;
    this.#weights = weights;
  }

  /** Finds the features of texts. */
  static learn(sources: readonly FeatureSource[]): TextFeatures {
    return finish(TextFeatures.learning(sources, "all"));
  }

  /** As `learn`, a text at a step. @param choice "words" leaves out stems and runs of letters */
  static *learning(
    sources: readonly FeatureSource[],
    choice: "all" | "words",
  ): Generator<void, TextFeatures> {
    let tokens = 0;
    for (const { text } of sources) {
      tokens += surfaceOf(text).count;
      yield;
    }
    const isShort = tokens < LONG_TEXT * sources.length;
    const hasParts = isShort && choice === "all";
    const has = { hasRuns: hasParts, hasStems: hasParts, hasPlaces: isShort };
    const table = new FeatureTable();
    const kinds: number[] = [];
    const texts: number[] = [];
    const last: number[] = [];
    for (const [i, source] of sources.entries()) {
      eachFeature(source, has, (hash, kind) => {
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
      yield;
    }
    const hashes = table.hashes();
    const least = isShort || sources.length < MANY_TEXTS ? 1 : 2;
    const kept = chooseFeatures(kinds, texts, least);
    const weights = kept.map((number) => idf(sources.length, texts[number]));
    return yield* TextFeatures.opening({
      texts: sources.length,
      ...has,
      hashes: Uint32Array.from(kept, (number) => hashes[number]),
      kinds: Uint8Array.from(kept, (number) => kinds[number]),
      weights: Float32Array.from(weights),
    });
  }

  /** What a file kept. Throws DAMAGED on parts that do not fit together. */
  static from(state: TextFeaturesState): TextFeatures {
    return finish(TextFeatures.opening(state));
  }

  /** As `from`, some features at a step. */
  static *opening(state: TextFeaturesState): Generator<void, TextFeatures> {
    const { hashes, kinds, weights } = state;
    const fits = hashes.length === kinds.length && kinds.length === weights.length;
    if (!fits || kinds.some((kind) => kind >= KIND_WEIGHTS.length)) {
      throw new StigmergyError(
        "DAMAGED",
        "model file: features do not fit their kinds and weights",
      );
    }
    const table = new FeatureTable(hashes.length);
    for (let i = 0; i < hashes.length; i++) {
      table.add(hashes[i]);
      if (i % FEATURES_AT_ONCE === FEATURES_AT_ONCE - 1) yield;
    }
    return new TextFeatures(state, table);
  }

  /** What a file keeps. */
  get state(): TextFeaturesState {
    return {
      texts: this.#texts,
      ...this.#has,
      hashes: this.#table.hashes(),
      kinds: this.#kinds,
      weights: this.#weights,
    };
  }

  get #has(): FeatureChoice {
    return { hasRuns: this.#hasRuns, hasStems: this.#hasStems, hasPlaces: this.#hasPlaces };
  }

  /** Features known. */
  get size(): number {
    return this.#kinds.length;
  }

  /** The kind of each feature, as `KIND` numbers them. */
  get kinds(): Uint8Array {
    return this.#kinds;
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
      eachFeature(source, this.#has, (hash, kind) => {
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
    if (this.#slots.length < this.size) this.#slots = new Float64Array(this.size);
    const slots = this.#slots;
    const begin = (this.#text += MOST_SLOTS);
    let numbers: number[] = [];
    const counts: number[] = [];
    const places: number[] = []; // where each was met first
    const squares = new Float64Array(KIND_WEIGHTS.length);
    const unknown = idf(this.#texts, 0) ** 2;
    eachFeature(source, this.#has, (hash, kind, place) => {
      const number = this.#table.numberOf(hash);
      // What is not known has its part of the length, so that a strange text says little.
      if (number === -1) squares[kind] += unknown * place * place;
      else if (slots[number] < begin) {
        slots[number] = begin + numbers.length;
        numbers.push(number);
        counts.push(1);
        places.push(place);
      } else counts[slots[number] - begin]++;
    });
    const weights = numbers.map((number, slot) => {
      const weight = places[slot] * (1 + Math.log(counts[slot])) * this.#weights[number];
      squares[this.#kinds[number]] += weight * weight;
      return weight;
    });
    let order: number[] | undefined;
    if (numbers.length > MOST_FEATURES) {
      order = numbers.map((_, slot) => slot);
      order.sort((a, b) => weights[b] - weights[a] || numbers[a] - numbers[b]);
      order.length = MOST_FEATURES;
      numbers = order.map((slot) => numbers[slot]);
    }
    const total = KIND_WEIGHTS.reduce(
      (sum, weight, kind) => sum + (squares[kind] > 0 ? weight * weight : 0),
      0,
    );
    const scales = KIND_WEIGHTS.map((weight, kind) => weight / Math.sqrt(squares[kind] * total));
    numbers.forEach((number, i) => {
      const weight = weights[order === undefined ? i : order[i]];
      ids.push(number);
      values.push(weight * scales[this.#kinds[number]]);
    });
  }
}

/** What a file keeps of text features; arrays by feature. */
export interface TextFeaturesState extends FeatureChoice {
  /** Texts that the weights were found in. */
  readonly texts: number;
  readonly hashes: Uint32Array;
  readonly kinds: Uint8Array;
  readonly weights: Float32Array;
}

function chooseFeatures(
  kinds: readonly number[],
  texts: readonly number[],
  least: number,
): number[] {
  const kept: number[] = [];
  kinds.forEach((kind, number) => {
    const needed = kind === KIND.facts ? 1 : Math.max(LEAST_TEXTS[kind], least);
    if (texts[number] >= needed) kept.push(number);
  });
  if (kept.length <= MOST_VOCABULARY) return kept;
  // Words first, then what most texts have.
  kept.sort(
    (a, b) =>
      Number(kinds[a] === KIND.runs) - Number(kinds[b] === KIND.runs) ||
      texts[b] - texts[a] ||
      a - b,
  );
  return kept.slice(0, MOST_VOCABULARY);
}

function idf(texts: number, having: number): number {
  return 1 + Math.log((1 + texts) / (1 + having));
}
