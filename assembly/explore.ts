// Walks a graph towards a query: the nearest row known of that was not looked at yet is looked at
// exactly, and its links are estimated, until the beam of the nearest estimates holds nothing new but what
// is surely beyond the answers. It begins at the rows of the nearest cells (cells.ts); at the root's links
// where no cell has rows yet. Links are passed over where they would tell nothing that lists have not told.

import { CONSIDERED, nearestCells } from "./cells-near";
import { rowL2sq, subtract } from "./distance";
import { refineTables, tableBytes, tables_b1 } from "./fastscan";
import { nearInLinks } from "./fastscan-planes";
import { PackedFactors, rescaleOf } from "./factors";
import {
  bitsOf,
  firstBlockOf,
  LIST_RESCALES,
  listBlockBytes,
  hasLists,
  listBlockOf,
  listSlotsAt,
  nextBlockOf,
  probesFor,
} from "./cells";
import {
  cellsOf,
  bytesOf,
  degreeOf,
  dimOf,
  linkBlockBytes,
  linksAt,
  NONE,
  recordBytes,
  recordOf,
  rootDegreeOf,
  rootOf,
  slotsAt,
  slotsOffset,
} from "./graph";
import { queryL2sq } from "./graph-rows";
import { bitsBelow } from "./bits";
import { FAR_SQUARED, farSquaredOf, linkSpread, listSpread, weightOf } from "./certainty";
import {
  areFine,
  FAR_CELL,
  FAR_FROM_CELL,
  linkStretchOf,
  listStretchOf,
  nextPlace,
  patienceFor,
  PATIENCE_PER_ROW,
  sendRecords,
  sigmasFor,
  VAIN_ROWS,
} from "./explore-rules";
import { boundOf, estimateList, meetFar, touchLists } from "./explore-lists";
import { hear, heardShift, isHeard } from "./heard";
import { heardOf, keep, keepEqual, nextWalk, noteReach, noteWalk, poolOf } from "./explore-scratch";
import {
  entryOf,
  fuse,
  isMet,
  isSeen,
  meet,
  MET_BYTES,
  passOver,
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

const MET_PER_EF: u32 = 32;
// The root tells a direction: more of its links would be followed for nothing, but while a graph is built.
const ROOT_BEAM: u32 = 8;

/**
 * Looks for the rows nearest to `query` and leaves them in the pool; returns how many.
 *
 * @param query    f32[dim], rotated; ready to be compared with rows, see graph-rows.ts
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
  const blockBytes = linkBlockBytes(dim);
  const sigmas = sigmasFor(ef);
  const planes = bitsOf(cellsOf(graph));
  const listStretch = listStretchOf(dim, planes);
  const heard = hasLists(cellsOf(graph)) && areFine(planes) ? heardOf(scratch) : 0;
  const linkStretch = linkStretchOf(dim, heard != 0);
  const shift = heardShift(<u32>entries);
  let record = rootOf(graph);
  let degree = rootDegreeOf(graph);
  subtract(query, record, rowBytes, tables + tableBytes(dim));
  tables_b1(tables + tableBytes(dim), dim, tables);
  const difference = tables + tableBytes(dim);
  const fineTables = difference + rowBytes;
  let isFine = false;
  let distance = rowL2sq(query, record, rowBytes);
  const rootDistance = distance;
  let capacity = visible == 0 ? ef : min(ef, ROOT_BEAM);
  const cells = cellsOf(graph);
  const farFromList = farSquaredOf(planes);
  let probes: u32 = 0;
  let probe: u32 = 0;
  let listed = NONE;
  let codes = degree;
  let read: usize = recordBytes(dim, degree);
  let cellDistance = f32.POSITIVE_INFINITY;
  let patience: u32 = i32.MAX_VALUE; // so many rows may be vain until links are followed no more
  if (hasLists(cells)) {
    const most = probesFor(cells, ef);
    probes = nearestCells(graph, scratch, query, distance, most);
    codes = load<u32>(scratch, 32);
    read = <usize>(codes >> 5) * blockBytes + <usize>(CONSIDERED * most) * rowBytes;
    capacity = ef;
    touchLists(cells, pool, probes, dim);
    if (visible != 0) patience = patienceFor(ef);
    if (visible != 0 && probes > 0) cellDistance = distanceOf(keyAt(pool, 0)) * FAR_FROM_CELL;
  }
  if (self != NONE) passOver(met, mask, tagOf(walk, self));
  let size: u32 = 0; // keys in the beam
  let next: u32 = 0; // all keys before it were seen
  let room = <u32>(entries - (entries >> 2)); // rows that can still be met
  let visited: u32 = 0;
  let found: u32 = 0;
  let fresh: u32 = 0; // rows that the last links have led to
  let vain: u32 = 0; // rows since, whose links have led to none
  let whole = NONE; // records on their way with their links
  let ready: u32 = 0; // blocks of a list whose rows are estimated
  let told = estimates; // their estimates
  let bound: f32 = f32.POSITIVE_INFINITY; // enough rows of lists are below
  let slots = record + slotsAt(dim, degree);
  let block = record + rowBytes;
  let end = probes > 0 ? block : slots;
  for (;;) {
    const isNear = distance * (listed == NONE ? FAR_SQUARED : farFromList) < rootDistance;
    if (isNear && !isFine) {
      refineTables(difference, dim, tables, fineTables);
      isFine = true;
    }
    const finest = isNear ? fineTables : tables;
    let spread: f32;
    if (listed == NONE) spread = linkSpread(distance, finest, dim, rootDistance);
    else spread = listSpread(distance, finest, dim, planes);
    for (; block < end; block += blockBytes, slots += 128) {
      let worst: f32 = f32.POSITIVE_INFINITY;
      if (size == capacity) worst = distanceOf(keyAt(beam, capacity - 1));
      // What is far beyond the beam tells little even of a row that is in it.
      const limit = worst * (listed != NONE ? listStretch : linkStretch);
      const factors = listed != NONE ? slots - LIST_RESCALES : block + rowBytes;
      const fine = isNear ? fineTables : 0;
      let bits: u32;
      if (listed == NONE) bits = nearInLinks(block, tables, fine, dim, distance, limit, estimates);
      else {
        if (ready == 0) {
          told = estimates;
          ready = estimateList(cells, listed, tables, fine, dim, planes, distance, limit, told);
          bound = boundOf(told, ready, beam, size, capacity, worst);
        } else told += 128;
        ready--;
        const enough = min<f32>(worst, bound);
        bits = bitsBelow(told, enough);
        if (heard != 0) hear(heard, shift, walk, slots);
        const far = heard != 0 ? 0 : bitsBelow(told, enough * listStretch) & ~bits;
        if (far != 0) room = meetFar(far, told, slots, met, mask, walk, spread, room);
      }
      for (; bits != 0; bits &= bits - 1) {
        const at = (<usize>ctz(bits)) << 2;
        const slot = load<u32>(slots + at);
        if (slot == NONE) continue;
        if (listed == NONE && heard != 0 && isHeard(heard, shift, walk, slot)) continue;
        const estimate = load<f32>(told + at);
        let rescale = load<f32>(factors + at);
        if (listed == NONE) rescale = rescaleOf<PackedFactors>(factors + at);
        const tag = tagOf(walk, slot);
        const entry = entryOf(met, mask, tag);
        // What falls out of the root's short beam may come back into the longer one.
        const last = size == 0 ? slot : slotOf(keyAt(beam, size - 1));
        let place: u32;
        if (isMet(entry, tag)) {
          if (isSeen(entry)) continue;
          const mean = fuse(entry, estimate, weightOf(rescale, spread));
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
          // What a list tells of rows that are too far now is kept: links will tell it less well.
          if (room == 0 || estimate >= worst) continue;
          meet(entry, tag, estimate, weightOf(rescale, spread));
          room--;
          place = insertSorted(beam, size, capacity, keyOf(estimate, slot));
          if (place < capacity) fresh++;
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
    if (probes > 0) {
      if (listed != NONE) listed = nextBlockOf(slots - 128);
      while (listed == NONE && probe < probes) {
        const key = keyAt(pool, probe++);
        distance = distanceOf(key);
        const isUseless =
          size == capacity && distance > FAR_CELL * distanceOf(keyAt(beam, size - 1));
        if (isUseless) probe = probes;
        else listed = firstBlockOf(cells, slotOf(key));
      }
      if (listed != NONE) {
        block = listBlockOf(cells, listed, dim);
        slots = block + listSlotsAt(cells, dim);
        end = block + 1;
        codes += 32;
        read += listBlockBytes(cells, dim);
        continue;
      }
      probes = 0;
      told = estimates;
      bound = f32.POSITIVE_INFINITY;
      // The cells near it may be empty, and while a graph is built nearly all are.
      if (size == 0 || (visible == 0 && size < ef)) {
        block = record + rowBytes;
        slots = record + slotsAt(dim, degree);
        end = slots;
        distance = rootDistance;
        capacity = visible == 0 ? ef : min(ef, ROOT_BEAM);
        codes += degree;
        read += recordBytes(dim, degree);
        continue;
      }
    }
    capacity = ef;
    if (fresh > 0 && visited > 0) patience += PATIENCE_PER_ROW;
    if (fresh > 0) vain = fresh = 0;

    const worst = found == most ? distanceOf(keyAt(pool, most - 1)) : f32.POSITIVE_INFINITY;
    next = nextPlace(beam, next, size, met, mask, walk, worst, sigmas);
    if (next == size) break;
    const key = keyAt(beam, next++);
    const slot = slotOf(key);
    visited++;

    record = recordOf(graph, slot);
    degree = degreeOf(graph);
    block = record + linksAt(graph);
    slots = record + slotsOffset(graph);
    const followed = max<u32>(distanceOf(key) > cellDistance ? VAIN_ROWS : patience, vain) - vain;
    end = followed > 0 ? slots : block;
    if (followed > 0) vain++;
    if (followed > 0) codes += degree;
    read += followed > 0 ? bytesOf(graph) : linksAt(graph);
    whole = sendRecords(graph, estimates, whole, slot, beam, next, size, followed);
    distance = queryL2sq(graph, scratch, query, record);
    if (visible == 0) found = keep(pool, found, most, distance, slot);
    else found = keepEqual(graph, visible, pool, found, most, distance, slot);
  }
  noteWalk(scratch, visited, codes, read);
  noteReach(scratch, size == ef ? distanceOf(keyAt(beam, ef - 1)) : f32.POSITIVE_INFINITY);
  return found;
}
