import { paddedDim } from "../../wasm/vectors/distance.ts";
import { arrayBytes, Heap } from "../../wasm/heap.ts";
import type { Matrix } from "../../wasm/network/matrix.ts";
import { OPERATION } from "../../wasm/network/program.ts";
import type { Answerer } from "./answerer.ts";
import { ForwardPass } from "./forward-pass.ts";
import { activationWords, addGather, addNorm, addSparse, quads } from "./forward.ts";
import type { Samples } from "../features/samples.ts";
import { hasWide, tensorsOf, type NetworkShape, type TensorShape } from "./shape.ts";
import type { CodedTable } from "./table-codes.ts";

/** Weights in 8 bits, transposed. */
export interface QuantizedTensor {
  readonly values: Int8Array;
  /** Of each output. */
  readonly scales: Float32Array;
}

/** A tensor in few bits: a table, or weights; small ones stay f32. */
export type KeptTensor = CodedTable | QuantizedTensor | Float32Array;

/** Tensors by name. */
export type QuantizedTensors = ReadonlyMap<string, KeptTensor>;

/** A network whose weights are 8-bit values, and its tables of 4 or 8 bits. */
export class QuantizedNetwork implements Answerer {
  readonly shape: NetworkShape;
  readonly tensors: QuantizedTensors;
  readonly #pass: ForwardPass;

  /** @param heap that the tensors stand on, with `ForwardPass.bytes` to lay out */
  constructor(heap: Heap, shape: NetworkShape, tensors: QuantizedTensors) {
    this.shape = shape;
    this.#pass = new ForwardPass(heap, shape);
    this.tensors = tensors;
    addQuantizedForward(this.#pass, shape, tensors);
  }

  /** A network of copies of tensors. @throws {StigmergyError} OUT_OF_HEAP */
  static of(shape: NetworkShape, tensors: QuantizedTensors): QuantizedNetwork {
    const heap = new Heap(bytesOf(shape, tensors));
    return new QuantizedNetwork(heap, shape, placeTensors(heap, shape, tensors));
  }

  /** Outputs of samples, f32[count × outputs], row-major. */
  forward(samples: Samples): Float32Array {
    return this.#pass.run(samples, this.#pass.batch.outputs.values, this.shape.outputs);
  }
}

/** Copies tensors to a heap. */
function placeTensors(
  heap: Heap,
  shape: NetworkShape,
  tensors: QuantizedTensors,
): QuantizedTensors {
  const placed = new Map<string, KeptTensor>();
  for (const { name } of tensorsOf(shape)) {
    const tensor = tensors.get(name);
    if (tensor === undefined) continue;
    if (tensor instanceof Float32Array) {
      const values = heap.f32(tensor.length);
      values.set(tensor);
      placed.set(name, values);
      continue;
    }
    const place = { values: heap.i8(tensor.values.length), scales: heap.f32(tensor.scales.length) };
    place.values.set(tensor.values);
    place.scales.set(tensor.scales);
    placed.set(name, { ...tensor, ...place });
  }
  return placed;
}

/** Adds the way of a batch from its samples to its outputs. */
function addQuantizedForward(
  { program, placed, batch }: ForwardPass,
  shape: NetworkShape,
  tensors: QuantizedTensors,
): void {
  const plain = (name: string) => tensors.get(name) as Float32Array;
  addGather(program, placed, batch, shape.dense, 0);
  let inputs = batch.dense;
  let inputCount = shape.dense;
  const addTable = (name: string, bias: Float32Array, out: Matrix) => {
    if (batch.sparse === undefined) return;
    addSparse(program, batch.sparse, tensors.get(name) as CodedTable, bias, out);
  };
  const addProduct = (name: string, bias: Float32Array | 0, out: Float32Array, cols: number) => {
    if (inputs === undefined) return;
    const weights = tensors.get(name) as QuantizedTensor;
    program.add(OPERATION.productI8, [
      ...[inputs.values, inputs.stride, weights.values, weights.scales, cols, inputCount],
      ...[bias, out, paddedDim(cols)],
    ]);
  };
  batch.layers.forEach((layer, i) => {
    const { width, sums, out, bent } = layer;
    const isSparse = i === 0 && batch.sparse !== undefined;
    const bias = plain(`bias.${i}`);
    if (isSparse) addTable("table", bias, sums);
    addProduct(`weights.${i}`, isSparse ? 0 : bias, sums.values, width);
    addNorm(program, layer, shape.normalize ? [plain(`gain.${i}`), plain(`shift.${i}`)] : []);
    program.add(OPERATION.activate, [
      ...[bent.values, out.values, quads(width), out.stride, ...activationWords(shape, i, 0)],
    ]);
    inputs = out;
    inputCount = width;
  });
  const bias = plain("outputBias");
  const isWide = hasWide(shape);
  if (isWide) addTable("wide", bias, batch.outputs);
  addProduct("output", isWide ? 0 : bias, batch.outputs.values, shape.outputs);
}

/** Whether a tensor is kept in few bits: weights are, be it of one input, and values by column, such as biases, are not. */
export function isQuantized({ decays }: TensorShape): boolean {
  return decays;
}

/** Lengths of the arrays of weights in 8 bits. */
export function quantizedLengths({ rows, cols }: TensorShape): {
  readonly values: number;
  readonly scales: number;
} {
  return { values: cols * paddedDim(rows), scales: cols };
}

function bytesOf(shape: NetworkShape, tensors: QuantizedTensors): number {
  let bytes = ForwardPass.bytes(shape) + 65_536;
  for (const { name } of tensorsOf(shape)) {
    const tensor = tensors.get(name);
    if (tensor === undefined) continue;
    bytes +=
      tensor instanceof Float32Array
        ? arrayBytes(tensor.length)
        : tensor.values.length + 64 + arrayBytes(tensor.scales.length);
  }
  return bytes;
}
