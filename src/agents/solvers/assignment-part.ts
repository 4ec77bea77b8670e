import {
  assignmentBytes,
  augmentAssignment,
  checkAssignment,
  layOutAssignment,
  startAssignment,
  type AssignmentProblem,
} from "../../wasm/assignment/assignment.ts";
import { checkedValues, type Costs } from "./assignment-costs.ts";
import { takeHeap } from "./solver-heap.ts";

/** Some rows and columns of a matrix of costs, and which of them must all be served. */
export interface Part {
  readonly cost: Costs;
  /** Of the matrix. */
  readonly columns: number;
  /** Undefined means all. */
  readonly rowIds: Uint32Array | undefined;
  readonly columnIds: Uint32Array | undefined;
  readonly rowCount: number;
  readonly columnCount: number;
  /** Every column is to have a row, instead of every row a column: there are no more of them. */
  readonly isTransposed: boolean;
}

/** Numbers are places within the part. */
export interface PartSolution {
  /** The partner of each on the side that must be served, −1 if none. */
  readonly partners: Int32Array;
  /** Potentials of that side, and of the other; empty unless asked for. */
  readonly small: Float64Array;
  readonly large: Float64Array;
  /** Those that could not be served. */
  readonly failed: readonly number[];
}

const SLICE_MS = 8;

/** Solves a part to its optimum; between slices of some milliseconds it yields. */
export function* solvePart(part: Part, withDuals: boolean): Generator<void, PartSolution> {
  const { rowCount, columnCount, isTransposed } = part;
  const [small, large] = isTransposed ? [columnCount, rowCount] : [rowCount, columnCount];
  const costBytes = part.cost.BYTES_PER_ELEMENT as 4 | 8;
  if (small === 0) {
    const potentials = new Float64Array(withDuals ? large : 0);
    return {
      partners: new Int32Array(0),
      small: new Float64Array(0),
      large: potentials,
      failed: [],
    };
  }
  const { heap, giveBack } = takeHeap(
    assignmentBytes(small, large, costBytes),
    "use a Float32Array, or fewer columns for each row",
  );
  try {
    const problem = layOutAssignment(heap, small, large, costBytes);
    if (isTransposed) copyTransposed(part, problem);
    else copyRows(part, problem);
    if (heap.run(checkAssignment(heap, problem)) === 0) {
      checkedValues(part.cost, part.columns, ["row", "column"]);
    }
    const free = heap.run(startAssignment(heap, problem));
    const failed: number[] = [];
    let slice = 1;
    yield;
    for (let at = 0; at < free;) {
      const began = performance.now();
      const end = Math.min(free, at + slice);
      at = heap.run(augmentAssignment(heap, problem, at, end));
      if (at < end) failed.push(problem.free[at++]);
      const spent = performance.now() - began;
      if (spent < SLICE_MS / 2) slice *= 2;
      else yield;
    }
    return {
      partners: Int32Array.from(problem.columnOf), // none becomes −1
      small: withDuals ? potentialsOf(problem) : new Float64Array(0),
      large: withDuals ? problem.potentials.slice(0, large) : new Float64Array(0),
      failed,
    };
  } finally {
    giveBack();
  }
}

function copyRows(part: Part, { cost: copy, rows, columns, stride }: AssignmentProblem): void {
  const { cost, rowIds, columnIds } = part;
  if (rowIds === undefined && columnIds === undefined && columns === stride) {
    copy.set(cost);
    return;
  }
  for (let i = 0; i < rows; i++) {
    const from = (rowIds?.[i] ?? i) * part.columns;
    if (columnIds === undefined) copy.set(cost.subarray(from, from + columns), i * stride);
    else for (let j = 0; j < columns; j++) copy[i * stride + j] = cost[from + columnIds[j]];
    copy.fill(Infinity, i * stride + columns, (i + 1) * stride);
  }
}

const TILE = 16; // rows at a time: as many cache lines as stay at hand

function copyTransposed(
  part: Part,
  { cost: copy, rows, columns, stride }: AssignmentProblem,
): void {
  const { cost, rowIds, columnIds } = part;
  for (let tile = 0; tile < columns; tile += TILE) {
    const end = Math.min(columns, tile + TILE);
    for (let i = 0; i < rows; i++) {
      const from = columnIds?.[i] ?? i;
      for (let j = tile; j < end; j++) {
        copy[i * stride + j] = cost[(rowIds?.[j] ?? j) * part.columns + from];
      }
    }
  }
  for (let i = 0; i < rows; i++) copy.fill(Infinity, i * stride + columns, (i + 1) * stride);
}

/** Potentials of rows: the most that every pair allows. */
function potentialsOf({
  cost,
  rows,
  columns,
  stride,
  potentials,
}: AssignmentProblem): Float64Array {
  const found = new Float64Array(rows);
  for (let i = 0; i < rows; i++) {
    let least = Infinity;
    for (let j = 0; j < columns; j++) {
      const reduced = cost[i * stride + j] - potentials[j];
      if (reduced < least) least = reduced;
    }
    found[i] = least;
  }
  return found;
}
