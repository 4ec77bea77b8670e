// Exact search: every visible row against every query, the k nearest of each kept on the way.

import { distanceTo, L2sq, NegatedDot, queryBytes, RowsF32, RowsI8 } from "./metric";
import { quantizeQuery, queryBytesI8 } from "./rows-i8";
import { keepNearest, keepOne, sortQueue } from "../base/top-k";

const BLOCK_ROWS: u32 = 32; // rows whose visibility is one u32, and which stay in cache together

/**
 * The `k` visible rows nearest to each query by squared Euclidean distance, ascending; equal
 * distances by slot. Distances as in `l2sq_f32`, bit for bit.
 *
 * @param queries      f32[queryCount][dim]
 * @param rows         f32[…][stride], row-major; row s is slot s
 * @param visible      bits, slot s in bit s & 31 of the u32 at visible + 4 · (s >> 5); 0 hides
 * @param firstSlot    first slot to look at; a multiple of 32
 * @param endSlot      slot after the last to look at
 * @param queryCount   queries; 0 does nothing
 * @param dim          f32 values per row; a positive multiple of 16
 * @param stride       f32 values from one row to the next; at least dim, a multiple of 4
 * @param k            most rows to keep for each query; positive
 * @param block        f32[32], scratch
 * @param distances    f32[queryCount][k], the answers
 * @param slots        u32[queryCount][k], beside `distances`
 * @param counts       u32[queryCount], how many of each query's k were found
 *
 * No array may overlap another. NaN distances count as +Infinity.
 * Rows are read once for all queries, a block at a time, and rows of hidden slots never.
 * Cost: O(queryCount · visible · dim).
 */
export function scan_l2sq_f32(
  queries: usize,
  rows: usize,
  visible: usize,
  firstSlot: u32,
  endSlot: u32,
  queryCount: u32,
  dim: u32,
  stride: u32,
  k: u32,
  block: usize,
  distances: usize,
  slots: usize,
  counts: usize,
): void {
  scan<L2sq, RowsF32>(
    queries,
    rows,
    visible,
    firstSlot,
    endSlot,
    queryCount,
    dim,
    (<usize>stride) << 2,
    k,
    block,
    distances,
    slots,
    counts,
    0,
  );
}

/** As `scan_l2sq_f32`, by negated inner product as in `dot_f32`. */
export function scan_dot_f32(
  queries: usize,
  rows: usize,
  visible: usize,
  firstSlot: u32,
  endSlot: u32,
  queryCount: u32,
  dim: u32,
  stride: u32,
  k: u32,
  block: usize,
  distances: usize,
  slots: usize,
  counts: usize,
): void {
  scan<NegatedDot, RowsF32>(
    queries,
    rows,
    visible,
    firstSlot,
    endSlot,
    queryCount,
    dim,
    (<usize>stride) << 2,
    k,
    block,
    distances,
    slots,
    counts,
    0,
  );
}

/**
 * As `scan_l2sq_f32`, of rows of 8 bits: the distances are to the rows as they are kept.
 *
 * @param queries  f32[queryCount][dim], rotated as the rows are
 * @param rows     u8[…][stride], drawn in rows-i8.ts
 * @param dim      values per row; a positive multiple of 64, at most 4,160
 * @param stride   bytes from one row to the next; at least dim + 8, a multiple of 16
 * @param wholes   u8[queryCount][16 + 2 · dim], scratch: the queries as whole numbers
 * @param factorsAt  bytes from a row's start to its factors
 *
 * Rounding: that of the queries' values, at most e = largest |value| / 16,256 each; so √distance is off by at
 * most √dim · e, beside that of f32. The same in every build.
 */
