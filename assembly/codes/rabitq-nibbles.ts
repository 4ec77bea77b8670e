// Codes of four bits, each row's in one piece, 32 rows to a block. Where one bit tells too little, what its bounds
// let through is asked of these, an eighth of a row's bytes, before the row itself is read. A value r of row −
// centroid counts s = ±1/2, ±3/2, … up to ±15/2, by the step of one size that it lies in, as in ../cells/rabitq-planes.ts.
//
//     0          u8[32][dim / 2]  codes: of each 32 values of a row 16 bytes, byte i holding s + 15/2 of the i-th in
//                                 its low and of the (16 + i)-th in its high half
//     16 · dim   f32[32]          rescale    estimate = add + base + rescale · d · s
//     + 128      f32[32]          error      of the estimate, one sigma, as a multiple of ‖d‖
//
// where d is the rotated query less the centroid; add stands in the row's block of one-bit codes (rabitq.ts). The
// query is rounded to whole numbers:
//
//     0     f32       step     d's value j is step · whole[j]
//     4     f32       shift    −15/2 · Σ of what is rounded
//     16    u16[3][8] masks    0x000f, 0x00f0, 0x0f00: in memory, because constants would be made anew in the inner loop
//     64    i16[dim]  whole    from −8,191 to 8,191, of each 32 the even ones of the first and of the second half,
//                              then the odd ones; in the relaxed build i8[dim], from −127 to 127, in their order

import { dotBytes, mulAddF32x4, sumF32x4 } from "../base/lanes";
import { LINE_BYTES } from "../base/lines";
import { ADD, blockBytes, BLOCK_ROWS, STEP_OF_FOUR } from "./rabitq";

/** Bytes of an entry of a list of rows, and where it has a slot and what the row's distance is at most. */
export const BOUND_BYTES: usize = 16;
/** The same. */
export const SLOT: usize = 4;
/** The same. */
export const MOST: usize = 8;
const EPSILON: f32 = 5.9604645e-8; // 2⁻²⁴, half of the last bit of an f32
const LEAST_ERROR: f32 = 1e-37;
const SHIFT: usize = 4;
const MASKS: usize = 16;
const WHOLE: usize = 64;
const MIDDLE: f32 = 7.5;
const MOST_WHOLE: f32 = ASC_FEATURE_RELAXED_SIMD ? 127 : 8191;

/** Bytes of a block of 32 codes with their factors. */
export function nibbleBlockBytes(dim: u32): usize {
  return ((<usize>dim) << 4) + 256;
}

/**
 * Writes the codes and factors of rows `first` to `first + count − 1` into their blocks.
 *
 * @param rows      f32[…][stride], row-major, rotated; row s is slot s
 * @param first     first slot to encode
 * @param count     slots to encode
 * @param dim       values per row; a positive multiple of 64, at most 1,024
 * @param stride    f32 values from one row to the next; at least dim, a multiple of 4
 * @param centroid  f32[dim], rotated
 * @param nibbles   u8[…][16 · dim + 256], drawn above
 * @param inner     0 for factors of ‖q − row‖², 1 for those of −q · row
 *
 * The estimate has no bias, and its standard deviation relative to the distance is about 0.104 / √dim where the
 * row and the query are as far from the centroid as from each other.
 */
export function encode_b4(
  rows: usize,
  first: u32,
  count: u32,
  dim: u32,
  stride: u32,
  centroid: usize,
  nibbles: usize,
  inner: u32,
): void {
  for (let slot = first; slot < first + count; slot++) {
    const block = nibbles + <usize>(slot / BLOCK_ROWS) * nibbleBlockBytes(dim);
    const row = rows + ((<usize>slot * <usize>stride) << 2);
    encodeRow(row, (<usize>dim) << 2, centroid, block, slot % BLOCK_ROWS, inner != 0);
  }
}

