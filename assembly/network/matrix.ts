// Products of matrices, blocked for the caches and packed for the lanes.

import { tile1, tile3, tile3Columns, tile4, tile4Columns } from "./matrix-tiles";

/** Columns of a tile: two vectors. Rows of `right` are packed into panels of so many columns. */
const TILE_COLS: usize = 8;
/** Rows of `right` in a panel: 512 × 8 values are 16 KiB, half of the smallest first-level cache. */
const MOST_DEPTH: usize = 512;
/** Columns packed at once: 512 × 64 values are 128 KiB, which second-level caches hold. */
const MOST_COLS: usize = 64;

/** `left` is stored transposed, f32[depth][rows]. */
export const LEFT_TRANSPOSED: u32 = 1;
/** `right` is stored transposed, f32[cols][depth]. */
export const RIGHT_TRANSPOSED: u32 = 2;
/** The product is added to what `out` holds. */
export const ADD_TO_OUT: u32 = 4;

/**
 * The product of two matrices, or of the transposed of either.
 *
 *     out[i][j] = Σₖ left[i][k] · right[k][j]        + bias[j], when there is one, or + out[i][j]
 *
 * @param left        f32[rows][depth], rows `leftStride` values apart; with flag 1 f32[depth][rows]
 * @param right       f32[depth][cols], rows `rightStride` apart; with flag 2 f32[cols][depth]
 * @param rows        0 writes nothing
 * @param cols        a multiple of 8
 * @param depth       at least 1
 * @param flags       1 and 2 as above; 4 adds to what `out` holds
 * @param bias        f32[cols], or 0 for none; not with flag 4
 * @param scratch     131,072 bytes, aligned to 16
 * @param out         f32[rows][cols], rows `outStride` apart; must not overlap the others
 *
 * Rounding: each element is one running f32 sum over k, in blocks of 512 that are then added, so the
 * absolute error is at most (min(depth, 512) + depth / 512 + 2) · 2⁻²⁴ · (Σₖ |left · right| + |start|),
 * start being the bias or what `out` held. It does not depend on which other elements are computed
 * with it: parts of a product are bit for bit the whole. NaN and ±Infinity follow IEEE 754.
 *
 * Source: Goto and van de Geijn, Anatomy of high-performance matrix multiplication, 2008.
 */
export function product_f32(
  left: usize,
  right: usize,
  rows: u32,
  cols: u32,
  depth: u32,
  leftStride: u32,
  rightStride: u32,
  flags: u32,
  bias: usize,
  scratch: usize,
  out: usize,
  outStride: u32,
): void {
  const leftRow: usize = (flags & LEFT_TRANSPOSED) != 0 ? 4 : (<usize>leftStride) << 2;
  const leftStep: usize = (flags & LEFT_TRANSPOSED) != 0 ? (<usize>leftStride) << 2 : 4;
  const rightBytes = (<usize>rightStride) << 2;
  const outBytes = (<usize>outStride) << 2;
  for (let col: usize = 0; col < cols; col += MOST_COLS) {
    const width = min<usize>(MOST_COLS, <usize>cols - col);
    for (let from: usize = 0; from < depth; from += MOST_DEPTH) {
      const steps = min<usize>(MOST_DEPTH, <usize>depth - from);
      if ((flags & RIGHT_TRANSPOSED) != 0) {
        packTransposed(right + col * rightBytes + (from << 2), rightBytes, width, steps, scratch);
      } else {
        pack(right + from * rightBytes + (col << 2), rightBytes, width, steps, scratch);
      }
      const first = from == 0 && (flags & ADD_TO_OUT) == 0;
      const start = first && bias != 0 ? bias + (col << 2) : 0;
      multiplyPanels(
        left + from * leftStep,
        leftRow,
        leftStep,
        scratch,
        rows,
        width,
        steps,
        first,
        start,
        out + (col << 2),
        outBytes,
      );
    }
  }
}

