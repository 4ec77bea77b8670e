// What one search at a time works in, u32[24], addresses and sizes:
//
//     0    beam       u64[…] keys of estimates, ascending (sorted.ts); the mark tells what was seen
//     4    met        entries of what is known of a row (met.ts): MET_PER_EF · ef, and their number a
//                     power of two
//     8    walk       how many searches there have been
//     12   visited    how many slots the last search has looked at
//     16   tables     u8[64 + 12 · dim]: the query's tables, the query less the root's row, and fine
//                     tables of it
//     20   estimates  f32[16][32]: of a few blocks of a list (explore-lists.ts), or of links
//     24   pool       u64[…] what a search answers, as keys, ascending
//     28   used       bytes of the table that were ever used
//     32   codes      how many codes the last search has looked up,
//     40   bytes      u64: and how many bytes it has read
//     48   whole      u8[16 + 2 · dim]: the query as rows of 8 bits are compared with it (rows-i8.ts)
//     52   row        f32[dim]: a row of 8 bits that is itself the query
//     56   codes      over all searches since the caller last took them away,
//     64   bytes      u64: and theirs
//     72   reach      f32: how far the beam of the last search reached: what is farther may have been missed
//     76   heard      u16[…] which rows lists have told of (heard.ts)

import { hasBit } from "../base/bits";
import { nextTwin, NONE } from "./graph";
import { heardBytes } from "./heard";
import { LAST_WALK, MET_BYTES } from "../codes/met";
import { distanceOf, insertSorted, keyAt, keyOf } from "../base/sorted";

/** The list that `explore` answers with. */
export function poolOf(scratch: usize): usize {
  return <usize>load<u32>(scratch, 24);
}

/** Which rows lists have told of. */
export function heardOf(scratch: usize): usize {
  return <usize>load<u32>(scratch, 76);
}

/** How many rows the last `explore` has looked at. */
export function visitedOf(scratch: usize): u32 {
  return load<u32>(scratch, 12);
}

/** Notes how many rows a search has looked at, how many codes it has looked up, and how many bytes it has read. */
export function noteWalk(scratch: usize, visited: u32, codes: u32, bytes: usize): void {
  store<u32>(scratch, visited, 12);
  store<u32>(scratch, codes, 32);
  store<u64>(scratch, bytes, 40);
}

/** Notes how far a search has seen. */
export function noteReach(scratch: usize, reach: f32): void {
  store<f32>(scratch, reach, 72);
}

/** How far the last `explore` has seen. */
export function reachOf(scratch: usize): f32 {
  return load<f32>(scratch, 72);
}

/** Adds what the last search has looked up to what was looked up since the caller took it away. */
export function noteWork(scratch: usize): void {
  store<u32>(scratch, load<u32>(scratch, 56) + load<u32>(scratch, 32), 56);
  store<u64>(scratch, load<u64>(scratch, 64) + load<u64>(scratch, 40), 64);
}

/** The number of the walk that begins: entries of other numbers are free. */
export function nextWalk(scratch: usize, met: usize, metBytes: usize): u32 {
  const most = max(load<u32>(scratch, 28), <u32>metBytes);
  store<u32>(scratch, most, 28);
  let walk = load<u32>(scratch, 8) + 1;
  if (walk > LAST_WALK) {
    memory.fill(met, 0, most);
    memory.fill(heardOf(scratch), 0, heardBytes(most / <u32>MET_BYTES));
    walk = 1;
  }
  store<u32>(scratch, walk, 8);
  return walk;
}

/** Offers a row to the pool, of `found` rows, and returns how many it holds then. */
export function keep(pool: usize, found: u32, most: u32, distance: f32, slot: u32): u32 {
  const place = insertSorted(pool, found, most, keyOf(distance, slot));
  return place < most ? min(found + 1, most) : found;
}

/** Offers those of a row and its equals that are visible, and returns how many rows the pool holds then. */
export function keepEqual(
  graph: usize,
  visible: usize,
  pool: usize,
  found: u32,
  most: u32,
  distance: f32,
  slot: u32,
): u32 {
  for (let equal = slot; equal != NONE; equal = nextTwin(graph, equal)) {
    if (found == most && distance >= distanceOf(keyAt(pool, most - 1))) break;
    if (hasBit(visible, equal)) found = keep(pool, found, most, distance, equal);
  }
  return found;
}