function encodeRow(
  row: usize,
  rowBytes: usize,
  centroid: usize,
  block: usize,
  place: u32,
  inner: bool,
): void {
  const zero = f32x4.splat(0);
  let squares = zero; // |r|²
  for (let offset: usize = 0; offset < rowBytes; offset += 16) {
    const r = f32x4.sub(v128.load(row + offset), v128.load(centroid + offset));
    squares = mulAddF32x4(r, r, squares);
  }
  const l2sq = <f64>sumF32x4(squares);
  const dim = <f64>(rowBytes >> 2);
  const step = STEP_OF_FOUR * Math.sqrt(l2sq / dim);
  const perStep = f32x4.splat(step > 0 ? <f32>(1 / step) : 0);
  const half = f32x4.splat(0.5);
  const lowest = f32x4.splat(-8);
  const highest = f32x4.splat(7);
  let products = zero; // r · s
  let sizes = zero; // |s|²
  let code = block + (rowBytes >> 3) * <usize>place;
  let numbers_i16x8 = i16x8.splat(0);
  let bytes = numbers_i16x8;
  for (let offset: usize = 0; offset < rowBytes; offset += 32) {
    let pair = zero;
    for (let at: usize = 0; at < 32; at += 16) {
      const r = f32x4.sub(v128.load(row + offset + at), v128.load(centroid + offset + at));
      const below = f32x4.floor(f32x4.mul(r, perStep));
      // In this order a NaN, of distances beyond f32, becomes a number.
      const level = f32x4.pmin(highest, f32x4.pmax(lowest, below));
      const s = f32x4.add(level, half);
      products = mulAddF32x4(r, s, products);
      sizes = mulAddF32x4(s, s, sizes);
      const number_i32x4 = i32x4.trunc_sat_f32x4_s(f32x4.sub(level, lowest));
      pair = at == 0 ? number_i32x4 : i16x8.narrow_i32x4_s(pair, number_i32x4);
    }
    // Eight numbers at a time make sixteen bytes, and two of these the bytes of 32 values.
    const quarter = (offset >> 5) & 3;
    if ((quarter & 1) == 0) numbers_i16x8 = pair;
    else if (quarter == 1) bytes = i8x16.narrow_i16x8_u(numbers_i16x8, pair);
    else {
      const high = i8x16.narrow_i16x8_u(numbers_i16x8, pair);
      v128.store(code, v128.or(bytes, i16x8.shl(high, 4)));
      code += 16;
    }
  }
  const factors = block + (rowBytes << 2) + ((<usize>place) << 2);
  const product = <f64>sumF32x4(products);
  if (!(product > 0)) {
    // The row is the centroid itself: its estimate is exact.
    store<f32>(factors, 0);
    store<f32>(factors, 0, 128);
    return;
  }
  const ratio = l2sq / product;
  const spread = max(0.0, (ratio * <f64>sumF32x4(sizes)) / product - 1) / (dim - 1);
  const sigma = Math.sqrt(l2sq * spread);
  // ‖q − row‖² holds −2 q · row, so its factors are twice those of the inner product.
  store<f32>(factors, <f32>(inner ? -ratio : -2 * ratio));
  store<f32>(factors, <f32>(inner ? sigma : 2 * sigma), 128);
}

/**
 * Writes a query as codes of four bits are compared with it.
 *
 * @param query   f32[dim], rotated, less the centroid
 * @param out     u8[64 + 2 · dim], drawn above
 */
