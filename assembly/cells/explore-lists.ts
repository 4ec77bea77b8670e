// What a walk does with the lists of cells before it follows links: the rows of several blocks are estimated at
// once, and a bound is told that enough of them are below. Without it a walk would take in, in whatever order they
// stand there, what better ones drive out again.

import { touch, touchPages } from "../base/ahead";
import {
  bitsOf,
  firstBlockOf,
  lastBlockOf,
  listBlockBytes,
  listBlockOf,
  listSlotsAt,
  nextBlockOf,
} from "./cells";
import { NONE } from "../graph/graph";
import { nearInList } from "../codes/fastscan-planes";
import { dim, estimates, tables } from "../graph/query-tables";
import { keyAt, keyOf, lowerBound, slotOf } from "../base/sorted";

/** Blocks of a list that are estimated at once. */
export const LIST_BLOCKS: u32 = 16;
// Halvings of the range of estimates: so many tell a bound that few too many are below.
const HALVINGS: u32 = 8;
// Rows more than are wanted that are taken in faster than they are told apart.
const FEW: u32 = 8;

/**
 * Sends for a byte of each page of the lists of some cells, as far as they are in one piece.
 *
 * @param nearest  u64[count]: keys of cells
 */
export function touchLists(cells: usize, nearest: usize, count: u32): void {
  for (let i: u32 = 0; i < count; i++) {
    const cell = slotOf(keyAt(nearest, i));
    const first = firstBlockOf(cells, cell);
    const last = lastBlockOf(cells, cell);
    if (first == NONE) continue;
    const blocks = last < first ? 1 : min(last - first + 1, LIST_BLOCKS);
    touchPages(listBlockOf(cells, first, dim), <usize>blocks * listBlockBytes(cells, dim));
  }
}

/**
 * Estimates the rows of a list from block number `listed` on, at most `LIST_BLOCKS` of them, into `estimates`; returns
 * how many.
 *
 * @param fine      tables, or 0 where they would tell nothing more
 * @param distance  ‖query − centroid‖²
 * @param limit     what is not below it need not be told apart
 */
export function estimateList(
  cells: usize,
  listed: u32,
  fine: usize,
  distance: f32,
  limit: f32,
): u32 {
  const planes = bitsOf(cells);
  const bytes = listBlockBytes(cells, dim);
  let out = estimates;
  let count: u32 = 0;
  touch(listBlockOf(cells, listed, dim), bytes);
  for (; listed != NONE && count < LIST_BLOCKS; count++, out += 128) {
    const block = listBlockOf(cells, listed, dim);
    listed = nextBlockOf(block + listSlotsAt(cells, dim));
    if (listed != NONE) touch(listBlockOf(cells, listed, dim), bytes);
    nearInList(block, tables, fine, dim, planes, distance, limit, out);
  }
  return count;
}

/**
 * A bound that at least `wanted` are below, and not many more, of the keys of a beam and of the estimates of
 * blocks together; `worst` when so many are not below that.
 *
 * @param estimates  f32[blocks][32]
 */
export function boundOf(
  estimates: usize,
  blocks: u32,
  beam: usize,
  size: u32,
  wanted: u32,
  worst: f32,
): f32 {
  const end = estimates + ((<usize>blocks) << 7);
  const below = countBelow(estimates, end, worst);
  if (below <= FEW || below + size <= wanted + FEW) return worst;
  let low: f32 = 0;
  let high = min<f32>(worst, largestBelow(estimates, end, worst));
  let bound = worst;
  for (let i: u32 = 0; i < HALVINGS; i++) {
    const middle: f32 = low + (high - low) * 0.5;
    const kept = <u32>((lowerBound(beam, size, keyOf(middle, 0)) - beam) >> 3);
    const count = countBelow(estimates, end, middle) + kept;
    if (count < wanted) {
      low = middle;
      continue;
    }
    high = bound = middle;
    if (count <= wanted + FEW) break;
  }
  return bound;
}

function countBelow(from: usize, end: usize, limit: f32): u32 {
  const limits = f32x4.splat(limit);
  let counts_i32x4 = i32x4.splat(0);
  for (; from < end; from += 32) {
    const isBelow0 = f32x4.lt(v128.load(from), limits);
    const isBelow1 = f32x4.lt(v128.load(from, 16), limits);
    counts_i32x4 = i32x4.sub(i32x4.sub(counts_i32x4, isBelow0), isBelow1);
  }
  const pairs = i32x4.add(counts_i32x4, v128.shuffle<i32>(counts_i32x4, counts_i32x4, 2, 3, 0, 1));
  return i32x4.extract_lane(pairs, 0) + i32x4.extract_lane(pairs, 1);
}

/** The largest of some values that are below `limit`, or 0. */
function largestBelow(from: usize, end: usize, limit: f32): f32 {
  const limits = f32x4.splat(limit);
  let most = f32x4.splat(0);
  for (; from < end; from += 16) {
    const values = v128.load(from);
    most = f32x4.pmax(most, v128.and(values, f32x4.lt(values, limits)));
  }
  most = f32x4.pmax(most, v128.shuffle<f32>(most, most, 2, 3, 0, 1));
  return max<f32>(f32x4.extract_lane(most, 0), f32x4.extract_lane(most, 1));
}
