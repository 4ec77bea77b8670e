// Search over codes: rows whose estimate by one bit can't be among the k nearest are passed over, then those whose
// estimate by four bits can't, where they have such codes; the others are looked at exactly.

import { distanceTo, isI8, isL2sq } from "../rows/metric";
import { rowDot, rowL2sq, subtract } from "../rows/distance";
import { bitsBelow, visibleBits } from "../base/bits";
import { boundBlock, LowerBound, tableBytes, tables_b1 } from "../codes/fastscan";
import { blockBytes, BLOCK_ROWS } from "../codes/rabitq";
import { flatNibbles } from "./flat-nibbles";
import { BOUND_BYTES, wholeQuery } from "../codes/rabitq-nibbles";
import { FIRST_ROWS, LIST_AT, listFirst, MOST_CHOSEN, PASSED } from "./flat-first";
import { lookAt } from "./flat-rows";
import { sendFor } from "../base/lines";
import { quantizeQuery } from "../rows/rows-i8";
import { keepOne, sortQueue } from "../base/top-k";

/** What `flat_l2sq_f32` and its sisters do, with their parameters; `whole` is of a query where rows are of 8 bits. */
export function flat<Metric, Rows>(
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
  const wholes = difference + rowBytes;
  let exact: u32 = 0;
  for (let q: u32 = 0; q < queryCount; q++, queries += rowBytes) {
    const away = rowL2sq(queries, centroid, rowBytes);
    const base = isL2sq<Metric>() ? away : -rowDot(queries, centroid, rowBytes);
    subtract(queries, centroid, rowBytes, difference);
    tables_b1(difference, dim, tables);
    if (isI8<Rows>()) quantizeQuery(queries, dim, whole);
    const query = isI8<Rows>() ? whole : queries;
    const slack = sigmas * <f32>Math.sqrt(<f64>away);
    const limit = load<f32>(limits + ((<usize>q) << 2));
    if (!isI8<Rows>() && nibbles != 0) wholeQuery(difference, dim, wholes);
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
    if (!isI8<Rows>() && nibbles != 0) {
      exact += flatNibbles<Metric>(
        query,
        rows,
        visible,
        blocks,
        nibbles,
        firstSlot,
        endSlot,
        dim,
        strideBytes,
        k,
        tables,
        wholes,
        base,
        slack,
        limit,
        first,
        block,
        distances,
        slots,
        counts + ((<usize>q) << 2),
      );
      distances += (<usize>k) << 2;
      slots += (<usize>k) << 2;
      continue;
    }
    let looked: u32 = 0;
    if (k <= MOST_CHOSEN) {
      looked = lookAt<Metric, Rows>(
        block + LIST_AT,
        listFirst(block, first, firstSlot, k, limit),
        BOUND_BYTES,
        limit,
        query,
        rows,
        dim,
        strideBytes,
        k,
        distances,
        slots,
        0,
      );
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
      let worst = limit;
      if (looked >= k) worst = min<f32>(limit, load<f32>(distances));
      if (worst < f32.POSITIVE_INFINITY) rest &= bitsBelow(bounds, worst);
      sendFor(rows + <usize>slot * strideBytes, strideBytes, rest & (rest - 1));
      for (; rest != 0; rest &= rest - 1) {
        const i = ctz(rest);
        const bound = bounds + ((<usize>i) << 2);
        if (load<u32>(bound) == PASSED) continue;
        if (looked >= k && load<f32>(bound) >= load<f32>(distances)) continue;
        const row = rows + <usize>(slot + i) * strideBytes;
        const distance = distanceTo<Metric, Rows>(query, row, dim, <usize>dim);
        keepOne(distance, slot + i, k, distances, slots, min<u32>(looked, k));
        looked++;
      }
    }
    const filled = min<u32>(looked, k);
    sortQueue(distances, slots, filled);
    store<u32>(counts + ((<usize>q) << 2), filled);
    exact += looked;
    distances += (<usize>k) << 2;
    slots += (<usize>k) << 2;
  }
  return exact;
}
