// Walks a graph towards a query: the nearest row known of that was not looked at yet is looked at
// exactly, and its links are estimated, until the beam of the nearest estimates holds nothing new but what
// is surely beyond the answers. It begins at the rows of the nearest cells (cells.ts); at the root's links
// where no cell has rows yet. Links are passed over where they would tell nothing that lists have not told.
//
// How far a walk has come stands in globals here, in beam.ts and in query-tables.ts: a thread walks for one query at a
// time, and has kernels of its own. `explore` sets all of them.

import {
  beam,
  capacity,
  hearOf,
  isFull,
  nextKey,
  NO_KEY,
  openBeam,
  passBy,
  setCapacity,
  size,
  takeFresh,
  takeIn,
  worstOfBeam,
} from "./beam";
import { bitsBelow } from "../base/bits";
import {
  bitsOf,
  firstBlockOf,
  hasLists,
  LIST_RESCALES,
  listBlockBytes,
  listBlockOf,
  listSlotsAt,
  nextBlockOf,
  probesFor,
} from "../cells/cells";
import { CONSIDERED, nearestCells } from "../cells/cells-near";
import { FAR_SQUARED, farSquaredOf, linkSpread, listSpread } from "../codes/certainty";
import { boundOf, estimateList, touchLists } from "../cells/explore-lists";
import {
  areFine,
  FAR_CELL,
  FAR_FROM_CELL,
  linkStretchOf,
  listStretchOf,
  patienceFor,
  PATIENCE_PER_ROW,
  sendRecords,
  sigmasFor,
  VAIN_ROWS,
} from "./explore-rules";
import { keep, keepEqual, noteReach, noteWalk, poolOf } from "../graph/explore-scratch";
import { nearInLinks } from "../codes/fastscan-planes";
import {
  bytesOf,
  cellsOf,
  degreeOf,
  linkBlockBytes,
  linksAt,
  NONE,
  recordBytes,
  recordOf,
  rootDegreeOf,
  rootOf,
  slotsAt,
  slotsOffset,
} from "../graph/graph";
import { queryL2sq } from "../graph/graph-rows";
import {
  aim,
  dim,
  estimates,
  fineWithin,
  rootDistance,
  rowBytes,
  tables,
} from "../graph/query-tables";
import { distanceOf, keyAt, slotOf } from "../base/sorted";

// The root tells a direction: more of its links would be followed for nothing, but while a graph is built.
const ROOT_BEAM: u32 = 8;

let linkStretch: f32 = 0; // by which estimates of links may be beyond the beam
let cellDistance: f32 = 0; // beyond it links of rows tell little
let patience: u32 = 0; // so many rows may lead to none until links are followed no more
let codes: u32 = 0; // that were looked up,
let read: usize = 0; // and bytes

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
  const cells = cellsOf(graph);
  const keepsHeard = hasLists(cells) && areFine(bitsOf(cells));
  openBeam(scratch, ef, keepsHeard, self);
  aim(graph, scratch, query);
  linkStretch = linkStretchOf(dim, keepsHeard);
  cellDistance = f32.POSITIVE_INFINITY;
  patience = i32.MAX_VALUE;
  codes = 0;
  read = 0;
  if (hasLists(cells)) enterCells(graph, scratch, query, ef, visible != 0);
  // The cells near it may be empty, and while a graph is built nearly all are.
  if (size == 0 || (visible == 0 && size < ef)) enterRoot(graph, visible == 0 ? ef : ROOT_BEAM);
  const found = followLinks(graph, scratch, query, visible, most, sigmasFor(ef));
  noteReach(scratch, worstOfBeam());
  return found;
}

/** Takes in the rows of the nearest cells. */
function enterCells(graph: usize, scratch: usize, query: usize, ef: u32, isSearch: bool): void {
  const cells = cellsOf(graph);
  const nearest = poolOf(scratch);
  const most = probesFor(cells, ef);
  const probes = nearestCells(graph, scratch, query, most);
  codes = load<u32>(scratch, 32);
  read = <usize>(codes >> 5) * linkBlockBytes(dim) + <usize>(CONSIDERED * most) * rowBytes;
  touchLists(cells, nearest, probes);
  if (isSearch) patience = patienceFor(ef);
  if (isSearch && probes > 0) cellDistance = distanceOf(keyAt(nearest, 0)) * FAR_FROM_CELL;
  for (let i: u32 = 0; i < probes; i++) {
    const key = keyAt(nearest, i);
    if (isFull() && distanceOf(key) > FAR_CELL * worstOfBeam()) break;
    readList(cells, firstBlockOf(cells, slotOf(key)), distanceOf(key));
  }
}

