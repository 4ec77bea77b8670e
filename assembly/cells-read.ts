// Which cells a search over codes reads, in which order, and what it makes of their lists.

import { bitsBelow } from "./bits";
import {
  bitsOf,
  centroidCodes,
  centroidOf,
  firstBlockOf,
  listBlockBytes,
  listBlockOf,
  listSlotsAt,
  nextBlockOf,
} from "./cells";
import {
  awayOf,
  isFull,
  listCandidates,
  lookAtCandidates,
  nearestFirst,
  nearOf,
  noteRead,
  takeFine,
  worstOf,
} from "./cells-candidates";
import { ERROR, farSquaredOf, listSpread, upperSpread } from "./certainty";
import { rowL2sq } from "./distance";
import { boundLinks, Estimate, refineTables, tableBytes } from "./fastscan";
import { boundUpper, estimatePlanes, refinePlanes } from "./fastscan-planes";
import { cellsOf, dimOf, linkBlockBytes, NONE } from "./graph";
import { distanceOf, keyAt, slotOf } from "./sorted";

// Cells that are so many times as far, in squares, as others are read after them.
const ROUND: f32 = 1.05;
const LEAST: f32 = 1e-30; // more than that, where the nearest is no distance away
const FARTHEST: f32 = 3e38; // and a round's limit is beyond it

/**
 * Reads the cells from `first` up to `end`, the nearest first, and of all others whose upper bit tells that they are too
 * far no more than that.
 *
 * @param scratch       u32[24], drawn in explore-scratch.ts, with the tables of the query less the root's row
 * @param rootDistance  ‖query − root's row‖²
 */
export function readAll(
  graph: usize,
  scratch: usize,
  query: usize,
  visible: usize,
  rootDistance: f32,
  first: u32,
  end: u32,
  k: u32,
  sigmas: f32,
  distances: usize,
  slots: usize,
): void {
  const cells = cellsOf(graph);
  const rowBytes = (<usize>dimOf(graph)) << 2;
  const away = awayOf(scratch);
  const near = nearOf(scratch);
  const nearest = nearestFirst(cells, query, rowBytes, first, end, k, scratch);
  noteRead(scratch, 0, (end - first) * <u32>rowBytes);
  for (let i: u32 = 0; i < nearest; i++) {
    const key = keyAt(near, i);
    const cell = slotOf(key);
    const distance = distanceOf(key);
    readCell(
      graph,
      scratch,
      query,
      visible,
      rootDistance,
      cell,
      distance,
      false,
      k,
      sigmas,
      distances,
      slots,
    );
  }
  lookAtCandidates(graph, scratch, query, visible, k, distances, slots);
  for (let cell = first; cell < end; cell++) {
    const distance = load<f32>(away + ((<usize>(cell - first)) << 2));
    if (distance < 0) continue;
    readCell(
      graph,
      scratch,
      query,
      visible,
      rootDistance,
      cell,
      distance,
      true,
      k,
      sigmas,
      distances,
      slots,
    );
  }
}

/**
 * Reads those of the cells from `first` up to `end` that are near, about the nearest first, until others are more than
 * `margin` times as far, in squares, as the k-th nearest row found.
 */
export function readPart(
  graph: usize,
  scratch: usize,
  query: usize,
  visible: usize,
  rootDistance: f32,
  first: u32,
  end: u32,
  k: u32,
  sigmas: f32,
  margin: f32,
  distances: usize,
  slots: usize,
): void {
  const cells = cellsOf(graph);
  const rowBytes = (<usize>dimOf(graph)) << 2;
  const away = awayOf(scratch);
  const last = away + ((<usize>(end - first)) << 2);
  let beyond = estimateCells(graph, scratch, rootDistance, first, end);
  while (beyond < f32.POSITIVE_INFINITY && beyond <= margin * worstOf(scratch, k, distances)) {
    const limit = beyond * ROUND + LEAST;
    beyond = f32.POSITIVE_INFINITY;
    for (let block = away; block < last; block += 128) {
      for (let bits = bitsBelow(block, limit); bits != 0; bits &= bits - 1) {
        const at = block + ((<usize>ctz(bits)) << 2);
        const estimate = load<f32>(at);
        store<f32>(at, f32.POSITIVE_INFINITY);
        if (estimate > margin * worstOf(scratch, k, distances)) continue;
        const cell = first + <u32>((at - away) >> 2);
        const distance = rowL2sq(query, centroidOf(cells, cell, rowBytes), rowBytes);
        noteRead(scratch, 0, <u32>rowBytes);
        readCell(
          graph,
          scratch,
          query,
          visible,
          rootDistance,
          cell,
          distance,
          false,
          k,
          sigmas,
          distances,
          slots,
        );
      }
      beyond = min<f32>(beyond, leastOf(block));
    }
  }
}

