import { paddedDim } from "./distance.ts";
import type { Heap } from "../heap.ts";
import type { Job } from "../abi/kernels.ts";
import { layoutBytes, type Layout } from "../layout.ts";
import { atLeast, exactly } from "../lengths.ts";
import { checkStrideI8, wholeWords } from "./rows-i8.ts";

const STRIDE_VALUES = 4; // 16 bytes, what a vector is

/** Slots whose visibility is one u32: what a scan's first slot is a multiple of. */
export const BLOCK_SLOTS = 32;

/** Arrays that one scan at a time works in, all on the heap. */
export interface ScanScratch {
  /** f32[most queries × dim]: the queries, padded. */
  readonly queries: Float32Array;
  /** f32[most queries]: answers as far as this or farther are not wanted, where rows have codes; Infinity at first. */
  readonly limits: Float32Array;
  /** f32[32]; where rows have codes f32[17920], drawn in assembly/flat/flat-first.ts. */
  readonly block: Float32Array;
  /** f32[most queries × k]: the answers, k to a query. */
  readonly distances: Float32Array;
  /** u32[most queries × k] */
  readonly slots: Uint32Array;
  /** u32[most queries]: how many of each query's k were found. */
  readonly counts: Uint32Array;
  /** u32[…]: a query's tables, where rows have codes; else empty. */
  readonly tables: Uint32Array;
  /** u32[most queries × …]: queries as rows of 8 bits are compared with them; else empty. */
  readonly whole: Uint32Array;
}

/** What a scratch has room for. */
export interface ScratchSize {
  readonly queries: number;
  /** f32 values per stored row. */
  readonly dim: number;
  /** Most answers of a query. */
  readonly k: number;
  /** u32 words of a query's tables, 0 where rows have no codes. */
  readonly tableWords: number;
  /** Whether rows are of 8 bits; default false. */
  readonly isI8?: boolean;
}

/** Rows whose bounds are looked through before the first of them is looked at, see assembly/flat/flat.ts. */
const FIRST_ROWS = 8192;

// The least bounds of each block, and lists of rows, see assembly/flat/flat-first.ts.
const LIST_WORDS = FIRST_ROWS / 8 + 4 * 1024 + 2 * 2048 + 2 * 256;
/** Of a scratch where rows have codes. */
export const FIRST_WORDS = FIRST_ROWS + LIST_WORDS;

function blockWords(tableWords: number): number {
  return tableWords > 0 ? FIRST_WORDS : BLOCK_SLOTS;
}

/** Lays out a scratch on a heap. */
export function layOutScratch(layout: Layout, size: ScratchSize): ScanScratch {
  const { queries, dim, k, tableWords, isI8 = false } = size;
  return {
    queries: layout.f32(queries * dim),
    limits: layout.f32(queries).fill(Infinity),
    block: layout.f32(blockWords(tableWords)),
    distances: layout.f32(queries * k),
    slots: layout.u32(queries * k),
    counts: layout.u32(queries),
    tables: layout.u32(tableWords),
    whole: layout.u32(isI8 ? queries * wholeWords(dim) : 0),
  };
}

/** Queries that stand in a scratch, and how many answers are looked for to each. */
export interface Asked {
  readonly scratch: ScanScratch;
  readonly queryCount: number;
  readonly k: number;
}

/**
 * Whether queries and their answers have room.
 * @throws {DimensionError} when an array is too short
 */
export function checkAsked({ scratch, queryCount, k }: Asked, dim: number): void {
  const { queries, distances, slots, counts } = scratch;
  atLeast("queries length", queryCount * dim, queries.length);
  atLeast("distances length", queryCount * k, distances.length);
  atLeast("slots length", queryCount * k, slots.length);
  atLeast("counts length", queryCount, counts.length);
}

/** Bytes that `layOutScratch` takes. */
export function scratchBytes(size: ScratchSize): number {
  return layoutBytes((layout) => void layOutScratch(layout, size));
}

/** Where a scan looks: rows of a segment, and which of them count. */
export interface ScanRange {
  /** f32[… × stride] on the heap, row-major; row s is slot s. Of 8 bits as in rows-i8.ts. */
  readonly rows: Float32Array;
  /** u32[…] on the heap, a bit for each slot. */
  readonly visible: Uint32Array;
  /** A multiple of 32. */
  readonly firstSlot: number;
  readonly endSlot: number;
  readonly dim: number;
  /** f32 values from one row to the next, a multiple of 4; default `dim`. */
  readonly stride?: number;
  /** Words from the start of a row of 8 bits to its factors; default dim / 4, behind it. */
  readonly factorsAt?: number;
}

/** What scans rows, by how they are kept and compared. */
export type ScanKernel = "scan_l2sq_f32" | "scan_dot_f32" | "scan_l2sq_i8" | "scan_dot_i8";

/**
 * The job that finds the `k` visible rows nearest to each of `queryCount` queries, ascending,
 * equal distances by slot, and leaves them in `scratch`.
 *
 * @throws {DimensionError} when an array is too short for what is asked
 * @throws {StigmergyError} OFF_HEAP when an array is not on the heap
 */
export function scan<Name extends ScanKernel>(
  heap: Heap,
  kernel: Name,
  { rows, visible, firstSlot, endSlot, dim, stride = dim, factorsAt = dim / 4 }: ScanRange,
  asked: Asked,
): Job<Name> {
  const { scratch, queryCount, k } = asked;
  const isI8 = kernel.endsWith("_i8");
  exactly("row length", paddedDim(dim), dim);
  checkStride(dim, stride, isI8);
  exactly("first slot", firstSlot - (firstSlot % BLOCK_SLOTS), firstSlot);
  atLeast("rows length", lastValue(endSlot, isI8 ? stride : dim, stride), rows.length);
  atLeast("visible length", Math.ceil(endSlot / BLOCK_SLOTS), visible.length);
  checkAsked(asked, dim);
  atLeast("block length", BLOCK_SLOTS, scratch.block.length);
  const args: Job<"scan_l2sq_f32">["args"] = [
    heap.addressOf(scratch.queries),
    heap.addressOf(rows),
    heap.addressOf(visible),
    firstSlot,
    endSlot,
    queryCount,
    dim,
    isI8 ? 4 * stride : stride,
    k,
    heap.addressOf(scratch.block),
    heap.addressOf(scratch.distances),
    heap.addressOf(scratch.slots),
    heap.addressOf(scratch.counts),
  ];
  if (!isI8) return { kernel, args } as Job<Name>;
  checkWhole(scratch, dim, queryCount);
  const more = [heap.addressOf(scratch.whole), 4 * factorsAt];
  return { kernel, args: [...args, ...more] } as unknown as Job<Name>;
}

/** @throws {DimensionError} when there is no room for queries as whole numbers */
export function checkWhole({ whole }: ScanScratch, dim: number, queryCount: number): void {
  atLeast("whole queries' length", queryCount * wholeWords(dim), whole.length);
}

/** @throws {DimensionError} when rows so far apart would overlap, or not be aligned */
export function checkStride(dim: number, stride: number, isI8 = false): void {
  if (isI8) {
    checkStrideI8(dim, stride);
    return;
  }
  atLeast("stride", dim, stride);
  exactly("stride", Math.ceil(stride / STRIDE_VALUES) * STRIDE_VALUES, stride);
}

/** f32 values up to the end of the last of `count` rows. */
export function lastValue(count: number, dim: number, stride: number): number {
  return count === 0 ? 0 : (count - 1) * stride + dim;
}
