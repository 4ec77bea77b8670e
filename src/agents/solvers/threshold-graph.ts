import type { Heap } from "../../wasm/heap.ts";
import { layOutMatching, matchBits, type MatchingOnHeap } from "../../wasm/assignment/matching.ts";
import type { Costs } from "./assignment-costs.ts";

const SAMPLE = 33; // pairs whose middle cost is tried next

/**
 * The pairs of rows and columns that cost no more than a limit. Which limit is the least at which as many rows as are
 * wanted can have a column is found by halving what is left: pairs that are known to be needed are bits, those of
 * which it is not known are a list.
 */
export class ThresholdGraph {
  readonly #heap: Heap;
  readonly #matching: MatchingOnHeap;
  /** Pairs that cost more than `low` and no more than `high`, as the number of their bit, and what they cost. */
  readonly #pairs: Float64Array;
  readonly #costs: Float64Array;

  /** Works on a heap that has `matchingBytes` left. */
  constructor(heap: Heap, cost: Costs, rows: number, columns: number, low: number, high: number) {
    this.#heap = heap;
    this.#matching = layOutMatching(heap, rows, columns);
    const { bits, words } = this.#matching;
    let count = 0;
    for (let i = 0; i < cost.length; i++) if (cost[i] > low && cost[i] <= high) count++;
    this.#pairs = new Float64Array(count);
    this.#costs = new Float64Array(count);
    let place = 0;
    for (let row = 0; row < rows; row++) {
      const first = row * columns;
      for (let column = 0; column < columns; column++) {
        const own = cost[first + column];
        if (own > high) continue;
        const bit = 32 * row * words + column;
        if (own <= low) {
          bits[row * words + (column >>> 5)] |= 1 << (column & 31);
          continue;
        }
        this.#pairs[place] = bit;
        this.#costs[place++] = own;
      }
    }
  }

  /**
   * The least limit from `low` at which `wanted` rows can have a column, as they can at `high`.
   *
   * Source: Gross, The bottleneck assignment problem, 1959 (thresholds and matchings); Hoare, Find, 1961 (halving).
   */
  leastLimit(low: number, high: number, wanted: number): number {
    const { columnOf, rowOf } = this.#matching;
    if (this.#match() === wanted) return low;
    let limit = high;
    for (let [first, end] = [0, this.#costs.length]; ;) {
      const pivot = this.#pivot(first, end, limit);
      if (pivot === undefined) return limit;
      const middle = this.#partition(first, end, pivot);
      const columns = columnOf.slice();
      const rows = rowOf.slice();
      this.#toggle(first, middle);
      if (this.#match() < wanted) {
        first = middle;
        continue;
      }
      limit = pivot;
      end = middle;
      this.#toggle(first, middle);
      columnOf.set(columns);
      rowOf.set(rows);
    }
  }

  #match(): number {
    return this.#heap.run(matchBits(this.#heap, this.#matching));
  }

  /** A cost about in the middle of those listed that are below a limit; undefined if there is none. */
  #pivot(first: number, end: number, limit: number): number | undefined {
    const costs = this.#costs;
    const sample: number[] = [];
    for (let i = 0; i < SAMPLE; i++) {
      const cost = costs[first + Math.floor(((end - first) * i) / SAMPLE)];
      if (cost < limit) sample.push(cost);
    }
    if (sample.length > 0) return sample.sort((a, b) => a - b)[sample.length >> 1];
    let most: number | undefined;
    for (let i = first; i < end; i++) {
      if (costs[i] < limit && !(most !== undefined && costs[i] <= most)) most = costs[i];
    }
    return most;
  }

  /** Lists pairs that cost no more than a pivot first, and returns where the others begin. */
  #partition(first: number, end: number, pivot: number): number {
    const costs = this.#costs;
    const pairs = this.#pairs;
    let place = first;
    for (let i = first; i < end; i++) {
      const cost = costs[i];
      const pair = pairs[i];
      if (cost > pivot) continue;
      costs[i] = costs[place];
      pairs[i] = pairs[place];
      costs[place] = cost;
      pairs[place] = pair;
      place++;
    }
    return place;
  }

  /** Listed pairs may be used from now on, or not any more. */
  #toggle(first: number, end: number): void {
    const { bits } = this.#matching;
    for (let i = first; i < end; i++) {
      const bit = this.#pairs[i];
      bits[Math.floor(bit / 32)] ^= 1 << (bit % 32);
    }
  }
}
