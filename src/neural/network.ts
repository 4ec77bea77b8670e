import { Heap } from "../wasm/heap.ts";
import { Program } from "../wasm/program.ts";
import type { Answerer } from "./answerer.ts";
import { addForward, batchBytes, placeBatch } from "./forward.ts";
import { InputRows } from "./input-rows.ts";
import { PackedTensors } from "./packed-tensors.ts";
import type { Samples } from "./samples.ts";
import { outputRows, type NetworkShape } from "./shape.ts";
import type { CodedTable } from "./table-codes.ts";
import type { Tensors } from "./tensors.ts";

const ROWS = 64; // samples that go through together
const MOST_OPERATIONS = 64;

/** A trained network that answers on the calling thread. */
export class Network implements Answerer {
  readonly shape: NetworkShape;
  readonly tensors: PackedTensors;
  readonly #program: Program;
  readonly #inputs: InputRows;
  readonly #outputs: Float32Array;
  readonly #hidden: Float32Array | undefined;

  /** Values are zero until they are copied in. @throws {StigmergyError} OUT_OF_HEAP */
  constructor(shape: NetworkShape) {
    this.shape = shape;
    const heap = new Heap(
      PackedTensors.bytes(shape) +
        InputRows.bytes(shape, ROWS) +
        Program.bytes(1, MOST_OPERATIONS) +
        batchBytes(shape, ROWS, InputRows.MOST) +
        65_536,
    );
    this.tensors = new PackedTensors(heap, shape);
    this.#inputs = new InputRows(heap, shape, ROWS);
    const none = heap.f32(0);
    this.#program = new Program(heap, {
      threads: 1,
      rows: ROWS,
      order: this.#inputs.order,
      schedule: none,
      outcomes: none,
      seed: 0,
      operations: MOST_OPERATIONS,
    });
    const batch = placeBatch(heap, shape, ROWS, this.#inputs.most);
    addForward(this.#program, this.tensors, this.#inputs.placed, batch);
    this.#outputs = batch.outputs.values;
    this.#hidden = batch.layers.at(-1)?.out.values;
  }

  /** A network of values that were learned; tables are rounded. @throws {StigmergyError} OUT_OF_HEAP */
  static from(tensors: Tensors): Network {
    const network = new Network(tensors.shape);
    network.tensors.copyFrom(tensors);
    return network;
  }

  /** Outputs of samples, f32[count × outputs], row-major. */
  forward(samples: Samples): Float32Array {
    return this.#inputs.forward(samples, this.#program, this.#outputs, this.shape.outputs);
  }

  /** What outputs are made of beside sparse features, f32[count × `outputRows`], row-major. */
  beforeOutputs(samples: Samples): Float32Array {
    if (this.#hidden === undefined) return samples.dense ?? new Float32Array(0);
    return this.#inputs.forward(samples, this.#program, this.#hidden, outputRows(this.shape));
  }

  /** The same network with room for more features or outputs: what is new begins at zero. */
  resized(features: number, outputs: number): Network {
    const network = new Network({ ...this.shape, features, outputs });
    for (const { name, isTable, rows, cols, stride } of this.tensors.list) {
      if (isTable) {
        copyCodes(this.tensors.table(name), network.tensors.table(name), cols);
        continue;
      }
      const to = network.tensors.matrix(name);
      const from = this.tensors.values(name);
      for (let row = 0; row < rows; row++) {
        to.values.set(from.subarray(row * stride, row * stride + cols), row * to.stride);
      }
    }
    return network;
  }
}

/** Copies a table to a larger one: a code stands for the same beside zeros as without them. */
function copyCodes(from: CodedTable, to: CodedTable, cols: number): void {
  to.scales.set(from.scales);
  for (let row = 0; row < from.scales.length; row++) {
    const at = row * from.stride;
    to.values.set(from.values.subarray(at, at + cols), row * to.stride);
  }
}
