// How linear assignment starts: most rows get their column without a search.

import { twoLeast } from "./assignment-list";
import {
  COLUMN_OF,
  FREE,
  LIVE,
  MATCHES,
  NONE,
  OWN,
  POTENTIALS,
  ROW_OF,
  ROWS,
  STRIDE,
  FROM,
} from "./assignment-problem";
import { costs2, rowOfCosts } from "./assignment-scan";

// Augmenting row reduction takes turns as long as potentials fall; with costs that differ in their last
// bits only that can be nearly for ever, so it ends after so many turns for each row.
const MOST_TURNS: u32 = 4;

/** Potentials become the least cost of each column; its row gets it, when it is the row's first. */
export function reduceColumns<T>(problem: usize): void {
  const rows = load<u32>(problem, ROWS);
  const stride = <usize>load<u32>(problem, STRIDE);
  const columnOf = <usize>load<u32>(problem, COLUMN_OF);
  const rowOf = <usize>load<u32>(problem, ROW_OF);
  const potentials = <usize>load<u32>(problem, POTENTIALS);
  const from = <usize>load<u32>(problem, FROM);
  const matches = <usize>load<u32>(problem, MATCHES);
  leastOfColumns<T>(problem);
  let given: u32 = 0;
  memory.fill(matches, 0, (<usize>rows) << 2);
  for (let column = <usize>rows - 1; column < <usize>rows; column--) {
    // Where a column allows nobody its potential stays 0: there is nothing to assign.
    if (load<f64>(potentials + (column << 3)) == Infinity) {
      store<f64>(potentials + (column << 3), 0);
      continue;
    }
    const row = load<u32>(from + (column << 2));
    const at = (<usize>row) << 2;
    const count = load<u32>(matches + at);
    store<u32>(matches + at, count + 1);
    if (count > 0) continue;
    given++;
    store<u32>(columnOf + at, <u32>column);
    store<u32>(rowOf + (column << 2), row);
    const own = <usize>load<u32>(problem, OWN) + ((<usize>row) << 3);
    store<f64>(own, load<f64>(potentials + (column << 3)));
  }
  for (let column = <usize>rows; column < stride; column++) {
    store<f64>(potentials + (column << 3), 0);
  }
  // Where every row has its column, potentials prove it as they are.
  if (given == rows) return;
  for (let row: u32 = 0; row < rows; row++) {
    if (load<u32>(matches + ((<usize>row) << 2)) == 1) transfer<T>(problem, row);
  }
}

/** Least cost of each column in `potentials`, and the first row that has it in `from`. */
function leastOfColumns<T>(problem: usize): void {
  const rows = load<u32>(problem, ROWS);
  const stride = <usize>load<u32>(problem, STRIDE);
  const potentials = <usize>load<u32>(problem, POTENTIALS);
  const from = <usize>load<u32>(problem, FROM);
  for (let at: usize = 0; at < stride; at++) {
    store<f64>(potentials + (at << 3), Infinity);
    store<u32>(from + (at << 2), 0);
  }
  for (let row: u32 = 0; row < rows; row++) {
    const cost = rowOfCosts<T>(problem, row);
    for (let at: usize = 0; at < stride; at += 2) {
      const value = costs2<T>(cost + at * sizeof<T>());
      const place = potentials + (at << 3);
      const before = v128.load(place);
      const isLess = f64x2.lt(value, before);
      if (!v128.any_true(isLess)) continue;
      v128.store(place, f64x2.pmin(before, value));
      if (i64x2.extract_lane(isLess, 0) != 0) store<u32>(from + (at << 2), row);
      if (i64x2.extract_lane(isLess, 1) != 0) store<u32>(from + (at << 2), row, 4);
    }
  }
}

/** Lowers the potential of a row's column by what its next best costs more. */
function transfer<T>(problem: usize, row: u32): void {
  const found = <usize>load<u32>(problem, LIVE);
  const column = load<u32>(<usize>load<u32>(problem, COLUMN_OF) + ((<usize>row) << 2));
  const place = <usize>load<u32>(problem, POTENTIALS) + ((<usize>column) << 3);
  twoLeast<T>(problem, row, found);
  const second = load<f64>(found, 8);
  // The column is the row's best, or as good: what it costs beyond that is nothing.
  if (second < Infinity) store<f64>(place, load<f64>(place) - (second - load<f64>(found)));
}

/**
 * Each row without a column takes its best, and the column's potential falls to where its second best is
 * as good. Who had it before is next.
 *
 * @returns rows still without one, in `free`
 */
export function reduceRows<T>(problem: usize, count: u32): u32 {
  const columnOf = <usize>load<u32>(problem, COLUMN_OF);
  const rowOf = <usize>load<u32>(problem, ROW_OF);
  const potentials = <usize>load<u32>(problem, POTENTIALS);
  const free = <usize>load<u32>(problem, FREE);
  const own = <usize>load<u32>(problem, OWN);
  // Places of the best and the second best column, and their values, are written to `live`.
  const found = <usize>load<u32>(problem, LIVE);
  let turns = MOST_TURNS * count;
  let left: u32 = 0;
  let at: u32 = 0;
  while (at < count) {
    const row = load<u32>(free + ((<usize>at) << 2));
    at++;
    twoLeast<T>(problem, row, found);
    const least = load<f64>(found);
    const second = load<f64>(found, 8);
    let column = load<u32>(found, 16);
    let cost = load<f64>(found, 24);
    const place = potentials + ((<usize>column) << 3);
    const lowered = load<f64>(place) - (second - least);
    const falls = second < Infinity && lowered < load<f64>(place) && turns > 0;
    let other = load<u32>(rowOf + ((<usize>column) << 2));
    if (!falls && other != NONE && second == least && least < Infinity) {
      column = load<u32>(found, 20);
      cost = load<f64>(found, 32);
      other = load<u32>(rowOf + ((<usize>column) << 2));
    }
    if (least == Infinity || (!falls && other != NONE)) {
      store<u32>(free + ((<usize>left) << 2), row);
      left++;
      continue;
    }
    if (falls) store<f64>(place, lowered);
    store<u32>(columnOf + ((<usize>row) << 2), column);
    store<u32>(rowOf + ((<usize>column) << 2), row);
    store<f64>(own + ((<usize>row) << 3), cost);
    if (other == NONE) continue;
    store<u32>(columnOf + ((<usize>other) << 2), NONE);
    turns--;
    at--;
    store<u32>(free + ((<usize>at) << 2), other);
  }
  return left;
}