/** Every tile of the packed columns. A panel stays in cache while the rows go by. */
function multiplyPanels(
  left: usize,
  leftRow: usize,
  leftStep: usize,
  panels: usize,
  rows: usize,
  width: usize,
  steps: usize,
  first: bool,
  start: usize,
  out: usize,
  outBytes: usize,
): void {
  const panelBytes = steps * (TILE_COLS << 2);
  for (let col: usize = 0; col < width; col += TILE_COLS, panels += panelBytes) {
    const bias: usize = start != 0 ? start + (col << 2) : 0;
    let row: usize = 0;
    let a = left;
    let c = out + (col << 2);
    // A tile's sums and what they are made of must all fit the sixteen registers. Without fused
    // arithmetic products need registers too, and V8 reads ahead: three rows are what is not spilled.
    if (ASC_FEATURE_RELAXED_SIMD) {
      for (; row + 4 <= rows; row += 4, a += leftRow << 2, c += outBytes << 2) {
        if (leftStep == 4) tile4(a, leftRow, panels, panelBytes, first, bias, c, outBytes);
        else tile4Columns(a, leftStep, panels, panelBytes, first, bias, c, outBytes);
      }
    } else {
      for (; row + 3 <= rows; row += 3, a += leftRow * 3, c += outBytes * 3) {
        if (leftStep == 4) tile3(a, leftRow, panels, panelBytes, first, bias, c, outBytes);
        else tile3Columns(a, leftStep, panels, panelBytes, first, bias, c, outBytes);
      }
    }
    for (; row < rows; row++, a += leftRow, c += outBytes) {
      tile1(a, leftStep, panels, panelBytes, first, bias, c);
    }
  }
}

/** Panels of eight columns: f32[width / 8][steps][8]. */
function pack(right: usize, rightBytes: usize, width: usize, steps: usize, panels: usize): void {
  for (let col: usize = 0; col < width; col += TILE_COLS) {
    let from = right + (col << 2);
    for (const end = panels + (steps << 5); panels < end; panels += 32, from += rightBytes) {
      v128.store(panels, v128.load(from));
      v128.store(panels, v128.load(from, 16), 16);
    }
  }
}

/** As `pack`, of f32[cols][depth]: eight rows of it become a panel, four columns at a time. */
function packTransposed(
  right: usize,
  rightBytes: usize,
  width: usize,
  steps: usize,
  panels: usize,
): void {
  const whole = steps & ~3;
  for (let col: usize = 0; col < width; col += 4) {
    // The first and the second four columns of a panel take turns.
    const half = panels + (col >> 3) * (steps << 5) + ((col & 4) << 2);
    const row0 = right + col * rightBytes;
    const row1 = row0 + rightBytes;
    const row2 = row1 + rightBytes;
    const row3 = row2 + rightBytes;
    for (let k: usize = 0; k < whole; k += 4) {
      const to = half + (k << 5);
      const v0 = v128.load(row0 + (k << 2));
      const v1 = v128.load(row1 + (k << 2));
      const v2 = v128.load(row2 + (k << 2));
      const v3 = v128.load(row3 + (k << 2));
      const low01 = v128.shuffle<f32>(v0, v1, 0, 4, 1, 5);
      const high01 = v128.shuffle<f32>(v0, v1, 2, 6, 3, 7);
      const low23 = v128.shuffle<f32>(v2, v3, 0, 4, 1, 5);
      const high23 = v128.shuffle<f32>(v2, v3, 2, 6, 3, 7);
      v128.store(to, v128.shuffle<f64>(low01, low23, 0, 2));
      v128.store(to, v128.shuffle<f64>(low01, low23, 1, 3), 32);
      v128.store(to, v128.shuffle<f64>(high01, high23, 0, 2), 64);
      v128.store(to, v128.shuffle<f64>(high01, high23, 1, 3), 96);
    }
    for (let k = whole; k < steps; k++) {
      const to = half + (k << 5);
      store<f32>(to, load<f32>(row0 + (k << 2)));
      store<f32>(to, load<f32>(row1 + (k << 2)), 4);
      store<f32>(to, load<f32>(row2 + (k << 2)), 8);
      store<f32>(to, load<f32>(row3 + (k << 2)), 12);
    }
  }
}
