// Search over one-bit codes: rows whose estimate can't be among the k nearest are passed over, the
// others are looked at exactly, in f32.

import { distanceTo, isI8, isL2sq, L2sq, NegatedDot, RowsF32, RowsI8 } from "./metric";
import { rowDot, rowL2sq, subtract } from "./distance";
import { bitsBelow } from "./bits";
import { boundBlock, LowerBound, tableBytes, tables_b1 } from "./fastscan";
import { blockBytes, BLOCK_ROWS } from "./rabitq";
import { FIRST_ROWS, leastOfBlocks, MOST_CHOSEN, PASSED, passLeast } from "./flat-first";
import { sendFor } from "./lines";
import { quantizeQuery } from "./rows-i8";
import { keepOne, sortQueue } from "./top-k";

/**
 * As `scan_l2sq_f32`, but only rows are looked at whose estimated distance less `sigmas` standard
 * deviations is below the k-th nearest so far. Distances of what is returned are exact; of a row as
 * far as the k-th nearest, a share of about the normal distribution's tail beyond `sigmas` is missed.
 *
 * @param queries     f32[queryCount][dim], rotated
 * @param rows        f32[…][stride], rotated; row s is slot s
 * @param visible     bits, as in `scan_l2sq_f32`
 * @param blocks      u8[…][4 · dim + 384], the rows' codes by l2sq, drawn in rabitq.ts
 * @param centroid    f32[dim], rotated, that the codes are relative to
 * @param firstSlot   first slot to look at; a multiple of 32
 * @param endSlot     slot after the last to look at
 * @param queryCount  queries; 0 does nothing
 * @param dim         values per row; a positive multiple of 64, at most 4,160
 * @param stride      f32 values from one row to the next; at least dim, a multiple of 4
 * @param k           most rows to keep for each query; positive
 * @param sigmas      how sure to be; 0 and more
 * @param tables      u8[32 + 8 · dim], scratch: tables, and the query less the centroid
 * @param block       f32[8448], scratch
 * @param distances   f32[queryCount][k], the answers
 * @param slots       u32[queryCount][k], beside `distances`
 * @param counts      u32[queryCount], how many of each query's k were found
 * @returns how many rows were looked at exactly, over all queries
 */
export function flat_l2sq_f32(
  queries: usize,
  rows: usize,
  visible: usize,
  blocks: usize,
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
    rows,
    visible,
    blocks,
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
  rows: usize,
  visible: usize,
  blocks: usize,
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
    rows,
    visible,
    blocks,
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
  rows: usize,
  visible: usize,
  blocks: usize,
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
    rows,
    visible,
    blocks,
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
  rows: usize,
  visible: usize,
  blocks: usize,
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
    rows,
    visible,
    blocks,
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

function flat<Metric, Rows>(
  queries: usize,
  rows: usize,
  visible: usize,
  blocks: usize,
  centroid: usize,
  firstSlot: u32,
  endSlot: u32,
  queryCount: u32,
  dim: u32,
  strideBytes: usize,
  k: u32,
  sigmas: f32,
  tables: usize,
  block: usize,
  distances: usize,
  slots: usize,
  counts: usize,
  whole: usize,
): u32 {
  const rowBytes = (<usize>dim) << 2;
  const difference = tables + tableBytes(dim);
  let exact: u32 = 0;
  for (let q: u32 = 0; q < queryCount; q++, queries += rowBytes) {
    const away = rowL2sq(queries, centroid, rowBytes);
    const base = isL2sq<Metric>() ? away : -rowDot(queries, centroid, rowBytes);
    subtract(queries, centroid, rowBytes, difference);
    tables_b1(difference, dim, tables);
    if (isI8<Rows>()) quantizeQuery(queries, dim, whole);
    const query = isI8<Rows>() ? whole : queries;
    const slack = sigmas * <f32>Math.sqrt(<f64>away);
    // Bounds of the first rows; those with the least come first, so that nearly all others can be passed over.
    const first = (min(FIRST_ROWS, endSlot - min(firstSlot, endSlot)) + 31) & ~31;
    for (let i: u32 = 0; i < first; i += BLOCK_ROWS) {
      const slot = firstSlot + i;
      const bounds = block + ((<usize>i) << 2);
      const seen = visibleBits(visible, slot, endSlot);
      const codes = blocks + <usize>(slot / BLOCK_ROWS) * blockBytes(dim);
      if (seen != 0) boundBlock<LowerBound>(codes, tables, dim, base, slack, bounds);
      for (let hidden = ~seen; hidden != 0; hidden &= hidden - 1) {
        store<u32>(bounds + ((<usize>ctz(hidden)) << 2), PASSED);
      }
    }
    let filled: u32 = 0;
    const leasts = block + ((<usize>FIRST_ROWS) << 2);
    if (k <= MOST_CHOSEN) leastOfBlocks(block, first, leasts);
    for (let i: u32 = 0; i < k && k <= MOST_CHOSEN; i++) {
      const at = passLeast(block, first, leasts);
      if (at == first) break;
      const row = rows + <usize>(firstSlot + at) * strideBytes;
      const distance = distanceTo<Metric, Rows>(query, row, dim, <usize>dim);
      filled = keepOne(distance, firstSlot + at, k, distances, slots, filled);
      exact++;
    }
    for (let slot = firstSlot; slot < endSlot; slot += BLOCK_ROWS) {
      let bounds = block;
      let rest = visibleBits(visible, slot, endSlot);
      if (rest == 0) continue;
      if (slot - firstSlot < first) bounds += (<usize>(slot - firstSlot)) << 2;
      else {
        const codes = blocks + <usize>(slot / BLOCK_ROWS) * blockBytes(dim);
        boundBlock<LowerBound>(codes, tables, dim, base, slack, bounds);
      }
      if (filled == k) rest &= bitsBelow(bounds, load<f32>(distances));
      sendFor(rows + <usize>slot * strideBytes, strideBytes, rest & (rest - 1));
      for (; rest != 0; rest &= rest - 1) {
        const i = ctz(rest);
        const bound = bounds + ((<usize>i) << 2);
        if (load<u32>(bound) == PASSED) continue;
        if (filled == k && load<f32>(bound) >= load<f32>(distances)) continue;
        const row = rows + <usize>(slot + i) * strideBytes;
        const distance = distanceTo<Metric, Rows>(query, row, dim, <usize>dim);
        filled = keepOne(distance, slot + i, k, distances, slots, filled);
        exact++;
      }
    }
    sortQueue(distances, slots, filled);
    store<u32>(counts + ((<usize>q) << 2), filled);
    distances += (<usize>k) << 2;
    slots += (<usize>k) << 2;
  }
  return exact;
}

/** The bits of the visible ones of 32 slots, of those before `endSlot`. */
function visibleBits(visible: usize, slot: u32, endSlot: u32): u32 {
  const inRange = u32.MAX_VALUE >> (BLOCK_ROWS - min(BLOCK_ROWS, endSlot - slot));
  return load<u32>(visible + ((<usize>(slot >> 5)) << 2)) & inRange;
}
