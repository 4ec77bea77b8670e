// What a search over the codes of cells knows while it goes on: how far each cell is, the rows that are still to be
// looked at, and how far the k nearest of all are at most. It stands where a walk has its pool, of
// 66,560 bytes, and its beam:
//
//     pool    f32[11776]            ‖query − centroid‖² of each cell, or an estimate of it, −1 of those that are done
//                                   with, listed next or empty
//             u64[256]              keys of the nearest cells, ascending (sorted.ts)
//             f32[1792], u32[1792]  a queue (top-k.ts) of what rows are at most, and their slots
//     beam    {f32, u32}[4096]      rows still to be looked at: what they are at least, and their slots
//
// A thread asks one query at a time, and has kernels of its own: so the rest stands in globals here, which no other
// thread sees, and which `beginCandidates` sets.

import { touch } from "../base/ahead";
import { bitsBelow, hasBit } from "../base/bits";
import { centroidOf, firstBlockOf, LIST_RESCALES } from "./cells";
import { rowL2sq } from "../rows/distance";
import { noteWalk, noteWork, poolOf } from "../graph/explore-scratch";
import {
  bytesOf,
  cellsOf,
  dimOf,
  hasTwins,
  linksAt,
  nextTwin,
  NONE,
  recordOf,
} from "../graph/graph";
import { queryL2sq } from "../graph/graph-rows";
import { mulAddF32x4 } from "../base/lanes";
import { insertSorted, keyAt, keyOf, slotOf } from "../base/sorted";
import { keepOne } from "../base/top-k";

const MOST_CELLS: u32 = 11776;
const MOST_NEAR: u32 = 256;
const MOST_KNOWN: u32 = 1792;
const LISTED: u32 = 4096;
const NEAR_AT: usize = (<usize>MOST_CELLS) << 2;
const MOST_AT: usize = NEAR_AT + ((<usize>MOST_NEAR) << 3);
const MOST_SLOTS_AT: usize = MOST_AT + ((<usize>MOST_KNOWN) << 2);
// Cells that come first, and so many more for each cell that k rows fill.
const LEAST_NEAR: u32 = 16;
const NEAR_PER_CELL: u32 = 2;
const AT_ONCE: u32 = 16; // rows that travel from memory together

/** The graph that is searched, */
export let graph: usize = 0;
/** the query, f32[dim], rotated, */
export let query: usize = 0;
/** and how many rows are wanted. */
let k: u32 = 0;
let scratch: usize = 0;
let visible: usize = 0;
let distances: usize = 0; // a queue (top-k.ts) of the rows kept,
let slots: usize = 0; // and theirs
let kept: u32 = 0;
let known: u32 = 0; // rows of which it is known what they are at most
let waiting: u32 = 0; // those still to be looked at
let looked: u32 = 0; // those that were
let codes: u32 = 0; // that were looked up
let read: u32 = 0; // bytes of codes and centroids

/**
 * Begins a query: nothing is known.
 *
 * @param ofScratch    u32[24], drawn in explore-scratch.ts
 * @param ofQuery      f32[dim], rotated
 * @param ofVisible    bits: which slots may be answered
 * @param most         rows to keep
 * @param toDistances  f32[most], a queue (top-k.ts)
 * @param toSlots      u32[most], beside it
 */
export function beginCandidates(
  ofGraph: usize,
  ofScratch: usize,
  ofQuery: usize,
  ofVisible: usize,
  most: u32,
  toDistances: usize,
  toSlots: usize,
): void {
  graph = ofGraph;
  scratch = ofScratch;
  query = ofQuery;
  visible = ofVisible;
  k = most;
  distances = toDistances;
  slots = toSlots;
  kept = known = waiting = looked = codes = read = 0;
}

/** Where ‖query − centroid‖² of each cell stands. */
export function awayCells(): usize {
  return poolOf(scratch);
}

/** Where the keys of the nearest cells stand. */
export function nearCells(): usize {
  return poolOf(scratch) + NEAR_AT;
}

/**
 * Tells how far the cells from `first` up to `end` are, and lists the nearest of them, more of them the more rows are
 * wanted; returns how many it has listed.
 */