export function wholeQuery(query: usize, dim: u32, out: usize): void {
  const end = query + ((<usize>dim) << 2);
  let largest = f32x4.splat(0);
  for (let at = query; at < end; at += 16) {
    largest = f32x4.pmax(largest, f32x4.abs(v128.load(at)));
  }
  const pairs = f32x4.pmax(largest, v128.shuffle<f32>(largest, largest, 2, 3, 0, 1));
  const top = max<f32>(f32x4.extract_lane(pairs, 0), f32x4.extract_lane(pairs, 1));
  const step: f32 = top > 0 ? top / MOST_WHOLE : 1;
  const perStep = f32x4.splat(1 / step);
  let sums_i32x4 = i32x4.splat(0);
  let to = out + WHOLE;
  for (let at = query; at < end; at += 128) {
    const low0_i16x8 = eightWholes(at, perStep);
    const low1_i16x8 = eightWholes(at + 32, perStep);
    const high0_i16x8 = eightWholes(at + 64, perStep);
    const high1_i16x8 = eightWholes(at + 96, perStep);
    const ones_i16x8 = i16x8.splat(1);
    const low_i16x8 = i16x8.add(low0_i16x8, low1_i16x8);
    const high_i16x8 = i16x8.add(high0_i16x8, high1_i16x8);
    sums_i32x4 = i32x4.add(sums_i32x4, i32x4.dot_i16x8_s(low_i16x8, ones_i16x8));
    sums_i32x4 = i32x4.add(sums_i32x4, i32x4.dot_i16x8_s(high_i16x8, ones_i16x8));
    if (ASC_FEATURE_RELAXED_SIMD) {
      v128.store(to, i8x16.narrow_i16x8_s(low0_i16x8, low1_i16x8));
      v128.store(to, i8x16.narrow_i16x8_s(high0_i16x8, high1_i16x8), 16);
      to += 32;
    } else {
      v128.store(to, evenOf(low0_i16x8, low1_i16x8));
      v128.store(to, evenOf(high0_i16x8, high1_i16x8), 16);
      v128.store(to, oddOf(low0_i16x8, low1_i16x8), 32);
      v128.store(to, oddOf(high0_i16x8, high1_i16x8), 48);
      to += 64;
    }
  }
  store<f32>(out, step);
  v128.store(out, i16x8.splat(0x000f), MASKS);
  v128.store(out, i16x8.splat(0x00f0), MASKS + 16);
  v128.store(out, i16x8.splat(0x0f00), MASKS + 32);
  store<f32>(out, -MIDDLE * step * <f32>sumOf(sums_i32x4), SHIFT);
}

function eightWholes(at: usize, perStep: v128): v128 {
  const low = f32x4.nearest(f32x4.mul(v128.load(at), perStep));
  const high = f32x4.nearest(f32x4.mul(v128.load(at, 16), perStep));
  return i16x8.narrow_i32x4_s(i32x4.trunc_sat_f32x4_s(low), i32x4.trunc_sat_f32x4_s(high));
}

function evenOf(a: v128, b: v128): v128 {
  return v128.shuffle<i16>(a, b, 0, 2, 4, 6, 8, 10, 12, 14);
}

function oddOf(a: v128, b: v128): v128 {
  return v128.shuffle<i16>(a, b, 1, 3, 5, 7, 9, 11, 13, 15);
}

function sumOf(v_i32x4: v128): i32 {
  const pairs = i32x4.add(v_i32x4, v128.shuffle<i32>(v_i32x4, v_i32x4, 2, 3, 0, 1));
  return i32x4.extract_lane(pairs, 0) + i32x4.extract_lane(pairs, 1);
}

/**
 * Writes beside each slot of a list what its row's distance is at least and at most.
 *
 * @param list    {f32 least, u32 slot, f32 most, u32}[…] up to `end`
 * @param blocks  of one-bit codes
 * @param whole   of the query, as `wholeQuery` writes it
 * @param base    ‖d‖², or −q · c for inner products
 * @param slack   how sure, in standard deviations, times ‖d‖; the rounding of the query adds less than a hundredth
 */
