import { seededRandom } from "../../util/random.ts";
import { arrayBytes, Heap } from "../../wasm/heap.ts";
import type { Matrix } from "../../wasm/network/matrix.ts";
import { lengthOf, tensorsOf, type NetworkShape, type TensorShape } from "./shape.ts";

/** Learned values on a heap, by name. */
export class TensorSet {
  readonly list: readonly TensorShape[];
  readonly #values = new Map<string, Float32Array>();

  /** Zeros. @throws {StigmergyError} OUT_OF_HEAP */
  constructor(heap: Pick<Heap, "f32">, list: readonly TensorShape[]) {
    this.list = list;
    for (const each of list) this.#values.set(each.name, heap.f32(lengthOf(each)));
  }

  /** f32[rows × stride] of a tensor; none of that name is an error of this room. */
  values(name: string): Float32Array {
    return this.#values.get(name) as Float32Array;
  }

  /** A tensor as a matrix. */
  matrix(name: string): Matrix {
    const shape = this.list.find((each) => each.name === name) as TensorShape;
    return { values: this.values(name), stride: shape.stride };
  }

  /** A table as a matrix. */
  table(name: string): Matrix {
    return this.matrix(name);
  }

  has(name: string): boolean {
    return this.#values.has(name);
  }

  /** Values to begin learning with, the same for the same seed. */
  randomize(seed: number): void {
    const random = seededRandom(seed);
    for (const tensor of this.list) {
      const values = this.values(tensor.name);
      values.fill(tensor.start === "ones" ? 1 : 0);
      if (tensor.start === "ones") clearPadding(values, tensor);
      if (tensor.start !== "random") continue;
      const bound = boundOf(tensor);
      for (let row = 0; row < tensor.rows; row++) {
        for (let col = 0; col < tensor.cols; col++) {
          values[row * tensor.stride + col] = bound * (2 * random() - 1);
        }
      }
    }
  }

  /** Overwrites every value, padding too. */
  fill(value: number): void {
    for (const { name } of this.list) this.values(name).fill(value);
  }

  /** Overwrites every tensor with that of another network of the same shape. */
  copyFrom(other: TensorSet): void {
    for (const { name } of this.list) this.values(name).set(other.values(name));
  }
}

/** The learned values of a multilayer perceptron. */
export class Tensors extends TensorSet {
  readonly shape: NetworkShape;

  /** Zeros. @throws {StigmergyError} OUT_OF_HEAP */
  constructor(heap: Heap, shape: NetworkShape) {
    super(heap, tensorsOf(shape));
    this.shape = shape;
  }

  /** Bytes that the tensors of a network take. */
  static bytes(shape: NetworkShape): number {
    return tensorsOf(shape).reduce((sum, each) => sum + arrayBytes(lengthOf(each)), 0);
  }
}

/** The tensors of a network on a heap of their own, zeros. @throws {StigmergyError} OUT_OF_HEAP */
export function tensorsFor(shape: NetworkShape): Tensors {
  return new Tensors(new Heap(Tensors.bytes(shape) + 65_536), shape);
}

/**
 * Glorot and Bengio, 2010. A row of a table is one of many that a sample sums, whose weights have unit
 * length together: it begins small, so that what the features say soon outweighs it.
 */
function boundOf({ rows, cols, isTable }: TensorShape): number {
  return isTable ? Math.sqrt(2 / cols) : Math.sqrt(6 / (rows + cols));
}

function clearPadding(values: Float32Array, { rows, cols, stride }: TensorShape): void {
  for (let row = 0; row < rows; row++) values.fill(0, row * stride + cols, (row + 1) * stride);
}
