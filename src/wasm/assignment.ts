import { arrayBytes, type Heap } from "./heap.ts";
import type { Job } from "./kernels.ts";

/** In `columnOf` and `rowOf`: none. */
export const NO_PARTNER = 0xffff_ffff;

const BLOCK = 16; // columns that a kernel goes over at once
const WORDS = 16;

/** A linear assignment problem on a heap, as drawn in assembly/assignment-problem.ts. */
export interface AssignmentProblem {
  /** [rows][stride], row-major; beyond the last column +Infinity. No NaN, no −Infinity. */
  readonly cost: Float32Array | Float64Array;
  readonly rows: number;
  /** At least as many as rows. */
  readonly columns: number;
  /** Values of `cost` from row to row. */
  readonly stride: number;
  /** u32[rows], the column of each row, or `NO_PARTNER`. */
  readonly columnOf: Uint32Array;
  /** u32[stride], the row of each column, or `NO_PARTNER`. */
  readonly rowOf: Uint32Array;
  /** f64[stride], potentials of columns: 0 where nobody is, and not above it unless the problem is square. */
  readonly potentials: Float64Array;
  /** u32[rows], rows without a column. */
  readonly free: Uint32Array;
  readonly words: Uint32Array;
}

/** Values from row to row of a problem with so many columns. */
export function assignmentStride(columns: number): number {
  return Math.ceil(columns / BLOCK) * BLOCK;
}

/** Bytes of heap that `layOutAssignment` takes. */
export function assignmentBytes(rows: number, columns: number, costBytes: 4 | 8): number {
  const stride = assignmentStride(columns);
  const words = costBytes / 4;
  const inRows = 5 * arrayBytes(rows) + arrayBytes(2 * rows);
  const inColumns = 2 * arrayBytes(stride) + 3 * arrayBytes(2 * stride) + arrayBytes(stride / 8);
  return arrayBytes(rows * stride * words) + inRows + inColumns + 128;
}

/**
 * Lays out a problem where nobody has a partner and potentials are 0. The caller writes `cost`.
 * @throws {StigmergyError} OUT_OF_HEAP when it does not fit
 */
export function layOutAssignment(
  heap: Heap,
  rows: number,
  columns: number,
  costBytes: 4 | 8,
): AssignmentProblem {
  const stride = assignmentStride(columns);
  const words = heap.u32(WORDS);
  const cost = costBytes === 4 ? heap.f32(rows * stride) : heap.f64(rows * stride);
  const columnOf = heap.u32(rows).fill(NO_PARTNER);
  const rowOf = heap.u32(stride).fill(NO_PARTNER);
  const potentials = heap.f64(stride).fill(0);
  const [reach, live, from] = [heap.f64(stride), heap.f64(stride), heap.u32(stride)];
  const [free, scanned, lengths] = [heap.u32(rows), heap.u32(rows), heap.f64(rows)];
  const [least, matches] = [heap.f64(stride / BLOCK), heap.u32(rows)];
  words.set([heap.addressOf(cost), rows, columns, stride]);
  const arrays = [columnOf, rowOf, potentials, reach, live, from, free, scanned, lengths];
  words.set(
    [...arrays, least, matches].map((each) => heap.addressOf(each)),
    4,
  );
  return { cost, rows, columns, stride, columnOf, rowOf, potentials, free, words };
}

/** The job that gives most rows a column; it returns how many have none, which are in `free`. */
export function startAssignment(
  heap: Heap,
  { cost, words }: AssignmentProblem,
): Job<"assign_start_f32" | "assign_start_f64"> {
  const kernel = cost.BYTES_PER_ELEMENT === 4 ? "assign_start_f32" : "assign_start_f64";
  return { kernel, args: [heap.addressOf(words)] };
}

/**
 * The job that gives rows `first` up to `end` of `free` a column each, at the least total cost. It returns
 * the place of the first row that can get none, or `end`.
 */
export function augmentAssignment(
  heap: Heap,
  { cost, words }: AssignmentProblem,
  first: number,
  end: number,
): Job<"assign_augment_f32" | "assign_augment_f64"> {
  const kernel = cost.BYTES_PER_ELEMENT === 4 ? "assign_augment_f32" : "assign_augment_f64";
  return { kernel, args: [heap.addressOf(words), first, end] };
}
