// Estimates of 32 distances at a time from one-bit codes: the sums that a query's values have at the
// bits of a code are looked up, four bits at once, in tables that fit a vector (FastScan: André,
// Kermarrec and Le Scouarnec, 2015).
//
//     0    f32        step     what one unit of a table means
//     4    f32        minimum  sum of the smallest sums of all tables
//     8    f32        sum      of the values
//     16   u8[16]     0x0f     in memory, because a constant would be made anew in the inner loop
//     32   u8[dim / 4][16]     table m, entry j: the sum of values 4m … 4m + 3 at the bits of j, in
//                              steps above the smallest, at most 63: four add up within a byte

import { addFour, FactorsF32, PackedFactors, rescaleFour } from "./factors";
import { lookUp, mulAddF32x4, sumF32x4 } from "../base/lanes";

/** Where the parts of tables stand. */
export const STEP: usize = 0;
/** The same. */
export const MINIMUM: usize = 4;
/** The same. */
export const SUM: usize = 8;
/** The same. */
export const MASK: usize = 16;
/** The same. */
export const TABLES: usize = 32;
const MOST_LEVEL: f32 = 63;
const WHOLE: f32 = 8388608; // 2²³

/**
 * The variance of a sum that is looked up, because of its tables' rounding: that of a number spread evenly
 * over a step, for each table.
 */
export function roundingOf(tables: usize, dim: u32): f32 {
  const step = load<f32>(tables, STEP);
  return (step * step * <f32>(dim >> 2)) / 12;
}

/** Bytes of a query's tables. */
export function tableBytes(dim: u32): usize {
  return TABLES + ((<usize>dim) << 2);
}

/**
 * Writes the tables of a rotated query, less the centroid of the codes that it is for.
 *
 * @param query   f32[dim], rotated, less the centroid
 * @param dim     values; a positive multiple of 64, at most 4,160: then 63 · dim / 4 fits 16 bits
 * @param tables  u8[32 + 4 · dim], drawn above
 */
export function tables_b1(query: usize, dim: u32, tables: usize): void {
  const zero = f32x4.splat(0);
  const end = query + ((<usize>dim) << 2);
  let ranges = zero;
  let minima = zero;
  let sums = zero;
  for (let at = query; at < end; at += 64) {
    const v0 = v128.load(at);
    const v1 = v128.load(at, 16);
    const v2 = v128.load(at, 32);
    const v3 = v128.load(at, 48);
    sums = f32x4.add(sums, f32x4.add(f32x4.add(v0, v1), f32x4.add(v2, v3)));
    const low01 = f32x4.add(f32x4.pmin(v0, zero), f32x4.pmin(v1, zero));
    const low23 = f32x4.add(f32x4.pmin(v2, zero), f32x4.pmin(v3, zero));
    minima = f32x4.add(minima, f32x4.add(low01, low23));
    // What the sums of four values range over is the sum of their sizes: of four tables at a time.
    const size01 = sumOfPairs(f32x4.abs(v0), f32x4.abs(v1));
    const size23 = sumOfPairs(f32x4.abs(v2), f32x4.abs(v3));
    ranges = f32x4.pmax(ranges, sumOfPairs(size01, size23));
  }
  const range01 = max<f32>(f32x4.extract_lane(ranges, 0), f32x4.extract_lane(ranges, 1));
  const range23 = max<f32>(f32x4.extract_lane(ranges, 2), f32x4.extract_lane(ranges, 3));
  const range = max<f32>(range01, range23);
  const step: f32 = range > 0 ? range / MOST_LEVEL : 1;
  store<f32>(tables, step, STEP);
  store<f32>(tables, sumF32x4(minima), MINIMUM);
  store<f32>(tables, sumF32x4(sums), SUM);
  v128.store(tables, i8x16.splat(15), MASK);
  writeTables<Estimate>(query, dim, 1 / step, tables + TABLES);
}

/** Sums of neighbors: a₀ + a₁, a₂ + a₃, b₀ + b₁, b₂ + b₃. */
function sumOfPairs(a: v128, b: v128): v128 {
  return f32x4.add(v128.shuffle<f32>(a, b, 0, 2, 4, 6), v128.shuffle<f32>(a, b, 1, 3, 5, 7));
}

