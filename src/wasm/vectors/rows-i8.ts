import type { Heap } from "../heap.ts";
import type { Job } from "../abi/kernels.ts";
import { atLeast, exactly } from "../lengths.ts";

// Rows of 8-bit values, drawn in assembly/rows/rows-i8.ts. Arrays of them are seen as f32, four codes to a word.

const DIM_MULTIPLE = 64;
const FACTOR_WORDS = 2;
const STRIDE_WORDS = 4; // rows begin on multiples of 16 bytes
const HEAD_WORDS = 4; // of a query as whole numbers

/** u32 words from one row of 8 bits to the next, its factors behind it. */
export function rowWordsI8(dim: number): number {
  return Math.ceil((dim / 4 + FACTOR_WORDS) / STRIDE_WORDS) * STRIDE_WORDS;
}

/** u32 words of a query as whole numbers. */
export function wholeWords(dim: number): number {
  return HEAD_WORDS + dim / 2;
}

/**
 * The job that brings rotated rows to 8 bits.
 *
 * @param rows f32[count × dim] on the heap
 * @param dim  a multiple of 64
 * @param out  f32[count × rowWordsI8(dim)] on the heap
 * @throws {DimensionError} when the lengths do not agree
 */
export function quantizeRows(
  heap: Heap,
  rows: Float32Array,
  dim: number,
  out: Float32Array,
): Job<"quantize_i8"> {
  checkDim(dim);
  const count = rows.length / dim;
  exactly("rows length", Math.ceil(count) * dim, rows.length);
  exactly("rows of 8 bits", count * rowWordsI8(dim), out.length);
  const args: Job<"quantize_i8">["args"] = [
    heap.addressOf(rows),
    count,
    dim,
    heap.addressOf(out),
    rowWordsI8(dim) * 4,
  ];
  return { kernel: "quantize_i8", args };
}

/** A row of 8 bits as it is kept: what its codes are, and what they mean. */
export interface RowI8 {
  readonly codes: Int8Array;
  readonly scale: number;
  /** Σ codes² */
  readonly square: number;
}

/**
 * The row whose codes begin at a word of an array, and whose factors stand at another: behind them, unless it is
 * a graph's.
 */
export function rowI8At(rows: Float32Array, dim: number, codes: number, factors: number): RowI8 {
  const at = rows.byteOffset;
  const words = new Uint32Array(rows.buffer, at + 4 * factors, 1);
  return {
    codes: new Int8Array(rows.buffer, at + 4 * codes, dim),
    scale: rows[factors + 1],
    square: words[0] >>> 2,
  };
}

/** The values of a row: each the nearest f32 to scale · code. */
export function valuesOf({ codes, scale }: RowI8): Float32Array {
  return Float32Array.from(codes, (code) => code * scale);
}

/** @throws {DimensionError} when rows of 8 bits so far apart would overlap, or not be aligned */
export function checkStrideI8(dim: number, stride: number): void {
  checkDim(dim);
  atLeast("stride", dim / 4 + FACTOR_WORDS, stride);
  exactly("stride", Math.ceil(stride / STRIDE_WORDS) * STRIDE_WORDS, stride);
}

function checkDim(dim: number): void {
  exactly("row length", Math.ceil(dim / DIM_MULTIPLE) * DIM_MULTIPLE, dim);
}
