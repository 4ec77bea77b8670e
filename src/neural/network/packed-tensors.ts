import type { Heap } from "../../wasm/heap.ts";
import { arrayBytes } from "../../wasm/heap.ts";
import type { Matrix } from "../../wasm/network/matrix.ts";
import { lengthOf, tensorsOf, type NetworkShape, type TensorShape } from "./shape.ts";
import { codeBytes, placeCodes, writeTable, type CodedTable } from "./table-codes.ts";
import type { TensorSet } from "./tensors.ts";

const BITS = 8;

/** The values of tensors by name: tables in 8 bits, the rest in f32, all on one heap. */
export interface PackedPlaces {
  readonly values: ReadonlyMap<string, Float32Array>;
  readonly tables: ReadonlyMap<string, CodedTable>;
}

/**
 * The values of a network that has learned, on a heap: tables in 8 bits, with a scale for each row, and the rest
 * in f32. A model of texts is tables for the most part, and has a quarter of the bytes that it learned in.
 */
export class PackedTensors {
  readonly shape: NetworkShape;
  readonly list: readonly TensorShape[];
  readonly #places: PackedPlaces;

  /** @param places of every tensor of the shape */
  constructor(shape: NetworkShape, places: PackedPlaces) {
    this.shape = shape;
    this.list = tensorsOf(shape);
    this.#places = places;
  }

  /** Zeros. @throws {StigmergyError} OUT_OF_HEAP */
  static zeros(heap: Heap, shape: NetworkShape): PackedTensors {
    const values = new Map<string, Float32Array>();
    const tables = new Map<string, CodedTable>();
    for (const each of tensorsOf(shape)) {
      if (each.isTable) tables.set(each.name, placeCodes(heap, each, BITS));
      else values.set(each.name, heap.f32(lengthOf(each)));
    }
    return new PackedTensors(shape, { values, tables });
  }

  /** Bytes that they take. */
  static bytes(shape: NetworkShape): number {
    return tensorsOf(shape).reduce((sum, each) => {
      return sum + (each.isTable ? codeBytes(each, BITS) : arrayBytes(lengthOf(each)));
    }, 0);
  }

  /** f32[rows × stride] of a tensor that is no table. */
  values(name: string): Float32Array {
    return this.#places.values.get(name) as Float32Array;
  }

  /** A tensor that is no table as a matrix. */
  matrix(name: string): Matrix {
    const { stride } = this.list.find((each) => each.name === name) as TensorShape;
    return { values: this.values(name), stride };
  }

  /** A table, as it is read and written by row. */
  table(name: string): CodedTable {
    return this.#places.tables.get(name) as CodedTable;
  }

  /** Overwrites every tensor with that of a network of the same shape; tables are rounded. */
  copyFrom(other: TensorSet): void {
    for (const { name, isTable } of this.list) {
      if (isTable) writeTable(this.table(name), other.values(name));
      else this.values(name).set(other.values(name));
    }
  }
}
