import { seededRandom } from "../../util/random.ts";
import type { Heap } from "../heap.ts";
import type { Job } from "../abi/kernels.ts";
import { atLeast, atMost, exactly } from "../lengths.ts";
import {
  BLOCK_SLOTS,
  checkStride,
  FIRST_WORDS,
  lastValue,
  checkAsked,
  checkWhole,
  type Asked,
  type ScanRange,
} from "./scan.ts";

const CODE_MULTIPLE = 64; // values per step of every kernel of codes
const ROTATION_ROUNDS = 4;
const FACTOR_BYTES = 3 * 4 * BLOCK_SLOTS; // of a block: three f32 for each row
const NIBBLE_FACTOR_BYTES = 2 * 4 * BLOCK_SLOTS;
/** Most answers for which near rows are chosen first, see assembly/flat/flat-first.ts. */
export const MOST_CHOSEN = 256;
/** Most values of rows with codes of four bits. */
const MOST_NIBBLES_DIM = 1024;
const SIGN = 0x80000000;

/** Length of a rotated row: `dim` rounded up. Rotation spreads the values over all of it. */
export function codedDim(dim: number): number {
  return Math.ceil(Math.max(dim, 1) / CODE_MULTIPLE) * CODE_MULTIPLE;
}

/** u32 words of the codes of `slots` rows, whole blocks of 32: see assembly/codes/rabitq.ts. */
export function codeWords(slots: number, dim: number): number {
  return Math.ceil(slots / BLOCK_SLOTS) * (dim + FACTOR_BYTES / 4);
}

/** u32 words of the codes and packed factors of 32 links: see assembly/graph/graph.ts. */
export function linkBlockWords(dim: number): number {
  return dim + BLOCK_SLOTS;
}

/** u32 words of the codes of four bits of `slots` rows, whole blocks of 32: see assembly/codes/rabitq-nibbles.ts. */
export function nibbleWords(slots: number, dim: number): number {
  return Math.ceil(slots / BLOCK_SLOTS) * (4 * dim + NIBBLE_FACTOR_BYTES / 4);
}

/**
 * u32 words of a query's tables, see assembly/codes/fastscan.ts, of the query less the centroid, and of that as whole
 * numbers, see assembly/codes/rabitq-nibbles.ts.
 */
export function tableWords(dim: number): number {
  return 8 + 2 * dim + 16 + dim / 2;
}

/** Writes the signs of a rotation, the same for the same seed: u32[4 × dim], 0 or 0x80000000. */
export function writeSigns(signs: Uint32Array, seed: number): void {
  const random = seededRandom(seed);
  for (let i = 0; i < signs.length; i++) signs[i] = random() < 0.5 ? 0 : SIGN;
}

/**
 * The job that rotates rows in place.
 *
 * @param rows  f32[count × dim] on the heap
 * @param dim   a multiple of 64
 * @param signs u32[4 × dim] on the heap
 * @throws {DimensionError} when the lengths do not agree
 */
export function rotate(
  heap: Heap,
  rows: Float32Array,
  dim: number,
  signs: Uint32Array,
): Job<"rotate_f32"> {
  checkDim(dim);
  exactly("signs length", ROTATION_ROUNDS * dim, signs.length);
  const count = rows.length / dim;
  exactly("rows length", Math.ceil(count) * dim, rows.length);
  return {
    kernel: "rotate_f32",
    args: [heap.addressOf(rows), count, dim, heap.addressOf(signs)],
  };
}

/** What codes are made of and where they stand, all on one heap. */
export interface Codes {
  /** f32[dim], rotated. */
  readonly centroid: Float32Array;
  /** u32[codeWords(slots, dim)] */
  readonly blocks: Uint32Array;
  /** u32[nibbleWords(slots, dim)]; empty or absent where rows have no codes of four bits. */
  readonly nibbles?: Uint32Array;
  /** Whether they are of inner products rather than of squared distances. */
  readonly inner: boolean;
}

/** Codes with such of four bits. */
export type NibbleCodes = Codes & { readonly nibbles: Uint32Array };

/**
 * The job that encodes `count` rows from slot `first`.
 *
 * @param stride f32 values from one row to the next
 * @param isI8   whether rows are of 8 bits, as in rows-i8.ts
 * @throws {DimensionError} when an array is too short
 */
export function encode(
  heap: Heap,
  rows: Float32Array,
  first: number,
  count: number,
  { centroid, blocks, inner }: Codes,
  stride: number = centroid.length,
  isI8 = false,
): Job<"encode_b1" | "encode_b1_i8"> {
  const dim = centroid.length;
  checkDim(dim);
  checkStride(dim, stride, isI8);
  atLeast("rows length", lastValue(first + count, isI8 ? stride : dim, stride), rows.length);
  atLeast("blocks length", codeWords(first + count, dim), blocks.length);
  return {
    kernel: isI8 ? "encode_b1_i8" : "encode_b1",
    args: [
      heap.addressOf(rows),
      first,
      count,
      dim,
      isI8 ? 4 * stride : stride,
      heap.addressOf(centroid),
      heap.addressOf(blocks),
      inner ? 1 : 0,
    ],
  };
}

/**
 * The job that writes the codes of four bits of `count` rows from slot `first`.
 *
 * @param stride f32 values from one row to the next
 * @throws {DimensionError} when an array is too short
 */
