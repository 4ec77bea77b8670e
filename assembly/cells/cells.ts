// Cells: the rows of a graph by the nearest of some centroids. Each cell lists its rows with
// codes of how they differ from the centroid (IVFADC: Jégou, Douze and Schmid, 2011, with the codes of
// rabitq.ts), so that a search begins at hundreds of rows near its query for the price of a few hops. These
// codes err a quarter as much as links' do or less: they have more bits, and a centroid is nearer to its rows than
// those are to each other.
//
// Cells are described by u32[8], addresses and sizes:
//
//     0    count      cells; a multiple of 32, or 0 while there are none
//     4    centroids  f32[count][dim], rotated
//     8    codes      of centroid − root's row, count / 32 blocks as of links, drawn in graph.ts
//     12   lists      u32[count][2]  first and last block of each cell's list; NONE when it is empty
//     16   blocks     u8[…][bits · 4 · dim + 448], drawn below
//     20   used       how many of them are in lists
//     24   bits       of the code of each value of a row, 2 or 4
//     28   groups     codes of the means of each 32 centroids, in blocks as of links, where these are near each
//                     other (cells-group.ts); else 0
//
// A block of a list holds up to 32 rows:
//
//     0         u8[bits][dim / 4][16]  planes of codes of row − centroid, as in rabitq.ts, the highest first
//     bits · 4 · dim
//               f32[32]  add     estimate = add + ‖q − centroid‖² + rescale · (Σ 2ᵖ ipₚ − (2ᵇ − 1) sum / 2)
//     + 128     f32[32]  rescale
//     + 256     u32[32]  slots; NONE where there is no row: its add is ∞
//     + 384     u32      next block of the list, or NONE
//     + 388     u32      rows of this block
//               up to a multiple of 64 bytes
//
// where ipₚ is of the plane of weight 2ᵖ, and b the bits (rabitq-planes.ts).

import {
  cellsOf,
  dimOf,
  hasI8,
  linkBlockBytes,
  LINKED,
  NONE,
  recordOf,
  rootOf,
  stateOf,
  tailOf,
} from "../graph/graph";
import { encodeLink } from "../graph/graph-links";
import { addRow } from "../graph/graph-rows";
import { RowsF32, RowsI8 } from "../rows/metric";
import { encodePlanes } from "./rabitq-planes";

/** Bytes from the slots of a block of a list to the number of the next one. */
export const NEXT_AT: usize = 128;
const COUNT_AT: usize = 132;
// Rows of lists that a search looks at by their codes: so many for each key of its beam, of so many lists.
const LISTED_PER_EF: u32 = 8;
const LEAST_PROBES: u32 = 2;
const MOST_PROBES: u32 = 32;
const LIST_TAIL_BYTES: usize = 192;
/** Bytes of the factors before the slots of a block of a list. */
export const LIST_FACTOR_BYTES: usize = 256;
/** Bytes from what rescales the rows of a block of a list to their slots. */
export const LIST_RESCALES: usize = 128;

/** How many cells there are. */
export function cellCount(cells: usize): u32 {
  return load<u32>(cells);
}
/** Bits of the code of each value of a row. */
export function bitsOf(cells: usize): u32 {
  return load<u32>(cells, 24);
}
/** Codes of the means of each 32 centroids; 0 where these are not near each other. */
export function groupsOf(cells: usize): usize {
  return <usize>load<u32>(cells, 28);
}
/** The centroid of a cell. */
export function centroidOf(cells: usize, cell: u32, rowBytes: usize): usize {
  return <usize>load<u32>(cells, 4) + <usize>cell * rowBytes;
}
/** Codes of the centroids. */
export function centroidCodes(cells: usize): usize {
  return <usize>load<u32>(cells, 8);
}
/** The number of the first block of a cell's list, or NONE. */
export function firstBlockOf(cells: usize, cell: u32): u32 {
  return load<u32>(<usize>load<u32>(cells, 12) + ((<usize>cell) << 3));
}
/** The number of the last block of a cell's list, or NONE. */
export function lastBlockOf(cells: usize, cell: u32): u32 {
  return load<u32>(<usize>load<u32>(cells, 12) + ((<usize>cell) << 3), 4);
}
/** The address of a block of lists; its slots follow `listSlotsAt` later. */
export function listBlockOf(cells: usize, block: u32, dim: u32): usize {
  return <usize>load<u32>(cells, 16) + <usize>block * listBlockBytes(cells, dim);
}
/** Bytes of a block of a list. */
export function listBlockBytes(cells: usize, dim: u32): usize {
  return listSlotsAt(cells, dim) + LIST_TAIL_BYTES;
}
/** Bytes from the start of a block of a list to its slots. */
export function listSlotsAt(cells: usize, dim: u32): usize {
  return <usize>bitsOf(cells) * ((<usize>dim) << 2) + LIST_FACTOR_BYTES;
}
/** The number of the block that follows the one whose slots these are, or NONE. */
export function nextBlockOf(slots: usize): u32 {
  return load<u32>(slots, NEXT_AT);
}
/** Whether any row is in a list. */
export function hasLists(cells: usize): bool {
  return cellCount(cells) > 0 && load<u32>(cells, 20) > 0;
}
/** How many lists a search with a beam of `ef` begins with. */
export function probesFor(cells: usize, ef: u32): u32 {
  const wanted = (LISTED_PER_EF * ef * cellCount(cells)) / (32 * load<u32>(cells, 20));
  return min(cellCount(cells), min(MOST_PROBES, max(LEAST_PROBES, wanted)));
}

