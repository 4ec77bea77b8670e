// A graph over rows: each row's links to near rows, with one-bit codes of how each differs from the
// row (SymphonyQG: Gou et al., 2025), so that one look-up pass estimates the distances of all.
//
// A graph is described by u32[16], addresses and sizes:
//
//     0    records   one for each slot, drawn below
//     4    dim       values per row; a multiple of 64
//     8    degree    links of a record; a multiple of 32, at most 128
//     12   root      a record whose row is the origin: the rows' mean, where searches begin
//     16   rootDegree  links of the root; a multiple of 32
//     20   cells     u32[8], drawn in cells.ts
//     24   isI8      1 where rows are of 8 bits, else 0
//     28   axis      f32[dim], rotated and of unit length, that no row has a part in; where rows are of 8 bits
//     32   f64  radiusSquare  what rows' lengths are lifted to along the axis, in squares, so that inner
//                    products become distances; else 0, and nothing is
//     40   recordBytes  from one record to the next
//     44   linksAt   bytes from a record's start to its links,
//     48   slotsAt   to its slots
//     52   tailAt    and to its tail
//     56   hasTwins  1 where any row may have an equal one, else 0
//
// A record, all that a search reads of a row in one piece:
//
//     0            f32[dim]          the row, rotated; or i8[dim], the codes of one of 8 bits (rows-i8.ts)
//     for each 32 links:
//       0          u8[dim / 4][16]   codes, as in rabitq.ts, of link − row
//       4 · dim    u32[32]           add and rescale, packed (factors.ts)
//                                    estimate = add + ‖q − row‖² + rescale · (ip − sum / 2)
//     then         u32[degree]       slots linked to; NONE where there is no link: its add is ∞
//     then         u32       twin    the next slot of an equal row, or NONE
//                  u32       state   in the two low bits: 0 not in the graph, 1 in it, 2 an equal row of its
//                                    first link; in the others the square of a row of 8 bits
//                  f32       scale   of a row of 8 bits
//                  u32[degree / 32]  strong: bit i: no other link stands between the row and link i
//                  up to a multiple of 16 bytes
//
// where ip and sum are of the query less the origin: their tables serve every row, and the offset
// between origin and row is folded into `add`.

import { storePacked } from "../codes/factors";

/** No slot. */
export const NONE: u32 = u32.MAX_VALUE;
/** The state of a record that is in the graph. */
export const LINKED: u32 = 1;
/** The state of a record that stands behind one with an equal row. */
export const TWIN: u32 = 2;

const STATE: usize = 4; // bytes into a tail
const SCALE: usize = 8;
const STRONG: usize = 12;
const STATE_BITS: u32 = 3;

/** Where the records of a graph begin. */
export function recordsOf(graph: usize): usize {
  return <usize>load<u32>(graph);
}
/** Values per row. */
export function dimOf(graph: usize): u32 {
  return load<u32>(graph, 4);
}
/** Links of a record. */
export function degreeOf(graph: usize): u32 {
  return load<u32>(graph, 8);
}
/** The root's record. */
export function rootOf(graph: usize): usize {
  return <usize>load<u32>(graph, 12);
}
/** Links of the root. */
export function rootDegreeOf(graph: usize): u32 {
  return load<u32>(graph, 16);
}

/** The cells of its rows. */
export function cellsOf(graph: usize): usize {
  return <usize>load<u32>(graph, 20);
}

/** Bytes of the codes and factors of 32 links. */
export function linkBlockBytes(dim: u32): usize {
  return ((<usize>dim) << 2) + 128;
}

/** Bytes from a record's start to its slots. */
export function slotsAt(dim: u32, degree: u32): usize {
  return ((<usize>dim) << 2) + <usize>(degree >> 5) * linkBlockBytes(dim);
}

/** Bytes of a record of f32, as the root's is. */
export function recordBytes(dim: u32, degree: u32): usize {
  const end =
    slotsAt(dim, degree) + ((<usize>degree) << 2) + STRONG + ((<usize>(degree >> 5)) << 2);
  return (end + 15) & ~15;
}

/** Whether rows are of 8 bits. */
export function hasI8(graph: usize): bool {
  return load<u32>(graph, 24) != 0;
}
/** The axis that no row has a part in. */
export function axisOf(graph: usize): usize {
  return <usize>load<u32>(graph, 28);
}
/** The square of what rows are lifted to, or 0. */
export function radiusSquareOf(graph: usize): f64 {
  return load<f64>(graph, 32);
}
/** Bytes from one record to the next. */
export function bytesOf(graph: usize): usize {
  return <usize>load<u32>(graph, 40);
}
/** Bytes from a record's start to its links. */
export function linksAt(graph: usize): usize {
  return <usize>load<u32>(graph, 44);
}
/** Bytes from a record's start to its slots. */
export function slotsOffset(graph: usize): usize {
  return <usize>load<u32>(graph, 48);
}
/** Bytes from a record's start to its tail. */
export function tailAt(graph: usize): usize {
  return <usize>load<u32>(graph, 52);
}
/** The factors of a record's row of 8 bits. */
export function factorsOf(graph: usize, record: usize): usize {
  return record + tailAt(graph) + STATE;
}

