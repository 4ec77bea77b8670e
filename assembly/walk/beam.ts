// The beam of a walk (explore.ts): the nearest rows that were met, ascending by what is known of their distances; what
// is known of each stands in a table beside it (met.ts).
//
// A thread walks for one query at a time, and has kernels of its own: so what a walk has come to stands in globals here,
// which no other thread sees. `openBeam` sets all of them.

import { isBeyond, weightOf } from "../codes/certainty";
import { heardOf, nextWalk } from "../graph/explore-scratch";
import { PackedFactors, rescaleOf } from "../codes/factors";
import { NONE } from "../graph/graph";
import { hear, heardShift, isHeard } from "../graph/heard";
import {
  entryOf,
  estimateOf,
  fuse,
  isMet,
  isSeen,
  markSeen,
  meet,
  MET_BYTES,
  passOver,
  placeOf,
  setPlace,
  tagOf,
} from "../codes/met";
import {
  distanceOf,
  insertSorted,
  keyAt,
  keyOf,
  lowerBound,
  replaceSorted,
  slotOf,
} from "../base/sorted";

const MET_PER_EF: u32 = 32;
// The mark of a key: its row was looked at, or need not be.
const MARK: u64 = 1;
/** What is answered where no row is left to look at. */
export const NO_KEY: u64 = u64.MAX_VALUE;

/** u64[ef] keys, ascending (sorted.ts). */
export let beam: usize = 0;
/** How many they are. */
export let size: u32 = 0;
/** How many it may have now. */
export let capacity: u32 = 0;
/** All keys before this place are marked. */
export let next: u32 = 0;
let longest: u32 = 0; // keys that there is room for
let fresh: u32 = 0; // rows that links or lists have brought into it
let met: usize = 0;
let mask: usize = 0;
let walk: u32 = 0;
let room: u32 = 0; // rows that can still be met
let heard: usize = 0; // which rows lists have told of (heard.ts), or 0 where that is not kept
let shift: u32 = 0;

/**
 * Begins a walk with an empty beam of `ef` keys.
 *
 * @param keepsHeard  whether it is kept which rows lists have told of
 * @param self        a slot to pass over, or NONE
 */
export function openBeam(scratch: usize, ef: u32, keepsHeard: bool, self: u32): void {
  const entries = (<usize>1) << (32 - clz(MET_PER_EF * ef - 1));
  beam = <usize>load<u32>(scratch);
  met = <usize>load<u32>(scratch, 4);
  mask = (entries - 1) * MET_BYTES;
  walk = nextWalk(scratch, met, entries * MET_BYTES);
  room = <u32>(entries - (entries >> 2));
  heard = keepsHeard ? heardOf(scratch) : 0;
  shift = heardShift(<u32>entries);
  longest = capacity = ef;
  size = next = fresh = 0;
  if (self != NONE) passOver(met, mask, tagOf(walk, self));
}

/** Lets the beam have so many keys from now on, at least as many as it has. */
export function setCapacity(most: u32): void {
  capacity = min(most, longest);
}

/** Whether the beam has as many keys as it may. */
export function isFull(): bool {
  return size == capacity;
}

/** Rows below this distance are taken into the beam. */
export function worstOfBeam(): f32 {
  return isFull() ? distanceOf(keyAt(beam, size - 1)) : f32.POSITIVE_INFINITY;
}

/** How many rows were brought into the beam since this was asked last. */
export function takeFresh(): u32 {
  const count = fresh;
  fresh = 0;
  return count;
}

/** Keeps that a list has told of 32 rows, if that is kept; returns whether it is. */
export function hearOf(slots: usize): bool {
  if (heard == 0) return false;
  hear(heard, shift, walk, slots);
  return true;
}

/**
 * Takes rows into the beam, or moves those that are there to where all that was told of them puts them.
 *
 * @param bits       which of 32 rows: those that seem to be below `worstOfBeam`
 * @param slots      u32[32]
 * @param estimates  f32[32]
 * @param factors    of links u32[32], of a list's rows their rescales, f32[32]
 * @param isList     whether a list tells it, and not links
 * @param spread     how much codes err (certainty.ts)
 */
