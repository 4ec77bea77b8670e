// How linear assignment starts: most rows get their column without a search.

import {
  COLUMN_OF,
  FREE,
  LEAST,
  LIVE,
  MATCHES,
  NONE,
  POTENTIALS,
  ROW_OF,
  ROWS,
  STRIDE,
  FROM,
} from "./assignment-problem";
import { BLOCK, cost1, costs2, low2, rowOfCosts } from "./assignment-scan";

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
    store<u32>(columnOf + at, <u32>column);
    store<u32>(rowOf + (column << 2), row);
  }
  for (let column = <usize>rows; column < stride; column++) {
    store<f64>(potentials + (column << 3), 0);
  }
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
  const stride = <usize>load<u32>(problem, STRIDE);
  const potentials = <usize>load<u32>(problem, POTENTIALS);
  const column = <usize>load<u32>(<usize>load<u32>(problem, COLUMN_OF) + ((<usize>row) << 2));
  const cost = rowOfCosts<T>(problem, row);
  const place = potentials + (column << 3);
  const own = cost1<T>(cost + column * sizeof<T>());
  const held = load<f64>(place);
  // −Infinity puts the row's own column out of the running.
  store<f64>(place, -Infinity);
  let low = f64x2.splat(Infinity);
  for (let at: usize = 0; at < stride; at += 2) {
    const value = f64x2.sub(costs2<T>(cost + at * sizeof<T>()), v128.load(potentials + (at << 3)));
    low = f64x2.pmin(low, value);
  }
  const next = low2(low);
  store<f64>(place, next == Infinity ? held : held - (next - (own - held)));
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
    const place = potentials + ((<usize>column) << 3);
    const lowered = load<f64>(place) - (second - least);
    const falls = second < Infinity && lowered < load<f64>(place) && turns > 0;
    let other = load<u32>(rowOf + ((<usize>column) << 2));
    if (!falls && other != NONE && second == least && least < Infinity) {
      column = load<u32>(found, 20);
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
    if (other == NONE) continue;
    store<u32>(columnOf + ((<usize>other) << 2), NONE);
    turns--;
    at--;
    store<u32>(free + ((<usize>at) << 2), other);
  }
  return left;
}

/** Writes f64 least and second least reduced cost of a row, and u32 the first columns that have them. */
function twoLeast<T>(problem: usize, row: u32, found: usize): void {
  const stride = <usize>load<u32>(problem, STRIDE);
  const potentials = <usize>load<u32>(problem, POTENTIALS);
  const least = <usize>load<u32>(problem, LEAST);
  const cost = rowOfCosts<T>(problem, row);
  let best: f64 = Infinity;
  let bestBlock: usize = 0;
  for (let block: usize = 0; block < stride; block += BLOCK) {
    let low = f64x2.splat(Infinity);
    for (let i: usize = 0; i < BLOCK; i += 2) {
      const at = block + i;
      const value = f64x2.sub(
        costs2<T>(cost + at * sizeof<T>()),
        v128.load(potentials + (at << 3)),
      );
      low = f64x2.pmin(low, value);
    }
    const value = low2(low);
    store<f64>(least + (block >> 1), value);
    if (value < best) {
      best = value;
      bestBlock = block;
    }
  }
  let first: u32 = NONE;
  let second: f64 = Infinity;
  let next: u32 = NONE;
  for (let at = bestBlock; at < bestBlock + BLOCK; at++) {
    const value = cost1<T>(cost + at * sizeof<T>()) - load<f64>(potentials + (at << 3));
    if (first == NONE && value == best) first = <u32>at;
    else if (value < second) {
      second = value;
      next = <u32>at;
    }
  }
  let nextBlock: usize = bestBlock;
  for (let block: usize = 0; block < stride; block += BLOCK) {
    if (block == bestBlock) continue;
    const value = load<f64>(least + (block >> 1));
    // Of equal ones the first column wins, and blocks before the best one come before it.
    if (value < second || (value == second && nextBlock == bestBlock && block < bestBlock)) {
      second = value;
      nextBlock = block;
    }
  }
  if (nextBlock != bestBlock) {
    for (let at = nextBlock; at < nextBlock + BLOCK; at++) {
      const value = cost1<T>(cost + at * sizeof<T>()) - load<f64>(potentials + (at << 3));
      if (value != second) continue;
      next = <u32>at;
      break;
    }
  }
  store<f64>(found, best);
  store<f64>(found, second, 8);
  store<u32>(found, first == NONE ? 0 : first, 16);
  store<u32>(found, next == NONE ? 0 : next, 20);
}
