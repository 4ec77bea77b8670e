import type { Views } from "./javascript-turn.ts";

// The twin of assembly/assignment.ts and what it calls. Every f64 is made by the same operations in the
// same order, so assignments are the same, ties included.

type Costs = Float32Array | Float64Array;

const NONE = 0xffff_ffff;
const MOST_TURNS = 4; // as in assembly/assignment-reduce.ts

interface Problem {
  readonly costs: Costs;
  readonly rows: number;
  readonly columns: number;
  readonly stride: number;
  /** Index of the first cost. */
  readonly at: number;
  readonly columnOf: Uint32Array;
  readonly rowOf: Uint32Array;
  readonly potentials: Float64Array;
  readonly reach: Float64Array;
  readonly isScanned: Uint8Array;
  readonly from: Uint32Array;
  readonly free: Uint32Array;
  readonly scanned: Uint32Array;
  readonly lengths: Float64Array;
}

function problemOf({ words, doubles }: Views, costs: Costs, problem: number): Problem {
  const [cost, rows, columns, stride, ...addresses] = words.subarray(problem / 4, problem / 4 + 15);
  const u32 = (i: number, length: number): Uint32Array =>
    words.subarray(addresses[i] / 4, addresses[i] / 4 + length);
  const f64 = (i: number, length: number): Float64Array =>
    doubles.subarray(addresses[i] / 8, addresses[i] / 8 + length);
  return {
    ...{ costs, rows, columns, stride, at: cost / costs.BYTES_PER_ELEMENT },
    ...{ columnOf: u32(0, rows), rowOf: u32(1, stride), potentials: f64(2, stride) },
    ...{ reach: f64(3, stride), isScanned: new Uint8Array(columns), from: u32(5, stride) },
    ...{ free: u32(6, rows), scanned: u32(7, rows), lengths: f64(8, rows) },
  };
}

/** The twin of `assign_start_f32` and `assign_start_f64`. */
export function startRows(views: Views, costs: Costs, address: number): number {
  const problem = problemOf(views, costs, address);
  const { rows, columns, columnOf, free } = problem;
  if (rows === columns) reduceColumns(problem);
  let count = 0;
  for (let row = 0; row < rows; row++) if (columnOf[row] === NONE) free[count++] = row;
  return reduceRows(problem, reduceRows(problem, count));
}

/** The twin of `assign_augment_f32` and `assign_augment_f64`. */
export function augmentRows(
  views: Views,
  costs: Costs,
  address: number,
  first: number,
  end: number,
): number {
  const problem = problemOf(views, costs, address);
  for (let at = first; at < end; at++) if (!shortestPath(problem, problem.free[at])) return at;
  return end;
}

function shortestPath(problem: Problem, start: number): boolean {
  const { costs, columns, stride, rowOf, columnOf, potentials, reach, isScanned } = problem;
  const { from, scanned, lengths } = problem;
  let row = start;
  let back = 0;
  let count = 0;
  let column: number;
  let length: number;
  reach.fill(Infinity, 0, columns);
  for (;;) {
    const cost = problem.at + row * stride;
    length = Infinity;
    column = NONE;
    for (let j = 0; j < columns; j++) {
      if (isScanned[j] === 1) continue;
      const value = costs[cost + j] - potentials[j] - back;
      if (value < reach[j]) {
        reach[j] = value;
        from[j] = row;
      }
      if (reach[j] > length) continue;
      const isFirst = reach[j] < length || (column !== NONE && rowOf[column] !== NONE);
      if (isFirst && (reach[j] < length || rowOf[j] === NONE)) {
        length = reach[j];
        column = j;
      }
    }
    if (column === NONE || rowOf[column] === NONE) break;
    scanned[count] = column;
    lengths[count++] = length;
    isScanned[column] = 1;
    row = rowOf[column];
    back = costs[problem.at + row * stride + column] - potentials[column] - length;
  }
  const isFound = column !== NONE;
  for (let i = 0; i < count; i++) {
    isScanned[scanned[i]] = 0;
    if (isFound) potentials[scanned[i]] += lengths[i] - length;
  }
  if (!isFound) return false;
  do {
    row = from[column];
    rowOf[column] = row;
    const before = columnOf[row];
    columnOf[row] = column;
    column = before;
  } while (row !== start);
  return true;
}

function reduceColumns(problem: Problem): void {
  const { costs, at, rows, stride, columnOf, rowOf, potentials, from } = problem;
  potentials.fill(Infinity);
  from.fill(0);
  for (let row = 0; row < rows; row++) {
    for (let j = 0; j < rows; j++) {
      const value = costs[at + row * stride + j];
      if (value >= potentials[j]) continue;
      potentials[j] = value;
      from[j] = row;
    }
  }
  const matches = new Uint32Array(rows);
  for (let j = rows - 1; j >= 0; j--) {
    if (potentials[j] === Infinity) continue;
    const row = from[j];
    if (matches[row]++ > 0) continue;
    columnOf[row] = j;
    rowOf[j] = row;
  }
  for (let j = 0; j < stride; j++) if (potentials[j] === Infinity) potentials[j] = 0;
  for (let row = 0; row < rows; row++) if (matches[row] === 1) transfer(problem, row);
}

function transfer({ costs, at, rows, stride, columnOf, potentials }: Problem, row: number): void {
  const column = columnOf[row];
  const cost = at + row * stride;
  let next = Infinity;
  for (let j = 0; j < rows; j++) {
    if (j !== column) next = Math.min(next, costs[cost + j] - potentials[j]);
  }
  const own = costs[cost + column] - potentials[column];
  if (next < Infinity) potentials[column] -= next - own;
}

function reduceRows(problem: Problem, count: number): number {
  const { costs, columns, stride, columnOf, rowOf, potentials, free } = problem;
  let turns = MOST_TURNS * count;
  let left = 0;
  for (let i = 0; i < count;) {
    const row = free[i++];
    const cost = problem.at + row * stride;
    let [least, second, first, next] = [Infinity, Infinity, 0, 0];
    for (let j = 0; j < columns; j++) {
      const value = costs[cost + j] - potentials[j];
      if (value >= second) continue;
      if (value < least) {
        [second, next] = [least, first];
        [least, first] = [value, j];
      } else {
        [second, next] = [value, j];
      }
    }
    let column = first;
    const lowered = potentials[column] - (second - least);
    const falls = second < Infinity && lowered < potentials[column] && turns > 0;
    let other = rowOf[column];
    if (!falls && other !== NONE && second === least && least < Infinity) {
      column = next;
      other = rowOf[column];
    }
    if (least === Infinity || (!falls && other !== NONE)) {
      free[left++] = row;
      continue;
    }
    if (falls) potentials[column] = lowered;
    columnOf[row] = column;
    rowOf[column] = row;
    if (other === NONE) continue;
    columnOf[other] = NONE;
    turns--;
    free[--i] = other;
  }
  return left;
}