/** Writes the tables of all values: of their sums in steps, or of what that rounding leaves. */
function writeTables<Kind>(query: usize, dim: u32, perStep: f32, table: usize): void {
  const zero = f32x4.splat(0);
  const scale = f32x4.splat(perStep);
  const whole = f32x4.splat(WHOLE);
  for (const end = query + ((<usize>dim) << 2); query < end; query += 16, table += 16) {
    const v = v128.load(query);
    let least = f32x4.pmin(v, zero);
    least = f32x4.add(least, v128.shuffle<f32>(least, least, 2, 3, 0, 1));
    least = f32x4.add(least, v128.shuffle<f32>(least, least, 1, 0, 3, 2));
    const first = v128.shuffle<f32>(v, zero, 4, 0, 4, 0);
    const second = v128.shuffle<f32>(v, zero, 4, 4, 1, 1);
    const third = v128.shuffle<f32>(v, v, 2, 2, 2, 2);
    const fourth = v128.shuffle<f32>(v, v, 3, 3, 3, 3);
    const sums = f32x4.sub(f32x4.add(first, second), least);
    const more = f32x4.add(sums, fourth);
    const levels0 = toLevels<Kind>(sums, scale, whole);
    const levels1 = toLevels<Kind>(f32x4.add(sums, third), scale, whole);
    const levels2 = toLevels<Kind>(more, scale, whole);
    const levels3 = toLevels<Kind>(f32x4.add(more, third), scale, whole);
    const low = i16x8.narrow_i32x4_s(levels0, levels1);
    const high = i16x8.narrow_i32x4_s(levels2, levels3);
    v128.store(table, i8x16.narrow_i16x8_u(low, high));
  }
}

/**
 * Writes tables of what the rounding of a query's tables has left, 64 times as fine. Looked up after
 * them, by `boundBlock<Refinement>`, they make up for a query far from what its codes are relative to.
 *
 * @param query   f32[dim], as given to `tables_b1`
 * @param tables  u8[32 + 4 · dim], as that has written them
 * @param fine    u8[32 + 4 · dim], drawn above
 */
export function refineTables(query: usize, dim: u32, tables: usize, fine: usize): void {
  const coarse = load<f32>(tables, STEP);
  const step: f32 = coarse / MOST_LEVEL;
  store<f32>(fine, step, STEP);
  store<f32>(fine, -0.5 * coarse * <f32>(dim >> 2), MINIMUM);
  store<f32>(fine, 0, SUM);
  v128.store(fine, i8x16.splat(15), MASK);
  writeTables<Refinement>(query, dim, 1 / coarse, fine + TABLES);
}

/** Whole numbers of steps, rounded; or 63 times what that leaves, which lies half a step about it. */
function toLevels<Kind>(sums: v128, scale: v128, whole: v128): v128 {
  // A number this large has no fraction any more, and those below 2²³ beyond it differ by their bits alone.
  const steps = mulAddF32x4(sums, scale, whole);
  if (idof<Kind>() != idof<Refinement>()) return i32x4.sub(steps, whole);
  const left = mulAddF32x4(sums, scale, f32x4.splat(0.5));
  const rest = f32x4.sub(left, f32x4.sub(steps, whole));
  return i32x4.sub(mulAddF32x4(rest, f32x4.splat(MOST_LEVEL), whole), whole);
}

/**
 * Estimated distances of the rows of `count` blocks.
 *
 * @param blocks  u8[count][4 · dim + 384], drawn in rabitq.ts
 * @param count   blocks of 32 rows
 * @param tables  of the query, as `tables_b1` writes them
 * @param dim     values per row
 * @param base    ‖q − c‖², or −q · c for inner products
 * @param out     f32[count][32]
 */
export function estimate_b1(
  blocks: usize,
  count: u32,
  tables: usize,
  dim: u32,
  base: f32,
  out: usize,
): void {
  const blockBytes = ((<usize>dim) << 2) + 384;
  for (const end = out + ((<usize>count) << 7); out < end; out += 128, blocks += blockBytes) {
    boundBlock<Estimate>(blocks, tables, dim, base, 0, out);
  }
}

/** What `boundBlock` writes: the estimate itself. */
export class Estimate {}
/** What `boundBlock` writes: the estimate less `slack` times its error. */
export class LowerBound {}
/** What `boundPlane` writes: the estimate less `slack` times what rescales it. */
export class Sure {}
/** What `boundBlock` adds: what fine tables know beyond the estimate that is there. */
export class Refinement {}

/** Writes an estimate, or a lower bound, for each of the 32 rows of a block. */
export function boundBlock<Kind>(
  block: usize,
  tables: usize,
  dim: u32,
  base: f32,
  slack: f32,
  out: usize,
): void {
  const factors = block + ((<usize>dim) << 2);
  boundPlane<Kind, FactorsF32>(block, factors, tables, dim, base, slack, 1, 0.5, out);
}

/** As `boundBlock`, of 32 links (graph.ts). */
export function boundLinks<Kind>(
  block: usize,
  tables: usize,
  dim: u32,
  base: f32,
  out: usize,
): void {
  const factors = block + ((<usize>dim) << 2);
  boundPlane<Kind, PackedFactors>(block, factors, tables, dim, base, 0, 1, 0.5, out);
}

