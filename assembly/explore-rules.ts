// By which rules a walk (explore.ts) looks at rows, follows links, and ends.

import { touch, touchPages, touchThree } from "./ahead";
import { isBeyond } from "./certainty";
import { entryOf, estimateOf, markSeen, placeOf, setPlace, tagOf } from "./met";
import { keyAt, keyOf, replaceSorted, slotOf } from "./sorted";

// The mark of a key in the beam: its row was looked at, or need not be.
const MARK: u64 = 1;

// A row is looked at unless its estimate is so many standard deviations beyond the answers: more of
// them with a longer beam, which asks to miss less.
const LEAST_SIGMAS: f32 = 1.5;
const SIGMAS_PER_EF: f32 = 1.0 / 64;
// Estimates so many standard deviations of a code of one bit, 0.76 / √dim of a distance, beyond the beam tell
// nothing worth keeping. Lists' err half as much or less, and more of them are kept all the same: links tell less of
// these rows, and would bring those into the beam that lists know to be far.
const LINK_STRETCH: f64 = 3 * 0.76;
const LIST_STRETCH: f64 = 4 * 0.76;
// Rows that will be looked at next travel from memory together with the one whose turn it is: three at once
// take half as long again as one.
const AHEAD: u32 = 2;
/** In place of two slots: none. */
export const NO_ROWS: u64 = u64.MAX_VALUE;

/**
 * How much farther than the nearest centroid, in squares, a row is whose links tell little. A link's code errs
 * in proportion to how far the query is from the row, and a list's to how far it is from the centroid. Rows
 * drawn evenly about a centroid are twice as far from a query there, in squares, as that is: links of a row so
 * far away are followed only while such links lead to rows that no list had.
 */
export const FAR_FROM_CELL: f32 = 1.6;
/**
 * Lists of cells are not looked at whose centroid is so many times as far, in squares, as the beam's worst.
 * Rows drawn evenly about a centroid are farther from the query than it is.
 */
export const FAR_CELL: f32 = 1.5;
/** After so many rows whose links have led to none, those of rows that are far are followed no more. */
export const VAIN_ROWS: u32 = 2;
// After so many the same of other rows, and more of them with a longer beam. Each row whose links have led to some adds
// to it: lists do not have all that is near then.
const LEAST_PATIENCE: u32 = 3;
const EF_PER_PATIENCE: u32 = 16;
/** Rows more, for each whose links have led to some, until no links are followed. */
export const PATIENCE_PER_ROW: u32 = 4;

/** So many standard deviations beyond the answers a row is not looked at, with a beam of `ef`. */
export function sigmasFor(ef: u32): f32 {
  return LEAST_SIGMAS + SIGMAS_PER_EF * <f32>ef;
}

/** After so many rows whose links have led to none no links are followed, with a beam of `ef` and no row that has. */
export function patienceFor(ef: u32): u32 {
  return LEAST_PATIENCE + ef / EF_PER_PATIENCE;
}

/** Estimates by links this many times the beam's worst are passed over. */
export function linkStretchOf(dim: u32): f32 {
  return <f32>(1 + LINK_STRETCH / Math.sqrt(<f64>dim));
}

/** Estimates by lists this many times the beam's worst are passed over. */
export function listStretchOf(dim: u32): f32 {
  return <f32>(1 + LIST_STRETCH / Math.sqrt(<f64>dim));
}

/**
 * The place in a beam, from `next` on, of the row to look at now, which is marked as seen; `size` when there is
 * none. Rows that are farther than they seemed go behind, and those that are surely beyond are passed over.
 *
 * @param worst  the farthest of the answers, Infinity while there is room for more
 */
export function nextPlace(
  beam: usize,
  next: u32,
  size: u32,
  met: usize,
  mask: usize,
  walk: u32,
  worst: f32,
  sigmas: f32,
): u32 {
  while (next < size) {
    const key = keyAt(beam, next);
    if ((key & MARK) != 0) {
      next++;
      continue;
    }
    const at = beam + ((<usize>next) << 3);
    const entry = entryOf(met, mask, tagOf(walk, slotOf(key)));
    const mean = estimateOf(entry);
    if (mean > placeOf(entry)) {
      setPlace(entry, mean);
      replaceSorted(beam, size, at, keyOf(mean, slotOf(key)));
      continue;
    }
    store<u64>(at, key | MARK);
    if (!isBeyond(entry, worst, sigmas)) {
      markSeen(entry);
      break;
    }
    next++;
  }
  return next;
}

/**
 * Sends for the record of a slot, and for those of the next rows of a beam that were not looked at: for `length` bytes of
 * each, and its end, which tells of equal rows. Nothing is sent for when the slot's is on its way.
 *
 * @param ahead  two slots, one in each half, whose records were sent for last
 * @returns what is to be `ahead` the next time
 */
export function touchRecords(
  ahead: u64,
  slot: u32,
  beam: usize,
  next: u32,
  size: u32,
  records: usize,
  recordBytes: usize,
  length: usize,
): u64 {
  if (slot == <u32>(ahead >> 32) || slot == <u32>ahead) return ahead;
  const record = records + <usize>slot * recordBytes;
  let first = record;
  let second = record;
  let sent: u32 = 0;
  ahead = NO_ROWS;
  touchPages(record, recordBytes);
  for (let i = next; i < size && sent < AHEAD; i++) {
    const key = keyAt(beam, i);
    if ((key & MARK) != 0) continue;
    first = second;
    second = records + <usize>slotOf(key) * recordBytes;
    ahead = (ahead << 32) | slotOf(key);
    touchPages(second, recordBytes);
    sent++;
  }
  if (sent == 0) touch(record, length);
  else touchThree(record, first, second, length);
  return ahead;
}
