// Linear assignment by shortest augmenting paths: every row gets a column of its own at the least
// total cost. See assignment-scan.ts for what goes over a row, and assignment-reduce.ts for the start.

import { reduceColumns, reduceRows } from "./assignment-reduce";
import {
  COLUMN_OF,
  COLUMNS,
  FREE,
  FROM,
  LENGTHS,
  LIVE,
  NONE,
  POTENTIALS,
  REACH,
  ROW_OF,
  ROWS,
  SCANNED,
  STRIDE,
} from "./assignment-problem";
import { leastReach, reachFirst, reachOn } from "./assignment-scan";

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
    if (!shortestPath<T>(problem, load<u32>(free + ((<usize>at) << 2)))) return at;
  }
  return end;
}

/** Dijkstra's algorithm from one row to the nearest column without a row; false if there is none. */
function shortestPath<T>(problem: usize, start: u32): bool {
  const rowOf = <usize>load<u32>(problem, ROW_OF);
  const potentials = <usize>load<u32>(problem, POTENTIALS);
  const reach = <usize>load<u32>(problem, REACH);
  const live = <usize>load<u32>(problem, LIVE);
  const scanned = <usize>load<u32>(problem, SCANNED);
  const lengths = <usize>load<u32>(problem, LENGTHS);
  let count: usize = 0;
  reachFirst<T>(problem, start);
  let column = leastReach(problem);
  let length = load<f64>(reach + ((<usize>column) << 3));
  let row = load<u32>(rowOf + ((<usize>column) << 2));
  while (length < Infinity && row != NONE) {
    store<u32>(scanned + (count << 2), column);
    store<f64>(lengths + (count << 3), length);
    count++;
    store<f64>(live + ((<usize>column) << 3), -Infinity);
    store<f64>(reach + ((<usize>column) << 3), Infinity);
    reachOn<T>(problem, row, column, length);
    column = leastReach(problem);
    length = load<f64>(reach + ((<usize>column) << 3));
    row = load<u32>(rowOf + ((<usize>column) << 2));
  }
  const isFound = length < Infinity;
  for (let i: usize = 0; i < count; i++) {
    const at = (<usize>load<u32>(scanned + (i << 2))) << 3;
    let potential = load<f64>(potentials + at);
    if (isFound) potential += load<f64>(lengths + (i << 3)) - length;
    store<f64>(potentials + at, potential);
    store<f64>(live + at, potential);
  }
  if (isFound) turn(problem, start, column);
  return isFound;
}

/** Gives every row on the path to `column` the column that it reached. */
function turn(problem: usize, start: u32, column: u32): void {
  const columnOf = <usize>load<u32>(problem, COLUMN_OF);
  const rowOf = <usize>load<u32>(problem, ROW_OF);
  const from = <usize>load<u32>(problem, FROM);
  let row: u32;
  do {
    row = load<u32>(from + ((<usize>column) << 2));
    store<u32>(rowOf + ((<usize>column) << 2), row);
    const before = load<u32>(columnOf + ((<usize>row) << 2));
    store<u32>(columnOf + ((<usize>row) << 2), column);
    column = before;
  } while (row != start);
}
