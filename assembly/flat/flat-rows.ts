// Rows that are looked at where they stand, one here and one there: some are asked of memory together before the first
// is compared.

import { sendFor } from "../base/lines";
import { distanceTo } from "../rows/metric";
import { SLOT } from "../codes/rabitq-nibbles";
import { keepOne } from "../base/top-k";

const AT_ONCE: usize = 8;

/**
 * Offers listed rows that are below `worst` and the k-th nearest so far.
 *
 * @param entry   {f32 least, u32 slot, …}[…] up to `end`, `bytes` from one to the next
 * @param looked  rows that were offered before
 * @returns rows that have been by now
 */
export function lookAt<Metric, Rows>(
  entry: usize,
  end: usize,
  bytes: usize,
  worst: f32,
  query: usize,
  rows: usize,
  dim: u32,
  strideBytes: usize,
  k: u32,
  distances: usize,
  slots: usize,
  looked: u32,
): u32 {
  for (; entry < end; entry += AT_ONCE * bytes) {
    const some = min<usize>(end, entry + AT_ONCE * bytes);
    for (let at = entry; at < some; at += bytes) {
      if (load<f32>(at) >= worst) continue;
      sendFor(rows + <usize>load<u32>(at, SLOT) * strideBytes, strideBytes, 1);
    }
    for (let at = entry; at < some; at += bytes) {
      if (load<f32>(at) >= worst) continue;
      const slot = load<u32>(at, SLOT);
      const row = rows + <usize>slot * strideBytes;
      const distance = distanceTo<Metric, Rows>(query, row, dim, <usize>dim);
      keepOne(distance, slot, k, distances, slots, min<u32>(looked, k));
      looked++;
      if (looked >= k) worst = min<f32>(worst, load<f32>(distances));
    }
  }
  return looked;
}
