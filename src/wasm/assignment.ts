import { arrayBytes, type Heap } from "./heap.ts";
import type { Job } from "./kernels.ts";

/** In `columnOf` and `rowOf`: none. */
export const NO_PARTNER = 0xffff_ffff;

const BLOCK = 16; // columns that a kernel goes over at once
const WORDS = 32;

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
function assignmentStride(columns: number): number {
  return Math.ceil(columns / BLOCK) * BLOCK;
}

/** Columns that stand in for a whole row: more do so for longer, and take longer to find. */
function listSize(stride: number): number {
  return Math.min(40, 8 + (stride >> 6));
}

/** Bytes of heap that `layOutAssignment` takes. */
export function assignmentBytes(rows: number, columns: number, costBytes: 4 | 8): number {
  const stride = assignmentStride(columns);
  const words = costBytes / 4;
  const list = listSize(stride);
  const inRows = 7 * arrayBytes(rows + 1) + 5 * arrayBytes(2 * rows + 2);
  const inColumns =
    2 * arrayBytes(stride) + 3 * arrayBytes(2 * stride) + 2 * arrayBytes(stride / 8);
  const lists = 3 * arrayBytes(rows * list) + arrayBytes(2 * list + 2);
  return arrayBytes(rows * stride * words) + inRows + inColumns + lists + 1024;
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
  const list = listSize(stride);
  const words = heap.u32(WORDS);
  const cost = costBytes === 4 ? heap.f32(rows * stride) : heap.f64(rows * stride);
  const columnOf = heap.u32(rows).fill(NO_PARTNER);
  const rowOf = heap.u32(stride).fill(NO_PARTNER);
  const potentials = heap.f64(stride).fill(0);
  const reach = heap.f64(stride);
  const live = heap.f64(stride);
  const from = heap.u32(stride);
  const free = heap.u32(rows);
  const scanned = heap.u32(rows);
  const lengths = heap.f64(rows);
  // The pair that the last block stands in is read as a whole.
  const least = heap.f64(Math.ceil(stride / BLOCK / 2) * 2).fill(Infinity);
  const matches = heap.u32(rows);
  const own = heap.f64(rows);
  const listIds = heap.u32(rows * list);
  const listCosts = heap.f64(rows * list);
  const listCounts = heap.u32(rows).fill(NO_PARTNER);
  const floors = heap.f64(rows);
  const seen = heap.u32(rows + 1);
  const backs = heap.f64(rows + 1);
  const bounds = heap.f64(rows + 1);
  const blocks = heap.f64(stride / BLOCK);
  const values = heap.f64(list + 1);
  const made = heap.u32(rows).fill(0);
  const place = (array: ArrayBufferView): number => heap.addressOf(array);
  words.set([place(cost), rows, columns, stride]);
  words.set([columnOf, rowOf, potentials, reach, live, from, free].map(place), 4);
  words.set([scanned, lengths, least, matches, own].map(place), 11);
  words[16] = list;
  words.set([listIds, listCosts, listCounts, floors, seen, backs].map(place), 17);
  words.set([bounds, blocks, values, made].map(place), 23);
  return { cost, rows, columns, stride, columnOf, rowOf, potentials, free, words };
}

/** The job that tells whether all costs are numbers above −Infinity: 1 if they are. */
export function checkAssignment(
  heap: Heap,
  { cost }: AssignmentProblem,
): Job<"assign_check_f32" | "assign_check_f64"> {
  const kernel = cost.BYTES_PER_ELEMENT === 4 ? "assign_check_f32" : "assign_check_f64";
  return { kernel, args: [heap.addressOf(cost), cost.length] };
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
