import { paddedDim } from "../wasm/distance.ts";
import { arrayBytes, type Heap } from "../wasm/heap.ts";
import type { Program } from "../wasm/program.ts";
import type { PlacedSamples, Samples } from "./samples.ts";
import type { NetworkShape } from "./shape.ts";
import { MOST_FEATURES } from "./text-features.ts";

const ENTRIES_A_ROW = 1024; // features that a row has room for on average; of larger ones fewer go at once

/** Where samples stand on a heap on their way through a network, some at a time. */
export class InputRows {
  /** Most features of a sample. */
  static readonly MOST = MOST_FEATURES;
  readonly most = MOST_FEATURES;
  readonly placed: PlacedSamples;
  readonly order: Uint32Array;
  readonly #rows: number;
  readonly #width: number;

  /** @param rows samples that go through together */
  constructor(heap: Heap, shape: NetworkShape, rows: number) {
    this.#rows = rows;
    this.#width = shape.dense;
    const stride = paddedDim(shape.dense);
    const entries = entriesOf(rows);
    this.placed = {
      dense: shape.dense > 0 ? { values: heap.f32(rows * stride), stride } : undefined,
      sparse:
        shape.features > 0
          ? {
              starts: heap.u32(rows + 1),
              ids: heap.u32(entries),
              values: heap.f32(entries),
              most: MOST_FEATURES,
            }
          : undefined,
    };
    this.order = heap.u32(rows);
    this.order.forEach((_, i) => (this.order[i] = i));
  }

  /** Bytes that it takes. */
  static bytes(shape: NetworkShape, rows: number): number {
    const sparse = 2 * arrayBytes(entriesOf(rows)) + arrayBytes(rows + 1);
    const dense = arrayBytes(rows * paddedDim(shape.dense));
    return (shape.features > 0 ? sparse : 0) + dense + arrayBytes(rows);
  }

  /**
   * Sends samples through a program, and collects what stands in `outputs` after each step.
   * @returns f32[count × width], row-major
   */
  forward(samples: Samples, program: Program, outputs: Float32Array, width: number): Float32Array {
    const stride = paddedDim(width);
    const out = new Float32Array(samples.count * width);
    for (let from = 0; from < samples.count;) {
      const to = this.#place(samples, from);
      program.samples = to - from;
      program.run(0, 1, 0);
      for (let i = from; i < to; i++) {
        const at = (i - from) * stride;
        out.set(outputs.subarray(at, at + width), i * width);
      }
      from = to;
    }
    return out;
  }

  /** Copies samples from one on to the heap, and returns the first that found no room. */
  #place({ count, dense, sparse }: Samples, from: number): number {
    let to = Math.min(count, from + this.#rows);
    const rows = this.placed.sparse;
    if (sparse !== undefined && rows !== undefined) {
      const start = sparse.starts[from];
      while (to > from + 1 && sparse.starts[to] - start > rows.ids.length) to--;
      for (let i = from; i <= to; i++) rows.starts[i - from] = sparse.starts[i] - start;
      rows.ids.set(sparse.ids.subarray(start, sparse.starts[to]));
      rows.values.set(sparse.values.subarray(start, sparse.starts[to]));
    }
    const matrix = this.placed.dense;
    if (dense !== undefined && matrix !== undefined) {
      for (let i = from; i < to; i++) {
        const row = dense.subarray(i * this.#width, (i + 1) * this.#width);
        matrix.values.set(row, (i - from) * matrix.stride);
      }
    }
    return to;
  }
}

function entriesOf(rows: number): number {
  return Math.max(rows * ENTRIES_A_ROW, MOST_FEATURES);
}
