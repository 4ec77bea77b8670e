// Which rows a search over codes begins with: those that are nearest by their codes among the first thousands.
// What they are at most passes nearly all others over, where rows in their order would be looked at by the
// hundred until some near ones have come.

import { bitsBelow } from "../base/bits";
import { BLOCK_ROWS } from "../codes/rabitq";
import { BOUND_BYTES, SLOT } from "../codes/rabitq-nibbles";

/** Rows whose bounds are looked through before the first of them is looked at. */
export const FIRST_ROWS: u32 = 8192;
/** Of them, the nearest by their bounds are looked at first, if there are no more than so many to be answered. */
export const MOST_CHOSEN: u32 = 256;
/** About so many of them for each answer come before the others: what is known of them passes nearly all others over. */
const CHOSEN_PER_ANSWER: u32 = 3;
/** In place of the bound of a row that was looked at, or must not be: a NaN that no sum is. */
export const PASSED: u32 = 0x7fc0_0bad;

// A scratch has bounds of the first rows, the least of each eight of them, and lists of rows:
//
//     f32[8192]              bounds
//     f32[256][4]            leasts of each block: of rows i, i + 4, … i + 28
//     {f32, u32, …}[1024]    rows that one bit lets through: what they are at least, and their slots (rabitq-nibbles.ts)
//     {f32, u32}[2048]       rows that four bits let through: the same
//     f32[256], u32[256]     a queue of what rows are at most, and their slots

const GROUP_ROWS: u32 = 8;
/** Rows that one bit lets through are listed up to so many. */
export const LISTED_ROWS: usize = 1024;
/** The same of four bits. */
export const LEFT_ROWS: usize = 2048;
/** Bytes of one of these. */
export const LEFT_BYTES: usize = 8;
const LEASTS_AT: usize = 8192 * 4;
/** Where these stand in a scratch. */
export const LIST_AT: usize = LEASTS_AT + 256 * 16;
/** The same. */
export const LEFT_AT: usize = LIST_AT + LISTED_ROWS * BOUND_BYTES;
/** The same of the queue. */
export const MOST_AT: usize = LEFT_AT + LEFT_ROWS * LEFT_BYTES;

/**
 * Lists about as many rows as `k` answers are to begin with, those with the least bounds in the order of their slots,
 * and has them passed from then on.
 * @param block  a scratch with bounds of `count` rows
 * @param count  a multiple of 32, at most `FIRST_ROWS`
 * @param slot   of the first
 * @param most   none of these or farther bounds; where fewer are below it than `k` answers are to begin with, all of them
 * @returns where the list ends
 */
export function listFirst(block: usize, count: u32, slot: u32, k: u32, most: f32): usize {
  const leasts = block + LEASTS_AT;
  const leastsEnd = leasts + ((<usize>(count / GROUP_ROWS)) << 2);
  const bounds = block;
  for (let at = leasts; at < leastsEnd; at += 16, block += 128) leastsOfBlock(block, at);
  const limit = limitOf(leasts, leastsEnd, <f32>(CHOSEN_PER_ANSWER * k) / <f32>count, most);
  const limits = f32x4.splat(limit);
  const list = bounds + LIST_AT;
  const full = list + (LISTED_ROWS - <usize>BLOCK_ROWS) * BOUND_BYTES;
  let end = list;
  block = bounds;
  for (let at = leasts; at < leastsEnd && end <= full; at += 16, block += 128, slot += BLOCK_ROWS) {
    if (!v128.any_true(f32x4.lt(v128.load(at), limits))) continue;
    for (let rest = bitsBelow(block, limit); rest != 0; rest &= rest - 1) {
      const i = ctz(rest);
      const bound = block + ((<usize>i) << 2);
      if (load<u32>(bound) == PASSED) continue;
      store<f32>(end, load<f32>(bound));
      store<u32>(end, slot + i, SLOT);
      store<u32>(bound, PASSED);
      end += BOUND_BYTES;
    }
  }
  return end;
}

/** Writes the least of the values in each lane of a block, Infinity where all are NaN. */
function leastsOfBlock(values: usize, leasts: usize): void {
  let least0 = f32x4.splat(f32.POSITIVE_INFINITY);
  let least1 = least0;
  for (const end = values + 128; values < end; values += 32) {
    // The first of two unless the second is less: NaN never is.
    least0 = f32x4.pmin(least0, v128.load(values));
    least1 = f32x4.pmin(least1, v128.load(values, 16));
  }
  v128.store(leasts, f32x4.pmin(least0, least1));
}

/**
 * What about a share of all rows is below, if they stand in no order: found by halves from the leasts of eights, of which
 * so many have one of them. At most `most`.
 */
function limitOf(leasts: usize, end: usize, share: f32, most: f32): f32 {
  let none: f32 = 1 - min<f32>(share, 1); // the chance that none of some rows is
  for (let rows: u32 = 1; rows < GROUP_ROWS; rows <<= 1) none *= none;
  const groups = <u32>((end - leasts) >> 2);
  const wanted = <u32>(<f32>groups * (1 - none));
  if (countBelow(leasts, end, most) <= wanted) return most;
  let low: u32 = 0;
  let high = rankOf(most);
  while (high - low > 1) {
    const middle = low + ((high - low) >> 1);
    const below = countBelow(leasts, end, valueOf(middle));
    if (below < wanted) low = middle;
    else {
      high = middle;
      if (below <= wanted + (wanted >> 2)) break;
    }
  }
  return valueOf(high);
}

/** Whole numbers in the order of the values. */
function rankOf(value: f32): u32 {
  const bits = reinterpret<u32>(value);
  return bits ^ (bits >> 31 ? u32.MAX_VALUE : 0x80000000);
}

function valueOf(rank: u32): f32 {
  return reinterpret<f32>(rank ^ (rank >> 31 ? 0x80000000 : u32.MAX_VALUE));
}

function countBelow(values: usize, end: usize, limit: f32): u32 {
  const limits = f32x4.splat(limit);
  let counts_i32x4 = i32x4.splat(0);
  for (; values < end; values += 16) {
    counts_i32x4 = i32x4.sub(counts_i32x4, f32x4.lt(v128.load(values), limits));
  }
  const low = i32x4.extract_lane(counts_i32x4, 0) + i32x4.extract_lane(counts_i32x4, 1);
  return low + i32x4.extract_lane(counts_i32x4, 2) + i32x4.extract_lane(counts_i32x4, 3);
}
