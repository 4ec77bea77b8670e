import { BLOCK_SLOTS } from "../wasm/scan.ts";
import type { Segment } from "./segment.ts";

/** Tells which live rows have codes that are not theirs. */
export function verifyCodes(segment: Segment, tell: (problem: string) => void): void {
  const { codes, end, dim, check, heap, firstSlot } = segment;
  if (codes === undefined) return;
  const words = check.length;
  const again = floatsOf(check);
  for (let first = 0; first < end; first += BLOCK_SLOTS) {
    heap.run(segment.recodeJob(first));
    const block = codes.blocks.subarray((first / BLOCK_SLOTS) * words);
    const ours = floatsOf(block.subarray(0, words));
    for (let place = 0; place < Math.min(BLOCK_SLOTS, end - first); place++) {
      if (!segment.isLive(first + place)) continue;
      if (isSameCode(block, check, ours, again, dim, place)) continue;
      tell(`slot ${firstSlot + first + place}: its code is not of its row`);
    }
  }
}

// Another build of the kernels rounds sums otherwise, in their last bits: factors differ by as little,
// and the bit of a value that is almost 0 may be the other one. A code of another row differs in half
// of its bits.
const MOST_OTHER_BITS = 2;
const FACTOR_TOLERANCE = 1e-3;

/** Whether the codes and factors at a place of two blocks agree: see assembly/rabitq.ts. */
function isSameCode(
  a: Uint32Array,
  b: Uint32Array,
  ours: Float32Array,
  again: Float32Array,
  dim: number,
  place: number,
): boolean {
  const byte = ((place & 7) << 1) | ((place & 15) >> 3);
  const mask = 0xf << ((byte & 3) * 8 + (place >> 4) * 4);
  let others = 0;
  for (let word = byte >> 2; word < dim; word += 4) {
    const differing = (a[word] ^ b[word]) & mask;
    if (differing !== 0) others += ONES[(differing >>> ((byte & 3) * 8 + (place >> 4) * 4)) & 0xf];
  }
  if (others > MOST_OTHER_BITS) return false;
  // A sum that is almost 0 has the rounding of what was added up.
  const scale = Math.abs(ours[dim + BLOCK_SLOTS + place]);
  for (let factor = dim + place; factor < dim + 96; factor += BLOCK_SLOTS) {
    // Where squares are beyond f32 both are.
    if (Object.is(ours[factor], again[factor])) continue;
    const difference = Math.abs(ours[factor] - again[factor]);
    const size = Math.max(Math.abs(ours[factor]), Math.abs(again[factor]), scale);
    if (!(difference <= FACTOR_TOLERANCE * size)) return false;
  }
  return true;
}

const ONES = [0, 1, 1, 2, 1, 2, 2, 3, 1, 2, 2, 3, 2, 3, 3, 4];

function floatsOf(words: Uint32Array): Float32Array {
  return new Float32Array(words.buffer, words.byteOffset, words.length);
}
