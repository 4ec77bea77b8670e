import type { Heap } from "../heap.ts";
import type { Job } from "../abi/kernels.ts";
import { layoutBytes, type Layout } from "../layout.ts";

/** In `columnOf` and `rowOf`: none. */
export const NO_PARTNER = 0xffff_ffff;

const BLOCK = 16; // columns that a kernel goes over at once
const WORDS = 36;
const LIST_SIZE = 16; // word that tells how long lists are; addresses stand before and behind it

/** A linear assignment problem on a heap, as drawn in assembly/assignment/assignment-problem.ts. */
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
  return layoutBytes((layout) => void placeAll(layout, rows, columns, costBytes));
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
  const { words, cost, ...arrays } = placeAll(heap, rows, columns, costBytes);
  const { columnOf, rowOf, potentials, free } = arrays;
  columnOf.fill(NO_PARTNER);
  rowOf.fill(NO_PARTNER);
  potentials.fill(0);
  arrays.least.fill(Infinity);
  arrays.listCounts.fill(NO_PARTNER);
  arrays.made.fill(0);
  const stride = assignmentStride(columns);
  const addresses = Object.values(arrays).map((array) => heap.addressOf(array));
  words.set([heap.addressOf(cost), rows, columns, stride, ...addresses.slice(0, LIST_SIZE - 4)]);
  words.fill(0, LIST_SIZE);
  words[LIST_SIZE] = listSize(stride);
  words.set(addresses.slice(LIST_SIZE - 4), LIST_SIZE + 1);
  return { cost, rows, columns, stride, columnOf, rowOf, potentials, free, words };
}

/** Behind `cost`, arrays are in the order of their addresses in `words`. */
function placeAll(layout: Layout, rows: number, columns: number, costBytes: 4 | 8) {
  const stride = assignmentStride(columns);
  const list = listSize(stride);
  return {
    words: layout.u32(WORDS),
    cost: costBytes === 4 ? layout.f32(rows * stride) : layout.f64(rows * stride),
    columnOf: layout.u32(rows),
    rowOf: layout.u32(stride),
    potentials: layout.f64(stride),
    reach: layout.f64(stride),
    live: layout.f64(stride),
    from: layout.u32(stride),
    free: layout.u32(rows),
    scanned: layout.u32(rows),
    lengths: layout.f64(rows),
    // The pair that the last block stands in is read as a whole.
    least: layout.f64(Math.ceil(stride / BLOCK / 2) * 2),
    matches: layout.u32(rows),
    own: layout.f64(rows),
    listIds: layout.u32(rows * list),
    listCosts: layout.f64(rows * list),
    listCounts: layout.u32(rows),
    floors: layout.f64(rows),
    seen: layout.u32(rows + 1),
    backs: layout.f64(rows + 1),
    bounds: layout.f64(rows + 1),
    blocks: layout.f64(stride / BLOCK),
    values: layout.f64(list + 1),
    made: layout.u32(rows),
  };
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
