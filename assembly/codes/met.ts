// What a walk knows of the rows that it has met, and not looked at yet: a table with open addressing
// and linear probing, a power of two of entries.
//
//     0    u32   tag       the slot, and in the upper 8 bits the number of the walk that wrote it
//     4    f32   place     the estimate that the row stands in the beam by; Infinity: not there
//     8    f32   estimate  of the distance: the mean of all that links have told, by weight
//     12   f32   weight    how sure it is, as 1 / variance; Infinity: the row was looked at
//
// Each link to a row tells its distance with an error of its own (rabitq.ts), so their mean knows it
// better than any of them.

const PLACE: usize = 4;
const ESTIMATE: usize = 8;
const WEIGHT: usize = 12;
const WALK_SHIFT: u32 = 24;

/** Bytes of an entry. */
export const MET_BYTES: usize = 16;
/** Walks have numbers from 1 to this one; after it the table has to be cleared. */
export const LAST_WALK: u32 = 255;

/** The tag of a slot, below 2²⁴, in a walk. */
export function tagOf(walk: u32, slot: u32): u32 {
  return (walk << WALK_SHIFT) | slot;
}

/** The entry of a tag: its own, or the free one that it would take. */
export function entryOf(table: usize, mask: usize, tag: u32): usize {
  // Slots of neighbours often follow one another: they are spread (Knuth, 1973).
  let at = (((<usize>(tag * 0x9e3779b1)) >> 12) * MET_BYTES) & mask;
  for (let found = load<u32>(table + at); found != tag; found = load<u32>(table + at)) {
    if ((found ^ tag) >> WALK_SHIFT != 0) break;
    at = (at + MET_BYTES) & mask;
  }
  return table + at;
}

/** Whether an entry is of this tag. */
export function isMet(entry: usize, tag: u32): bool {
  return load<u32>(entry) == tag;
}

/** Takes an entry for a row that its estimate puts into the beam. */
export function meet(entry: usize, tag: u32, estimate: f32, weight: f32): void {
  store<u32>(entry, tag);
  store<f32>(entry, max<f32>(estimate, 0), PLACE);
  store<f32>(entry, estimate, ESTIMATE);
  store<f32>(entry, weight, WEIGHT);
}

/** The estimate that a row stands in the beam by. */
export function placeOf(entry: usize): f32 {
  return load<f32>(entry, PLACE);
}

/** Notes by which estimate a row stands in the beam now. */
export function setPlace(entry: usize, estimate: f32): void {
  store<f32>(entry, estimate, PLACE);
}

/** What is known of a row's distance. */
export function estimateOf(entry: usize): f32 {
  return load<f32>(entry, ESTIMATE);
}

/** Notes that a row was looked at: nothing more needs to be known of it. */
export function markSeen(entry: usize): void {
  store<f32>(entry, f32.POSITIVE_INFINITY, WEIGHT);
}

/** Takes an entry for a row that is not to be looked at. */
export function passOver(table: usize, mask: usize, tag: u32): void {
  const entry = entryOf(table, mask, tag);
  meet(entry, tag, 0, 0);
  markSeen(entry);
}

/** Whether a row was looked at. */
export function isSeen(entry: usize): bool {
  return load<f32>(entry, WEIGHT) == f32.POSITIVE_INFINITY;
}

/** Takes one more estimate in, and returns the mean. */
export function fuse(entry: usize, estimate: f32, weight: f32): f32 {
  const all = load<f32>(entry, WEIGHT) + weight;
  const before = load<f32>(entry, ESTIMATE);
  const mean = before + (estimate - before) * (weight / all);
  store<f32>(entry, mean, ESTIMATE);
  store<f32>(entry, all, WEIGHT);
  return mean;
}

/** How sure a row's distance is known, as 1 / variance. */
export function weightAt(entry: usize): f32 {
  return load<f32>(entry, WEIGHT);
}
