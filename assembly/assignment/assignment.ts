// Linear assignment by shortest augmenting paths: every row gets a column of its own at the least
// total cost. See assignment-scan.ts for what goes over a row, and assignment-reduce.ts for the start.

import { hasList, makeList, reachByList } from "./assignment-list";
import {
  ALL,
  ASKED,
  BACKS,
  BOUNDS,
  COLUMN_OF,
  COLUMNS,
  FAILURES,
  FLOORS,
  FREE,
  FROM,
  LENGTHS,
  LIVE,
  MADE,
  NONE,
  OWN,
  POTENTIALS,
  REACH,
  ROW_OF,
  ROWS,
  SCANNED,
  SEEN,
  STRIDE,
  WITHOUT,
} from "./assignment-problem";
import { reduceColumns, reduceRows } from "./assignment-reduce";
import { clearReach, cost1, leastReach, reachOn, rowOfCosts, setLeast } from "./assignment-scan";

// Lists help where a search asks for what they do not hold this often at most, and once more for so many rows
// that it looks at: to make a list anew takes as long as to look at some whole rows.
const MOST_ASKED: u32 = 16;
const ROWS_PER_ASKED: usize = 4;

// After searches in which lists did not help, twice as many do without each time, up to 2 to this power.
const MOST_FAILURES: u32 = 6;

/**
 * Gives most rows a column by column reduction, reduction transfer and augmenting row reduction, and
 * lists those that have none.
 *
 * @param problem as drawn in assignment-problem.ts; `columnOf`, `rowOf` NONE and `potentials` 0 everywhere
 * @returns rows in `free`
 *
 * Source: Jonker and Volgenant, A shortest augmenting path algorithm for dense and sparse linear assignment
 * problems, 1987.
 */
export function assign_start_f32(problem: usize): u32 {
  return start<f32>(problem);
}

/** As `assign_start_f32`, of f64 costs. */
export function assign_start_f64(problem: usize): u32 {
  return start<f64>(problem);
}

/**
 * Gives rows of the list `free` a column each, moving others on the shortest augmenting path. What is
 * assigned is optimal for the rows assigned after each.
 *
 * @param problem as left by `assign_start_f32`
 * @param first   place in `free` to begin at
 * @param end     and to end before
 * @returns the place of a row that can get no column, of which nothing was changed, or `end`
 */
export function assign_augment_f32(problem: usize, first: u32, end: u32): u32 {
  return augment<f32>(problem, first, end);
}

/** As `assign_augment_f32`, of f64 costs. */
export function assign_augment_f64(problem: usize, first: u32, end: u32): u32 {
  return augment<f64>(problem, first, end);
}

function start<T>(problem: usize): u32 {
  // With columns to spare a column's potential is not its least cost: it is 0 if nobody takes it.
  if (load<u32>(problem, ROWS) == load<u32>(problem, COLUMNS)) reduceColumns<T>(problem);
  const rows = load<u32>(problem, ROWS);
  const columnOf = <usize>load<u32>(problem, COLUMN_OF);
  const free = <usize>load<u32>(problem, FREE);
  let count: u32 = 0;
  for (let row: u32 = 0; row < rows; row++) {
    if (load<u32>(columnOf + ((<usize>row) << 2)) != NONE) continue;
    store<u32>(free + ((<usize>count) << 2), row);
    count++;
  }
  // The first pass settles most, a second a good part of the rest.
  count = reduceRows<T>(problem, count);
  return reduceRows<T>(problem, count);
}

function augment<T>(problem: usize, first: u32, end: u32): u32 {
  const potentials = <usize>load<u32>(problem, POTENTIALS);
  const live = <usize>load<u32>(problem, LIVE);
  memory.copy(live, potentials, (<usize>load<u32>(problem, STRIDE)) << 3);
  const free = <usize>load<u32>(problem, FREE);
  for (let at = first; at < end; at++) {
    if (!shortestPath<T>(problem, load<u32>(free + ((<usize>at) << 2)), at + 1)) return at;
  }
  return end;
}

/** Dijkstra's algorithm from one row to the nearest column without a row; false if there is none. */
function shortestPath<T>(problem: usize, start: u32, stamp: u32): bool {
  const rowOf = <usize>load<u32>(problem, ROW_OF);
  const potentials = <usize>load<u32>(problem, POTENTIALS);
  const reach = <usize>load<u32>(problem, REACH);
  const live = <usize>load<u32>(problem, LIVE);
  const scanned = <usize>load<u32>(problem, SCANNED);
  const lengths = <usize>load<u32>(problem, LENGTHS);
  const bounds = <usize>load<u32>(problem, BOUNDS);
  const own = <usize>load<u32>(problem, OWN);
  clearReach(problem);
  const without = load<u32>(problem, WITHOUT);
  store<u32>(problem, without > 0 ? ALL : 0, ASKED);
  let count: usize = 0;
  let row = start;
  let column: u32 = NONE;
  let length: f64 = 0;
  let floor: f64 = Infinity;
  let back: f64 = 0;
  for (;;) {
    look<T>(problem, row, back, count);
    const bound = load<f64>(bounds + (count << 3));
    floor = bound < floor ? bound : floor;
    column = leastReach(problem);
    length = load<f64>(reach + ((<usize>column) << 3));
    // Beyond the lists there may be something nearer: whole rows, until there is not.
    while (length > floor) {
      floor = widen<T>(problem, count + 1, stamp);
      column = leastReach(problem);
      length = load<f64>(reach + ((<usize>column) << 3));
    }
    row = load<u32>(rowOf + ((<usize>column) << 2));
    if (length == Infinity || row == NONE) break;
    store<u32>(scanned + (count << 2), column);
    store<f64>(lengths + (count << 3), length);
    count++;
    back = load<f64>(own + ((<usize>row) << 3)) - load<f64>(potentials + ((<usize>column) << 3));
    back -= length;
    store<f64>(live + ((<usize>column) << 3), -Infinity);
    store<f64>(reach + ((<usize>column) << 3), Infinity);
    setLeast(problem, column);
  }
  if (without > 0) store<u32>(problem, without - 1, WITHOUT);
  else judgeLists(problem);
  const isFound = length < Infinity;
  for (let i: usize = 0; i < count; i++) {
    const at = (<usize>load<u32>(scanned + (i << 2))) << 3;
    let potential = load<f64>(potentials + at);
    if (isFound) potential += load<f64>(lengths + (i << 3)) - length;
    store<f64>(potentials + at, potential);
    store<f64>(live + at, potential);
  }
  if (isFound) turn<T>(problem, start, column);
  return isFound;
}

