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
//
// A record, all that a search reads of a row in one piece:
//
//     0            f32[dim]          the row, rotated
//     for each 32 links:
//       0          u8[dim / 4][16]   codes, as in rabitq.ts, of link − row
//       4 · dim    f32[32]  add      estimate = add + ‖q − row‖² + rescale · (ip − sum / 2)
//       + 128      f32[32]  rescale
//     then         u32[degree]       slots linked to; NONE where there is no link: its add is ∞
//     then         u32[4]  strong    bit i: no other link stands between the row and link i
//                  u32     twin      the next slot of an equal row, or NONE
//                  u32     state     0 not in the graph, 1 in it, 2 an equal row of its first link
//                  up to a multiple of 64 bytes
//
// where ip and sum are of the query less the origin: their tables serve every row, and the offset
// between origin and row is folded into `add`.

import { mulAddF32x4, sumF32x4 } from "./lanes";
import { storeBits } from "./rabitq";

/** No slot. */
export const NONE: u32 = u32.MAX_VALUE;
/** The state of a record that is in the graph. */
export const LINKED: u32 = 1;
/** The state of a record that stands behind one with an equal row. */
export const TWIN: u32 = 2;

const TAIL_BYTES: usize = 64;
const STRONG: usize = 0;
const TWIN_AT: usize = 16;
const STATE: usize = 20;
const RESCALE: usize = 128;

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
  return ((<usize>dim) << 2) + 256;
}

/** Bytes from a record's start to its slots. */
export function slotsAt(dim: u32, degree: u32): usize {
  return ((<usize>dim) << 2) + <usize>(degree >> 5) * linkBlockBytes(dim);
}

/** Bytes of a record. */
export function recordBytes(dim: u32, degree: u32): usize {
  // 4 · degree is a multiple of 128, so the tail begins on a multiple of 64.
  return slotsAt(dim, degree) + ((<usize>degree) << 2) + TAIL_BYTES;
}

/** The address of a slot's record, and of its row. */
export function recordOf(graph: usize, slot: u32): usize {
  return recordsOf(graph) + <usize>slot * recordBytes(dimOf(graph), degreeOf(graph));
}

/** The slot that link `i` of a record leads to, or NONE. */
export function linkAt(graph: usize, record: usize, i: u32): u32 {
  return load<u32>(record + slotsAt(dimOf(graph), degreeOf(graph)) + ((<usize>i) << 2));
}

/** Whether link `i` is strong. */
export function isStrong(tail: usize, i: u32): bool {
  return ((load<u32>(tail + ((<usize>(i >> 5)) << 2), STRONG) >> (i & 31)) & 1) != 0;
}

/** Marks link `i` as strong or weak. */
export function setStrong(tail: usize, i: u32, strong: bool): void {
  const word = tail + ((<usize>(i >> 5)) << 2);
  const bit = (<u32>1) << (i & 31);
  const bits = load<u32>(word, STRONG);
  store<u32>(word, strong ? bits | bit : bits & ~bit, STRONG);
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
  const degree = degreeOf(graph);
  return record + slotsAt(dimOf(graph), degree) + ((<usize>degree) << 2);
}
/** The next slot of an equal row, or NONE. */
export function twinOf(tail: usize): u32 {
  return load<u32>(tail, TWIN_AT);
}
/** Puts a slot of an equal row behind a record. */
export function setTwin(tail: usize, slot: u32): void {
  store<u32>(tail, slot, TWIN_AT);
}
/** The state of a record. */
export function stateOf(tail: usize): u32 {
  return load<u32>(tail, STATE);
}
/** Changes the state of a record. */
export function setState(tail: usize, state: u32): void {
  store<u32>(tail, state, STATE);
}

/** Takes every link from a record of `degree` links; its row stays. */
export function clearRecord(record: usize, dim: u32, degree: u32): void {
  const rowBytes = (<usize>dim) << 2;
  const end = record + slotsAt(dim, degree);
  memory.fill(record + rowBytes, 0, recordBytes(dim, degree) - rowBytes);
  for (let block = record + rowBytes; block < end; block += linkBlockBytes(dim)) {
    clearBlock(block, dim);
  }
  memory.fill(end, 0xff, (<usize>degree) << 2);
  setTwin(end + ((<usize>degree) << 2), NONE);
}

/** Makes a block of codes one of no rows: every estimate of it is infinite. */
export function clearBlock(block: usize, dim: u32): void {
  const factors = block + ((<usize>dim) << 2);
  memory.fill(block, 0, linkBlockBytes(dim));
  for (let i: usize = 0; i < 128; i += 4) store<f32>(factors + i, f32.POSITIVE_INFINITY);
}

/** The next slot of a row equal to a slot's, or NONE. */
export function nextTwin(records: usize, recordBytes: usize, slot: u32): u32 {
  return twinOf(records + <usize>(slot + 1) * recordBytes - TAIL_BYTES);
}

/**
 * Points link `i` of a record of `degree` links at `slot`: its code and factors, then the slot.
 */
export function setLink(graph: usize, record: usize, degree: u32, i: u32, slot: u32): void {
  const dim = dimOf(graph);
  const rowBytes = (<usize>dim) << 2;
  const block = record + rowBytes + <usize>(i >> 5) * linkBlockBytes(dim);
  encodeLink(record, recordOf(graph, slot), rootOf(graph), rowBytes, block, i & 31);
  store<u32>(record + slotsAt(dim, degree) + ((<usize>i) << 2), slot);
}

/** Writes the code and factors of `other` − `row` at a place of a block. */
export function encodeLink(
  row: usize,
  other: usize,
  origin: usize,
  rowBytes: usize,
  block: usize,
  place: u32,
): void {
  const zero = f32x4.splat(0);
  let squares = zero; // |r|²
  let sizes = zero; // Σ |r|
  let offsets = zero; // Σ ±(row − origin), with the signs of r
  for (let offset: usize = 0; offset < rowBytes; offset += 16) {
    const v = v128.load(row + offset);
    const r = f32x4.sub(v128.load(other + offset), v);
    const isSet = f32x4.gt(r, zero);
    const away = f32x4.sub(v, v128.load(origin + offset));
    squares = mulAddF32x4(r, r, squares);
    sizes = f32x4.add(sizes, f32x4.abs(r));
    offsets = f32x4.add(offsets, v128.bitselect(away, f32x4.neg(away), isSet));
    storeBits(block + offset, place, isSet);
  }
  const factors = block + rowBytes + ((<usize>place) << 2);
  const l2sq = <f64>sumF32x4(squares);
  const size = <f64>sumF32x4(sizes);
  // An equal row is estimated exactly.
  const ratio = size == 0 ? 0 : (2 * l2sq) / size;
  store<f32>(factors, <f32>(l2sq + ratio * <f64>sumF32x4(offsets)));
  store<f32>(factors, <f32>(-2 * ratio), RESCALE);
}

/** Reads a byte of each kilobyte: all of them travel from memory while the first is waited for. */
export function touch(at: usize, bytes: usize): void {
  for (const end = at + bytes; at < end; at += 1024) load<u8>(at);
}