export function nearestFirst(first: u32, end: u32): u32 {
  const cells = cellsOf(graph);
  const rowBytes = (<usize>dimOf(graph)) << 2;
  const away = awayCells();
  const near = nearCells();
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

/** Notes that codes were looked up, and bytes read. */
export function noteRead(moreCodes: u32, moreBytes: u32): void {
  codes += moreCodes;
  read += moreBytes;
}

/** Whether there is no room for another block's rows. */
export function isFull(): bool {
  return waiting > LISTED - 32;
}

/** How far a row must be at most to be one of the nearest, as far as that is known. */
export function worstOfCandidates(): f32 {
  const limit = knownLimit();
  return kept == k ? min<f32>(limit, load<f32>(distances)) : limit;
}

/** The k-th least of what rows are at most, and a little more; Infinity while that is not known. */
function knownLimit(): f32 {
  if (k > MOST_KNOWN || known < k) return f32.POSITIVE_INFINITY;
  return justBeyond(load<f32>(poolOf(scratch) + MOST_AT));
}

/** A row that is as far as the k-th is still one of k: so that what is not below this is beyond it. */
function justBeyond(distance: f32): f32 {
  return distance * <f32>1.000001 + <f32>1e-30;
}

/**
 * Lists those of 32 rows that may be among the nearest.
 *
 * @param listed     their slots, in a block of a list
 * @param estimates  f32[32], which may err by `slack` times what rescales them
 * @param worst      as `worstOfCandidates` tells
 */
export function listCandidates(listed: usize, estimates: usize, slack: f32, worst: f32): void {
  const most = poolOf(scratch) + MOST_AT;
  const mostSlots = poolOf(scratch) + MOST_SLOTS_AT;
  const rescales = listed - LIST_RESCALES;
  // Locals stay in registers.
  const wanted = k;
  let count = known;
  let entry = waitingRows() + ((<usize>waiting) << 3);
  lower(estimates, rescales, slack);
  for (let bits = bitsBelow(estimates, worst); bits != 0; bits &= bits - 1) {
    const at = (<usize>ctz(bits)) << 2;
    const slot = load<u32>(listed + at);
    const least = load<f32>(estimates + at);
    if (slot == NONE || least >= worst || !isAnyVisible(slot)) continue;
    store<f32>(entry, least);
    store<u32>(entry, slot, 4);
    entry += 8;
    if (wanted > MOST_KNOWN) continue;
    // What rescales is not positive.
    const its = least - 2 * slack * load<f32>(rescales + at);
    count = keepOne(max<f32>(its, 0), slot, wanted, most, mostSlots, count);
    if (count == wanted) worst = min<f32>(worst, justBeyond(load<f32>(most)));
  }
  known = count;
  waiting = <u32>((entry - waitingRows()) >> 3);
}

/** Looks at the rows that were listed, as far as they may still be among the nearest; returns how many are kept. */
export function lookAtCandidates(): u32 {
  const limit = knownLimit();
  const length = linksAt(graph);
  const tail = bytesOf(graph) - 1;
  const end = waitingRows() + ((<usize>waiting) << 3);
  // Locals stay in registers.
  const wanted = k;
  const keptDistances = distances;
  let filled = kept;
  waiting = 0;
  for (let from = waitingRows(); from < end;) {
    const start = from;
    const worst = filled == wanted ? min<f32>(limit, load<f32>(keptDistances)) : limit;
    for (let sent: u32 = 0; from < end && sent < AT_ONCE; from += 8) {
      if (load<f32>(from) >= worst) continue;
      const record = recordOf(graph, load<u32>(from, 4));
      touch(record, length);
      load<u8>(record + tail);
      sent++;
    }
    for (let entry = start; entry < from; entry += 8) {
      const least = load<f32>(entry);
      if (least >= limit || (filled == wanted && least >= load<f32>(keptDistances))) continue;
      const slot = load<u32>(entry, 4);
      const distance = queryL2sq(graph, scratch, query, recordOf(graph, slot));
      looked++;
      for (let equal = slot; equal != NONE; equal = nextTwin(graph, equal)) {
        if (filled == wanted && distance > load<f32>(keptDistances)) break;
        if (!hasBit(visible, equal)) continue;
        filled = keepOne(distance, equal, wanted, keptDistances, slots, filled);
      }
    }
  }
  kept = filled;
  return filled;
}

/** Notes what the query has looked at; returns how many rows. */
export function noteCandidates(): u32 {
  noteWalk(scratch, looked, codes, <usize>read + <usize>looked * linksAt(graph));
  noteWork(scratch);
  return looked;
}

/** Where rows stand that are still to be looked at. */
function waitingRows(): usize {
  return <usize>load<u32>(scratch);
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
function isAnyVisible(slot: u32): bool {
  if (hasBit(visible, slot)) return true;
  // No record is read for this where no two rows are equal.
  if (!hasTwins(graph)) return false;
  for (let equal = slot; equal != NONE; equal = nextTwin(graph, equal)) {
    if (hasBit(visible, equal)) return true;
  }
  return false;
}
