// How sure the codes of rabitq.ts and rabitq-planes.ts tell a distance. What is estimated errs by
//
//     |rescale| · √(ERROR² · ‖q − c‖² + rounding)        one standard deviation
//
// where c is what the code is relative to, and rounding that of the query's tables (fastscan.ts).

import { roundingOf } from "./fastscan";
import { estimateOf, weightAt } from "./met";

/** The standard deviation of an estimate, in units of |rescale| · ‖q − c‖, of as many bits as there are. */
export const ERROR: f32 = 0.31;
/**
 * How much farther a query is from the root's row than from what codes are relative to, in squares, from
 * where on the rounding of its tables would count beside the error of the codes: of links.
 */
export const FAR_SQUARED: f32 = 36;
// The same of lists, of a code with a single plane.
const FAR_PLANES: f32 = 595;
// The variance of an add that is packed (factors.ts), 2⁻²⁴ / 3 in squares, times that of what it makes up for:
// half a sum of the values of a row less the root's, with signs, at most (0.4 · √dim · its length)².
const PACKED: f32 = 3.2e-9;
const LEAST_VARIANCE: f32 = 1e-30;

/** How much rounding counts in codes of some bits: that of each plane's sum by the square of its weight. */
function planesRounding(bits: u32): f32 {
  return <f32>((1 << (2 * bits)) - 1) / 3;
}

/** As `FAR_SQUARED`, of lists with codes of some bits. */
export function farSquaredOf(bits: u32): f32 {
  return FAR_PLANES / planesRounding(bits);
}

/** ‖q − c‖² + rounding / ERROR² of lists' codes of some bits, looked up in `tables`. */
export function listSpread(distance: f32, tables: usize, dim: u32, bits: u32): f32 {
  return distance + (roundingOf(tables, dim) * planesRounding(bits)) / (ERROR * ERROR);
}

/**
 * What the upper bit of a list's code tells errs by, squared, in units of |rescale|: beside what the whole code does, by
 * how far the other bits are from their mean, times how far the query is from the root's row, which its tables are of.
 */
export function upperSpread(
  distance: f32,
  rootDistance: f32,
  tables: usize,
  dim: u32,
  bits: u32,
): f32 {
  const rest = bits == 2 ? UPPER_OF_TWO : UPPER_OF_FOUR;
  const weight = upperWeight(bits);
  const rounding = roundingOf(tables, dim) * weight * weight;
  return ERROR * ERROR * distance + rest * rootDistance + rounding;
}

/**
 * How much the upper bit of a list's code counts that is looked up alone: as much as tells most of normal values. Of
 * them it is worked out what is left then, too: E(s − s̃)², where s is what the whole code counts and s̃ what the bit does.
 */
export function upperWeight(bits: u32): f32 {
  return bits == 2 ? 2 * 1.10653 : 8 * 0.924466;
}
const UPPER_OF_TWO: f32 = 0.30027;
const UPPER_OF_FOUR: f32 = 4.78301;

/** As `listSpread`, of links' codes; that of their factors counts where the query is nearly the row. */
export function linkSpread(distance: f32, tables: usize, dim: u32, rootDistance: f32): f32 {
  const rounding = roundingOf(tables, dim) + PACKED * <f32>dim * rootDistance;
  return distance + rounding / (ERROR * ERROR);
}

/** How sure a code tells, as 1 / variance in units of ERROR², with such a `spread`. */
export function weightOf(rescale: f32, spread: f32): f32 {
  const variance = rescale * rescale * spread;
  // An equal row is told exactly; a weight still has to be a number.
  return variance > LEAST_VARIANCE ? 1 / variance : 1 / LEAST_VARIANCE;
}

/** Whether a row that was met is farther than `worst`, unless what is known of it errs by `sigmas`. */
export function isBeyond(entry: usize, worst: f32, sigmas: f32): bool {
  const beyond = estimateOf(entry) - worst;
  const error = sigmas * ERROR;
  return beyond > 0 && beyond * beyond * weightAt(entry) > error * error;
}
