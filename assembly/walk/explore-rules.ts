// By which rules a walk (explore.ts) looks at rows, follows links, and ends.

import { touch, touchAll, touchPages } from "../base/ahead";
import { beam, isMarked, next, size } from "./beam";
import { bytesOf, linksAt, NONE, recordOf } from "../graph/graph";
import { keyAt, slotOf } from "../base/sorted";

// A row is looked at unless its estimate is so many standard deviations beyond the answers: more of
// them with a longer beam, which asks to miss less.
const LEAST_SIGMAS: f32 = 1.5;
const SIGMAS_PER_EF: f32 = 1.0 / 64;
// Estimates so many standard deviations of a code of one bit, 0.76 / √dim of a distance, beyond the beam tell
// nothing worth keeping. Lists' err half as much or less, and more of them are kept all the same: links tell less of
// these rows, and would bring those into the beam that lists know to be far. What lists of four bits have told of is not
// asked of links again (heard.ts): of it no more is told than what the upper two bits may be wrong by, twice. What is
// left for links then is to bring in rows that no list had, so what they tell of rows beyond the beam is not kept.
const LINK_STRETCH: f64 = 3 * 0.76;
const LIST_STRETCH: f64 = 4 * 0.76;
const FINE_LIST_STRETCH: f64 = 0.76;
// Rows that will be looked at next travel from memory together with the one whose turn it is: three at once
// take half as long again as one. Of short rows more, as many as these bytes are, once links hardly change their order.
const FEW_SENT: usize = 3;
const MOST_SENT: usize = 8;
const SENT_BYTES: usize = 4096;
const SENT_AT: usize = 128; // bytes of 32 estimates
const PLACES_SENT: usize = 32; // behind slots

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

/** Estimates by links this many times the beam's worst are passed over: all beyond it where lists tell well. */
export function linkStretchOf(dim: u32, areListsFine: bool): f32 {
  return areListsFine ? 1 : <f32>(1 + LINK_STRETCH / Math.sqrt(<f64>dim));
}

/**
 * Whether lists with codes of so many bits tell so well that links are asked of none of their rows. With two bits links
 * of near rows may tell better than a centroid that is far from them.
 */
export function areFine(bits: u32): bool {
  return bits > 2;
}

/** Estimates by lists, with codes of so many bits, this many times the beam's worst are passed over. */
export function listStretchOf(dim: u32, bits: u32): f32 {
  const stretch = areFine(bits) ? FINE_LIST_STRETCH : LIST_STRETCH;
  return <f32>(1 + stretch / Math.sqrt(<f64>dim));
}

/**
 * Sends for the record of a slot, and for those of the next rows of the beam that were not looked at, unless the
 * slot's is on its way: for a page of each, then for their rows, then for the links of those that will be followed.
 *
 * @param estimates  of links, behind which stands, when those of lists are done with, u32[16]: slots whose records
 *                   were sent for last, and where these stand
 * @param whole      so many of these with their links; NONE before any were
 * @param followed   so many rows, this one and the next, will have their links followed if these tell nothing
 * @returns what is to be `whole` the next time
 */
export function sendRecords(
  graph: usize,
  estimates: usize,
  whole: u32,
  slot: u32,
  followed: u32,
): u32 {
  const sent = estimates + SENT_AT;
  const recordBytes = bytesOf(graph);
  const rowBytes = linksAt(graph);
  let record = recordOf(graph, slot);
  const slots = i32x4.splat(slot);
  const low = i32x4.bitmask(i32x4.eq(v128.load(sent), slots));
  const high = i32x4.bitmask(i32x4.eq(v128.load(sent, 16), slots));
  const places = low | (high << 4);
  if (whole != NONE && places != 0) {
    const isWhole = <u32>ctz(places) < whole;
    if (followed > 0 && !isWhole) touch(record + rowBytes, recordBytes - rowBytes);
    return whole;
  }
  // Few are sent for while links may bring others before them.
  const isOpen = followed > 1 || rowBytes * FEW_SENT >= SENT_BYTES;
  const most = isOpen ? FEW_SENT : min<usize>(MOST_SENT, SENT_BYTES / rowBytes);
  const end = sent + (most << 2);
  v128.store(sent, i32x4.splat(-1));
  v128.store(sent, i32x4.splat(-1), 16);
  store<u32>(sent, slot);
  store<usize>(sent, record, PLACES_SENT);
  touchPages(record, recordBytes);
  let to = sent + 4;
  for (let i = next; i < size && to < end; i++) {
    const key = keyAt(beam, i);
    if (isMarked(key)) continue;
    record = recordOf(graph, slotOf(key));
    store<u32>(to, slotOf(key));
    store<usize>(to, record, PLACES_SENT);
    touchPages(record, recordBytes);
    to += 4;
  }
  const count = <u32>((to - sent) >> 2);
  whole = isOpen && followed > 0 ? count : followed;
  touchAll(sent + PLACES_SENT, count, 0, whole == count ? recordBytes : rowBytes);
  if (whole < count) touchAll(sent + PLACES_SENT, whole, rowBytes, recordBytes);
  return whole;
}