export function encodeNibbles(
  heap: Heap,
  rows: Float32Array,
  first: number,
  count: number,
  { centroid, nibbles, inner }: NibbleCodes,
  stride: number = centroid.length,
): Job<"encode_b4"> {
  const dim = centroid.length;
  checkDim(dim);
  atMost("row length", MOST_NIBBLES_DIM, dim);
  checkStride(dim, stride, false);
  atLeast("rows length", lastValue(first + count, dim, stride), rows.length);
  atLeast("nibbles length", nibbleWords(first + count, dim), nibbles.length);
  return {
    kernel: "encode_b4",
    args: [
      heap.addressOf(rows),
      first,
      count,
      dim,
      stride,
      heap.addressOf(centroid),
      heap.addressOf(nibbles),
      inner ? 1 : 0,
    ],
  };
}

/** The job that writes the tables, u32[tableWords(dim)], of a rotated query less the centroid. */
export function makeTables(heap: Heap, query: Float32Array, tables: Uint32Array): Job<"tables_b1"> {
  checkDim(query.length);
  atLeast("tables length", tableWords(query.length), tables.length);
  return {
    kernel: "tables_b1",
    args: [heap.addressOf(query), query.length, heap.addressOf(tables)],
  };
}

/**
 * The job that estimates the distances of every coded row of `out.length` slots, a multiple of 32.
 * @param base ‖query − centroid‖², or −query · centroid for inner products
 */
export function estimate(
  heap: Heap,
  { centroid, blocks }: Codes,
  tables: Uint32Array,
  base: number,
  out: Float32Array,
): Job<"estimate_b1"> {
  const dim = centroid.length;
  exactly("out length", Math.ceil(out.length / BLOCK_SLOTS) * BLOCK_SLOTS, out.length);
  atLeast("blocks length", codeWords(out.length, dim), blocks.length);
  atLeast("tables length", tableWords(dim), tables.length);
  const args: Job<"estimate_b1">["args"] = [
    heap.addressOf(blocks),
    out.length / BLOCK_SLOTS,
    heap.addressOf(tables),
    dim,
    base,
    heap.addressOf(out),
  ];
  return { kernel: "estimate_b1", args };
}

/**
 * The job that finds the `k` nearest as `scan` does, by way of codes; it returns how many rows it
 * looked at exactly. Of what is as far as a query's limit or farther some is answered, or none.
 *
 * @param sigmas how sure to be, in standard deviations of an estimate
 * @throws {DimensionError} when an array is too short
 */
export function flat(
  heap: Heap,
  { rows, visible, firstSlot, endSlot, dim, stride = dim }: ScanRange,
  { centroid, blocks, nibbles, inner }: Codes,
  asked: Asked,
  sigmas: number,
  isI8 = false,
): Job<"flat_l2sq_f32" | "flat_dot_f32" | "flat_l2sq_i8" | "flat_dot_i8"> {
  checkDim(dim);
  exactly("centroid length", dim, centroid.length);
  checkStride(dim, stride, isI8);
  exactly("first slot", firstSlot - (firstSlot % BLOCK_SLOTS), firstSlot);
  atLeast("rows length", lastValue(endSlot, isI8 ? stride : dim, stride), rows.length);
  atLeast("visible length", Math.ceil(endSlot / BLOCK_SLOTS), visible.length);
  atLeast("blocks length", codeWords(endSlot, dim), blocks.length);
  // Where rows are of 8 bits they are read as soon.
  const fours = isI8 || nibbles === undefined || nibbles.length === 0 ? undefined : nibbles;
  if (fours !== undefined) {
    atMost("row length", MOST_NIBBLES_DIM, dim);
    atLeast("nibbles length", nibbleWords(endSlot, dim), fours.length);
  }
  const { scratch, queryCount, k } = asked;
  const { queries, limits, block, distances, slots, counts, tables } = scratch;
  checkAsked(asked, dim);
  atLeast("limits length", queryCount, limits.length);
  atLeast("tables length", tableWords(dim), tables.length);
  atLeast("block length", FIRST_WORDS, block.length);
  const args: Job<"flat_l2sq_f32">["args"] = [
    heap.addressOf(queries),
    heap.addressOf(limits),
    heap.addressOf(rows),
    heap.addressOf(visible),
    heap.addressOf(blocks),
    fours === undefined ? 0 : heap.addressOf(fours),
    heap.addressOf(centroid),
    firstSlot,
    endSlot,
    queryCount,
    dim,
    isI8 ? 4 * stride : stride,
    k,
    sigmas,
    heap.addressOf(tables),
    heap.addressOf(block),
    heap.addressOf(distances),
    heap.addressOf(slots),
    heap.addressOf(counts),
  ];
  if (!isI8) return { kernel: inner ? "flat_dot_f32" : "flat_l2sq_f32", args };
  checkWhole(scratch, dim, 1);
  const withWhole: Job<"flat_l2sq_i8">["args"] = [...args, heap.addressOf(scratch.whole)];
  return { kernel: inner ? "flat_dot_i8" : "flat_l2sq_i8", args: withWhole };
}

function checkDim(dim: number): void {
  exactly("row length", codedDim(dim), dim);
}
