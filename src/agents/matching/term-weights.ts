import { forgetRare, type WeightedWords } from "./similar-tasks.ts";

/** Words of a text and pairs of neighbors, with weights that bring its length to 1. */
export interface Terms {
  readonly names: readonly string[];
  /** f64[names.length] */
  readonly weights: Float64Array;
  /** What is known of each. */
  readonly rows: readonly (TermRow | undefined)[];
}

const RATE = 4;
const FIRST_GRADIENT = 0.1; // AdaGrad begins with it, so that a term met first is no leap
/** Of a pair of neighbors, beside a word as rare. */
const PAIR_WEIGHT = 0.5;
/** Outcomes until which all pairs tell about the same. */
const FEW = 10;
/** Weights that are held in all, 64 MiB, and terms; where there are more, rare ones met long ago are forgotten. */
const MOST_WEIGHTS = 1 << 24;
const MOST_TERMS = 1 << 18;
const KEPT_TERMS = 15 / 16; // of them, then: more at once would hold the thread

/** What is known of a term. */
export interface TermRow {
  /** Outcomes with the term. */
  outcomes: number;
  /** Σ of squared gradients. */
  gradient: number;
  /** What weights are multiplied by; 1 for weights of its own. */
  scale: number;
  weights: HeldWeights;
}

interface HeldWeights {
  /** f32[columns]; of terms met once, gradients that they share with the others of that outcome. */
  readonly values: Float32Array;
  /** Terms that have it. */
  terms: number;
}

/**
 * A weight of each term for each column, learned by gradients with a rate of its own for each term. Most
 * terms are met once: theirs are the gradients of one outcome, times a number, and are held once for all of them.
 *
 * Source: Duchi, Hazan and Singer, Adaptive subgradient methods, 2011.
 */
export class TermWeights {
  readonly #columns: number;
  readonly #mostTerms: number;
  readonly #rows = new Map<string, TermRow>();
  #outcomes = 0;
  #held = 0;

  constructor(columns: number, mostTerms = MOST_TERMS) {
    this.#columns = columns;
    this.#mostTerms = mostTerms;
  }

  /** Terms that are held. */
  get count(): number {
    return this.#rows.size;
  }

  /** The terms of a text whose words are weighed: pairs weigh by how rare they are, as words do. */
  termsOf({ words, rarities, stems }: WeightedWords): Terms {
    const pairs = new Set<string>();
    for (let i = 1; i < stems.length; i++) pairs.add(`${stems[i - 1]} ${stems[i]}`);
    const names = [...words, ...pairs];
    const rows = names.map((name) => this.#rows.get(name));
    const weights = new Float64Array(names.length);
    weights.set(rarities);
    for (let i = words.length; i < names.length; i++) {
      const having = rows[i]?.outcomes ?? 0;
      weights[i] = PAIR_WEIGHT * (1 + Math.log((FEW + this.#outcomes) / (FEW + having)));
    }
    let squares = 0;
    for (const each of weights) squares += each * each;
    const scale = squares === 0 ? 0 : 1 / Math.sqrt(squares);
    for (let i = 0; i < weights.length; i++) weights[i] *= scale;
    return { names, weights, rows };
  }

  /** Adds to each column's sum what the terms weigh for it. @param sums f64[columns] */
  addTo(sums: Float64Array, { weights, rows }: Terms): void {
    for (let i = 0; i < rows.length; i++) {
      const row = rows[i];
      if (row === undefined) continue;
      const value = weights[i] * row.scale;
      const own = row.weights.values;
      for (let column = 0; column < own.length; column++) sums[column] += value * own[column];
    }
  }

  /**
   * Moves the weights of terms against a gradient of the sums. Nothing else may be learned between `termsOf` and this.
   * @param gradients f64[columns]
   */
  learn({ names, weights, rows }: Terms, gradients: Float64Array): void {
    this.#outcomes++;
    let squares = 0;
    for (const each of gradients) squares += each * each;
    let shared: HeldWeights | undefined;
    for (let i = 0; i < names.length; i++) {
      const value = weights[i];
      const row = rows[i];
      const gradient = (row?.gradient ?? FIRST_GRADIENT) + squares * value * value;
      const step = (RATE * value) / Math.sqrt(gradient);
      if (row === undefined) {
        shared ??= this.#hold(Float32Array.from(gradients));
        shared.terms++;
        this.#rows.set(names[i], { outcomes: 1, gradient, scale: -step, weights: shared });
        continue;
      }
      row.outcomes++;
      row.gradient = gradient;
      if (row.scale !== 1) this.#makeOwn(row);
      const own = row.weights.values;
      for (let column = 0; column < own.length; column++) own[column] -= step * gradients[column];
    }
    if (this.#rows.size > this.#mostTerms || this.#held > MOST_WEIGHTS) this.#forget();
  }

  #hold(values: Float32Array): HeldWeights {
    this.#held += values.length;
    return { values, terms: 0 };
  }

  #makeOwn(row: TermRow): void {
    const { scale, weights } = row;
    this.#letGo(row);
    row.weights = this.#hold(weights.values.map((weight) => scale * weight));
    row.weights.terms = 1;
    row.scale = 1;
  }

  #letGo({ weights }: TermRow): void {
    if (--weights.terms === 0) this.#held -= this.#columns;
  }

  #forget(): void {
    const kept = KEPT_TERMS * this.#rows.size;
    for (const row of forgetRare(this.#rows, kept, ({ outcomes }) => outcomes)) this.#letGo(row);
  }
}