/** The least of 32 values. */
function leastOf(at: usize): f32 {
  let least = v128.load(at);
  for (let i: usize = 16; i < 128; i += 16) least = f32x4.pmin(least, v128.load(at + i));
  least = f32x4.pmin(least, v128.shuffle<f32>(least, least, 2, 3, 0, 1));
  return min<f32>(f32x4.extract_lane(least, 0), f32x4.extract_lane(least, 1));
}

/**
 * Estimates how far the cells from `first` up to `end` are by the codes of their centroids; returns the least. Where there is
 * no cell, or an empty one, it is Infinity.
 *
 * @param scratch       u32[24], drawn in explore-scratch.ts, with the tables of the query less the root's row
 * @param rootDistance  ‖query − root's row‖²
 */
function estimateCells(graph: usize, scratch: usize, rootDistance: f32, first: u32, end: u32): f32 {
  const cells = cellsOf(graph);
  const dim = dimOf(graph);
  const tables = <usize>load<u32>(scratch, 16);
  const estimates = <usize>load<u32>(scratch, 20);
  let least: f32 = f32.POSITIVE_INFINITY;
  for (let i: u32 = 0; i < ((end - first + 31) & ~31); i++) {
    const cell = first + i;
    if (cell < end && (i == 0 || (cell & 31) == 0)) {
      const block = centroidCodes(cells) + <usize>(cell >> 5) * linkBlockBytes(dim);
      boundLinks<Estimate>(block, tables, dim, rootDistance, estimates);
      noteRead(scratch, 32, <u32>linkBlockBytes(dim));
    }
    let distance: f32 = f32.POSITIVE_INFINITY;
    if (cell < end && firstBlockOf(cells, cell) != NONE) {
      // Of huge values it may be no number: then it comes last.
      const estimate = load<f32>(estimates + ((<usize>(cell & 31)) << 2));
      distance = estimate <= FARTHEST ? max<f32>(estimate, 0) : FARTHEST;
      least = min<f32>(least, distance);
    }
    store<f32>(awayOf(scratch) + ((<usize>i) << 2), distance);
  }
  return least;
}

/**
 * Lists what may be among the k nearest of a cell.
 *
 * @param distance    ‖query − centroid‖²
 * @param isUpperFirst whether the upper bit is asked first
 */
function readCell(
  graph: usize,
  scratch: usize,
  query: usize,
  visible: usize,
  rootDistance: f32,
  cell: u32,
  distance: f32,
  isUpperFirst: bool,
  k: u32,
  sigmas: f32,
  distances: usize,
  slots: usize,
): void {
  const cells = cellsOf(graph);
  const planes = bitsOf(cells);
  const dim = dimOf(graph);
  const rowBytes = (<usize>dim) << 2;
  const tables = <usize>load<u32>(scratch, 16);
  const estimates = <usize>load<u32>(scratch, 20);
  const difference = tables + tableBytes(dim);
  const fineTables = difference + rowBytes;
  const isNear = distance * farSquaredOf(planes) < rootDistance;
  if (isNear && !takeFine(scratch)) refineTables(difference, dim, tables, fineTables);
  const spread = listSpread(distance, isNear ? fineTables : tables, dim, planes);
  const slack = sigmas * ERROR * <f32>Math.sqrt(<f64>spread);
  const upper = upperSpread(distance, rootDistance, tables, dim, planes);
  const upperSlack = sigmas * <f32>Math.sqrt(<f64>upper);
  for (let number = firstBlockOf(cells, cell); number != NONE;) {
    const block = listBlockOf(cells, number, dim);
    const listed = block + listSlotsAt(cells, dim);
    number = nextBlockOf(listed);
    const worst = worstOf(scratch, k, distances);
    if (isUpperFirst) {
      noteRead(scratch, 32, <u32>rowBytes);
      boundUpper(block, tables, dim, planes, distance, upperSlack, estimates);
      if (bitsBelow(estimates, worst) == 0) continue;
    }
    noteRead(scratch, 32, <u32>listBlockBytes(cells, dim));
    estimatePlanes(block, tables, dim, planes, distance, f32.POSITIVE_INFINITY, estimates);
    if (isNear) refinePlanes(block, fineTables, dim, planes, estimates);
    listCandidates(graph, scratch, visible, k, listed, estimates, slack, worst);
    if (isFull(scratch)) {
      lookAtCandidates(graph, scratch, query, visible, k, distances, slots);
    }
  }
}
