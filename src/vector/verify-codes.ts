import { BLOCK_SLOTS } from "../wasm/scan.ts";
import type { Segment } from "./segment.ts";

/** Tells which live rows have codes that are not theirs. */
export function verifyCodes(segment: Segment, tell: (problem: string) => void): void {
  const { codes, end, dim, check, heap, firstSlot } = segment;
  if (codes === undefined) return;
  const words = check.length;
  for (let first = 0; first < end; first += BLOCK_SLOTS) {
    heap.run(segment.recodeJob(first));
    const block = codes.blocks.subarray((first / BLOCK_SLOTS) * words);
    for (let place = 0; place < Math.min(BLOCK_SLOTS, end - first); place++) {
      if (!segment.isLive(first + place) || isSameCode(block, check, dim, place)) continue;
      tell(`slot ${firstSlot + first + place}: its code is not of its row`);
    }
  }
}

/** Whether the codes and factors at a place of two blocks agree: see assembly/rabitq.ts. */
function isSameCode(a: Uint32Array, b: Uint32Array, dim: number, place: number): boolean {
  const byte = ((place & 7) << 1) | ((place & 15) >> 3);
  const mask = 0xf << ((byte & 3) * 8 + (place >> 4) * 4);
  for (let word = byte >> 2; word < dim; word += 4) {
    if (((a[word] ^ b[word]) & mask) !== 0) return false;
  }
  for (let factor = dim + place; factor < dim + 96; factor += BLOCK_SLOTS) {
    if (a[factor] !== b[factor]) return false;
  }
  return true;
}
