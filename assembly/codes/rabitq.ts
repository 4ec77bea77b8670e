// One-bit codes of rotated rows (RaBitQ: Gao and Long, 2024), 32 rows to a block.
//
//     0         u8[dim / 4][16]   codes: byte j of line m holds the four bits of values 4m … 4m + 3
//                                 of two rows, in its low and its high half; see `storeBits`
//     4 · dim   f32[32]           add        estimate = add + base + rescale · (ip − sum(d) / 2)
//     + 128     f32[32]           rescale
//     + 256     f32[32]           error      of the estimate, one sigma, as a multiple of ‖q − c‖
//
// where q is the rotated query, c the rotated centroid, d = q − c, ip the sum of d's values at the bits
// set, and base ‖d‖², or −q · c for inner products. Only what differs from the centroid is looked up,
// so an offset that all rows share costs no accuracy.
// Row w of a block stands in half w >> 4 of byte ((w & 7) << 1) | ((w & 15) >> 3), so that adding
// up bytes of a line as 16-bit numbers keeps rows apart (assembly/codes/fastscan.ts).

import { mulAddF32x4, sumF32x4 } from "../base/lanes";
import { four, RowsF32, RowsI8, scalesOf } from "../rows/metric";

/** Rows of a block. */
export const BLOCK_ROWS: u32 = 32;
/** Where the factors of a block begin, those of add. */
export const ADD: usize = 0;
const RESCALE: usize = 128;
const ERROR: usize = 256;

/** The step of codes of two bits that errs least of normal values, in standard deviations (Max, 1960): those of rotated rows nearly are. */
export const STEP_OF_TWO: f64 = 1;
/** The same of four bits. */
export const STEP_OF_FOUR: f64 = 0.335;

/** Bytes of a block of 32 codes with their factors. */
export function blockBytes(dim: u32): usize {
  return ((<usize>dim) << 2) + 384;
}

/**
 * Writes the codes and factors of rows `first` to `first + count − 1` into their blocks.
 *
 * @param rows      f32[…][stride], row-major, rotated; row s is slot s
 * @param first     first slot to encode
 * @param count     slots to encode
 * @param dim       values per row; a positive multiple of 64
 * @param stride    f32 values from one row to the next; at least dim, a multiple of 4
 * @param centroid  f32[dim], rotated
 * @param blocks    u8[…][4 · dim + 384], drawn above
 * @param inner     0 for factors of ‖q − row‖², 1 for those of −q · row
 *
 * The estimate has no bias, and its standard deviation relative to the distance is about
 * 0.76 / √dim where the row and the query are as far from the centroid as from each other.
 */
export function encode_b1(
  rows: usize,
  first: u32,
  count: u32,
  dim: u32,
  stride: u32,
  centroid: usize,
  blocks: usize,
  inner: u32,
): void {
  encodeRows<RowsF32>(rows, first, count, dim, (<usize>stride) << 2, centroid, blocks, inner != 0);
}

/**
 * As `encode_b1`, of rows of 8 bits.
 *
 * @param rows    u8[…][stride], drawn in rows-i8.ts, each with its factors behind it
 * @param stride  bytes from one row to the next; at least dim + 8, a multiple of 16
 */
export function encode_b1_i8(
  rows: usize,
  first: u32,
  count: u32,
  dim: u32,
  stride: u32,
  centroid: usize,
  blocks: usize,
  inner: u32,
): void {
  encodeRows<RowsI8>(rows, first, count, dim, <usize>stride, centroid, blocks, inner != 0);
}

function encodeRows<Rows>(
  rows: usize,
  first: u32,
  count: u32,
  dim: u32,
  strideBytes: usize,
  centroid: usize,
  blocks: usize,
  inner: bool,
): void {
  const rowBytes = (<usize>dim) << 2;
  for (let slot = first; slot < first + count; slot++) {
    const block = blocks + <usize>(slot / BLOCK_ROWS) * blockBytes(dim);
    const row = rows + <usize>slot * strideBytes;
    encodeRow<Rows>(row, rowBytes, centroid, block, slot % BLOCK_ROWS, inner);
  }
}

/** Writes the four bits of a row, the `place`-th of its block, into a line of codes. */
export function storeBits(line: usize, place: u32, isSet: v128): void {
  const at = line + <usize>(((place & 7) << 1) | ((place & 15) >> 3));
  const shift = (place >> 4) << 2;
  const others = (<u32>load<u8>(at)) & (0xf0 >> shift);
  store<u8>(at, <u8>(others | ((<u32>i32x4.bitmask(isSet)) << shift)));
}

function encodeRow<Rows>(
  row: usize,
  rowBytes: usize,
  centroid: usize,
  block: usize,
  place: u32,
  inner: bool,
): void {
  const zero = f32x4.splat(0);
  let squares = zero; // |r|²
  let sizes = zero; // Σ |r|
  let inner0 = zero; // r · c
  const scales = scalesOf<Rows>(row + (rowBytes >> 2));
  for (let offset: usize = 0; offset < rowBytes; offset += 16) {
    const c = v128.load(centroid + offset);
    const r = f32x4.sub(four<Rows>(row, offset, scales), c);
    const isSet = f32x4.gt(r, zero);
    squares = mulAddF32x4(r, r, squares);
    sizes = f32x4.add(sizes, f32x4.abs(r));
    inner0 = mulAddF32x4(r, c, inner0);
    storeBits(block + offset, place, isSet);
  }
  const l2sq = <f64>sumF32x4(squares);
  const ipRow = <f64>sumF32x4(sizes) * 0.5;
  const factors = block + rowBytes + ((<usize>place) << 2);
  const rowDotCentroid = <f64>sumF32x4(inner0);
  if (ipRow == 0) {
    // The row is the centroid itself: its estimate is exact.
    store<f32>(factors, 0, ADD);
    store<f32>(factors, 0, RESCALE);
    store<f32>(factors, 0, ERROR);
    return;
  }
  const ratio = l2sq / ipRow;
  const dim = <f64>(rowBytes >> 2);
  const spread = max(0.0, (l2sq * (dim * 0.25)) / (ipRow * ipRow) - 1) / (dim - 1);
  const sigma = Math.sqrt(l2sq * spread);
  // ‖q − row‖² holds −2 q · row, so its factors are twice those of the inner product.
  const add = inner ? -rowDotCentroid : l2sq;
  store<f32>(factors, <f32>add, ADD);
  store<f32>(factors, <f32>(inner ? -ratio : -2 * ratio), RESCALE);
  store<f32>(factors, <f32>(inner ? sigma : 2 * sigma), ERROR);
}
