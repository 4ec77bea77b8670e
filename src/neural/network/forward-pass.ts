import { paddedDim } from "../../wasm/vectors/distance.ts";
import type { Heap } from "../../wasm/heap.ts";
import { layoutBytes, type Layout } from "../../wasm/layout.ts";
import { Program } from "../../wasm/network/program.ts";
import { placeBatch, type BatchRows } from "./forward.ts";
import type { PlacedSamples, Samples } from "../features/samples.ts";
import type { NetworkShape } from "./shape.ts";
import { MOST_FEATURES } from "../features/text-features.ts";

const ROWS = 64; // samples that go through together
const MOST_OPERATIONS = 64;
const ENTRIES_A_ROW = 1024; // features that a row has room for on average; of larger ones fewer go at once

/** The way of samples through a network that answers on the calling thread, some of them at a time. */
export class ForwardPass {
  /** Where samples stand before they are gathered into `batch`. */
  readonly placed: PlacedSamples;
  readonly batch: BatchRows;
  /** What a step does, which the network adds. */
  readonly program: Program;
  readonly #width: number;

  constructor(heap: Heap, shape: NetworkShape) {
    const { placed, batch, order } = placeAll(heap, shape);
    this.#width = shape.dense;
    this.placed = placed;
    this.batch = batch;
    order.forEach((_, i) => (order[i] = i));
    const none = heap.f32(0);
    this.program = new Program(heap, {
      threads: 1,
      rows: ROWS,
      order,
      schedule: none,
      outcomes: none,
      seed: 0,
      operations: MOST_OPERATIONS,
    });
  }

  /** Bytes that it takes. */
  static bytes(shape: NetworkShape): number {
    const placed = layoutBytes((layout) => void placeAll(layout, shape));
    return placed + Program.bytes(1, MOST_OPERATIONS);
  }

  /**
   * Sends samples through the network, and collects what stands in `outputs` after each step.
   * @returns f32[count × width], row-major
   */
  run(samples: Samples, outputs: Float32Array, width: number): Float32Array {
    const { program } = this;
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
    let to = Math.min(count, from + ROWS);
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

function placeAll(layout: Layout, shape: NetworkShape) {
  const stride = paddedDim(shape.dense);
  const entries = Math.max(ROWS * ENTRIES_A_ROW, MOST_FEATURES);
  const placed: PlacedSamples = {
    dense: shape.dense > 0 ? { values: layout.f32(ROWS * stride), stride } : undefined,
    sparse:
      shape.features > 0
        ? {
            starts: layout.u32(ROWS + 1),
            ids: layout.u32(entries),
            values: layout.f32(entries),
            most: MOST_FEATURES,
          }
        : undefined,
  };
  const order = layout.u32(ROWS);
  return { placed, order, batch: placeBatch(layout, shape, ROWS, MOST_FEATURES) };
}
