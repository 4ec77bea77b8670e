// What goes over the costs of one row. Columns stand in blocks of 16, each with its least value beside, so
// that where nothing changes in a block nothing is written.

import {
  COST,
  FROM,
  LEAST,
  LIVE,
  NEAREST,
  NEAREST_COLUMN,
  NONE,
  REACH,
  ROW_OF,
  STRIDE,
} from "./assignment-problem";

/** Columns of a block. */
export const BLOCK: usize = 16;

/** Two costs as f64. */
export function costs2<T>(at: usize): v128 {
  if (sizeof<T>() == 4) return f64x2.promote_low_f32x4(v128.load64_zero(at));
  return v128.load(at);
}

/** One cost as f64. */
export function cost1<T>(at: usize): f64 {
  return <f64>load<T>(at);
}

/** Address of the first cost of a row. */
export function rowOfCosts<T>(problem: usize, row: u32): usize {
  const stride = <usize>load<u32>(problem, STRIDE);
  return <usize>load<u32>(problem, COST) + <usize>row * stride * sizeof<T>();
}

/** No column is reached. Where nothing can be, the first column without a length is the nearest. */
export function clearReach(problem: usize): void {
  const stride = <usize>load<u32>(problem, STRIDE);
  const far = f64x2.splat(Infinity);
  fill2(<usize>load<u32>(problem, REACH), stride << 3, far);
  const least = <usize>load<u32>(problem, LEAST);
  for (let at: usize = 0; at < stride >> 4; at++) store<f64>(least + (at << 3), Infinity);
  store<f64>(problem, Infinity, NEAREST);
  store<u32>(problem, 0, NEAREST_COLUMN);
}

function fill2(address: usize, bytes: usize, value: v128): void {
  for (let at: usize = 0; at < bytes; at += 64) {
    v128.store(address + at, value);
    v128.store(address + at, value, 16);
    v128.store(address + at, value, 32);
    v128.store(address + at, value, 48);
  }
}

/**
 * Lowers the reach of columns to which the way over `row` is shorter; `back` is its own reduced cost less
 * the length of the path to it. A scanned column's live potential is −Infinity, so no way is short enough.
 */
export function reachOn<T>(problem: usize, row: u32, back: f64): void {
  const cost = rowOfCosts<T>(problem, row);
  const stride = <usize>load<u32>(problem, STRIDE);
  const live = <usize>load<u32>(problem, LIVE);
  const reach = <usize>load<u32>(problem, REACH);
  const back_f64x2 = f64x2.splat(back);
  for (let block: usize = 0; block < stride; block += BLOCK) {
    let shorter = i64x2.splat(0);
    // Beyond the nearest column without a row no path is of use.
    const nearest_f64x2 = v128.load64_splat(problem, NEAREST);
    for (let i: usize = 0; i < BLOCK; i += 2) {
      const at = block + i;
      const value = f64x2.sub(
        f64x2.sub(costs2<T>(cost + at * sizeof<T>()), v128.load(live + (at << 3))),
        back_f64x2,
      );
      const least = f64x2.pmin(v128.load(reach + (at << 3)), nearest_f64x2);
      shorter = v128.or(shorter, f64x2.lt(value, least));
    }
    if (v128.any_true(shorter)) lower<T>(problem, cost, row, block, back);
  }
}

/** The part of `reachOn` that writes, four columns at a time. */
function lower<T>(problem: usize, cost: usize, row: u32, block: usize, back: f64): void {
  const rowOf = <usize>load<u32>(problem, ROW_OF);
  const from = <usize>load<u32>(problem, FROM);
  const reach = <usize>load<u32>(problem, REACH);
  const place = <usize>load<u32>(problem, LEAST) + (block >> 1);
  const end = block + BLOCK;
  let low = v128.load64_splat(place);
  for (let at = block; at < end; at += 4) {
    const first = lowerTwo<T>(problem, cost, at, back);
    const second = lowerTwo<T>(problem, cost, at + 2, back);
    const isLower_i32x4 = v128.shuffle<i32>(first, second, 0, 2, 4, 6);
    if (!v128.any_true(isLower_i32x4)) continue;
    const places = from + (at << 2);
    const rows = v128.bitselect(i32x4.splat(row), v128.load(places), isLower_i32x4);
    v128.store(places, rows);
    const values = reach + (at << 3);
    low = f64x2.pmin(low, f64x2.pmin(v128.load(values), v128.load(values, 16)));
    const isFree = i32x4.eq(v128.load(rowOf + (at << 2)), i32x4.splat(NONE));
    if (v128.any_true(v128.and(isLower_i32x4, isFree))) findNearest(problem, at);
  }
  store<f64>(place, low2(low));
}

/** Lowers the reach of two columns, and returns where it did. */
function lowerTwo<T>(problem: usize, cost: usize, at: usize, back: f64): v128 {
  const live = <usize>load<u32>(problem, LIVE) + (at << 3);
  const reach = <usize>load<u32>(problem, REACH) + (at << 3);
  const value = f64x2.sub(
    f64x2.sub(costs2<T>(cost + at * sizeof<T>()), v128.load(live)),
    f64x2.splat(back),
  );
  const before = v128.load(reach);
  const nearest = v128.load64_splat(problem, NEAREST);
  const isLower = f64x2.lt(value, f64x2.pmin(before, nearest));
  v128.store(reach, v128.bitselect(value, before, isLower));
  return isLower;
}

/** The nearest column without a row, after four have been lowered. */
function findNearest(problem: usize, first: usize): void {
  const rowOf = <usize>load<u32>(problem, ROW_OF);
  const reach = <usize>load<u32>(problem, REACH);
  for (let at = first; at < first + 4; at++) {
    const value = load<f64>(reach + (at << 3));
    if (load<u32>(rowOf + (at << 2)) != NONE || value >= load<f64>(problem, NEAREST)) continue;
    store<f64>(problem, value, NEAREST);
    store<u32>(problem, <u32>at, NEAREST_COLUMN);
  }
}

/** The column with the least reach: one without a row if there is any, else the first. */
export function leastReach(problem: usize): u32 {
  const blocks = (<usize>load<u32>(problem, STRIDE)) >> 4;
  const reach = <usize>load<u32>(problem, REACH);
  const least = <usize>load<u32>(problem, LEAST);
  let lows = f64x2.splat(Infinity);
  // The array ends on a whole pair, because arrays are laid out on 64 bytes: the odd one out is +Infinity.
  for (let i: usize = 0; i < blocks; i += 2) lows = f64x2.pmin(lows, v128.load(least + (i << 3)));
  const low = low2(lows);
  if (low == load<f64>(problem, NEAREST)) return load<u32>(problem, NEAREST_COLUMN);
  let block: usize = 0;
  while (load<f64>(least + (block << 3)) != low) block++;
  let at = block << 4;
  while (load<f64>(reach + (at << 3)) != low) at++;
  return <u32>at;
}

/** The least reach of a column's block, after the column's has changed. */
export function setLeast(problem: usize, column: u32): void {
  const block = (<usize>column) & ~(BLOCK - 1);
  const reach = <usize>load<u32>(problem, REACH) + (block << 3);
  let low = v128.load(reach);
  for (let i: usize = 16; i < BLOCK << 3; i += 16) low = f64x2.pmin(low, v128.load(reach + i));
  store<f64>(<usize>load<u32>(problem, LEAST) + (block >> 1), low2(low));
}

/** The smaller of two lanes. */
export function low2(v: v128): f64 {
  const a = f64x2.extract_lane(v, 0);
  const b = f64x2.extract_lane(v, 1);
  return b < a ? b : a;
}
