// Links of a graph: each with a code of how the row that it leads to differs from the row that has it.

import { packedRescale, storePacked } from "../codes/factors";
import { axisOf, dimOf, hasI8, linkBlockBytes, linksAt, recordOf, rootOf } from "./graph";
import { fourIn, liftsIn, scalesIn } from "./graph-rows";
import { mulAddF32x4, sumF32x4 } from "../base/lanes";
import { RowsF32, RowsI8 } from "../rows/metric";
import { storeBits } from "../codes/rabitq";

/**
 * Points link `i` of a record, or of the root, of `degree` links at `slot`: its code and factors, then the
 * slot.
 */
export function setLink(graph: usize, record: usize, degree: u32, i: u32, slot: u32): void {
  const isRoot = record == rootOf(graph);
  const blockBytes = linkBlockBytes(dimOf(graph));
  const links = record + (isRoot ? (<usize>dimOf(graph)) << 2 : linksAt(graph));
  const block = links + <usize>(i >> 5) * blockBytes;
  const other = recordOf(graph, slot);
  if (!hasI8(graph)) encodeLink<RowsF32, RowsF32>(graph, record, other, block, i & 31);
  else if (isRoot) encodeLink<RowsF32, RowsI8>(graph, record, other, block, i & 31);
  else encodeLink<RowsI8, RowsI8>(graph, record, other, block, i & 31);
  store<u32>(links + <usize>(degree >> 5) * blockBytes + ((<usize>i) << 2), slot);
}

/** Writes the code and factors of `other` − `row` at a place of a block. */
export function encodeLink<Row, Other>(
  graph: usize,
  row: usize,
  other: usize,
  block: usize,
  place: u32,
): void {
  const rowBytes = (<usize>dimOf(graph)) << 2;
  const origin = rootOf(graph);
  const axis = axisOf(graph);
  const rowScales = scalesIn<Row>(graph, row);
  const rowLifts = liftsIn<Row>(graph, row);
  const otherScales = scalesIn<Other>(graph, other);
  const otherLifts = liftsIn<Other>(graph, other);
  const zero = f32x4.splat(0);
  let squares = zero; // |r|²
  let sizes = zero; // Σ |r|
  let offsets = zero; // Σ ±(row − origin), with the signs of r
  for (let offset: usize = 0; offset < rowBytes; offset += 16) {
    const v = fourIn<Row>(row, offset, rowScales, rowLifts, axis);
    const r = f32x4.sub(fourIn<Other>(other, offset, otherScales, otherLifts, axis), v);
    const isSet = f32x4.gt(r, zero);
    const away = f32x4.sub(v, v128.load(origin + offset));
    squares = mulAddF32x4(r, r, squares);
    sizes = f32x4.add(sizes, f32x4.abs(r));
    offsets = f32x4.add(offsets, v128.bitselect(away, f32x4.neg(away), isSet));
    storeBits(block + offset, place, isSet);
  }
  const l2sq = <f64>sumF32x4(squares);
  const size = <f64>sumF32x4(sizes);
  // An equal row is estimated exactly.
  const ratio = size == 0 ? 0 : (2 * l2sq) / size;
  const rescale = packedRescale(<f32>(-2 * ratio));
  const add = <f32>(l2sq - 0.5 * <f64>rescale * <f64>sumF32x4(offsets));
  storePacked(block + rowBytes + ((<usize>place) << 2), add, rescale);
}