/**
 * Moves each centroid to the mean of the rows that are nearest to it, if there are any (k-means: Lloyd,
 * 1982), and encodes the centroids.
 *
 * @param slots    u32[count], whose records hold their rows
 * @param nearest  u32[count], their cells
 * @param counts   u32[cells], scratch
 */
export function cells_means_f32(
  graph: usize,
  slots: usize,
  count: u32,
  nearest: usize,
  counts: usize,
): void {
  const cells = cellsOf(graph);
  const dim = dimOf(graph);
  const rowBytes = (<usize>dim) << 2;
  const number = cellCount(cells);
  memory.fill(counts, 0, (<usize>number) << 2);
  for (let i: u32 = 0; i < count; i++) {
    const row = recordOf(graph, load<u32>(slots + ((<usize>i) << 2)));
    const cell = load<u32>(nearest + ((<usize>i) << 2));
    const centroid = centroidOf(cells, cell, rowBytes);
    const counted = counts + ((<usize>cell) << 2);
    if (hasI8(graph)) addRow<RowsI8>(graph, row, centroid, load<u32>(counted) == 0);
    else addRow<RowsF32>(graph, row, centroid, load<u32>(counted) == 0);
    store<u32>(counted, load<u32>(counted) + 1);
  }
  for (let cell: u32 = 0; cell < number; cell++) {
    const centroid = centroidOf(cells, cell, rowBytes);
    const members = load<u32>(counts + ((<usize>cell) << 2));
    if (members > 1) {
      const share = f32x4.splat(<f32>(1.0 / <f64>members));
      for (let at: usize = 0; at < rowBytes; at += 16) {
        v128.store(centroid + at, f32x4.mul(v128.load(centroid + at), share));
      }
    }
    encodeCentroid(graph, cell);
  }
}

/** Encodes the centroid of a cell. */
export function encodeCentroid(graph: usize, cell: u32): void {
  const cells = cellsOf(graph);
  const dim = dimOf(graph);
  const centroid = centroidOf(cells, cell, (<usize>dim) << 2);
  const block = centroidCodes(cells) + <usize>(cell >> 5) * linkBlockBytes(dim);
  encodeLink<RowsF32, RowsF32>(graph, rootOf(graph), centroid, block, cell & 31);
}

/**
 * Puts rows behind those that their cells list, in their order, if they are linked.
 *
 * @param slots    u32[count]
 * @param nearest  u32[count], their cells
 */
export function cells_list_f32(graph: usize, slots: usize, count: u32, nearest: usize): void {
  for (let i: u32 = 0; i < count; i++) {
    const slot = load<u32>(slots + ((<usize>i) << 2));
    if (stateOf(tailOf(graph, recordOf(graph, slot))) != LINKED) continue;
    list(graph, load<u32>(nearest + ((<usize>i) << 2)), slot);
  }
}

function list(graph: usize, cell: u32, slot: u32): void {
  const cells = cellsOf(graph);
  const dim = dimOf(graph);
  const rowBytes = (<usize>dim) << 2;
  const ends = <usize>load<u32>(cells, 12) + ((<usize>cell) << 3);
  const last = load<u32>(ends, 4);
  let block = listBlockOf(cells, last, dim);
  let slots = block + listSlotsAt(cells, dim);
  if (last == NONE || load<u32>(slots, COUNT_AT) == 32) {
    const fresh = load<u32>(cells, 20);
    store<u32>(cells, fresh + 1, 20);
    block = listBlockOf(cells, fresh, dim);
    const before = slots;
    slots = block + listSlotsAt(cells, dim);
    // Whole before a search on another thread can find it.
    const adds = slots - LIST_FACTOR_BYTES;
    memory.fill(block, 0, listSlotsAt(cells, dim));
    for (let i: usize = 0; i < 128; i += 4) store<f32>(adds + i, f32.POSITIVE_INFINITY);
    memory.fill(slots, 0xff, COUNT_AT);
    store<u32>(slots, 0, COUNT_AT);
    if (last == NONE) store<u32>(ends, fresh);
    else store<u32>(before, fresh, NEXT_AT);
    store<u32>(ends, fresh, 4);
  }
  const place = load<u32>(slots, COUNT_AT);
  const centroid = centroidOf(cells, cell, rowBytes);
  const record = recordOf(graph, slot);
  const bits = bitsOf(cells);
  if (hasI8(graph)) encodePlanes<RowsI8>(graph, centroid, record, bits, block, place);
  else encodePlanes<RowsF32>(graph, centroid, record, bits, block, place);
  store<u32>(slots + ((<usize>place) << 2), slot);
  store<u32>(slots, place + 1, COUNT_AT);
}