export function takeIn(
  bits: u32,
  slots: usize,
  estimates: usize,
  factors: usize,
  isList: bool,
  spread: f32,
): void {
  const worst = worstOfBeam();
  for (; bits != 0; bits &= bits - 1) {
    const at = (<usize>ctz(bits)) << 2;
    const slot = load<u32>(slots + at);
    if (slot == NONE) continue;
    if (!isList && heard != 0 && isHeard(heard, shift, walk, slot)) continue;
    const estimate = load<f32>(estimates + at);
    const rescale = isList ? load<f32>(factors + at) : rescaleOf<PackedFactors>(factors + at);
    const tag = tagOf(walk, slot);
    const entry = entryOf(met, mask, tag);
    const last = size == 0 ? slot : slotOf(keyAt(beam, size - 1));
    let place: u32;
    if (isMet(entry, tag)) {
      if (isSeen(entry)) continue;
      const mean = fuse(entry, estimate, weightOf(rescale, spread));
      const old = placeOf(entry);
      // A row that is farther than it seemed is put behind when its turn comes.
      if (mean >= old) continue;
      const key = keyOf(mean, slot);
      const stands = lowerBound(beam, size, keyOf(old, slot));
      setPlace(entry, mean);
      if (stands < beam + ((<usize>size) << 3) && load<u64>(stands) == keyOf(old, slot)) {
        next = min(next, replaceSorted(beam, size, stands, key));
        continue;
      }
      place = insertSorted(beam, size, capacity, key);
    } else {
      if (room == 0 || estimate >= worst) continue;
      meet(entry, tag, estimate, weightOf(rescale, spread));
      room--;
      place = insertSorted(beam, size, capacity, keyOf(estimate, slot));
      if (place < capacity) fresh++;
    }
    if (place == capacity) {
      setPlace(entry, f32.POSITIVE_INFINITY);
      continue;
    }
    if (size < capacity) size++;
    // What falls out of the root's short beam may come back into the longer one.
    else if (capacity < longest) {
      setPlace(entryOf(met, mask, tagOf(walk, last)), f32.POSITIVE_INFINITY);
    }
    next = min(next, place);
  }
}

/**
 * Keeps what a list tells of rows that are beyond the beam: links will tell it less well, and must not bring them
 * into it.
 *
 * @param bits       which of 32 rows
 * @param slots      u32[32]
 * @param estimates  f32[32]
 * @param rescales   f32[32]
 * @param spread     how much codes err (certainty.ts)
 */
export function passBy(
  bits: u32,
  slots: usize,
  estimates: usize,
  rescales: usize,
  spread: f32,
): void {
  for (; bits != 0 && room != 0; bits &= bits - 1) {
    const at = (<usize>ctz(bits)) << 2;
    const slot = load<u32>(slots + at);
    if (slot == NONE) continue;
    const tag = tagOf(walk, slot);
    const entry = entryOf(met, mask, tag);
    if (isMet(entry, tag)) continue;
    const rescale = load<f32>(rescales + at);
    meet(entry, tag, load<f32>(estimates + at), weightOf(rescale, spread));
    setPlace(entry, f32.POSITIVE_INFINITY);
    room--;
  }
}

/**
 * Goes on to the row to look at now, and marks it as seen; returns its key, or `NO_KEY`. Rows that
 * are farther than they seemed go behind, and those that are surely beyond are passed over.
 *
 * @param worst   the farthest of the answers, Infinity while there is room for more
 * @param sigmas  so many standard deviations beyond it a row is passed over
 */
export function nextKey(worst: f32, sigmas: f32): u64 {
  while (next < size) {
    const at = beam + ((<usize>next) << 3);
    const key = load<u64>(at);
    if (isMarked(key)) {
      next++;
      continue;
    }
    const entry = entryOf(met, mask, tagOf(walk, slotOf(key)));
    const mean = estimateOf(entry);
    if (mean > placeOf(entry)) {
      setPlace(entry, mean);
      replaceSorted(beam, size, at, keyOf(mean, slotOf(key)));
      continue;
    }
    store<u64>(at, key | MARK);
    next++;
    if (isBeyond(entry, worst, sigmas)) continue;
    markSeen(entry);
    return key;
  }
  return NO_KEY;
}

/** Whether a key says that its row was looked at, or need not be. */
export function isMarked(key: u64): bool {
  return (key & MARK) != 0;
}
