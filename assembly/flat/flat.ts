// Search over codes: the doors of `flat`.

import { flat } from "./flat-scan";
import { L2sq, NegatedDot, RowsF32, RowsI8 } from "../rows/metric";

/**
 * As `scan_l2sq_f32`, but only rows are looked at whose estimated distance less `sigmas` standard
 * deviations is below the limit and the k-th nearest so far. Distances of what is returned are exact; of a row
 * as far as the nearer of the two, a share of about the normal distribution's tail beyond `sigmas` is missed.
 *
 * @param queries     f32[queryCount][dim], rotated
 * @param limits      f32[queryCount]: rows as far as this or farther need not be found; Infinity where all may be
 * @param rows        f32[…][stride], rotated; row s is slot s
 * @param visible     bits, as in `scan_l2sq_f32`
 * @param blocks      u8[…][4 · dim + 384], the rows' codes by l2sq, drawn in rabitq.ts
 * @param nibbles     u8[…][16 · dim + 256], their codes of four bits, drawn in rabitq-nibbles.ts; 0: they have none
 * @param centroid    f32[dim], rotated, that the codes are relative to
 * @param firstSlot   first slot to look at; a multiple of 32
 * @param endSlot     slot after the last to look at
 * @param queryCount  queries; 0 does nothing
 * @param dim         values per row; a positive multiple of 64, at most 4,160
 * @param stride      f32 values from one row to the next; at least dim, a multiple of 4
 * @param k           most rows to keep for each query; positive
 * @param sigmas      how sure to be; 0 and more
 * @param tables      u8[96 + 10 · dim], scratch: tables, the query less the centroid, and as whole numbers
 * @param block       f32[17920], scratch, drawn in flat-first.ts
 * @param distances   f32[queryCount][k], the answers
 * @param slots       u32[queryCount][k], beside `distances`
 * @param counts      u32[queryCount], how many of each query's k were found; farther ones than its limit may be among them
 * @returns how many rows were looked at exactly, over all queries
 */
export function flat_l2sq_f32(
  queries: usize,
  limits: usize,
  rows: usize,
  visible: usize,
  blocks: usize,
  nibbles: usize,
  centroid: usize,
  firstSlot: u32,
  endSlot: u32,
  queryCount: u32,
  dim: u32,
  stride: u32,
  k: u32,
  sigmas: f32,
  tables: usize,
  block: usize,
  distances: usize,
  slots: usize,
  counts: usize,
): u32 {
  return flat<L2sq, RowsF32>(
    queries,
    limits,
    rows,
    visible,
    blocks,
    nibbles,
    centroid,
    firstSlot,
    endSlot,
    queryCount,
    dim,
    (<usize>stride) << 2,
    k,
    sigmas,
    tables,
    block,
    distances,
    slots,
    counts,
    0,
  );
}

/** As `flat_l2sq_f32`, by negated inner product, with codes made for it. */
export function flat_dot_f32(
  queries: usize,
  limits: usize,
  rows: usize,
  visible: usize,
  blocks: usize,
  nibbles: usize,
  centroid: usize,
  firstSlot: u32,
  endSlot: u32,
  queryCount: u32,
  dim: u32,
  stride: u32,
  k: u32,
  sigmas: f32,
  tables: usize,
  block: usize,
  distances: usize,
  slots: usize,
  counts: usize,
): u32 {
  return flat<NegatedDot, RowsF32>(
    queries,
    limits,
    rows,
    visible,
    blocks,
    nibbles,
    centroid,
    firstSlot,
    endSlot,
    queryCount,
    dim,
    (<usize>stride) << 2,
    k,
    sigmas,
    tables,
    block,
    distances,
    slots,
    counts,
    0,
  );
}

/**
 * As `flat_l2sq_f32`, of rows and distances as in `scan_l2sq_i8`.
 *
 * @param whole  u8[16 + 2 · dim], scratch: a query as whole numbers
 */
export function flat_l2sq_i8(
  queries: usize,
  limits: usize,
  rows: usize,
  visible: usize,
  blocks: usize,
  nibbles: usize,
  centroid: usize,
  firstSlot: u32,
  endSlot: u32,
  queryCount: u32,
  dim: u32,
  stride: u32,
  k: u32,
  sigmas: f32,
  tables: usize,
  block: usize,
  distances: usize,
  slots: usize,
  counts: usize,
  whole: usize,
): u32 {
  return flat<L2sq, RowsI8>(
    queries,
    limits,
    rows,
    visible,
    blocks,
    nibbles,
    centroid,
    firstSlot,
    endSlot,
    queryCount,
    dim,
    <usize>stride,
    k,
    sigmas,
    tables,
    block,
    distances,
    slots,
    counts,
    whole,
  );
}

/** As `flat_l2sq_i8`, by negated inner product, with codes made for it. */
export function flat_dot_i8(
  queries: usize,
  limits: usize,
  rows: usize,
  visible: usize,
  blocks: usize,
  nibbles: usize,
  centroid: usize,
  firstSlot: u32,
  endSlot: u32,
  queryCount: u32,
  dim: u32,
  stride: u32,
  k: u32,
  sigmas: f32,
  tables: usize,
  block: usize,
  distances: usize,
  slots: usize,
  counts: usize,
  whole: usize,
): u32 {
  return flat<NegatedDot, RowsI8>(
    queries,
    limits,
    rows,
    visible,
    blocks,
    nibbles,
    centroid,
    firstSlot,
    endSlot,
    queryCount,
    dim,
    <usize>stride,
    k,
    sigmas,
    tables,
    block,
    distances,
    slots,
    counts,
    whole,
  );
}
