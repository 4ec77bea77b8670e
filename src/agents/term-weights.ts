import type { WeightedWords } from "./similar-tasks.ts";

/** Words of a text and pairs of neighbors, with weights that bring its length to 1. */
export interface Terms {
  readonly names: readonly string[];
  /** f64[names.length] */
  readonly weights: Float64Array;
}

const RATE = 4;
const FIRST_GRADIENT = 0.1; // AdaGrad begins with it, so that a term met first is no leap
/** Of a pair of neighbors, beside a word as rare. */
const PAIR_WEIGHT = 0.5;
/** Outcomes until which all pairs tell about the same. */
const FEW = 10;
/** Weights that are held in all, 64 MiB; terms met when these are full are not learned. */
const MOST_WEIGHTS = 1 << 24;

interface Row {
  /** Outcomes with the term. */
  outcomes: number;
  /** Σ of squared gradients. */
  gradient: number;
  /** f32[columns]; of a term met once, gradients that it shares with the others of that outcome. */
  weights: Float32Array;
  /** What weights are multiplied by; 1 for weights of its own. */
  scale: number;
}

/**
 * A weight of each term for each column, learned by gradients with a rate of its own for each term. Most
 * terms are met once: theirs are the gradients of one outcome, times a number, and are held once for all of them.
 *
 * Source: Duchi, Hazan and Singer, Adaptive subgradient methods, 2011.
 */
export class TermWeights {
  readonly #columns: number;
  readonly #rows = new Map<string, Row>();
  #outcomes = 0;
  #held = 0;

  constructor(columns: number) {
    this.#columns = columns;
  }

  /** The terms of a text whose words are weighed: pairs weigh by how rare they are, as words do. */
  termsOf({ words, rarities, stems }: WeightedWords): Terms {
    const names = [...words];
    const weights = [...rarities];
    const pairs = new Set<string>();
    for (let i = 1; i < stems.length; i++) pairs.add(`${stems[i - 1]} ${stems[i]}`);
    for (const pair of pairs) {
      const having = this.#rows.get(pair)?.outcomes ?? 0;
      names.push(pair);
      weights.push(PAIR_WEIGHT * (1 + Math.log((FEW + this.#outcomes) / (FEW + having))));
    }
    const length = Math.sqrt(weights.reduce((sum, each) => sum + each * each, 0));
    const scale = length === 0 ? 0 : 1 / length;
    return { names, weights: Float64Array.from(weights, (each) => scale * each) };
  }

  /** Adds to each column's sum what the terms weigh for it. @param sums f64[columns] */
  addTo(sums: Float64Array, { names, weights }: Terms): void {
    names.forEach((name, i) => {
      const row = this.#rows.get(name);
      if (row === undefined) return;
      const value = weights[i] * row.scale;
      const own = row.weights;
      for (let column = 0; column < own.length; column++) sums[column] += value * own[column];
    });
  }

  /** Moves the weights of terms against a gradient of the sums. @param gradients f64[columns] */
  learn({ names, weights }: Terms, gradients: Float64Array): void {
    this.#outcomes++;
    let squares = 0;
    for (const each of gradients) squares += each * each;
    let shared: Float32Array | undefined;
    names.forEach((name, i) => {
      const value = weights[i];
      const row = this.#rows.get(name);
      const gradient = (row?.gradient ?? FIRST_GRADIENT) + squares * value * value;
      const step = (RATE * value) / Math.sqrt(gradient);
      if (row === undefined) {
        if (shared === undefined) {
          if (this.#held >= MOST_WEIGHTS) return;
          shared = Float32Array.from(gradients);
          this.#held += this.#columns;
        }
        this.#rows.set(name, { outcomes: 1, gradient, weights: shared, scale: -step });
        return;
      }
      row.outcomes++;
      if (row.scale !== 1) {
        if (this.#held >= MOST_WEIGHTS) return;
        const { scale } = row;
        row.weights = row.weights.map((weight) => scale * weight);
        row.scale = 1;
        this.#held += this.#columns;
      }
      row.gradient = gradient;
      const own = row.weights;
      for (let column = 0; column < own.length; column++) own[column] -= step * gradients[column];
    });
  }
}
