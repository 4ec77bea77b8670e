// Puts the blocks of each cell's list one behind the other: what follows in memory arrives while what stands
// before it is looked at, and costs a third of what as many bytes from all over do.

import { cellCount, listBlockBytes, listBlockOf, listSlotsAt, nextBlockOf, NEXT_AT } from "./cells";
import { poolOf } from "../graph/explore-scratch";
import { cellsOf, dimOf, NONE } from "../graph/graph";

/**
 * Moves the blocks of lists so that each list's stand in its order, the lists in that of their cells. Nobody
 * may read the lists meanwhile.
 *
 * @param scratch  u32[24], drawn in explore-scratch.ts
 * @param order    u32[used blocks], scratch
 */
export function cells_tidy_u32(graph: usize, scratch: usize, order: usize): void {
  const cells = cellsOf(graph);
  const dim = dimOf(graph);
  const lists = <usize>load<u32>(cells, 12);
  const end = lists + ((<usize>cellCount(cells)) << 3);
  let used: u32 = 0;
  for (let ends = lists; ends < end; ends += 8) {
    let block = load<u32>(ends);
    if (block == NONE) continue;
    store<u32>(ends, used);
    for (; block != NONE; used++) {
      store<u32>(order + ((<usize>used) << 2), block);
      block = nextBlockOf(listBlockOf(cells, block, dim) + listSlotsAt(cells, dim));
    }
    store<u32>(ends, used - 1, 4);
  }
  move(cells, dim, order, used, poolOf(scratch));
  for (let ends = lists; ends < end; ends += 8) {
    const first = load<u32>(ends);
    if (first == NONE) continue;
    const last = load<u32>(ends, 4);
    for (let block = first; block <= last; block++) {
      const slots = listBlockOf(cells, block, dim) + listSlotsAt(cells, dim);
      store<u32>(slots, block == last ? NONE : block + 1, NEXT_AT);
    }
  }
}

/** Moves block `order[i]` to place `i`, for all of them: along each cycle, with room for one block. */
function move(cells: usize, dim: u32, order: usize, count: u32, spare: usize): void {
  const bytes = listBlockBytes(cells, dim);
  for (let start: u32 = 0; start < count; start++) {
    let place = start;
    let from = load<u32>(order + ((<usize>start) << 2));
    if (from == start) continue;
    memory.copy(spare, listBlockOf(cells, start, dim), bytes);
    for (; from != start; from = load<u32>(order + ((<usize>place) << 2))) {
      memory.copy(listBlockOf(cells, place, dim), listBlockOf(cells, from, dim), bytes);
      store<u32>(order + ((<usize>place) << 2), place);
      place = from;
    }
    memory.copy(listBlockOf(cells, place, dim), spare, bytes);
    store<u32>(order + ((<usize>place) << 2), place);
  }
}
