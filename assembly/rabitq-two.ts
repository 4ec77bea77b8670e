// Codes of two bits (RaBitQ: Gao et al., 2025), 32 to a block drawn in cells.ts: a value r of what is
// encoded counts s = ±1/2, or ±3/2 where it is larger than the standard deviation of all. The upper bit
// is that of s > 0, the lower one tells the two of a sign apart, so that 2 · upper + lower = s + 3/2.

import { rowL2sq } from "./distance";
import { FactorsF32 } from "./factors";
import { boundPlane, Estimate, Refinement } from "./fastscan";
import { axisOf, dimOf, rootOf } from "./graph";
import { fourIn, liftsIn, scalesIn } from "./graph-rows";
import { mulAddF32x4, sumF32x4 } from "./lanes";
import { isI8 } from "./metric";
import { storeBits } from "./rabitq";

/**
 * Writes the code and the factors of `other` − `row` at a place of a block; the query's tables are relative to
 * the root's row.
 *
 * @param row    f32[dim], what the code is relative to
 * @param other  a record's row, what is encoded
 */
export function encodeTwo<Other>(
  graph: usize,
  row: usize,
  other: usize,
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
  // Where a value is larger than this it counts three halves, else a half (Lloyd, 1982).
  const threshold = f32x4.splat(<f32>Math.sqrt(l2sq / <f64>(rowBytes >> 2)));
  const half = f32x4.splat(0.5);
  const more = f32x4.splat(1.5);
  let sizes = zero; // r · s
  let offsets = zero; // (row − origin) · s
  for (let offset: usize = 0; offset < rowBytes; offset += 16) {
    const v = v128.load(row + offset);
    const r = f32x4.sub(fourIn<Other>(other, offset, scales, lifts, axis), v);
    const isSet = f32x4.gt(r, zero);
    const size = f32x4.abs(r);
    const isLarge = f32x4.gt(size, threshold);
    const away = f32x4.sub(v, v128.load(origin + offset));
    const level = v128.bitselect(more, half, isLarge);
    sizes = mulAddF32x4(size, level, sizes);
    offsets = mulAddF32x4(v128.bitselect(away, f32x4.neg(away), isSet), level, offsets);
    storeBits(block + offset, place, isSet);
    storeBits(block + rowBytes + offset, place, v128.not(v128.xor(isSet, isLarge)));
  }
  const factors = block + (rowBytes << 1) + ((<usize>place) << 2);
  const size = <f64>sumF32x4(sizes);
  const ratio = size == 0 ? 0 : l2sq / size;
  store<f32>(factors, <f32>(l2sq + 2 * ratio * <f64>sumF32x4(offsets)));
  store<f32>(factors, <f32>(-2 * ratio), 128);
}

/** As `boundBlock<Estimate>`, of codes of two bits. */
export function estimateTwo(block: usize, tables: usize, dim: u32, base: f32, out: usize): void {
  const lower = block + ((<usize>dim) << 2);
  const factors = lower + ((<usize>dim) << 2);
  boundPlane<Estimate, FactorsF32>(block, factors, tables, dim, base, 0, 2, 1.5, out);
  boundPlane<Refinement, FactorsF32>(lower, factors, tables, dim, 0, 0, 1, 0, out);
}

/** As `boundBlock<Refinement>`, of codes of two bits. */
export function refineTwo(block: usize, tables: usize, dim: u32, out: usize): void {
  const lower = block + ((<usize>dim) << 2);
  const factors = lower + ((<usize>dim) << 2);
  boundPlane<Refinement, FactorsF32>(block, factors, tables, dim, 0, 0, 2, 0, out);
  boundPlane<Refinement, FactorsF32>(lower, factors, tables, dim, 0, 0, 1, 0, out);
}