export function boundNibbles(
  list: usize,
  end: usize,
  blocks: usize,
  nibbles: usize,
  whole: usize,
  dim: u32,
  base: f32,
  slack: f32,
): void {
  const rowBytes = (<usize>dim) << 2;
  const codeBytes = (<usize>dim) >> 1;
  const step = load<f32>(whole);
  const shift = load<f32>(whole, SHIFT);
  // Where all are far from the origin by as much, inner products differ by less than sums of f32 are off by.
  const rounding = <f32>((dim >> 4) + 8) * EPSILON;
  // All are asked of memory at once: one after the other each would be waited for.
  for (let entry = list; entry < end; entry += BOUND_BYTES) {
    const slot = load<u32>(entry, SLOT);
    const block = nibbles + <usize>(slot >> 5) * nibbleBlockBytes(dim);
    const code = block + codeBytes * <usize>(slot & 31);
    for (let at = code; at < code + codeBytes; at += LINE_BYTES) load<u8>(at);
    load<u8>(block + (rowBytes << 2) + ((<usize>(slot & 31)) << 2));
  }
  for (let entry = list; entry < end; entry += BOUND_BYTES) {
    const slot = load<u32>(entry, SLOT);
    const place = (<usize>(slot & 31)) << 2;
    const block = nibbles + <usize>(slot >> 5) * nibbleBlockBytes(dim);
    const code = block + codeBytes * <usize>(slot & 31);
    const product = <f32>productOf(code, code + codeBytes, whole);
    const adds = blocks + <usize>(slot >> 5) * blockBytes(dim) + rowBytes + ADD;
    const factors = block + (rowBytes << 2) + place;
    const add = load<f32>(adds + place);
    const estimate = add + base + load<f32>(factors) * (step * product + shift);
    // Where both are at the centroid there is nothing to err by; what is at least is still to be less than what is at most.
    const error =
      slack * load<f32>(factors, 128) + rounding * (abs<f32>(add) + abs<f32>(base)) + LEAST_ERROR;
    store<f32>(entry, estimate - error);
    store<f32>(entry, estimate + error, MOST);
  }
}

/** Σ whole · number. */
function productOf(code: usize, end: usize, whole: usize): i32 {
  let sum0_i32x4 = i32x4.splat(0);
  let sum1_i32x4 = sum0_i32x4;
  if (ASC_FEATURE_RELAXED_SIMD) {
    const half = i8x16.splat(15);
    whole += WHOLE;
    for (; code < end; code += 16, whole += 32) {
      const x = v128.load(code);
      sum0_i32x4 = dotBytes(v128.load(whole), v128.and(x, half), sum0_i32x4);
      const high = v128.and(i16x8.shr_u(x, 4), half);
      sum1_i32x4 = dotBytes(v128.load(whole, 16), high, sum1_i32x4);
    }
    return sumOf(i32x4.add(sum0_i32x4, sum1_i32x4));
  }
  let sum2_i32x4 = sum0_i32x4;
  let sum3_i32x4 = sum0_i32x4;
  const first = v128.load(whole, MASKS);
  const second = v128.load(whole, MASKS + 16);
  const third = v128.load(whole, MASKS + 32);
  whole += WHOLE;
  // Numbers in the middle of 16 bits count 16 or 256 times, and so do their sums: of 1,024 values less than 2³¹.
  for (; code < end; code += 16, whole += 64) {
    const x = v128.load(code);
    const dot0_i32x4 = i32x4.dot_i16x8_s(v128.and(x, first), v128.load(whole));
    const dot1_i32x4 = i32x4.dot_i16x8_s(v128.and(x, second), v128.load(whole, 16));
    const dot2_i32x4 = i32x4.dot_i16x8_s(v128.and(x, third), v128.load(whole, 32));
    const dot3_i32x4 = i32x4.dot_i16x8_s(i16x8.shr_u(x, 12), v128.load(whole, 48));
    sum0_i32x4 = i32x4.add(sum0_i32x4, dot0_i32x4);
    sum1_i32x4 = i32x4.add(sum1_i32x4, dot1_i32x4);
    sum2_i32x4 = i32x4.add(sum2_i32x4, dot2_i32x4);
    sum3_i32x4 = i32x4.add(sum3_i32x4, dot3_i32x4);
  }
  const ones_i32x4 = i32x4.add(sum0_i32x4, sum3_i32x4);
  const more_i32x4 = i32x4.add(i32x4.shr_s(sum1_i32x4, 4), i32x4.shr_s(sum2_i32x4, 8));
  return sumOf(i32x4.add(ones_i32x4, more_i32x4));
}
