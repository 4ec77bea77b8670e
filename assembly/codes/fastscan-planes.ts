// Estimates of 32 distances at a time, as in fastscan.ts, from codes of several bits (rabitq-planes.ts). Two planes
// are looked up together, and where they tell that nothing is near enough, those below are not looked at. And which
// of 32 links or rows of a list are near enough.

import { bitsBelow } from "../base/bits";
import { upperWeight } from "./certainty";
import { FactorsF32 } from "./factors";
import {
  boundFour,
  boundLinks,
  boundPlane,
  Estimate,
  MASK,
  MINIMUM,
  Refinement,
  STEP,
  SUM,
  Sure,
  TABLES,
} from "./fastscan";
import { lookUp } from "../base/lanes";

/**
 * Writes estimates as `boundBlock<Estimate>` does, of codes of some bits. Where the upper two planes tell that
 * none is below `limit`, they are of those planes alone.
 *
 * @param block  u8[bits][4 · dim], f32[64], drawn in cells.ts
 * @param bits   2 or 4
 */
export function estimatePlanes(
  block: usize,
  tables: usize,
  dim: u32,
  bits: u32,
  base: f32,
  limit: f32,
  out: usize,
): void {
  const factors = block + <usize>bits * ((<usize>dim) << 2);
  const weight = <f32>(1 << (bits - 2));
  // What the lower planes are not known to be counts as half of what it can be.
  boundPair<Estimate>(block, factors, tables, dim, base, weight, 1.5 * weight, out);
  if (bits == 2 || bitsBelow(out, limit) == 0) return;
  const lower = block + ((<usize>dim) << 3);
  boundPair<Refinement>(lower, factors, tables, dim, 0, 1, 1.5, out);
}

/**
 * Writes what the rows of a list's block are at least by the upper bit of their codes, if what it tells errs by no more
 * than `slack` times what rescales it.
 */
export function boundUpper(
  block: usize,
  tables: usize,
  dim: u32,
  bits: u32,
  base: f32,
  slack: f32,
  out: usize,
): void {
  const factors = block + <usize>bits * ((<usize>dim) << 2);
  const weight = upperWeight(bits);
  boundPlane<Sure, FactorsF32>(block, factors, tables, dim, base, slack, weight, 0.5 * weight, out);
}

/** Adds what fine tables know, as `boundBlock<Refinement>` does, of codes of some bits. */
export function refinePlanes(block: usize, fine: usize, dim: u32, bits: u32, out: usize): void {
  const factors = block + <usize>bits * ((<usize>dim) << 2);
  boundPair<Refinement>(block, factors, fine, dim, 0, <f32>(1 << (bits - 2)), 0, out);
  if (bits == 2) return;
  boundPair<Refinement>(block + ((<usize>dim) << 3), factors, fine, dim, 0, 1, 0, out);
}

/**
 * A bit for each row of a list's block whose estimate is below `limit`; all estimates are in `out`.
 * @param fine  tables, or 0 where they would tell nothing more
 */
export function nearInList(
  block: usize,
  tables: usize,
  fine: usize,
  dim: u32,
  bits: u32,
  base: f32,
  limit: f32,
  out: usize,
): u32 {
  estimatePlanes(block, tables, dim, bits, base, limit, out);
  const near = bitsBelow(out, limit);
  if (fine == 0 || near == 0) return near;
  refinePlanes(block, fine, dim, bits, out);
  return bitsBelow(out, limit);
}

/** As `nearInList`, of 32 links. */
export function nearInLinks(
  block: usize,
  tables: usize,
  fine: usize,
  dim: u32,
  base: f32,
  limit: f32,
  out: usize,
): u32 {
  boundLinks<Estimate>(block, tables, dim, base, out);
  if (fine != 0) boundLinks<Refinement>(block, fine, dim, 0, out);
  return bitsBelow(out, limit);
}

