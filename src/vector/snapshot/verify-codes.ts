import { BLOCK_SLOTS } from "../../wasm/vectors/scan.ts";
import type { Segment } from "../segment/segment.ts";

/** Tells which live rows have codes that are not theirs. */
export function verifyCodes(segment: Segment, tell: (problem: string) => void): void {
  const { rowCodes, end, dim, heap, firstSlot } = segment;
  if (rowCodes?.isMade !== true) return;
  const { check, codes } = rowCodes;
  const again = floatsOf(check.blocks);
  for (let first = 0; first < end; first += BLOCK_SLOTS) {
    for (const job of rowCodes.recodeJobs(segment, first)) heap.run(job);
    const block = blockAt(codes.blocks, check.blocks, first);
    const ours = floatsOf(block);
    for (let place = 0; place < Math.min(BLOCK_SLOTS, end - first); place++) {
      if (!segment.isLive(first + place)) continue;
      const isSame =
        isSameCode(block, check.blocks, ours, again, dim, place) &&
        (codes.nibbles === undefined ||
          check.nibbles === undefined ||
          check.nibbles.length === 0 ||
          isSameNibbles(blockAt(codes.nibbles, check.nibbles, first), check.nibbles, dim, place));
      if (!isSame) tell(`slot ${firstSlot + first + place}: its code is not of its row`);
    }
  }
}

/** The block of codes that begins at a slot, as long as another. */
function blockAt(blocks: Uint32Array, { length }: Uint32Array, first: number): Uint32Array {
  const at = (first / BLOCK_SLOTS) * length;
  return blocks.subarray(at, at + length);
}

// Another build of the kernels rounds sums otherwise, in their last bits: factors differ by as little,
// and the bit of a value that is almost 0 may be the other one. A code of another row differs in half
// of its bits.
const MOST_OTHER_BITS = 2;
const FACTOR_TOLERANCE = 1e-3;
const MOST_OTHER_STEPS = 0.02; // of the values of a row
// What a code of four bits errs by hangs on the few values that came into other steps.
const NIBBLE_TOLERANCE = 0.05;

/** Whether the codes and factors at a place of two blocks agree: see assembly/codes/rabitq.ts. */
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

/**
 * Whether those of four bits at a place of two blocks agree: see assembly/codes/rabitq-nibbles.ts. A value at the edge of
 * two steps may have come into the other one.
 */
function isSameNibbles(a: Uint32Array, b: Uint32Array, dim: number, place: number): boolean {
  const words = dim / 8;
  let others = 0;
  for (let word = place * words; word < (place + 1) * words; word++) {
    for (let shift = 0; shift < 32; shift += 4) {
      const steps = Math.abs(((a[word] >>> shift) & 15) - ((b[word] >>> shift) & 15));
      if (steps > 1) return false;
      others += steps;
    }
  }
  if (others > Math.max(MOST_OTHER_BITS, dim * MOST_OTHER_STEPS)) return false;
  const ours = floatsOf(a);
  const again = floatsOf(b);
  return [4 * dim + place, 4 * dim + BLOCK_SLOTS + place].every((factor) => {
    if (Object.is(ours[factor], again[factor])) return true;
    const difference = Math.abs(ours[factor] - again[factor]);
    return difference <= NIBBLE_TOLERANCE * Math.abs(again[factor]);
  });
}

const ONES = [0, 1, 1, 2, 1, 2, 2, 3, 1, 2, 2, 3, 2, 3, 3, 4];

function floatsOf(words: Uint32Array): Float32Array {
  return new Float32Array(words.buffer, words.byteOffset, words.length);
}
