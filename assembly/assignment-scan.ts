// What goes over the costs of one row. Columns stand in blocks of 16, each with its least value beside, so
// that where nothing changes in a block nothing is written.

import {
  COST,
  FROM,
  LEAST,
  LIVE,
  NONE,
  POTENTIALS,
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

/** Sets every column's reach to its reduced cost from `row`, from where paths begin. */
export function reachFirst<T>(problem: usize, row: u32): void {
  const cost = rowOfCosts<T>(problem, row);
  const stride = <usize>load<u32>(problem, STRIDE);
  const live = <usize>load<u32>(problem, LIVE);
  const reach = <usize>load<u32>(problem, REACH);
  const from = <usize>load<u32>(problem, FROM);
  const least = <usize>load<u32>(problem, LEAST);
  const row_i32x4 = i32x4.splat(row);
  for (let block: usize = 0; block < stride; block += BLOCK) {
    let low = f64x2.splat(Infinity);
    for (let i: usize = 0; i < BLOCK; i += 2) {
      const at = block + i;
      const value = f64x2.sub(costs2<T>(cost + at * sizeof<T>()), v128.load(live + (at << 3)));
      v128.store(reach + (at << 3), value);
      low = f64x2.pmin(low, value);
    }
    for (let i: usize = 0; i < BLOCK; i += 4) v128.store(from + ((block + i) << 2), row_i32x4);
    store<f64>(least + (block >> 1), low2(low));
  }
}

/**
 * Lowers the reach of columns to which the way over `row`, which has `column` at `length` from where
 * paths begin, is shorter. A scanned column's live potential is −Infinity, so no way is short enough.
 */
export function reachOn<T>(problem: usize, row: u32, column: u32, length: f64): void {
  const cost = rowOfCosts<T>(problem, row);
  const stride = <usize>load<u32>(problem, STRIDE);
  const live = <usize>load<u32>(problem, LIVE);
  const reach = <usize>load<u32>(problem, REACH);
  const least = <usize>load<u32>(problem, LEAST);
  const own = cost1<T>(cost + <usize>column * sizeof<T>());
  const potentials = <usize>load<u32>(problem, POTENTIALS);
  const back = own - load<f64>(potentials + ((<usize>column) << 3)) - length;
  const back_f64x2 = f64x2.splat(back);
  setLeast(reach, least, (<usize>column) & ~(BLOCK - 1));
  for (let block: usize = 0; block < stride; block += BLOCK) {
    let shorter = i64x2.splat(0);
    for (let i: usize = 0; i < BLOCK; i += 2) {
      const at = block + i;
      const value = f64x2.sub(
        f64x2.sub(costs2<T>(cost + at * sizeof<T>()), v128.load(live + (at << 3))),
        back_f64x2,
      );
      shorter = v128.or(shorter, f64x2.lt(value, v128.load(reach + (at << 3))));
    }
    if (v128.any_true(shorter)) lower<T>(problem, cost, row, block, back);
  }
}

/** The part of `reachOn` that writes. */
function lower<T>(problem: usize, cost: usize, row: u32, block: usize, back: f64): void {
  const live = <usize>load<u32>(problem, LIVE);
  const reach = <usize>load<u32>(problem, REACH);
  const from = <usize>load<u32>(problem, FROM);
  const end = block + BLOCK;
  let low: f64 = Infinity;
  for (let at = block; at < end; at++) {
    const value = cost1<T>(cost + at * sizeof<T>()) - load<f64>(live + (at << 3)) - back;
    let best = load<f64>(reach + (at << 3));
    if (value < best) {
      best = value;
      store<f64>(reach + (at << 3), value);
      store<u32>(from + (at << 2), row);
    }
    low = best < low ? best : low;
  }
  store<f64>(<usize>load<u32>(problem, LEAST) + (block >> 1), low);
}

/**
 * The column with the least reach: of several the first without a row, else the first.
 */
export function leastReach(problem: usize): u32 {
  const blocks = (<usize>load<u32>(problem, STRIDE)) >> 4;
  const reach = <usize>load<u32>(problem, REACH);
  const rowOf = <usize>load<u32>(problem, ROW_OF);
  const least = <usize>load<u32>(problem, LEAST);
  let low: f64 = Infinity;
  for (let i: usize = 0; i < blocks; i++) {
    const value = load<f64>(least + (i << 3));
    low = value < low ? value : low;
  }
  let first: u32 = NONE;
  for (let i: usize = 0; i < blocks; i++) {
    if (load<f64>(least + (i << 3)) != low) continue;
    const end = (i + 1) << 4;
    for (let at = i << 4; at < end; at++) {
      if (load<f64>(reach + (at << 3)) != low) continue;
      if (load<u32>(rowOf + (at << 2)) == NONE) return <u32>at;
      if (first == NONE) first = <u32>at;
    }
  }
  return first;
}

/** Writes the least value of a block. */
export function setLeast(values: usize, least: usize, block: usize): void {
  let low = v128.load(values + (block << 3));
  for (let i: usize = 2; i < BLOCK; i += 2) {
    low = f64x2.pmin(low, v128.load(values + ((block + i) << 3)));
  }
  store<f64>(least + (block >> 1), low2(low));
}

/** The smaller of two lanes. */
export function low2(v: v128): f64 {
  const a = f64x2.extract_lane(v, 0);
  const b = f64x2.extract_lane(v, 1);
  return b < a ? b : a;
}
