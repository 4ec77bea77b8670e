// What a search over the codes of cells knows while it goes on: how far each cell is, the rows that are still to be
// looked at, and how far the k nearest of all are at most. It stands where a walk has its pool, of
// 66,560 bytes, and its beam:
//
//     pool    f32[11776]            ‖query − centroid‖² of each cell, or an estimate of it, −1 of those that are done
//                                   with, listed next or empty
//             u64[256]              keys of the nearest cells, ascending (sorted.ts)
//             u32[16]               rows that were looked at, those kept, those of which it is known what they are at
//                                   most, and those still to be looked at; codes that were looked up, bytes that were
//                                   read, and whether there are fine tables (cells-read.ts)
//             f32[1792], u32[1792]  a queue (top-k.ts) of what rows are at most, and their slots
//     beam    {f32, u32}[4096]      rows still to be looked at: what they are at least, and their slots

import { touch } from "./ahead";
import { bitsBelow, hasBit } from "./bits";
import { centroidOf, firstBlockOf, LIST_RESCALES } from "./cells";
import { rowL2sq } from "./distance";
import { poolOf } from "./explore-scratch";
import { bytesOf, hasTwins, linksAt, nextTwin, NONE, recordOf } from "./graph";
import { queryL2sq } from "./graph-rows";
import { mulAddF32x4 } from "./lanes";
import { insertSorted, keyAt, keyOf, slotOf } from "./sorted";
import { keepOne } from "./top-k";

const MOST_CELLS: u32 = 11776;
const MOST_NEAR: u32 = 256;
const MOST_KNOWN: u32 = 1792;
const LISTED: u32 = 4096;
const NEAR_AT: usize = (<usize>MOST_CELLS) << 2;
const STATE_AT: usize = NEAR_AT + ((<usize>MOST_NEAR) << 3);
const MOST_AT: usize = STATE_AT + 64;
const MOST_SLOTS_AT: usize = MOST_AT + ((<usize>MOST_KNOWN) << 2);
// Of a state:
const LOOKED: usize = 0;
const KEPT: usize = 4;
const KNOWN: usize = 8;
const WAITING: usize = 12;
const CODES: usize = 16;
const READ: usize = 20;
const FINE: usize = 24;

// Cells that come first, and so many more for each cell that k rows fill.
const LEAST_NEAR: u32 = 16;
const NEAR_PER_CELL: u32 = 2;
const AT_ONCE: u32 = 16; // rows that travel from memory together

/** Where ‖query − centroid‖² of each cell stands. */
export function awayOf(scratch: usize): usize {
  return poolOf(scratch);
}

/** Where the keys of the nearest cells stand. */
export function nearOf(scratch: usize): usize {
  return poolOf(scratch) + NEAR_AT;
}

function stateOf(scratch: usize): usize {
  return poolOf(scratch) + STATE_AT;
}

/**
 * Tells how far the cells from `first` up to `end` are, and lists the nearest of them, more of them the larger `k` is;
 * returns how many it has listed.
 */
export function nearestFirst(
  cells: usize,
  query: usize,
  rowBytes: usize,
  first: u32,
  end: u32,
  k: u32,
  scratch: usize,
): u32 {
  const away = awayOf(scratch);
  const near = nearOf(scratch);
  const blocks = load<u32>(cells, 20);
  const filled = (<u64>k * <u64>load<u32>(cells)) / max<u64>(1, (<u64>blocks) << 5);
  const most = <u32>min<u64>(MOST_NEAR, LEAST_NEAR + NEAR_PER_CELL * filled);
  let found: u32 = 0;
  for (let cell = first; cell < end; cell++) {
    const at = away + ((<usize>(cell - first)) << 2);
    store<f32>(at, -1);
    if (firstBlockOf(cells, cell) == NONE) continue;
    const distance = rowL2sq(query, centroidOf(cells, cell, rowBytes), rowBytes);
    store<f32>(at, distance);
    if (insertSorted(near, found, most, keyOf(distance, cell)) < most) found = min(found + 1, most);
  }
  for (let i: u32 = 0; i < found; i++) {
    store<f32>(away + ((<usize>(slotOf(keyAt(near, i)) - first)) << 2), -1);
  }
  return found;
}

/** Begins a query: nothing is known. */
export function beginCandidates(scratch: usize): void {
  memory.fill(stateOf(scratch), 0, 64);
}

/** Notes that codes were looked up, and bytes read. */
export function noteRead(scratch: usize, codes: u32, bytes: u32): void {
  const state = stateOf(scratch);
  store<u32>(state, load<u32>(state, CODES) + codes, CODES);
  store<u32>(state, load<u32>(state, READ) + bytes, READ);
}

/** How many codes were looked up since the query began. */
export function codesRead(scratch: usize): u32 {
  return load<u32>(stateOf(scratch), CODES);
}

/** How many bytes of codes and centroids were read since the query began. */
export function bytesRead(scratch: usize): u32 {
  return load<u32>(stateOf(scratch), READ);
}

/** Whether the query has fine tables already; from now on it has. */
export function takeFine(scratch: usize): bool {
  const state = stateOf(scratch);
  const isFine = load<u32>(state, FINE) != 0;
  store<u32>(state, 1, FINE);
  return isFine;
}

/** How many rows were looked at since then. */
export function lookedAt(scratch: usize): u32 {
  return load<u32>(stateOf(scratch), LOOKED);
}

