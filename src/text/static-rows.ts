import { Heap } from "../wasm/heap.ts";
import { sumRows } from "../wasm/network/sum-rows.ts";
import { BUCKETS } from "./foreign-pieces.ts";
import { mix } from "./hash.ts";
import { Pieces } from "./pieces.ts";
import type { StaticModelParts } from "./static-model-file.ts";

const MOST_AT_ONCE = 8192; // pieces of one call; a longer text takes several
const HEAP_SPARE = 65_536;
const STEPS = 127; // of a row's largest value
const MOST_MEASURED = 512; // rows, about

/**
 * A model made ready: its rows on a heap, and what cuts texts into their numbers. Shared by all
 * embedders of a model, whatever they weigh its rows by.
 */
export class StaticRows {
  readonly dim: number;
  readonly pieces: Pieces;
  /** Of the corpus, u32[pieces]; 0 for buckets of other scripts. */
  readonly frequencies: Uint32Array;
  readonly documents: number;
  /** What one step of each row is worth, f32[pieces]. */
  readonly scales: Float32Array;
  readonly #heap: Heap;
  readonly #rows: Int8Array;
  readonly #ids: Uint32Array;
  readonly #values: Float32Array;
  readonly #out: Float32Array;
  readonly #vocabulary: number;
  #hasBuckets = false;

  /** @throws {StigmergyError} OUT_OF_HEAP */
  constructor({ vocabulary, dim, documents, frequencies, scales, rows }: StaticModelParts) {
    this.dim = dim;
    this.pieces = new Pieces(vocabulary);
    this.documents = documents;
    const count = this.pieces.count;
    this.#vocabulary = vocabulary.length;
    this.#heap = new Heap(count * dim + MOST_AT_ONCE * 8 + dim * 4 + HEAP_SPARE);
    this.#rows = this.#heap.i8(count * dim);
    this.#rows.set(rows);
    this.#ids = this.#heap.u32(MOST_AT_ONCE);
    this.#values = this.#heap.f32(MOST_AT_ONCE);
    this.#out = this.#heap.f32(dim);
    this.frequencies = new Uint32Array(count);
    this.frequencies.set(frequencies);
    this.scales = new Float32Array(count).fill(bucketScale(rows, scales, dim));
    this.scales.set(scales);
  }

  /**
   * Writes the unit vector of a text: its pieces' rows, each times its weight, added up.
   * @param weights f32[pieces]
   * @param out     f32[dim], zeros when the text has no piece
   */
  embed(text: string, weights: Float32Array, out: Float32Array): void {
    const found = this.pieces.of(text);
    const sum = this.#out;
    for (let from = 0; from === 0 || from < found.length; from += MOST_AT_ONCE) {
      const count = Math.min(MOST_AT_ONCE, found.length - from);
      for (let k = 0; k < count; k++) {
        const piece = found[from + k];
        if (piece >= this.#vocabulary && !this.#hasBuckets) this.#fillBuckets();
        this.#ids[k] = piece;
        this.#values[k] = weights[piece];
      }
      const ids = this.#ids;
      const values = this.#values;
      const rows = this.#rows;
      this.#heap.run(sumRows(this.#heap, { ids, values, count, rows, out: sum, add: from > 0 }));
    }
    let squares = 0;
    for (let j = 0; j < sum.length; j++) squares += sum[j] * sum[j];
    const scale = squares === 0 ? 0 : 1 / Math.sqrt(squares);
    for (let j = 0; j < sum.length; j++) out[j] = sum[j] * scale;
  }

  /** Rows of buckets are random signs, so that two are nearly at right angles. */
  #fillBuckets(): void {
    this.#hasBuckets = true;
    const { dim } = this;
    for (let bucket = 0; bucket < BUCKETS; bucket++) {
      const row = (this.#vocabulary + bucket) * dim;
      for (let j = 0; j < dim; j += 32) {
        const bits = mix(Math.imul(bucket * dim + j + 1, 0x9e3779b1));
        for (let bit = 0; bit < 32; bit++) {
          this.#rows[row + j + bit] = (bits >>> bit) & 1 ? STEPS : -STEPS;
        }
      }
    }
  }
}

/** Makes rows of buckets as long as the median row of the vocabulary: of some of its rows, to start soon. */
function bucketScale(rows: Int8Array, scales: Float32Array, dim: number): number {
  const step = Math.max(1, Math.floor(scales.length / MOST_MEASURED));
  const lengths: number[] = [];
  for (let row = 0; row < scales.length; row += step) {
    let squares = 0;
    for (let j = row * dim; j < (row + 1) * dim; j++) squares += rows[j] * rows[j];
    lengths.push(Math.sqrt(squares) * scales[row]);
  }
  const median = lengths.sort((a, b) => a - b)[lengths.length >>> 1];
  return median / (STEPS * Math.sqrt(dim));
}
