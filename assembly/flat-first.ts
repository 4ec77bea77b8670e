// Which rows a search over codes begins with: those that are nearest by their codes among the first thousands.
// What they are at most passes nearly all others over, where rows in their order would be looked at by the
// hundred until some near ones have come.

/** Rows whose bounds are looked through before the first of them is looked at. */
export const FIRST_ROWS: u32 = 8192;
/** Of them, the nearest by their bounds are looked at first, if there are no more than so many to be answered. */
export const MOST_CHOSEN: u32 = 64;
/**
 * So many of them for each answer come before the others, in the order of their bounds: what is known of them passes
 * over what their one bit alone would let through.
 */
export const CHOSEN_PER_ANSWER: u32 = 3;
/** In place of the bound of a row that was looked at, or must not be: a NaN that no sum is. */
export const PASSED: u32 = 0x7fc0_0bad;

// A scratch has bounds of the first rows, the least of each 32 of them, and of a search that lists rows:
//
//     f32[8192]         bounds
//     f32[256]          leasts
//     u32[4][256]       rows that one bit lets through (rabitq-nibbles.ts)
//     {f32, u32}[512]   rows that four bits let through: what they are at least, and their slots
//     f32[64], u32[64]  a queue of what rows are at most, and their slots

/** Rows that one bit lets through are listed up to so many. */
export const LISTED_ROWS: usize = 256;
/** The same of four bits. */
export const LEFT_ROWS: usize = 512;
/** Bytes of one of these. */
export const LEFT_BYTES: usize = 8;
/** Where these stand in a scratch. */
export const LIST_AT: usize = (8192 + 256) * 4;
/** The same. */
export const LEFT_AT: usize = LIST_AT + LISTED_ROWS * 16;
/** The same of the queue. */
export const MOST_AT: usize = LEFT_AT + LEFT_ROWS * LEFT_BYTES;

/**
 * Writes the least of each 32 values, Infinity where all are NaN, and Infinity behind them up to a multiple of four.
 * @param values  f32[count]
 * @param count   a multiple of 32
 * @param leasts  f32[count / 32], rounded up to a multiple of four
 */
export function leastOfBlocks(values: usize, count: u32, leasts: usize): void {
  for (const end = values + ((<usize>count) << 2); values < end; values += 128, leasts += 4) {
    store<f32>(leasts, leastOfBlock(values));
  }
  for (; (leasts & 15) != 0; leasts += 4) store<f32>(leasts, f32.POSITIVE_INFINITY);
}

/**
 * Where the least value stands, the first of equal ones, which is passed from then on; `count` when none that is left
 * is below `limit`, as NaN is not.
 * @param leasts  of the values, as `leastOfBlocks` writes them, aligned to 16 bytes
 */
export function passLeast(values: usize, count: u32, leasts: usize, limit: f32): u32 {
  let least = f32x4.splat(f32.POSITIVE_INFINITY);
  const end = leasts + (((<usize>(count >> 5) + 3) & ~3) << 2);
  for (let at = leasts; at < end; at += 16) least = f32x4.pmin(least, v128.load(at));
  const low = leastLane(least);
  if (!(low < limit)) return count;
  const its = placeOf(leasts, low);
  const block = values + ((<usize>its) << 7);
  const i = placeOf(block, low);
  store<u32>(block + ((<usize>i) << 2), PASSED);
  store<f32>(leasts + ((<usize>its) << 2), leastOfBlock(block));
  return (its << 5) + i;
}

/** Where a value stands first that is there. */
function placeOf(values: usize, value: f32): u32 {
  const wanted = f32x4.splat(value);
  let at = values;
  let bits = 0;
  do {
    bits = i32x4.bitmask(f32x4.eq(v128.load(at), wanted));
    at += 16;
  } while (bits == 0);
  return <u32>((at - 16 - values) >> 2) + <u32>ctz(bits);
}

/** The least of 32 values but NaN. */
function leastOfBlock(values: usize): f32 {
  let least0 = f32x4.splat(f32.POSITIVE_INFINITY);
  let least1 = least0;
  for (const end = values + 128; values < end; values += 32) {
    // The first of two unless the second is less: NaN never is.
    least0 = f32x4.pmin(least0, v128.load(values));
    least1 = f32x4.pmin(least1, v128.load(values, 16));
  }
  return leastLane(f32x4.pmin(least0, least1));
}

function leastLane(v: v128): f32 {
  const pairs = f32x4.pmin(v, v128.shuffle<f32>(v, v, 2, 3, 0, 1));
  return min<f32>(f32x4.extract_lane(pairs, 0), f32x4.extract_lane(pairs, 1));
}
