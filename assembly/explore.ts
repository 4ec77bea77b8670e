// Walks a graph towards a query: the nearest row known of that was not looked at yet is looked at
// exactly, and its links are estimated, until the beam of the nearest estimates holds nothing new or
// only what is far beyond the answers.
//
// What one search at a time works in, u32[8], addresses and sizes:
//
//     0    beam       u64[…] keys of estimates, ascending (sorted.ts); the mark tells what was seen
//     4    met        entries of what is known of a row (met.ts): MET_PER_EF · ef, and their number a
//                     power of two
//     8    walk       how many searches there have been
//     12   visited    how many slots the last search has looked at
//     16   tables     u8[64 + 12 · dim]: the query's tables, the query less the root's row, and fine
//                     tables of it
//     20   estimates  f32[32]
//     24   pool       u64[…] what a search answers, as keys, ascending
//     28   used       bytes of the table that were ever used

import { hasBit } from "./bits";
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
import {
  entryOf,
  estimateOf,
  fuse,
  isMet,
  isSeen,
  LAST_WALK,
  markSeen,
  meet,
  MET_BYTES,
  placeOf,
  setPlace,
  tagOf,
} from "./met";
import {
  distanceOf,
  insertSorted,
  keyAt,
  keyOf,
  lowerBound,
  replaceSorted,
  slotOf,
} from "./sorted";

const MARK: u64 = 1;
const MET_PER_EF: u32 = 32;
// The root tells a direction: more of its links than the best few would be followed for nothing. Not
// so while a graph is built, of which at first it knows all there is.
const ROOT_BEAM: u32 = 8;
// Estimates that are so many standard deviations beyond the answers end a search. One of them is
// 0.76 / √dim of a distance (rabitq.ts).
const STOP_SIGMAS: f64 = 6 * 0.76;
// How much farther the query is from the root's row than from one whose links are looked at, in
// squares, from where on the rounding of its tables would count beside the error of the codes.
const FAR_SQUARED: f32 = 36;
const LEAST_VARIANCE: f32 = 1e-30;

/** The list that `explore` answers with. */
export function poolOf(scratch: usize): usize {
  return <usize>load<u32>(scratch, 24);
}

/** How many rows the last `explore` has looked at. */
export function visitedOf(scratch: usize): u32 {
  return load<u32>(scratch, 12);
}

/** The number of the walk that begins: entries of other numbers are free. */
function nextWalk(scratch: usize, met: usize, metBytes: usize): u32 {
  const most = max(load<u32>(scratch, 28), <u32>metBytes);
  store<u32>(scratch, most, 28);
  let walk = load<u32>(scratch, 8) + 1;
  if (walk > LAST_WALK) {
    memory.fill(met, 0, most);
    walk = 1;
  }
  store<u32>(scratch, walk, 8);
  return walk;
}

/**
 * Looks for the rows nearest to `query` and leaves them in the pool; returns how many.
 *
 * @param query    f32[dim], rotated
 * @param ef       keys of the beam; positive
 * @param visible  bits: which slots may be answered; 0 for all that have links of their own
 * @param most     rows to answer; positive
 * @param self     a slot to pass over, or NONE
 */
export function explore(
  graph: usize,
  scratch: usize,
  query: usize,
  ef: u32,
  visible: usize,
  most: u32,
  self: u32,
): u32 {
  const beam = <usize>load<u32>(scratch);
  const met = <usize>load<u32>(scratch, 4);
  const entries = (<usize>1) << (32 - clz(MET_PER_EF * ef - 1));
  const mask = (entries - 1) * MET_BYTES;
  const walk = nextWalk(scratch, met, entries * MET_BYTES);
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
  if (self != NONE) {
    const entry = entryOf(met, mask, tagOf(walk, self));
    meet(entry, tagOf(walk, self), 0, 0);
    markSeen(entry);
  }
  let size: u32 = 0; // keys in the beam
  let next: u32 = 0; // all keys before it were seen
  let room = <u32>(entries - (entries >> 2)); // rows that can still be met
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
      let worst: f32 = f32.POSITIVE_INFINITY;
      if (size == capacity) worst = distanceOf(keyAt(beam, capacity - 1));
      // What is far beyond the beam tells little even of a row that is in it.
      for (let bits = bitsBelow(estimates, worst * stretch); bits != 0; bits &= bits - 1) {
        const at = (<usize>ctz(bits)) << 2;
        const slot = load<u32>(slots + at);
        if (slot == NONE) continue;
        const estimate = load<f32>(estimates + at);
        const weight = weightOf(load<f32>(block + rowBytes + at, 128), distance);
        const tag = tagOf(walk, slot);
        const entry = entryOf(met, mask, tag);
        // What falls out of the root's short beam may come back into the longer one.
        const last = size == 0 ? slot : slotOf(keyAt(beam, size - 1));
        let place: u32;
        if (isMet(entry, tag)) {
          if (isSeen(entry)) continue;
          const mean = fuse(entry, estimate, weight);
          const old = placeOf(entry);
          // A row that is farther than it seemed is put behind when its turn comes.
          if (mean >= old) continue;
          const key = keyOf(mean, slot);
          const stands = lowerBound(beam, size, keyOf(old, slot));
          setPlace(entry, mean);
          if (stands < beam + ((<usize>size) << 3) && load<u64>(stands) == keyOf(old, slot)) {
            next = min(next, replaceSorted(beam, size, stands, key));
            continue;
          }
          place = insertSorted(beam, size, capacity, key);
        } else {
          if (estimate >= worst || room == 0) continue;
          meet(entry, tag, estimate, weight);
          room--;
          place = insertSorted(beam, size, capacity, keyOf(estimate, slot));
        }
        if (place == capacity) {
          setPlace(entry, f32.POSITIVE_INFINITY);
          continue;
        }
        if (size < capacity) size++;
        else if (capacity < ef)
          setPlace(entryOf(met, mask, tagOf(walk, last)), f32.POSITIVE_INFINITY);
        next = min(next, place);
      }
    }
    capacity = ef;

    let slot = NONE;
    while (next < size && slot == NONE) {
      const key = keyAt(beam, next);
      if ((key & MARK) != 0) {
        next++;
        continue;
      }
      const at = beam + ((<usize>next) << 3);
      const entry = entryOf(met, mask, tagOf(walk, slotOf(key)));
      const mean = estimateOf(entry);
      if (mean > placeOf(entry)) {
        setPlace(entry, mean);
        replaceSorted(beam, size, at, keyOf(mean, slotOf(key)));
        continue;
      }
      if (found == most && isBeyond(key, pool, most, stretch)) break;
      slot = slotOf(key);
      store<u64>(at, key | MARK);
      markSeen(entry);
      next++;
    }
    if (slot == NONE) break;
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
  store<u32>(scratch, visited, 12);
  return found;
}

/** How sure a link tells: its error grows with its length, which `rescale` does, and with `distance`. */
function weightOf(rescale: f32, distance: f32): f32 {
  const variance = rescale * rescale * distance;
  // An equal row is told exactly; a weight still has to be a number.
  return variance > LEAST_VARIANCE ? 1 / variance : 1 / LEAST_VARIANCE;
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
