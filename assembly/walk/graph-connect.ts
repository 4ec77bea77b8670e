// Every row of a graph must be reachable from its root: replaced links may have stranded some.

import { hasBit, setBit } from "../base/bits";
import { explore } from "./explore";
import { poolOf } from "../graph/explore-scratch";
import {
  degreeOf,
  dimOf,
  linkAt,
  LINKED,
  NONE,
  placeFor,
  recordOf,
  rootDegreeOf,
  rootOf,
  setStrong,
  slotsAt,
  stateOf,
  tailOf,
} from "../graph/graph";
import { setLink } from "../graph/graph-links";
import { rowQuery } from "../graph/graph-rows";
import { keyAt, slotOf } from "../base/sorted";

/**
 * Gives each row that no path from the root leads to a link from the nearest one found.
 *
 * @param graph    u32[16], drawn in graph.ts
 * @param scratch  u32[24], drawn in explore-scratch.ts; its pool holds u64[ef]
 * @param end      slot after the last of the graph
 * @param reached  u32[slots / 32], scratch; a bit for each slot
 * @param queue    u32[end], scratch
 * @param ef       beam of the searches; positive
 * @returns how many rows had been stranded
 */
export function graph_connect_f32(
  graph: usize,
  scratch: usize,
  end: u32,
  reached: usize,
  queue: usize,
  ef: u32,
): u32 {
  memory.fill(reached, 0, ((<usize>(end + 31)) >> 5) << 2);
  const root = rootOf(graph);
  const degree = rootDegreeOf(graph);
  const links = root + slotsAt(dimOf(graph), degree);
  for (let i: u32 = 0; i < degree; i++) {
    const slot = load<u32>(links + ((<usize>i) << 2));
    if (slot != NONE && !hasBit(reached, slot)) reach(graph, slot, reached, queue);
  }
  // A row that was reached, for those that are near to none of them.
  const anchor = load<u32>(links);
  let stranded: u32 = 0;
  for (let slot: u32 = 0; slot < end; slot++) {
    if (hasBit(reached, slot)) continue;
    if (stateOf(tailOf(graph, recordOf(graph, slot))) != LINKED) continue;
    stranded++;
    const query = rowQuery(graph, scratch, recordOf(graph, slot));
    const found = explore(graph, scratch, query, ef, 0, ef, slot);
    const host = nearestReached(poolOf(scratch), found, reached, anchor);
    if (host != NONE) splice(graph, host, slot);
    reach(graph, slot, reached, queue);
  }
  return stranded;
}

/** The first of the rows found that can be reached: cells lead to others too. Else `anchor`. */
function nearestReached(pool: usize, found: u32, reached: usize, anchor: u32): u32 {
  for (let i: u32 = 0; i < found; i++) {
    const slot = slotOf(keyAt(pool, i));
    if (hasBit(reached, slot)) return slot;
  }
  return anchor;
}

/** Marks a slot and all that can be reached from it. */
function reach(graph: usize, slot: u32, reached: usize, queue: usize): void {
  const degree = degreeOf(graph);
  let count: u32 = 1;
  store<u32>(queue, slot);
  setBit(reached, slot);
  while (count > 0) {
    count--;
    const record = recordOf(graph, load<u32>(queue + ((<usize>count) << 2)));
    for (let i: u32 = 0; i < degree; i++) {
      const other = linkAt(graph, record, i);
      if (other == NONE) break;
      if (hasBit(reached, other)) continue;
      setBit(reached, other);
      store<u32>(queue + ((<usize>count) << 2), other);
      count++;
    }
  }
}

/** host → x becomes host → slot → x, so that nothing that could be reached no longer can. */
function splice(graph: usize, host: u32, slot: u32): void {
  const replaced = putLink(graph, host, slot);
  if (replaced != NONE && replaced != slot) putLink(graph, slot, replaced);
}

/** Links `slot` to `other` in place of its last weak link, or its last; returns what that led to, or NONE. */
function putLink(graph: usize, slot: u32, other: u32): u32 {
  const degree = degreeOf(graph);
  const record = recordOf(graph, slot);
  const place = min(placeFor(graph, record, other), degree - 1);
  const replaced = linkAt(graph, record, place);
  if (replaced == other) return NONE;
  setLink(graph, record, degree, place, other);
  setStrong(tailOf(graph, record), place, true);
  return replaced;
}
