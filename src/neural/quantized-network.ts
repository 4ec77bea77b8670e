import { paddedDim } from "../wasm/distance.ts";
import { arrayBytes, Heap } from "../wasm/heap.ts";
import type { Matrix } from "../wasm/matrix.ts";
import { OPERATION, Program } from "../wasm/program.ts";
import type { Answerer } from "./answerer.ts";
import {
  activationWords,
  addGather,
  addNorm,
  addSparse,
  batchBytes,
  placeBatch,
  quads,
} from "./forward.ts";
import { InputRows } from "./input-rows.ts";
import type { Samples } from "./samples.ts";
import { hasWide, tensorsOf, type NetworkShape, type TensorShape } from "./shape.ts";
import type { CodedTable } from "./table-codes.ts";

const ROWS = 64;
const MOST_OPERATIONS = 64;

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
  readonly #inputs: InputRows;
  readonly #program: Program;
  readonly #outputs: Float32Array;

  /** @throws {StigmergyError} OUT_OF_HEAP */
  constructor(shape: NetworkShape, tensors: QuantizedTensors) {
    this.shape = shape;
    const heap = new Heap(bytesOf(shape, tensors));
    this.#inputs = new InputRows(heap, shape, ROWS);
    const batch = placeBatch(heap, shape, ROWS, this.#inputs.most);
    const placed = new Map<string, KeptTensor>();
    this.tensors = placed;
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
    const program = this.#program;
    const plain = (name: string): Float32Array => {
      const values = tensors.get(name) as Float32Array;
      const place = heap.f32(values.length);
      place.set(values);
      placed.set(name, place);
      return place;
    };
    const packed = (name: string): QuantizedTensor => {
      const { values, scales } = tensors.get(name) as QuantizedTensor;
      const place = { values: heap.i8(values.length), scales: heap.f32(scales.length) };
      place.values.set(values);
      place.scales.set(scales);
      placed.set(name, place);
      return place;
    };
    addGather(program, this.#inputs.placed, batch, shape.dense, 0);
    let inputs = batch.dense;
    let inputCount = shape.dense;
    const addTable = (name: string, bias: Float32Array, out: Matrix) => {
      if (batch.sparse === undefined) return;
      const { bits, stride } = tensors.get(name) as CodedTable;
      const table = { bits, stride, ...packed(name) };
      placed.set(name, table);
      addSparse(program, batch.sparse, table, bias, out);
    };
    const addProduct = (name: string, bias: Float32Array | 0, out: Float32Array, cols: number) => {
      if (inputs === undefined) return;
      const weights = packed(name);
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
    this.#outputs = batch.outputs.values;
  }

  /** Outputs of samples, f32[count × outputs], row-major. */
  forward(samples: Samples): Float32Array {
    const { outputs } = this.shape;
    return this.#inputs.forward(samples, this.#program, this.#outputs, outputs);
  }
}

/** Whether a tensor is kept in few bits: rows of one value each, such as biases, are not. */
export function isQuantized({ isTable, rows }: TensorShape): boolean {
  return isTable || rows > 1;
}

/** Lengths of the arrays of weights in 8 bits. */
export function quantizedLengths({ rows, cols }: TensorShape): {
  readonly values: number;
  readonly scales: number;
} {
  return { values: cols * paddedDim(rows), scales: cols };
}

function bytesOf(shape: NetworkShape, tensors: QuantizedTensors): number {
  let bytes = InputRows.bytes(shape, ROWS) + Program.bytes(1, MOST_OPERATIONS) + 65_536;
  for (const { name } of tensorsOf(shape)) {
    const tensor = tensors.get(name);
    if (tensor === undefined) continue;
    bytes +=
      tensor instanceof Float32Array
        ? arrayBytes(tensor.length)
        : tensor.values.length + 64 + arrayBytes(tensor.scales.length);
  }
  return bytes + batchBytes(shape, ROWS, InputRows.MOST);
}