/** As `boundPlane` without slack, of two planes: the lower one counts `weight` times, the upper one twice that. */
function boundPair<Kind>(
  block: usize,
  factors: usize,
  tables: usize,
  dim: u32,
  base: f32,
  weight: f32,
  share: f32,
  out: usize,
): void {
  const mask = v128.load(tables, MASK);
  const planeBytes = (<usize>dim) << 2;
  let upper0_i16x8 = i16x8.splat(0);
  let upperOdd0_i16x8 = upper0_i16x8;
  let upper1_i16x8 = upper0_i16x8;
  let upperOdd1_i16x8 = upper0_i16x8;
  let lower0_i16x8 = upper0_i16x8;
  let lowerOdd0_i16x8 = upper0_i16x8;
  let lower1_i16x8 = upper0_i16x8;
  let lowerOdd1_i16x8 = upper0_i16x8;
  let table = tables + TABLES;
  const end = block + planeBytes;
  for (let codes = block; codes < end; codes += 64, table += 64) {
    let sums = v128.load(table);
    let code = v128.load(codes);
    let upperLow = lookUp(sums, v128.and(code, mask));
    let upperHigh = lookUp(sums, v128.and(i16x8.shr_u(code, 4), mask));
    code = v128.load(codes + planeBytes);
    let lowerLow = lookUp(sums, v128.and(code, mask));
    let lowerHigh = lookUp(sums, v128.and(i16x8.shr_u(code, 4), mask));
    sums = v128.load(table, 16);
    code = v128.load(codes, 16);
    upperLow = i8x16.add(upperLow, lookUp(sums, v128.and(code, mask)));
    upperHigh = i8x16.add(upperHigh, lookUp(sums, v128.and(i16x8.shr_u(code, 4), mask)));
    code = v128.load(codes + planeBytes, 16);
    lowerLow = i8x16.add(lowerLow, lookUp(sums, v128.and(code, mask)));
    lowerHigh = i8x16.add(lowerHigh, lookUp(sums, v128.and(i16x8.shr_u(code, 4), mask)));
    sums = v128.load(table, 32);
    code = v128.load(codes, 32);
    upperLow = i8x16.add(upperLow, lookUp(sums, v128.and(code, mask)));
    upperHigh = i8x16.add(upperHigh, lookUp(sums, v128.and(i16x8.shr_u(code, 4), mask)));
    code = v128.load(codes + planeBytes, 32);
    lowerLow = i8x16.add(lowerLow, lookUp(sums, v128.and(code, mask)));
    lowerHigh = i8x16.add(lowerHigh, lookUp(sums, v128.and(i16x8.shr_u(code, 4), mask)));
    sums = v128.load(table, 48);
    code = v128.load(codes, 48);
    upperLow = i8x16.add(upperLow, lookUp(sums, v128.and(code, mask)));
    upperHigh = i8x16.add(upperHigh, lookUp(sums, v128.and(i16x8.shr_u(code, 4), mask)));
    code = v128.load(codes + planeBytes, 48);
    lowerLow = i8x16.add(lowerLow, lookUp(sums, v128.and(code, mask)));
    lowerHigh = i8x16.add(lowerHigh, lookUp(sums, v128.and(i16x8.shr_u(code, 4), mask)));
    // Odd bytes of each pair apart, as there.
    upper0_i16x8 = i16x8.add(upper0_i16x8, upperLow);
    upperOdd0_i16x8 = i16x8.add(upperOdd0_i16x8, i16x8.shr_u(upperLow, 8));
    upper1_i16x8 = i16x8.add(upper1_i16x8, upperHigh);
    upperOdd1_i16x8 = i16x8.add(upperOdd1_i16x8, i16x8.shr_u(upperHigh, 8));
    lower0_i16x8 = i16x8.add(lower0_i16x8, lowerLow);
    lowerOdd0_i16x8 = i16x8.add(lowerOdd0_i16x8, i16x8.shr_u(lowerLow, 8));
    lower1_i16x8 = i16x8.add(lower1_i16x8, lowerHigh);
    lowerOdd1_i16x8 = i16x8.add(lowerOdd1_i16x8, i16x8.shr_u(lowerHigh, 8));
  }
  upper0_i16x8 = i16x8.sub(upper0_i16x8, i16x8.shl(upperOdd0_i16x8, 8));
  upper1_i16x8 = i16x8.sub(upper1_i16x8, i16x8.shl(upperOdd1_i16x8, 8));
  lower0_i16x8 = i16x8.sub(lower0_i16x8, i16x8.shl(lowerOdd0_i16x8, 8));
  lower1_i16x8 = i16x8.sub(lower1_i16x8, i16x8.shl(lowerOdd1_i16x8, 8));
  const step = f32x4.splat(weight * load<f32>(tables, STEP));
  const minimum = <f32>3 * weight * load<f32>(tables, MINIMUM);
  const shift = f32x4.splat(minimum - share * load<f32>(tables, SUM));
  const bases = f32x4.splat(base);
  pairEight<Kind>(upper0_i16x8, lower0_i16x8, factors, step, shift, bases, out);
  pairEight<Kind>(upperOdd0_i16x8, lowerOdd0_i16x8, factors + 32, step, shift, bases, out + 32);
  pairEight<Kind>(upper1_i16x8, lower1_i16x8, factors + 64, step, shift, bases, out + 64);
  pairEight<Kind>(upperOdd1_i16x8, lowerOdd1_i16x8, factors + 96, step, shift, bases, out + 96);
}

function pairEight<Kind>(
  upper_i16x8: v128,
  lower_i16x8: v128,
  factors: usize,
  step: v128,
  shift: v128,
  bases: v128,
  out: usize,
): void {
  const upperLow = i32x4.extend_low_i16x8_u(upper_i16x8);
  const low = i32x4.add(i32x4.add(upperLow, upperLow), i32x4.extend_low_i16x8_u(lower_i16x8));
  pairFour<Kind>(low, factors, step, shift, bases, out);
  const upperHigh = i32x4.extend_high_i16x8_u(upper_i16x8);
  const high = i32x4.add(i32x4.add(upperHigh, upperHigh), i32x4.extend_high_i16x8_u(lower_i16x8));
  pairFour<Kind>(high, factors + 16, step, shift, bases, out + 16);
}

function pairFour<Kind>(
  sums: v128,
  factors: usize,
  step: v128,
  shift: v128,
  bases: v128,
  out: usize,
): void {
  const noSlack = f32x4.splat(0);
  boundFour<Kind, FactorsF32>(
    f32x4.convert_i32x4_s(sums),
    factors,
    step,
    shift,
    bases,
    noSlack,
    out,
  );
}