/** Whether there is no room for another block's rows. */
export function isFull(scratch: usize): bool {
  return load<u32>(stateOf(scratch), WAITING) > LISTED - 32;
}

/** How far a row must be at most to be one of the k nearest, as far as that is known. */
export function worstOf(scratch: usize, k: u32, distances: usize): f32 {
  const state = stateOf(scratch);
  let worst = limitOf(scratch, k);
  if (load<u32>(state, KEPT) == k) worst = min<f32>(worst, load<f32>(distances));
  return worst;
}

/** The k-th least of what rows are at most, and a little more; Infinity while that is not known. */
function limitOf(scratch: usize, k: u32): f32 {
  if (k > MOST_KNOWN || load<u32>(stateOf(scratch), KNOWN) < k) return f32.POSITIVE_INFINITY;
  return justBeyond(load<f32>(poolOf(scratch) + MOST_AT));
}

/** A row that is as far as the k-th is still one of k: so that what is not below this is beyond it. */
function justBeyond(distance: f32): f32 {
  return distance * <f32>1.000001 + <f32>1e-30;
}

/**
 * Lists those of 32 rows that may be among the k nearest.
 *
 * @param listed     their slots, in a block of a list
 * @param estimates  f32[32], which may err by `slack` times what rescales them
 * @param worst      as `worstOf` tells
 */
export function listCandidates(
  graph: usize,
  scratch: usize,
  visible: usize,
  k: u32,
  listed: usize,
  estimates: usize,
  slack: f32,
  worst: f32,
): void {
  const state = stateOf(scratch);
  const most = poolOf(scratch) + MOST_AT;
  const mostSlots = poolOf(scratch) + MOST_SLOTS_AT;
  const rescales = listed - LIST_RESCALES;
  let known = load<u32>(state, KNOWN);
  let waiting = load<u32>(state, WAITING);
  lower(estimates, rescales, slack);
  for (let bits = bitsBelow(estimates, worst); bits != 0; bits &= bits - 1) {
    const at = (<usize>ctz(bits)) << 2;
    const slot = load<u32>(listed + at);
    const least = load<f32>(estimates + at);
    if (slot == NONE || least >= worst || !isAnyVisible(graph, visible, slot)) continue;
    const entry = <usize>load<u32>(scratch) + ((<usize>waiting) << 3);
    waiting++;
    store<f32>(entry, least);
    store<u32>(entry, slot, 4);
    if (k > MOST_KNOWN) continue;
    // What rescales is not positive.
    const its = least - 2 * slack * load<f32>(rescales + at);
    known = keepOne(max<f32>(its, 0), slot, k, most, mostSlots, known);
    if (known == k) worst = min<f32>(worst, justBeyond(load<f32>(most)));
  }
  store<u32>(state, known, KNOWN);
  store<u32>(state, waiting, WAITING);
}

/** Looks at the rows that were listed, as far as they may still be among the k nearest; returns how many are kept. */
export function lookAtCandidates(
  graph: usize,
  scratch: usize,
  query: usize,
  visible: usize,
  k: u32,
  distances: usize,
  slots: usize,
): u32 {
  const state = stateOf(scratch);
  const limit = limitOf(scratch, k);
  const length = linksAt(graph);
  const tail = bytesOf(graph) - 1;
  const end = <usize>load<u32>(scratch) + ((<usize>load<u32>(state, WAITING)) << 3);
  let filled = load<u32>(state, KEPT);
  let looked = load<u32>(state, LOOKED);
  store<u32>(state, 0, WAITING);
  for (let from = <usize>load<u32>(scratch); from < end;) {
    const start = from;
    let worst = limit;
    if (filled == k) worst = min<f32>(worst, load<f32>(distances));
    for (let sent: u32 = 0; from < end && sent < AT_ONCE; from += 8) {
      if (load<f32>(from) >= worst) continue;
      const record = recordOf(graph, load<u32>(from, 4));
      touch(record, length);
      load<u8>(record + tail);
      sent++;
    }
    for (let entry = start; entry < from; entry += 8) {
      const least = load<f32>(entry);
      if (least >= limit || (filled == k && least >= load<f32>(distances))) continue;
      const slot = load<u32>(entry, 4);
      const distance = queryL2sq(graph, scratch, query, recordOf(graph, slot));
      looked++;
      for (let equal = slot; equal != NONE; equal = nextTwin(graph, equal)) {
        if (filled == k && distance > load<f32>(distances)) break;
        if (!hasBit(visible, equal)) continue;
        filled = keepOne(distance, equal, k, distances, slots, filled);
      }
    }
  }
  store<u32>(state, filled, KEPT);
  store<u32>(state, looked, LOOKED);
  return filled;
}

/** Takes from each of 32 estimates what it may err by: `slack` times its factor, which is not positive. */
function lower(estimates: usize, factors: usize, slack: f32): void {
  const slacks = f32x4.splat(slack);
  for (let i: usize = 0; i < 128; i += 16) {
    const estimate = v128.load(estimates + i);
    v128.store(estimates + i, mulAddF32x4(v128.load(factors + i), slacks, estimate));
  }
}

/** Whether a row, or one equal to it, may be answered. */
function isAnyVisible(graph: usize, visible: usize, slot: u32): bool {
  if (hasBit(visible, slot)) return true;
  // No record is read for this where no two rows are equal.
  if (!hasTwins(graph)) return false;
  for (let equal = slot; equal != NONE; equal = nextTwin(graph, equal)) {
    if (hasBit(visible, equal)) return true;
  }
  return false;
}
