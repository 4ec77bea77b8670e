import { makeLists, type Lists } from "./assignment-list.ts";
import type { Views } from "./turn.ts";

// The twin of assembly/assignment/assignment.ts and what it calls. Every f64 is made by the same operations in the
// same order, so assignments are the same, ties included.

const NONE = 0xffff_ffff;
const MOST_TURNS = 4; // as in assembly/assignment/assignment-reduce.ts
// As in assembly/assignment/assignment.ts
const ALL = 0xffff_ffff;
const MOST_ASKED = 16;
const ROWS_PER_ASKED = 4;
const MOST_FAILURES = 6;

/** A problem as drawn in assembly/assignment/assignment-problem.ts. */
export interface PlainProblem {
  readonly costs: Float32Array | Float64Array;
  readonly rows: number;
  readonly columns: number;
  readonly stride: number;
  /** Index of the first cost. */
  readonly at: number;
  readonly columnOf: Uint32Array;
  readonly rowOf: Uint32Array;
  readonly potentials: Float64Array;
  readonly reach: Float64Array;
  readonly live: Float64Array;
  readonly from: Uint32Array;
  readonly free: Uint32Array;
  readonly scanned: Uint32Array;
  readonly lengths: Float64Array;
  readonly listSize: number;
  readonly listIds: Uint32Array;
  readonly listCosts: Float64Array;
  readonly listCounts: Uint32Array;
  readonly floors: Float64Array;
  readonly seen: Uint32Array;
  readonly backs: Float64Array;
  readonly bounds: Float64Array;
  readonly made: Uint32Array;
  /** Searches to come without lists, and searches in a row in which lists did not help. */
  readonly trials: Uint32Array;
}

function problemOf(
  { words, doubles }: Views,
  costs: Float32Array | Float64Array,
  problem: number,
): PlainProblem {
  const word = words.subarray(problem / 4, problem / 4 + 36);
  const [cost, rows, columns, stride] = word;
  const u32 = (i: number, length: number): Uint32Array =>
    words.subarray(word[i] / 4, word[i] / 4 + length);
  const f64 = (i: number, length: number): Float64Array =>
    doubles.subarray(word[i] / 8, word[i] / 8 + length);
  const listSize = word[16];
  return {
    costs,
    rows,
    columns,
    stride,
    at: cost / costs.BYTES_PER_ELEMENT,
    columnOf: u32(4, rows),
    rowOf: u32(5, stride),
    potentials: f64(6, stride),
    reach: f64(7, stride),
    live: f64(8, stride),
    from: u32(9, stride),
    free: u32(10, rows),
    scanned: u32(11, rows),
    lengths: f64(12, rows),
    listSize,
    listIds: u32(17, rows * listSize),
    listCosts: f64(18, rows * listSize),
    listCounts: u32(19, rows),
    floors: f64(20, rows),
    seen: u32(21, rows + 1),
    backs: f64(22, rows + 1),
    bounds: f64(23, rows + 1),
    made: u32(26, rows),
    trials: word.subarray(31, 33),
  };
}

/** The twin of `assign_check_f32` and `assign_check_f64`. */
export function checkCosts(costs: Float32Array | Float64Array, at: number, count: number): number {
  for (let i = at; i < at + count; i++) {
    if (!(Math.abs(costs[i]) <= 1e300 || costs[i] === Infinity)) return 0;
  }
  return 1;
}

/** The twin of `assign_start_f32` and `assign_start_f64`. */
export function startRows(
  views: Views,
  costs: Float32Array | Float64Array,
  address: number,
): number {
  const problem = problemOf(views, costs, address);
  const lists = makeLists(problem);
  const { rows, columns, columnOf, free } = problem;
  if (rows === columns) reduceColumns(problem, lists);
  let count = 0;
  for (let row = 0; row < rows; row++) if (columnOf[row] === NONE) free[count++] = row;
  return reduceRows(problem, lists, reduceRows(problem, lists, count));
}

/** The twin of `assign_augment_f32` and `assign_augment_f64`. */
export function augmentRows(
  views: Views,
  costs: Float32Array | Float64Array,
  address: number,
  first: number,
  end: number,
): number {
  const problem = problemOf(views, costs, address);
  const lists = makeLists(problem);
  problem.live.set(problem.potentials);
  for (let at = first; at < end; at++) {
    if (!shortestPath(problem, lists, problem.free[at], at + 1)) return at;
  }
  return end;
}