export function scan_l2sq_i8(
  queries: usize,
  rows: usize,
  visible: usize,
  firstSlot: u32,
  endSlot: u32,
  queryCount: u32,
  dim: u32,
  stride: u32,
  k: u32,
  block: usize,
  distances: usize,
  slots: usize,
  counts: usize,
  wholes: usize,
  factorsAt: u32,
): void {
  quantizeQueries(queries, queryCount, dim, wholes);
  scan<L2sq, RowsI8>(
    wholes,
    rows,
    visible,
    firstSlot,
    endSlot,
    queryCount,
    dim,
    <usize>stride,
    k,
    block,
    distances,
    slots,
    counts,
    <usize>factorsAt,
  );
}

/**
 * As `scan_l2sq_i8`, by negated inner product.
 *
 * Rounding: at most e · Σⱼ |row[j]|, beside that of f32.
 */
export function scan_dot_i8(
  queries: usize,
  rows: usize,
  visible: usize,
  firstSlot: u32,
  endSlot: u32,
  queryCount: u32,
  dim: u32,
  stride: u32,
  k: u32,
  block: usize,
  distances: usize,
  slots: usize,
  counts: usize,
  wholes: usize,
  factorsAt: u32,
): void {
  quantizeQueries(queries, queryCount, dim, wholes);
  scan<NegatedDot, RowsI8>(
    wholes,
    rows,
    visible,
    firstSlot,
    endSlot,
    queryCount,
    dim,
    <usize>stride,
    k,
    block,
    distances,
    slots,
    counts,
    <usize>factorsAt,
  );
}

/** Writes queries as rows of 8 bits are compared with. */
function quantizeQueries(queries: usize, count: u32, dim: u32, out: usize): void {
  const rowBytes = (<usize>dim) << 2;
  for (const end = queries + <usize>count * rowBytes; queries < end; queries += rowBytes) {
    quantizeQuery(queries, dim, out);
    out += queryBytesI8(dim);
  }
}

function scan<Metric, Rows>(
  queries: usize,
  rows: usize,
  visible: usize,
  firstSlot: u32,
  endSlot: u32,
  queryCount: u32,
  dim: u32,
  strideBytes: usize,
  k: u32,
  block: usize,
  distances: usize,
  slots: usize,
  counts: usize,
  factorsAt: usize,
): void {
  const bytes = queryBytes<Rows>(dim);
  const kBytes = (<usize>k) << 2;
  memory.fill(counts, 0, (<usize>queryCount) << 2);

  for (let slot = firstSlot; slot < endSlot; slot += BLOCK_ROWS) {
    const count = min(BLOCK_ROWS, endSlot - slot);
    const inRange = u32.MAX_VALUE >> (BLOCK_ROWS - count);
    const bits = load<u32>(visible + ((<usize>(slot >> 5)) << 2)) & inRange;
    if (bits == 0) continue;
    const blockRows = rows + <usize>slot * strideBytes;
    for (let q: usize = 0; q < <usize>queryCount; q++) {
      const query = queries + q * bytes;
      const queueDistances = distances + q * kBytes;
      const queueSlots = slots + q * kBytes;
      const countAt = counts + (q << 2);
      let filled = load<u32>(countAt);
      if (bits == inRange) {
        for (let i: u32 = 0; i < count; i++) {
          const row = blockRows + <usize>i * strideBytes;
          store<f32>(
            block + ((<usize>i) << 2),
            distanceTo<Metric, Rows>(query, row, dim, factorsAt),
          );
        }
        filled = keepNearest(block, slot, count, k, queueDistances, queueSlots, filled);
      } else {
        for (let rest = bits; rest != 0; rest &= rest - 1) {
          const i = ctz(rest);
          const row = blockRows + <usize>i * strideBytes;
          const distance = distanceTo<Metric, Rows>(query, row, dim, factorsAt);
          filled = keepOne(distance, slot + i, k, queueDistances, queueSlots, filled);
        }
      }
      store<u32>(countAt, filled);
    }
  }

  for (let q: usize = 0; q < <usize>queryCount; q++) {
    sortQueue(distances + q * kBytes, slots + q * kBytes, load<u32>(counts + (q << 2)));
  }
}