/** Takes in the rows of a list from block number `listed` on, which is NONE where it has none. */
function readList(cells: usize, listed: u32, distance: f32): void {
  const planes = bitsOf(cells);
  const stretch = listStretchOf(dim, planes);
  const fine = fineWithin(distance, farSquaredOf(planes));
  const spread = listSpread(distance, fine != 0 ? fine : tables, dim, planes);
  const toSlots = listSlotsAt(cells, dim);
  const blockBytes = listBlockBytes(cells, dim);
  while (listed != NONE) {
    const worst = worstOfBeam();
    const limit = worst * stretch;
    const ready = estimateList(cells, listed, fine, distance, limit);
    const bound = boundOf(estimates, ready, beam, size, capacity, worst);
    let told = estimates;
    for (let i: u32 = 0; i < ready; i++, told += 128) {
      const slots = listBlockOf(cells, listed, dim) + toSlots;
      const rescales = slots - LIST_RESCALES;
      const enough = min<f32>(worstOfBeam(), bound);
      const bits = bitsBelow(told, enough);
      if (!hearOf(slots)) {
        passBy(bitsBelow(told, enough * stretch) & ~bits, slots, told, rescales, spread);
      }
      takeIn(bits, slots, told, rescales, true, spread);
      listed = nextBlockOf(slots);
      codes += 32;
      read += blockBytes;
    }
  }
}

/** Takes in the rows that the root links to, with a beam of at most so many keys. */
function enterRoot(graph: usize, most: u32): void {
  const record = rootOf(graph);
  const degree = rootDegreeOf(graph);
  setCapacity(most);
  readLinks(record + rowBytes, record + slotsAt(dim, degree), rootDistance);
  setCapacity(u32.MAX_VALUE);
  codes += degree;
  read += recordBytes(dim, degree);
}

/** Takes in the rows that a row this far from the query links to: their codes are between `block` and `slots`. */
function readLinks(block: usize, slots: usize, distance: f32): void {
  const fine = fineWithin(distance, FAR_SQUARED);
  const spread = linkSpread(distance, fine != 0 ? fine : tables, dim, rootDistance);
  const end = slots;
  for (; block < end; block += linkBlockBytes(dim), slots += 128) {
    const limit = worstOfBeam() * linkStretch;
    const bits = nearInLinks(block, tables, fine, dim, distance, limit, estimates);
    takeIn(bits, slots, estimates, block + rowBytes, false, spread);
  }
}

/**
 * Looks at the nearest row that was met, and follows its links, until no row is left to look at; returns how many rows
 * it has found.
 */
function followLinks(
  graph: usize,
  scratch: usize,
  query: usize,
  visible: usize,
  most: u32,
  sigmas: f32,
): u32 {
  const pool = poolOf(scratch);
  const degree = degreeOf(graph);
  let found: u32 = 0;
  let visited: u32 = 0;
  let vain: u32 = 0; // rows since the last whose links have led to others
  let whole = NONE; // records on their way with their links
  for (;;) {
    if (takeFresh() > 0) {
      vain = 0;
      if (visited > 0) patience += PATIENCE_PER_ROW;
    }
    const worst = found == most ? distanceOf(keyAt(pool, most - 1)) : f32.POSITIVE_INFINITY;
    const key = nextKey(worst, sigmas);
    if (key == NO_KEY) break;
    visited++;
    const slot = slotOf(key);
    const record = recordOf(graph, slot);
    // So many rows, this one among them, whose links are followed if they lead to none.
    const followed = max<u32>(distanceOf(key) > cellDistance ? VAIN_ROWS : patience, vain) - vain;
    whole = sendRecords(graph, estimates, whole, slot, followed);
    const distance = queryL2sq(graph, scratch, query, record);
    if (visible == 0) found = keep(pool, found, most, distance, slot);
    else found = keepEqual(graph, visible, pool, found, most, distance, slot);
    read += followed > 0 ? bytesOf(graph) : linksAt(graph);
    if (followed == 0) continue;
    readLinks(record + linksAt(graph), record + slotsOffset(graph), distance);
    codes += degree;
    vain++;
  }
  noteWalk(scratch, visited, codes, read);
  return found;
}
