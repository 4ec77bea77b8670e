// Exact search: every visible row against every query, the k nearest of each kept on the way.

import { L2sq, NegatedDot, rowDistance } from "./metric";
import { keepNearest, keepOne, sortQueue } from "./top-k";

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
 * @param stride       f32 values from one row to the next; at least dim, a multiple of 16
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
  scan<L2sq>(
    queries,
    rows,
    visible,
    firstSlot,
    endSlot,
    queryCount,
    dim,
    stride,
    k,
    block,
    distances,
    slots,
    counts,
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
  scan<NegatedDot>(
    queries,
    rows,
    visible,
    firstSlot,
    endSlot,
    queryCount,
    dim,
    stride,
    k,
    block,
    distances,
    slots,
    counts,
  );
}

function scan<Metric>(
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
  const rowBytes = (<usize>dim) << 2;
  const strideBytes = (<usize>stride) << 2;
  const kBytes = (<usize>k) << 2;
  memory.fill(counts, 0, (<usize>queryCount) << 2);

  for (let slot = firstSlot; slot < endSlot; slot += BLOCK_ROWS) {
    const count = min(BLOCK_ROWS, endSlot - slot);
    const inRange = u32.MAX_VALUE >> (BLOCK_ROWS - count);
    const bits = load<u32>(visible + ((<usize>(slot >> 5)) << 2)) & inRange;
    if (bits == 0) continue;
    const blockRows = rows + <usize>slot * strideBytes;
    for (let q: usize = 0; q < <usize>queryCount; q++) {
      const query = queries + q * rowBytes;
      const queueDistances = distances + q * kBytes;
      const queueSlots = slots + q * kBytes;
      const countAt = counts + (q << 2);
      let filled = load<u32>(countAt);
      if (bits == inRange) {
        for (let i: u32 = 0; i < count; i++) {
          const distance = rowDistance<Metric>(query, blockRows + <usize>i * strideBytes, rowBytes);
          store<f32>(block + ((<usize>i) << 2), distance);
        }
        filled = keepNearest(block, slot, count, k, queueDistances, queueSlots, filled);
      } else {
        for (let rest = bits; rest != 0; rest &= rest - 1) {
          const i = ctz(rest);
          const distance = rowDistance<Metric>(query, blockRows + <usize>i * strideBytes, rowBytes);
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