function shortestPath(problem: PlainProblem, lists: Lists, start: number, stamp: number): boolean {
  const { costs, rowOf, columnOf, potentials, reach, live } = problem;
  const { from, scanned, lengths, floors, seen, backs, bounds, made, trials } = problem;
  const { nearest } = lists;
  reach.fill(Infinity);
  nearest.length = Infinity;
  nearest.column = 0;
  let count = 0;
  let asked = trials[0] > 0 ? ALL : 0;
  let row = start;
  let floor = Infinity;
  let back = 0;

  const widen = (at: number): void => {
    bounds[at] = Infinity;
    reachOn(problem, nearest, seen[at], backs[at]);
  };
  let column: number;
  let length: number;
  for (;;) {
    seen[count] = row;
    backs[count] = back;
    if (asked === ALL) {
      widen(count);
    } else {
      lists.reach(row, back);
      bounds[count] = floors[row] - back;
    }
    floor = Math.min(floor, bounds[count]);
    column = leastReach(problem, nearest);
    length = reach[column];
    while (length > floor) {
      floor = Infinity;
      asked = asked >= MOST_ASKED + Math.floor((count + 1) / ROWS_PER_ASKED) ? ALL : asked + 1;
      if (asked === ALL) {
        for (let i = 0; i <= count; i++) if (bounds[i] < Infinity) widen(i);
      } else {
        let least = 0;
        for (let i = 1; i <= count; i++) if (bounds[i] < bounds[least]) least = i;
        if (least === 0 || made[seen[least]] === stamp) {
          widen(least);
        } else {
          // By potentials as they are a list reaches further.
          made[seen[least]] = stamp;
          lists.make(seen[least]);
          lists.reach(seen[least], backs[least]);
          bounds[least] = floors[seen[least]] - backs[least];
        }
        for (let i = 0; i <= count; i++) floor = Math.min(floor, bounds[i]);
      }
      column = leastReach(problem, nearest);
      length = reach[column];
    }
    row = rowOf[column];
    if (length === Infinity || row === NONE) break;
    scanned[count] = column;
    lengths[count++] = length;
    back = costs[problem.at + row * problem.stride + column] - potentials[column] - length;
    live[column] = -Infinity;
    reach[column] = Infinity;
  }
  judgeLists(trials, asked);
  const isFound = length < Infinity;
  for (let i = 0; i < count; i++) {
    if (isFound) potentials[scanned[i]] += lengths[i] - length;
    live[scanned[i]] = potentials[scanned[i]];
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

function judgeLists(trials: Uint32Array, asked: number): void {
  if (trials[0] > 0) {
    trials[0]--;
  } else if (asked !== ALL) {
    trials[1] = 0;
  } else {
    trials[0] = 1 << trials[1];
    if (trials[1] < MOST_FAILURES) trials[1]++;
  }
}

function reachOn(
  { costs, at, columns, stride, live, reach, from, rowOf }: PlainProblem,
  nearest: Lists["nearest"],
  row: number,
  back: number,
): void {
  const cost = at + row * stride;
  for (let j = 0; j < columns; j++) {
    const value = costs[cost + j] - live[j] - back;
    if (value >= reach[j] || value >= nearest.length) continue;
    reach[j] = value;
    from[j] = row;
    if (rowOf[j] !== NONE) continue;
    nearest.length = value;
    nearest.column = j;
  }
}

/** The column with the least reach: one without a row if there is any, else the first. */
function leastReach({ columns, reach }: PlainProblem, nearest: Lists["nearest"]): number {
  let least = 0;
  for (let j = 1; j < columns; j++) if (reach[j] < reach[least]) least = j;
  return reach[least] === nearest.length ? nearest.column : least;
}

function reduceColumns(problem: PlainProblem, lists: Lists): void {
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
  let given = 0;
  for (let j = rows - 1; j >= 0; j--) {
    if (potentials[j] === Infinity) continue;
    const row = from[j];
    if (matches[row]++ > 0) continue;
    given++;
    columnOf[row] = j;
    rowOf[j] = row;
  }
  for (let j = 0; j < stride; j++) if (potentials[j] === Infinity) potentials[j] = 0;
  if (given === rows) return;
  for (let row = 0; row < rows; row++) {
    if (matches[row] !== 1) continue;
    const { least, second } = lists.twoLeast(row);
    if (second < Infinity) potentials[columnOf[row]] -= second - least;
  }
}

function reduceRows(problem: PlainProblem, lists: Lists, count: number): number {
  const { columnOf, rowOf, potentials, free } = problem;
  let turns = MOST_TURNS * count;
  let left = 0;
  for (let i = 0; i < count;) {
    const row = free[i++];
    const { least, second, first, next } = lists.twoLeast(row);
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
