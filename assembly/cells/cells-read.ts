// Which cells a search over codes reads, in which order, and what it makes of their lists: of the query that
// `beginCandidates` and `aim` were told of.

import { bitsBelow } from "../base/bits";
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
  awayCells,
  graph,
  isFull,
  listCandidates,
  lookAtCandidates,
  nearCells,
  nearestFirst,
  noteRead,
  query,
  worstOfCandidates,
} from "./cells-candidates";
import { ERROR, farSquaredOf, listSpread, upperSpread } from "../codes/certainty";
import { rowL2sq } from "../rows/distance";
import { boundLinks, Estimate } from "../codes/fastscan";
import { boundUpper, estimatePlanes, refinePlanes } from "../codes/fastscan-planes";
import { cellsOf, linkBlockBytes, NONE } from "../graph/graph";
import { dim, estimates, fineWithin, rootDistance, rowBytes, tables } from "../graph/query-tables";
import { distanceOf, keyAt, slotOf } from "../base/sorted";

// Cells that are so many times as far, in squares, as others are read after them.
const ROUND: f32 = 1.05;
const LEAST: f32 = 1e-30; // more than that, where the nearest is no distance away
const FARTHEST: f32 = 3e38; // and a round's limit is beyond it

/**
 * Reads the cells from `first` up to `end`, the nearest first, and of all others whose upper bit tells that they are too
 * far no more than that.
 *
 * @param sigmas  so many standard deviations an estimate may err by
 */
export function readAll(first: u32, end: u32, sigmas: f32): void {
  const away = awayCells();
  const near = nearCells();
  const nearest = nearestFirst(first, end);
  noteRead(0, (end - first) * <u32>rowBytes);
  for (let i: u32 = 0; i < nearest; i++) {
    const key = keyAt(near, i);
    readCell(slotOf(key), distanceOf(key), sigmas, false);
  }
  lookAtCandidates();
  for (let cell = first; cell < end; cell++) {
    const distance = load<f32>(away + ((<usize>(cell - first)) << 2));
    if (distance >= 0) readCell(cell, distance, sigmas, true);
  }
}

/**
 * Reads those of the cells from `first` up to `end` that are near, about the nearest first, until others are more than
 * `margin` times as far, in squares, as the k-th nearest row found.
 *
 * @param sigmas  so many standard deviations an estimate may err by
 */
export function readPart(first: u32, end: u32, sigmas: f32, margin: f32): void {
  const cells = cellsOf(graph);
  const away = awayCells();
  const last = away + ((<usize>(end - first)) << 2);
  let beyond = estimateCells(first, end);
  while (beyond < f32.POSITIVE_INFINITY && beyond <= margin * worstOfCandidates()) {
    const limit = beyond * ROUND + LEAST;
    beyond = f32.POSITIVE_INFINITY;
    for (let block = away; block < last; block += 128) {
      for (let bits = bitsBelow(block, limit); bits != 0; bits &= bits - 1) {
        const at = block + ((<usize>ctz(bits)) << 2);
        const estimate = load<f32>(at);
        store<f32>(at, f32.POSITIVE_INFINITY);
        if (estimate > margin * worstOfCandidates()) continue;
        const cell = first + <u32>((at - away) >> 2);
        noteRead(0, <u32>rowBytes);
        readCell(cell, rowL2sq(query, centroidOf(cells, cell, rowBytes), rowBytes), sigmas, false);
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
 */
function estimateCells(first: u32, end: u32): f32 {
  const cells = cellsOf(graph);
  const away = awayCells();
  let least: f32 = f32.POSITIVE_INFINITY;
  for (let i: u32 = 0; i < ((end - first + 31) & ~31); i++) {
    const cell = first + i;
    if (cell < end && (i == 0 || (cell & 31) == 0)) {
      const block = centroidCodes(cells) + <usize>(cell >> 5) * linkBlockBytes(dim);
      boundLinks<Estimate>(block, tables, dim, rootDistance, estimates);
      noteRead(32, <u32>linkBlockBytes(dim));
    }
    let distance: f32 = f32.POSITIVE_INFINITY;
    if (cell < end && firstBlockOf(cells, cell) != NONE) {
      // Of huge values it may be no number: then it comes last.
      const estimate = load<f32>(estimates + ((<usize>(cell & 31)) << 2));
      distance = estimate <= FARTHEST ? max<f32>(estimate, 0) : FARTHEST;
      least = min<f32>(least, distance);
    }
    store<f32>(away + ((<usize>i) << 2), distance);
  }
  return least;
}

/**
 * Lists what may be among the nearest of a cell.
 *
 * @param distance      ‖query − centroid‖²
 * @param sigmas        so many standard deviations an estimate may err by
 * @param isUpperFirst  whether the upper bit is asked first
 */
function readCell(cell: u32, distance: f32, sigmas: f32, isUpperFirst: bool): void {
  const cells = cellsOf(graph);
  const planes = bitsOf(cells);
  const fine = fineWithin(distance, farSquaredOf(planes));
  const spread = listSpread(distance, fine != 0 ? fine : tables, dim, planes);
  const slack = sigmas * ERROR * <f32>Math.sqrt(<f64>spread);
  const upper = upperSpread(distance, rootDistance, tables, dim, planes);
  const upperSlack = sigmas * <f32>Math.sqrt(<f64>upper);
  for (let number = firstBlockOf(cells, cell); number != NONE;) {
    const block = listBlockOf(cells, number, dim);
    const listed = block + listSlotsAt(cells, dim);
    number = nextBlockOf(listed);
    const worst = worstOfCandidates();
    if (isUpperFirst) {
      noteRead(32, <u32>rowBytes);
      boundUpper(block, tables, dim, planes, distance, upperSlack, estimates);
      if (bitsBelow(estimates, worst) == 0) continue;
    }
    noteRead(32, <u32>listBlockBytes(cells, dim));
    estimatePlanes(block, tables, dim, planes, distance, f32.POSITIVE_INFINITY, estimates);
    if (fine != 0) refinePlanes(block, fine, dim, planes, estimates);
    listCandidates(listed, estimates, slack, worst);
    if (isFull()) lookAtCandidates();
  }
}
