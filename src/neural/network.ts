import { paddedDim } from "../wasm/distance.ts";
import { arrayBytes, Heap } from "../wasm/heap.ts";
import { OPERATION, Program } from "../wasm/program.ts";
import { addForward, batchBytes, placeBatch } from "./forward.ts";
import type { PlacedSamples, Samples } from "./samples.ts";
import type { NetworkShape } from "./shape.ts";
import { Tensors } from "./tensors.ts";
import { MOST_FEATURES } from "./text-features.ts";

const ROWS = 64; // samples that go through together
const MOST_OPERATIONS = 64;
const MOST_ENTRIES = ROWS * 1024; // features of that many samples: of more, fewer samples at once

/** A trained network that answers on the calling thread. */
export class Network {
  readonly shape: NetworkShape;
  readonly tensors: Tensors;
  readonly #program: Program;
  readonly #inputs: PlacedSamples;
  readonly #outputs: Float32Array;
  readonly #stride: number;

  /** Values are zero until they are copied in. @throws {StigmergyError} OUT_OF_HEAP */
  constructor(shape: NetworkShape) {
    this.shape = shape;
    this.#stride = paddedDim(shape.outputs);
    const heap = new Heap(bytesOf(shape));
    this.tensors = new Tensors(heap, shape);
    const denseStride = paddedDim(shape.dense);
    this.#inputs = {
      dense:
        shape.dense > 0 ? { values: heap.f32(ROWS * denseStride), stride: denseStride } : undefined,
      sparse:
        shape.features > 0
          ? {
              starts: heap.u32(ROWS + 1),
              ids: heap.u32(MOST_ENTRIES),
              values: heap.f32(MOST_ENTRIES),
              most: MOST_FEATURES,
            }
          : undefined,
    };
    const order = heap.u32(ROWS);
    order.forEach((_, i) => (order[i] = i));
    const none = heap.f32(0);
    this.#program = new Program(heap, {
      ...{ threads: 1, rows: ROWS, order, schedule: none, outcomes: none, seed: 0 },
      operations: MOST_OPERATIONS,
    });
    const batch = placeBatch(heap, shape, ROWS, MOST_FEATURES);
    addForward(this.#program, this.tensors, this.#inputs, batch);
    this.#outputs = heap.f32(ROWS * this.#stride);
    this.#program.add(OPERATION.scatter, [
      ...[batch.outputs.values, batch.outputs.stride, this.#outputs, this.#stride, this.#stride],
    ]);
  }

  /** Outputs of samples, f32[count × outputs], row-major. */
  forward(samples: Samples): Float32Array {
    const { outputs } = this.shape;
    const out = new Float32Array(samples.count * outputs);
    for (let from = 0; from < samples.count;) {
      const to = this.#place(samples, from);
      this.#program.samples = to - from;
      this.#program.run(0, 1, 0);
      for (let i = from; i < to; i++) {
        const at = (i - from) * this.#stride;
        out.set(this.#outputs.subarray(at, at + outputs), i * outputs);
      }
      from = to;
    }
    return out;
  }

  /** Copies samples from one on to the heap, and returns the first that found no room. */
  #place({ count, dense, sparse }: Samples, from: number): number {
    let to = Math.min(count, from + ROWS);
    const rows = this.#inputs.sparse;
    if (sparse !== undefined && rows !== undefined) {
      const start = sparse.starts[from];
      while (to > from + 1 && sparse.starts[to] - start > MOST_ENTRIES) to--;
      for (let i = from; i <= to; i++) rows.starts[i - from] = sparse.starts[i] - start;
      rows.ids.set(sparse.ids.subarray(start, sparse.starts[to]));
      rows.values.set(sparse.values.subarray(start, sparse.starts[to]));
    }
    const matrix = this.#inputs.dense;
    if (dense !== undefined && matrix !== undefined) {
      const width = this.shape.dense;
      for (let i = from; i < to; i++) {
        const row = dense.subarray(i * width, (i + 1) * width);
        matrix.values.set(row, (i - from) * matrix.stride);
      }
    }
    return to;
  }

  /** The same network with room for more features or outputs: what is new begins at zero. */
  resized(features: number, outputs: number): Network {
    const network = new Network({ ...this.shape, features, outputs });
    for (const tensor of network.tensors.list) {
      const old = this.tensors.list.find(({ name }) => name === tensor.name);
      if (old === undefined) continue;
      copyInto(network.tensors.values(tensor.name), tensor.stride, this.tensors.values(old.name), {
        rows: old.rows,
        cols: old.cols,
        stride: old.stride,
      });
    }
    return network;
  }

  /** The same values in a network of their own. */
  static copy(shape: NetworkShape, tensors: Tensors): Network {
    const network = new Network(shape);
    network.tensors.copyFrom(tensors);
    return network;
  }
}

function copyInto(
  to: Float32Array,
  toStride: number,
  from: Float32Array,
  { rows, cols, stride }: { rows: number; cols: number; stride: number },
): void {
  for (let row = 0; row < rows; row++) {
    to.set(from.subarray(row * stride, row * stride + cols), row * toStride);
  }
}

function bytesOf(shape: NetworkShape): number {
  const inputs = shape.features > 0 ? 2 * arrayBytes(MOST_ENTRIES) + arrayBytes(ROWS + 1) : 0;
  return (
    Tensors.bytes(shape) +
    inputs +
    arrayBytes(ROWS * paddedDim(shape.dense)) +
    arrayBytes(ROWS) +
    Program.bytes(1, MOST_OPERATIONS) +
    batchBytes(shape, ROWS, MOST_FEATURES) +
    arrayBytes(ROWS * paddedDim(shape.outputs)) +
    65_536
  );
}