/** The address of a slot's record, and of its row. */
export function recordOf(graph: usize, slot: u32): usize {
  return recordsOf(graph) + <usize>slot * bytesOf(graph);
}

/** The slot that link `i` of a record leads to, or NONE. */
export function linkAt(graph: usize, record: usize, i: u32): u32 {
  return load<u32>(record + slotsOffset(graph) + ((<usize>i) << 2));
}

/** Whether link `i` is strong. */
export function isStrong(tail: usize, i: u32): bool {
  return ((load<u32>(strongAt(tail, i)) >> (i & 31)) & 1) != 0;
}

/** Marks link `i` as strong or weak. */
export function setStrong(tail: usize, i: u32, strong: bool): void {
  const word = strongAt(tail, i);
  const bit = (<u32>1) << (i & 31);
  const bits = load<u32>(word);
  store<u32>(word, strong ? bits | bit : bits & ~bit);
}

function strongAt(tail: usize, i: u32): usize {
  return tail + STRONG + ((<usize>(i >> 5)) << 2);
}

/**
 * The place in a record for a link to `slot`: where it is already, else where none is, else that of the
 * last weak one; NONE when all are strong.
 */
export function placeFor(graph: usize, record: usize, slot: u32): u32 {
  const degree = degreeOf(graph);
  const tail = tailOf(graph, record);
  let place = NONE;
  for (let i: u32 = 0; i < degree; i++) {
    const link = linkAt(graph, record, i);
    if (link == slot || link == NONE) return i;
    if (!isStrong(tail, i)) place = i;
  }
  return place;
}

/** The address of a record's tail. */
export function tailOf(graph: usize, record: usize): usize {
  return record + tailAt(graph);
}
/** The next slot of an equal row, or NONE. */
export function twinOf(tail: usize): u32 {
  return load<u32>(tail);
}
/** Puts a slot of an equal row behind a record. */
export function setTwin(tail: usize, slot: u32): void {
  store<u32>(tail, slot);
}
/** The state of a record. */
export function stateOf(tail: usize): u32 {
  return load<u32>(tail, STATE) & STATE_BITS;
}
/** Changes the state of a record. */
export function setState(tail: usize, state: u32): void {
  store<u32>(tail, (load<u32>(tail, STATE) & ~STATE_BITS) | state, STATE);
}

/** Takes every link from a record; its row stays. */
export function clearRecord(graph: usize, record: usize): void {
  const tail = tailOf(graph, record);
  const square = load<u32>(tail, STATE) & ~STATE_BITS;
  const scale = load<u32>(tail, SCALE);
  clearLinks(dimOf(graph), record + linksAt(graph), record + slotsOffset(graph), tail);
  memory.fill(tail, 0, record + bytesOf(graph) - tail);
  setTwin(tail, NONE);
  store<u32>(tail, square, STATE);
  store<u32>(tail, scale, SCALE);
}

/** Takes every link from the root. */
export function clearRoot(graph: usize): void {
  const dim = dimOf(graph);
  const root = rootOf(graph);
  const degree = rootDegreeOf(graph);
  const slots = root + slotsAt(dim, degree);
  const tail = slots + ((<usize>degree) << 2);
  clearLinks(dim, root + ((<usize>dim) << 2), slots, tail);
  memory.fill(tail, 0, root + recordBytes(dim, degree) - tail);
  setTwin(tail, NONE);
}

/** Makes blocks of links, and the slots behind them up to `end`, those of no links: every estimate is infinite. */
function clearLinks(dim: u32, links: usize, slots: usize, end: usize): void {
  memory.fill(links, 0, slots - links);
  for (let block = links; block < slots; block += linkBlockBytes(dim)) {
    const factors = block + ((<usize>dim) << 2);
    for (let i: usize = 0; i < 128; i += 4) storePacked(factors + i, f32.POSITIVE_INFINITY, 0);
  }
  memory.fill(slots, 0xff, end - slots);
}

/** Whether any row may have an equal one. */
export function hasTwins(graph: usize): bool {
  return load<u32>(graph, 56) != 0;
}
/** Notes that one has. */
export function noteTwin(graph: usize): void {
  store<u32>(graph, 1, 56);
}

/** The next slot of a row equal to a slot's, or NONE. */
export function nextTwin(graph: usize, slot: u32): u32 {
  return twinOf(tailOf(graph, recordOf(graph, slot)));
}
