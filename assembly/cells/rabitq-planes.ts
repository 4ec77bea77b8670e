// Codes of 2 or 4 bits (RaBitQ: Gao et al., 2025), 32 to a block drawn in cells.ts: a value r of what is encoded
// counts s = ±1/2, ±3/2, … up to ±(2ᵇ − 1) / 2, by the step of one size that it lies in; the outermost ones reach
// on for ever. Each plane holds one bit of s + (2ᵇ − 1) / 2 of every value, the first the highest.

import { rowL2sq } from "../rows/distance";
import { axisOf, dimOf, rootOf } from "../graph/graph";
import { fourIn, liftsIn, scalesIn } from "../graph/graph-rows";
import { mulAddF32x4, sumF32x4 } from "../base/lanes";
import { isI8 } from "../rows/metric";
import { STEP_OF_FOUR, STEP_OF_TWO, storeBits } from "../codes/rabitq";

/**
 * Writes the code and the factors of `other` − `row` at a place of a block; the query's tables are relative to
 * the root's row.
 *
 * @param row    f32[dim], what the code is relative to
 * @param other  a record's row, what is encoded
 * @param bits   of each value, 2 or 4
 */
export function encodePlanes<Other>(
  graph: usize,
  row: usize,
  other: usize,
  bits: u32,
  block: usize,
  place: u32,
): void {
  const rowBytes = (<usize>dimOf(graph)) << 2;
  const origin = rootOf(graph);
  const axis = axisOf(graph);
  const scales = scalesIn<Other>(graph, other);
  const lifts = liftsIn<Other>(graph, other);
  const zero = f32x4.splat(0);
  let l2sq: f64;
  if (isI8<Other>()) {
    let squares = zero;
    for (let offset: usize = 0; offset < rowBytes; offset += 16) {
      const value = fourIn<Other>(other, offset, scales, lifts, axis);
      const r = f32x4.sub(value, v128.load(row + offset));
      squares = mulAddF32x4(r, r, squares);
    }
    l2sq = <f64>sumF32x4(squares);
  } else l2sq = <f64>rowL2sq(row, other, rowBytes);
  const step = (bits == 2 ? STEP_OF_TWO : STEP_OF_FOUR) * Math.sqrt(l2sq / <f64>(rowBytes >> 2));
  const perStep = f32x4.splat(step > 0 ? <f32>(1 / step) : 0);
  const half = f32x4.splat(0.5);
  const lowest = f32x4.splat(-(<f32>(1 << (bits - 1))));
  const highest = f32x4.splat(<f32>(1 << (bits - 1)) - 1);
  let sizes = zero; // r · s
  let offsets = zero; // (row − origin) · s
  for (let offset: usize = 0; offset < rowBytes; offset += 16) {
    const v = v128.load(row + offset);
    const r = f32x4.sub(fourIn<Other>(other, offset, scales, lifts, axis), v);
    const below = f32x4.floor(f32x4.mul(r, perStep));
    // In this order a NaN, of distances beyond f32, becomes a number.
    const level = f32x4.pmin(highest, f32x4.pmax(lowest, below));
    const s = f32x4.add(level, half);
    sizes = mulAddF32x4(r, s, sizes);
    offsets = mulAddF32x4(f32x4.sub(v, v128.load(origin + offset)), s, offsets);
    const number = i32x4.trunc_sat_f32x4_s(f32x4.sub(level, lowest));
    let line = block + offset;
    for (let bit = bits; bit > 0; bit--, line += rowBytes) {
      storeBits(line, place, i32x4.shl(number, 32 - bit));
    }
  }
  const factors = block + <usize>bits * rowBytes + ((<usize>place) << 2);
  const size = <f64>sumF32x4(sizes);
  const ratio = size == 0 ? 0 : l2sq / size;
  store<f32>(factors, <f32>(l2sq + 2 * ratio * <f64>sumF32x4(offsets)));
  store<f32>(factors, <f32>(-2 * ratio), 128);
}
