import type { Heap } from "../heap.ts";
import type { Job } from "../abi/kernels.ts";
import { atLeast } from "../lengths.ts";

/** Values that one thread needs to pack the columns of a product. */
export const PRODUCT_SCRATCH = 32_768;

/** A matrix on the heap, row-major: row i begins at value i × `stride`. */
export interface Matrix {
  readonly values: Float32Array;
  readonly stride: number;
}

/** What a product is of. Sizes are those of the result, and of what is summed over. */
export interface ProductShape {
  readonly rows: number;
  /** A multiple of 8. */
  readonly cols: number;
  /** 1 or more. */
  readonly depth: number;
  /** `left` is stored transposed: depth × rows. */
  readonly transposeLeft?: boolean;
  /** `right` is stored transposed: cols × depth. */
  readonly transposeRight?: boolean;
  /** Adds to what `out` holds. */
  readonly add?: boolean;
}

/**
 * The job that writes left · right to `out`, f32. To use several threads, make one job per part of
 * `out`: parts have the same bits as the whole.
 *
 * @param bias    f32[cols], added to every row; not with `add`
 * @param scratch f32[PRODUCT_SCRATCH], of one thread
 * @throws {DimensionError} when an array is shorter than its shape says, `cols` no multiple of 8, or
 * `depth` 0
 * @throws {StigmergyError} OFF_HEAP when an array is not on the heap
 */
export function product(
  heap: Heap,
  left: Matrix,
  right: Matrix,
  shape: ProductShape,
  bias: Float32Array | undefined,
  scratch: Float32Array,
  out: Matrix,
): Job<"product_f32"> {
  checkProduct(left, right, shape, bias, out);
  atLeast("scratch length", PRODUCT_SCRATCH, scratch.length);
  return {
    kernel: "product_f32",
    args: [
      heap.addressOf(left.values),
      heap.addressOf(right.values),
      shape.rows,
      shape.cols,
      shape.depth,
      left.stride,
      right.stride,
      productFlags(shape),
      bias === undefined ? 0 : heap.addressOf(bias),
      heap.addressOf(scratch),
      heap.addressOf(out.values),
      out.stride,
    ],
  };
}

/** The flags of assembly/network/matrix.ts. */
export function productFlags(shape: ProductShape): number {
  return (
    (shape.transposeLeft === true ? 1 : 0) |
    (shape.transposeRight === true ? 2 : 0) |
    (shape.add === true ? 4 : 0)
  );
}

/** @throws {DimensionError} when a product would read or write beyond an array */
export function checkProduct(
  left: Matrix,
  right: Matrix,
  { rows, cols, depth, transposeLeft, transposeRight }: ProductShape,
  bias: Float32Array | undefined,
  out: Matrix,
): void {
  atLeast("columns, rounded up to 8", Math.ceil(cols / 8) * 8, cols);
  atLeast("depth", 1, depth);
  if (rows === 0) return;
  check("left", left, transposeLeft === true ? [depth, rows] : [rows, depth]);
  check("right", right, transposeRight === true ? [cols, depth] : [depth, cols]);
  check("out", out, [rows, cols]);
  if (bias !== undefined) atLeast("bias length", cols, bias.length);
}

function check(name: string, { values, stride }: Matrix, [rows, cols]: [number, number]): void {
  atLeast(`${name} stride`, cols, stride);
  atLeast(`${name} length`, (rows - 1) * stride + cols, values.length);
}
