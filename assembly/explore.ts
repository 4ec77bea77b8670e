// Walks a graph towards a query: the nearest row known of that was not looked at yet is looked at
// exactly, and its links are estimated, until the beam of the nearest estimates holds nothing new or
// only what is far beyond the answers.
//
// What one search at a time works in, u32[8], addresses and sizes:
//
//     0    beam       u64[…] keys of estimates, ascending (sorted.ts); the mark tells what was seen
//     4    seen       u32[slots / 32], a bit for each slot; zero between searches
//     8    visits     u32[mostVisits], the slots looked at, in order
//     12   mostVisits
//     16   tables     u8[64 + 12 · dim]: the query's tables, the query less the root's row, and fine
//                     tables of it
//     20   estimates  f32[32]
//     24   pool       u64[…] what a search answers, as keys, ascending
//     28   visited    how many slots the last search has looked at

import { hasBit, setBit } from "./bits";
import { rowL2sq, subtract } from "./distance";
import {
  bitsBelow,
  boundBlock,
  Estimate,
  Refinement,
  refineTables,
  tableBytes,
  tables_b1,
} from "./fastscan";
import {
  degreeOf,
  dimOf,
  linkBlockBytes,
  nextTwin,
  NONE,
  recordBytes,
  recordsOf,
  rootDegreeOf,
  rootOf,
  slotsAt,
} from "./graph";
import { distanceOf, insertSorted, keyAt, keyOf, slotOf } from "./sorted";

const MARK: u64 = 1;
// The root tells a direction: more of its links than the best few would be followed for nothing. Not
// so while a graph is built, of which at first it knows all there is.
const ROOT_BEAM: u32 = 8;
// Estimates that are so many standard deviations beyond the answers end a search. One of them is
// 0.76 / √dim of a distance (rabitq.ts).
const STOP_SIGMAS: f64 = 6 * 0.76;
// How much farther the query is from the root's row than from one whose links are looked at, in
// squares, from where on the rounding of its tables would count beside the error of the codes.
const FAR_SQUARED: f32 = 36;

/** The list that `explore` answers with. */
export function poolOf(scratch: usize): usize {
  return <usize>load<u32>(scratch, 24);
}

/** How many rows the last `explore` has looked at. */
export function visitedOf(scratch: usize): u32 {
  return load<u32>(scratch, 28);
}

/**
 * Looks for the rows nearest to `query` and leaves them in the pool; returns how many.
 *
 * @param query    f32[dim], rotated
 * @param ef       keys of the beam; positive
 * @param visible  bits: which slots may be answered; 0 for all that have links of their own
 * @param most     rows to answer; positive
 */
export function explore(
  graph: usize,
  scratch: usize,
  query: usize,
  ef: u32,
  visible: usize,
  most: u32,
): u32 {
  const beam = <usize>load<u32>(scratch);
  const seen = <usize>load<u32>(scratch, 4);
  const visits = <usize>load<u32>(scratch, 8);
  const mostVisits = load<u32>(scratch, 12);
  const tables = <usize>load<u32>(scratch, 16);
  const estimates = <usize>load<u32>(scratch, 20);
  const pool = poolOf(scratch);
  const dim = dimOf(graph);
  const rowBytes = (<usize>dim) << 2;
  const records = recordsOf(graph);
  const bytes = recordBytes(dim, degreeOf(graph));
  const blockBytes = linkBlockBytes(dim);
  const stretch = <f32>(1 + STOP_SIGMAS / Math.sqrt(<f64>dim));

  let record = rootOf(graph);
  let degree = rootDegreeOf(graph);
  subtract(query, record, rowBytes, tables + tableBytes(dim));
  tables_b1(tables + tableBytes(dim), dim, tables);
  const difference = tables + tableBytes(dim);
  const fineTables = difference + rowBytes;
  let isFine = false;
  let distance = rowL2sq(query, record, rowBytes);
  const near: f32 = distance / FAR_SQUARED;
  let capacity = visible == 0 ? ef : min(ef, ROOT_BEAM);
  let size: u32 = 0; // keys in the beam
  let next: u32 = 0; // all keys before it were seen
  let visited: u32 = 0;
  let found: u32 = 0;
  for (;;) {
    if (distance < near && !isFine) {
      refineTables(difference, dim, tables, fineTables);
      isFine = true;
    }
    let slots = record + slotsAt(dim, degree);
    let block = record + rowBytes;
    for (const end = slots; block < end; block += blockBytes, slots += 128) {
      boundBlock<Estimate>(block, tables, dim, distance, 0, estimates);
      if (distance < near) boundBlock<Refinement>(block, fineTables, dim, 0, 0, estimates);
      let bits = u32.MAX_VALUE;
      if (size == capacity) bits = bitsBelow(estimates, distanceOf(keyAt(beam, capacity - 1)));
      for (; bits != 0; bits &= bits - 1) {
        const at = (<usize>ctz(bits)) << 2;
        const slot = load<u32>(slots + at);
        if (slot == NONE || hasBit(seen, slot)) continue;
        const key = keyOf(load<f32>(estimates + at), slot);
        const place = insertSorted(beam, size, capacity, key);
        if (place == capacity) continue;
        if (size < capacity) size++;
        next = min(next, place);
      }
    }
    capacity = ef;

    let slot = NONE;
    for (; next < size && slot == NONE; next++) {
      const key = keyAt(beam, next);
      if ((key & MARK) != 0) continue;
      if (found == most && isBeyond(key, pool, most, stretch)) break;
      store<u64>(beam + ((<usize>next) << 3), key | MARK);
      // A slot may stand in the beam by several estimates.
      if (!hasBit(seen, slotOf(key))) slot = slotOf(key);
    }
    if (slot == NONE || visited == mostVisits) break;
    setBit(seen, slot);
    store<u32>(visits + ((<usize>visited) << 2), slot);
    visited++;

    record = records + <usize>slot * bytes;
    degree = degreeOf(graph);
    touch(record, bytes);
    distance = rowL2sq(query, record, rowBytes);
    if (visible == 0) {
      found = keep(pool, found, most, distance, slot);
      continue;
    }
    for (let equal = slot; equal != NONE; equal = nextTwin(records, bytes, equal)) {
      if (found == most && distance >= distanceOf(keyAt(pool, most - 1))) break;
      if (hasBit(visible, equal)) found = keep(pool, found, most, distance, equal);
    }
  }
  for (let i: u32 = 0; i < visited; i++) {
    store<u32>(seen + ((<usize>(load<u32>(visits + ((<usize>i) << 2)) >> 5)) << 2), 0);
  }
  store<u32>(scratch, visited, 28);
  return found;
}

/** Whether an estimate is so far beyond the last of the answers that what follows it is too. */
function isBeyond(key: u64, pool: usize, most: u32, stretch: f32): bool {
  return distanceOf(key) > distanceOf(keyAt(pool, most - 1)) * stretch;
}

/** Offers a row to the pool, of `found` rows, and returns how many it holds then. */
function keep(pool: usize, found: u32, most: u32, distance: f32, slot: u32): u32 {
  const place = insertSorted(pool, found, most, keyOf(distance, slot));
  return place < most ? min(found + 1, most) : found;
}

/** Reads a byte of each kilobyte: all of them travel from memory while the first is waited for. */
function touch(at: usize, bytes: usize): void {
  for (const end = at + bytes; at < end; at += 1024) load<u8>(at);
}
