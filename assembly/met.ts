// What a walk knows of the rows that it has met, and not looked at yet: a table with open addressing
// and linear probing, a power of two of entries.
//
//     0    u32   slot
//     4    u32   walk      the number of the walk that has written it; others' entries are free
//     8    f32   estimate  of the distance: the mean of all that links have told, by weight
//     12   f32   weight    how sure it is, as 1 / variance; Infinity: the row was looked at
//
// Each link to a row tells its distance with an error of its own (rabitq.ts), so their mean knows it
// better than any of them.

const WALK: usize = 4;
const ESTIMATE: usize = 8;
const WEIGHT: usize = 12;

/** Bytes of an entry. */
export const MET_BYTES: usize = 16;

/** The entry of a slot: its own, or the free one that it would take. */
export function entryOf(table: usize, mask: usize, walk: u32, slot: u32): usize {
  // Slots of neighbours often follow one another: they are spread (Knuth, 1973).
  let at = (((<usize>(slot * 0x9e3779b1)) >> 12) * MET_BYTES) & mask;
  while (load<u32>(table + at, WALK) == walk && load<u32>(table + at) != slot) {
    at = (at + MET_BYTES) & mask;
  }
  return table + at;
}

/** Whether an entry is of this walk. */
export function isMet(entry: usize, walk: u32): bool {
  return load<u32>(entry, WALK) == walk;
}

/** Takes an entry for a slot. */
export function meet(entry: usize, walk: u32, slot: u32, estimate: f32, weight: f32): void {
  store<u32>(entry, slot);
  store<u32>(entry, walk, WALK);
  store<f32>(entry, estimate, ESTIMATE);
  store<f32>(entry, weight, WEIGHT);
}

/** Notes that a row was looked at: nothing more needs to be known of it. */
export function markSeen(entry: usize): void {
  store<f32>(entry, f32.POSITIVE_INFINITY, WEIGHT);
}

/** Whether a row was looked at. */
export function isSeen(entry: usize): bool {
  return load<f32>(entry, WEIGHT) == f32.POSITIVE_INFINITY;
}

/** What is known of a row's distance. */
export function estimateOf(entry: usize): f32 {
  return load<f32>(entry, ESTIMATE);
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