/** Tells, after a search that began with lists, how many do without next. */
function judgeLists(problem: usize): void {
  if (load<u32>(problem, ASKED) != ALL) {
    store<u32>(problem, 0, FAILURES);
    return;
  }
  const failures = load<u32>(problem, FAILURES);
  store<u32>(problem, 1 << failures, WITHOUT);
  if (failures < MOST_FAILURES) store<u32>(problem, failures + 1, FAILURES);
}

/** Reaches on from a row by its list, or by all that it has once that was needed often. */
function look<T>(problem: usize, row: u32, back: f64, count: usize): void {
  const place = <usize>load<u32>(problem, BOUNDS) + (count << 3);
  store<u32>(<usize>load<u32>(problem, SEEN) + (count << 2), row);
  store<f64>(<usize>load<u32>(problem, BACKS) + (count << 3), back);
  if (load<u32>(problem, ASKED) == ALL) {
    store<f64>(place, Infinity);
    reachOn<T>(problem, row, back);
    return;
  }
  if (!hasList(problem, row)) makeList<T>(problem, row);
  reachByList(problem, row, back);
  store<f64>(place, load<f64>(<usize>load<u32>(problem, FLOORS) + ((<usize>row) << 3)) - back);
}

/**
 * Reaches on from the row with the least bound, by a list made anew or else by all that it has (the row that
 * the search began with by all at once, as it hardly comes again); or from all rows. Returns the least bound
 * that is left.
 */
function widen<T>(problem: usize, count: usize, stamp: u32): f64 {
  const asked = load<u32>(problem, ASKED);
  const all = asked >= MOST_ASKED + <u32>(count / ROWS_PER_ASKED);
  store<u32>(problem, all ? ALL : asked + 1, ASKED);
  const bounds = <usize>load<u32>(problem, BOUNDS);
  let least: f64 = Infinity;
  let at: usize = 0;
  for (let i: usize = 0; i < count; i++) {
    const bound = load<f64>(bounds + (i << 3));
    if (bound == Infinity) continue;
    if (all) widenOne<T>(problem, i);
    else if (bound < least) {
      least = bound;
      at = i;
    }
  }
  if (all) return Infinity;
  const row = load<u32>(<usize>load<u32>(problem, SEEN) + (at << 2));
  const made = <usize>load<u32>(problem, MADE) + ((<usize>row) << 2);
  if (at == 0 || load<u32>(made) == stamp) {
    widenOne<T>(problem, at);
  } else {
    // By potentials as they are a list reaches further.
    const back = load<f64>(<usize>load<u32>(problem, BACKS) + (at << 3));
    store<u32>(made, stamp);
    makeList<T>(problem, row);
    reachByList(problem, row, back);
    const floor = load<f64>(<usize>load<u32>(problem, FLOORS) + ((<usize>row) << 3));
    store<f64>(bounds + (at << 3), floor - back);
  }
  least = Infinity;
  for (let i: usize = 0; i < count; i++) {
    const bound = load<f64>(bounds + (i << 3));
    least = bound < least ? bound : least;
  }
  return least;
}

function widenOne<T>(problem: usize, at: usize): void {
  const row = load<u32>(<usize>load<u32>(problem, SEEN) + (at << 2));
  store<f64>(<usize>load<u32>(problem, BOUNDS) + (at << 3), Infinity);
  reachOn<T>(problem, row, load<f64>(<usize>load<u32>(problem, BACKS) + (at << 3)));
}

/** Gives every row on the path to `column` the column that it reached. */
function turn<T>(problem: usize, start: u32, column: u32): void {
  const columnOf = <usize>load<u32>(problem, COLUMN_OF);
  const rowOf = <usize>load<u32>(problem, ROW_OF);
  const from = <usize>load<u32>(problem, FROM);
  const own = <usize>load<u32>(problem, OWN);
  let row: u32;
  do {
    row = load<u32>(from + ((<usize>column) << 2));
    store<u32>(rowOf + ((<usize>column) << 2), row);
    const before = load<u32>(columnOf + ((<usize>row) << 2));
    store<u32>(columnOf + ((<usize>row) << 2), column);
    const cost = cost1<T>(rowOfCosts<T>(problem, row) + <usize>column * sizeof<T>());
    store<f64>(own + ((<usize>row) << 3), cost);
    column = before;
  } while (row != start);
}
