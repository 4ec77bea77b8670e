// Search over codes of one bit and of four: a row is asked by one bit, then by four, then itself, each time only where
// it may be nearer than what is known. Rows of each step are listed, and asked of memory all at once: one after the
// other each would be waited for.
//
// What is known is the least of three: a limit that is given, the k-th nearest of those looked at, and the k-th of what
// codes of four bits say that rows are at most. So hardly more than k rows are looked at.

import { bitsBelow, visibleBits } from "../base/bits";
import { boundBlock, LowerBound } from "../codes/fastscan";
import {
  LEFT_AT,
  LEFT_BYTES,
  LEFT_ROWS,
  LIST_AT,
  listFirst,
  LISTED_ROWS,
  MOST_AT,
  MOST_CHOSEN,
  PASSED,
} from "./flat-first";
import { lookAt } from "./flat-rows";
import { RowsF32 } from "../rows/metric";
import { blockBytes, BLOCK_ROWS } from "../codes/rabitq";
import { BOUND_BYTES, boundNibbles, MOST, SLOT } from "../codes/rabitq-nibbles";
import { keepOne, sortQueue } from "../base/top-k";

/** Of the list those that are filled in one turn: then more is known, and they stay in the nearest cache. */
const LISTED_ROWS_OF_TURN: usize = 256;

/**
 * One query of what `flat` does.
 *
 * @param tables  its tables, and `wholes`, itself as whole numbers, less the centroid
 * @param base    ‖q − c‖², or −q · c for inner products
 * @param slack   so many times ‖q − c‖ as it is to be sure
 * @param limit   rows as far as this or farther need not be found
 * @param first   rows whose bounds are in `block` already
 * @param count   u32, how many were found
 * @returns how many rows were looked at
 */
export function flatNibbles<Metric>(
  query: usize,
  rows: usize,
  visible: usize,
  blocks: usize,
  nibbles: usize,
  firstSlot: u32,
  endSlot: u32,
  dim: u32,
  strideBytes: usize,
  k: u32,
  tables: usize,
  wholes: usize,
  base: f32,
  slack: f32,
  limit: f32,
  first: u32,
  block: usize,
  distances: usize,
  slots: usize,
  count: usize,
): u32 {
  const list = block + LIST_AT;
  const left = block + LEFT_AT;
  const most = block + MOST_AT;
  const mostSlots = most + ((<usize>MOST_CHOSEN) << 2);
  const isChosen = k <= MOST_CHOSEN;
  let leftEnd = left;
  let looked: u32 = 0;
  let known: u32 = 0; // rows of which it is known what they are at most
  let slot = firstSlot;
  for (let turn = 0; ; turn++) {
    let worst = limit;
    if (known == k && isChosen) worst = min<f32>(worst, load<f32>(most));
    if (looked >= k) worst = min<f32>(worst, load<f32>(distances));
    let end = list;
    if (turn == 0 && isChosen) end = listFirst(block, first, firstSlot, k, limit);
    else {
      const full = list + (LISTED_ROWS_OF_TURN - <usize>BLOCK_ROWS) * BOUND_BYTES;
      for (; slot < endSlot && end <= full; slot += BLOCK_ROWS) {
        let bounds = block;
        let rest = visibleBits(visible, slot, endSlot);
        if (rest == 0) continue;
        if (slot - firstSlot < first) bounds += (<usize>(slot - firstSlot)) << 2;
        else {
          const codes = blocks + <usize>(slot / BLOCK_ROWS) * blockBytes(dim);
          boundBlock<LowerBound>(codes, tables, dim, base, slack, bounds);
        }
        for (rest &= bitsBelow(bounds, worst); rest != 0; rest &= rest - 1) {
          const i = ctz(rest);
          if (load<u32>(bounds + ((<usize>i) << 2)) == PASSED) continue;
          store<u32>(end, slot + i, SLOT);
          end += BOUND_BYTES;
        }
      }
    }
    boundNibbles(list, end, blocks, nibbles, wholes, dim, base, slack);
    for (let entry = list; entry < end; entry += BOUND_BYTES) {
      const least = load<f32>(entry);
      if (least >= worst) continue;
      const its = load<u32>(entry, SLOT);
      if (isChosen) {
        known = keepOne(load<f32>(entry, MOST), its, k, most, mostSlots, known);
        if (known == k) worst = min<f32>(worst, load<f32>(most));
      }
      store<f32>(leftEnd, least);
      store<u32>(leftEnd, its, SLOT);
      leftEnd += LEFT_BYTES;
    }
    const isLast = slot >= endSlot;
    if (!isLast && leftEnd <= left + (LEFT_ROWS - LISTED_ROWS) * LEFT_BYTES) continue;
    looked = lookAt<Metric, RowsF32>(
      left,
      leftEnd,
      LEFT_BYTES,
      worst,
      query,
      rows,
      dim,
      strideBytes,
      k,
      distances,
      slots,
      looked,
    );
    leftEnd = left;
    if (isLast) break;
  }
  const filled = min<u32>(looked, k);
  sortQueue(distances, slots, filled);
  store<u32>(count, filled);
  return looked;
}
