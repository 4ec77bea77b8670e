import { arrayBytes, type Heap } from "../../wasm/heap.ts";
import { lengthOf, type TensorShape } from "./shape.ts";

// A row of a table in few bits, with a scale of its own: value j is scale · code j. Codes of 8 bits are from −127
// to 127. Of 4 bits, from −7 to 7, eight bytes hold sixteen: the first eight in their lower halves.

/** Bits of a code. */
export type CodeBits = 8 | 4;

const MOST_CODE = { 8: 127, 4: 7 } as const;

/** A table of codes, i8[rows · stride · bits / 8], and the scale of each row. */
export interface CodedTable {
  readonly bits: CodeBits;
  readonly stride: number;
  readonly values: Int8Array;
  readonly scales: Float32Array;
}

/** Lengths of the arrays of a table of codes. */
export function codedLengths(
  { rows, stride }: TensorShape,
  bits: CodeBits,
): { readonly values: number; readonly scales: number } {
  return { values: (rows * stride * bits) / 8, scales: rows };
}

/** Lays out a table of codes, zeros. @throws {StigmergyError} OUT_OF_HEAP */
export function placeCodes(
  heap: Pick<Heap, "i8" | "f32">,
  tensor: TensorShape,
  bits: CodeBits,
): CodedTable {
  const { values, scales } = codedLengths(tensor, bits);
  return { bits, stride: tensor.stride, values: heap.i8(values), scales: heap.f32(scales) };
}

/** Bytes that `placeCodes` takes. */
export function codeBytes(tensor: TensorShape, bits: CodeBits): number {
  const length = Math.ceil((lengthOf(tensor) * bits) / 32);
  return arrayBytes(length) + arrayBytes(tensor.rows);
}

/** Overwrites a row with values, f32[stride], each rounded to the nearest code. */
export function writeCodes(table: CodedTable, row: number, from: Float32Array): void {
  const { bits, stride, values, scales } = table;
  const most = MOST_CODE[bits];
  let top = 0;
  for (let i = 0; i < stride; i++) top = Math.max(top, Math.abs(from[i]));
  const scale = Math.fround(top / most);
  scales[row] = scale;
  const at = (row * stride * bits) / 8;
  // A scale can be so small that it is 0 in f32.
  const codeOf = (value: number): number =>
    scale === 0 ? 0 : Math.max(-most, Math.min(most, Math.round(value / scale)));
  if (bits === 8) {
    for (let i = 0; i < stride; i++) values[at + i] = codeOf(from[i]);
    return;
  }
  for (let i = 0; i < stride; i += 16) {
    for (let k = 0; k < 8; k++) {
      const lower = codeOf(from[i + k]);
      const upper = codeOf(from[i + k + 8]);
      values[at + i / 2 + k] = (upper << 4) | (lower & 15);
    }
  }
}

/** Writes what a row stands for to f32[stride]. */
export function readCodes(
  { bits, stride, values, scales }: CodedTable,
  row: number,
  to: Float32Array,
): void {
  const at = (row * stride * bits) / 8;
  const scale = scales[row];
  for (let i = 0; i < stride; i++) {
    if (bits === 8) to[i] = scale * values[at + i];
    else {
      const pair = values[at + 8 * (i >> 4) + (i & 7)];
      to[i] = scale * ((i & 8) === 0 ? (pair << 28) >> 28 : pair >> 4);
    }
  }
}

/** Overwrites a table with rows of values, f32[rows × stride]. */
export function writeTable(table: CodedTable, from: Float32Array): void {
  const { stride, scales } = table;
  for (let row = 0; row < scales.length; row++) {
    writeCodes(table, row, from.subarray(row * stride, (row + 1) * stride));
  }
}