/** As `boundBlock`, of one bit of codes that counts `weight` times, `share` of the query's sum taken off. */
export function boundPlane<Kind, Factors>(
  block: usize,
  factors: usize,
  tables: usize,
  dim: u32,
  base: f32,
  slack: f32,
  weight: f32,
  share: f32,
  out: usize,
): void {
  const mask = v128.load(tables, MASK);
  // Bytes are summed as 16-bit numbers: the odd byte of each pair apart, and taken off at the end.
  let pairs0_i16x8 = i16x8.splat(0);
  let odd0_i16x8 = pairs0_i16x8;
  let pairs1_i16x8 = pairs0_i16x8;
  let odd1_i16x8 = pairs0_i16x8;
  let low = pairs0_i16x8;
  let high = pairs0_i16x8;
  let table = tables + TABLES;
  const end = block + ((<usize>dim) << 2);
  let codes = block;
  do {
    pairs0_i16x8 = i16x8.add(pairs0_i16x8, low);
    odd0_i16x8 = i16x8.add(odd0_i16x8, i16x8.shr_u(low, 8));
    pairs1_i16x8 = i16x8.add(pairs1_i16x8, high);
    odd1_i16x8 = i16x8.add(odd1_i16x8, i16x8.shr_u(high, 8));
    let code = v128.load(codes);
    let sums = v128.load(table);
    low = lookUp(sums, v128.and(code, mask));
    high = lookUp(sums, v128.and(i16x8.shr_u(code, 4), mask));
    code = v128.load(codes, 16);
    sums = v128.load(table, 16);
    low = i8x16.add(low, lookUp(sums, v128.and(code, mask)));
    high = i8x16.add(high, lookUp(sums, v128.and(i16x8.shr_u(code, 4), mask)));
    // Not with a dim of 64s; but up to a branch V8 loads all before it computes, and has no registers for twice as much.
    if (codes + 32 == end) break;
    code = v128.load(codes, 32);
    sums = v128.load(table, 32);
    low = i8x16.add(low, lookUp(sums, v128.and(code, mask)));
    high = i8x16.add(high, lookUp(sums, v128.and(i16x8.shr_u(code, 4), mask)));
    code = v128.load(codes, 48);
    sums = v128.load(table, 48);
    low = i8x16.add(low, lookUp(sums, v128.and(code, mask)));
    high = i8x16.add(high, lookUp(sums, v128.and(i16x8.shr_u(code, 4), mask)));
    codes += 64;
    table += 64;
  } while (codes < end);
  pairs0_i16x8 = i16x8.add(pairs0_i16x8, low);
  odd0_i16x8 = i16x8.add(odd0_i16x8, i16x8.shr_u(low, 8));
  pairs1_i16x8 = i16x8.add(pairs1_i16x8, high);
  odd1_i16x8 = i16x8.add(odd1_i16x8, i16x8.shr_u(high, 8));
  const even0_i16x8 = i16x8.sub(pairs0_i16x8, i16x8.shl(odd0_i16x8, 8));
  const even1_i16x8 = i16x8.sub(pairs1_i16x8, i16x8.shl(odd1_i16x8, 8));
  const step = f32x4.splat(weight * load<f32>(tables, STEP));
  const least = weight * load<f32>(tables, MINIMUM) - share * load<f32>(tables, SUM);
  const shift = f32x4.splat(idof<Kind>() == idof<Sure>() ? least + slack : least);
  const bases = f32x4.splat(base);
  const slacks = f32x4.splat(-slack);
  boundEight<Kind, Factors>(even0_i16x8, factors, step, shift, bases, slacks, out);
  boundEight<Kind, Factors>(odd0_i16x8, factors + 32, step, shift, bases, slacks, out + 32);
  boundEight<Kind, Factors>(even1_i16x8, factors + 64, step, shift, bases, slacks, out + 64);
  boundEight<Kind, Factors>(odd1_i16x8, factors + 96, step, shift, bases, slacks, out + 96);
}

function boundEight<Kind, Factors>(
  sums_i16x8: v128,
  factors: usize,
  step: v128,
  shift: v128,
  bases: v128,
  slacks: v128,
  out: usize,
): void {
  // As signed numbers, which x86 has an instruction for; they are below 2¹⁶.
  const low = f32x4.convert_i32x4_s(i32x4.extend_low_i16x8_u(sums_i16x8));
  const high = f32x4.convert_i32x4_s(i32x4.extend_high_i16x8_u(sums_i16x8));
  boundFour<Kind, Factors>(low, factors, step, shift, bases, slacks, out);
  boundFour<Kind, Factors>(high, factors + 16, step, shift, bases, slacks, out + 16);
}

/** Writes four of what `boundBlock` writes, of four sums. */
export function boundFour<Kind, Factors>(
  sums: v128,
  factors: usize,
  step: v128,
  shift: v128,
  bases: v128,
  slacks: v128,
  out: usize,
): void {
  const product = mulAddF32x4(step, sums, shift);
  const rescale = rescaleFour<Factors>(factors);
  if (idof<Kind>() == idof<Refinement>()) {
    v128.store(out, mulAddF32x4(rescale, product, v128.load(out)));
    return;
  }
  const start = f32x4.add(addFour<Factors>(factors), bases);
  const estimate = mulAddF32x4(rescale, product, start);
  if (idof<Kind>() != idof<LowerBound>()) v128.store(out, estimate);
  else v128.store(out, mulAddF32x4(v128.load(factors, 256), slacks, estimate));
}
