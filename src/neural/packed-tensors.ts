import type { Heap } from "../wasm/heap.ts";
import { arrayBytes } from "../wasm/heap.ts";
import type { Matrix } from "../wasm/matrix.ts";
import { lengthOf, tensorsOf, type NetworkShape, type TensorShape } from "./shape.ts";
import { codeBytes, placeCodes, writeTable, type CodedTable } from "./table-codes.ts";
import { TensorSet } from "./tensors.ts";

const BITS = 8;

/**
 * The values of a network that has learned, on a heap: tables in 8 bits, with a scale for each row, and the rest
 * in f32. A model of texts is tables for the most part, and has a quarter of the bytes that it learned in.
 */
export class PackedTensors {
  readonly shape: NetworkShape;
  readonly list: readonly TensorShape[];
  readonly #plain: TensorSet;
  readonly #tables = new Map<string, CodedTable>();

  /** Zeros. @throws {StigmergyError} OUT_OF_HEAP */
  constructor(heap: Heap, shape: NetworkShape) {
    this.shape = shape;
    this.list = tensorsOf(shape);
    for (const each of this.list) {
      if (each.isTable) this.#tables.set(each.name, placeCodes(heap, each, BITS));
    }
    this.#plain = new TensorSet(
      heap,
      this.list.filter(({ isTable }) => !isTable),
    );
  }

  /** Bytes that they take. */
  static bytes(shape: NetworkShape): number {
    return tensorsOf(shape).reduce((sum, each) => {
      return sum + (each.isTable ? codeBytes(each, BITS) : arrayBytes(lengthOf(each)));
    }, 0);
  }

  /** f32[rows × stride] of a tensor that is no table. */
  values(name: string): Float32Array {
    return this.#plain.values(name);
  }

  /** A tensor that is no table as a matrix. */
  matrix(name: string): Matrix {
    return this.#plain.matrix(name);
  }

  /** A table, as it is read and written by row. */
  table(name: string): CodedTable {
    return this.#tables.get(name) as CodedTable;
  }

  /** Overwrites every tensor with that of a network of the same shape; tables are rounded. */
  copyFrom(other: TensorSet): void {
    for (const { name, isTable } of this.list) {
      if (isTable) writeTable(this.table(name), other.values(name));
      else this.values(name).set(other.values(name));
    }
  }
}
