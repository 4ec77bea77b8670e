import type { Metric } from "#dist/index.js";
import { REFERENCES } from "./reference.ts";

/** An index as a Map and a loop: what every VectorIndex is held to. */
export class BruteForce {
  readonly #dim: number;
  readonly #metric: Metric;
  readonly #rows = new Map<number, Float32Array>();

  constructor(dim: number, metric: Metric) {
    this.#dim = dim;
    this.#metric = metric;
  }

  get size(): number {
    return this.#rows.size;
  }

  add(keys: readonly number[], vectors: Float32Array): void {
    keys.forEach((key, i) => {
      this.#rows.set(key, vectors.slice(i * this.#dim, (i + 1) * this.#dim));
    });
  }

  remove(keys: readonly number[]): number {
    return keys.filter((key) => this.#rows.delete(key)).length;
  }

  /** Every distance that the filter lets through, closest first, in f64. */
  distances(
    query: Float32Array,
    allows: (key: number) => boolean = () => true,
  ): { key: number; distance: number }[] {
    return [...this.#rows]
      .filter(([key]) => allows(key))
      .map(([key, row]) => ({ key, distance: REFERENCES[this.#metric](query, row)[0] }))
      .sort((a, b) => a.distance - b.distance);
  }
}
