import { Heap } from "../../wasm/heap.ts";
import type { Answerer } from "./answerer.ts";
import { ForwardPass } from "./forward-pass.ts";
import { addForward } from "./forward.ts";
import { PackedTensors } from "./packed-tensors.ts";
import type { Samples } from "../features/samples.ts";
import { outputRows, type NetworkShape } from "./shape.ts";
import type { CodedTable } from "./table-codes.ts";
import type { Tensors } from "./tensors.ts";

/** A trained network that answers on the calling thread. */
export class Network implements Answerer {
  readonly shape: NetworkShape;
  readonly tensors: PackedTensors;
  readonly #pass: ForwardPass;

  /** @param heap that the tensors stand on, with `ForwardPass.bytes` to lay out */
  constructor(heap: Heap, tensors: PackedTensors) {
    this.shape = tensors.shape;
    this.tensors = tensors;
    this.#pass = new ForwardPass(heap, tensors.shape);
    const { program, placed, batch } = this.#pass;
    addForward(program, tensors, placed, batch);
  }

  /** Values are zero until they are copied in. @throws {StigmergyError} OUT_OF_HEAP */
  static zeros(shape: NetworkShape): Network {
    const heap = new Heap(PackedTensors.bytes(shape) + ForwardPass.bytes(shape) + 65_536);
    return new Network(heap, PackedTensors.zeros(heap, shape));
  }

  /** A network of values that were learned; tables are rounded. @throws {StigmergyError} OUT_OF_HEAP */
  static from(tensors: Tensors): Network {
    const network = Network.zeros(tensors.shape);
    network.tensors.copyFrom(tensors);
    return network;
  }

  /** Outputs of samples, f32[count × outputs], row-major. */
  forward(samples: Samples): Float32Array {
    return this.#pass.run(samples, this.#pass.batch.outputs.values, this.shape.outputs);
  }

  /** What outputs are made of beside sparse features, f32[count × `outputRows`], row-major. */
  beforeOutputs(samples: Samples): Float32Array {
    const last = this.#pass.batch.layers.at(-1);
    if (last === undefined) return samples.dense ?? new Float32Array(0);
    return this.#pass.run(samples, last.out.values, outputRows(this.shape));
  }

  /** The same network with room for more features or outputs, or with a wide path: what is new begins at zero. */
  resized(larger: Pick<NetworkShape, "features" | "outputs" | "wide">): Network {
    const network = Network.zeros({ ...this.shape, ...larger });
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
