import { cellCount, listBlockOf, NO_BLOCK, usedBlocks } from "../../wasm/vectors/cells.ts";
import { LINK_STATES, linksOf, type Graph } from "../../wasm/vectors/graph.ts";
import { BLOCK_SLOTS } from "../../wasm/vectors/scan.ts";
import type { Segment } from "../segment/segment.ts";

/**
 * What is wrong with the lists of a segment: a row that is in none or in two, a block that leads nowhere.
 * What passes can be walked: no list goes round for ever or leaves the segment.
 */
export function verifyCells(segment: Segment, tell: (problem: string) => void): void {
  const { graph, end } = segment;
  if (graph === undefined) return;
  const { cells, dim } = graph;
  const used = usedBlocks(cells);
  const isListed = new Uint8Array(end);
  const isInList = new Uint8Array(used);
  for (let cell = 0; cell < cellCount(cells); cell++) {
    const [first, last] = cells.lists.subarray(2 * cell, 2 * cell + 2);
    let before = NO_BLOCK;
    for (let block = first; block !== NO_BLOCK;) {
      if (block >= used || isInList[block] === 1) {
        tell(`cell ${cell}: its list leads to no block, or to one of another`);
        return;
      }
      isInList[block] = 1;
      const { slots, next, count } = listBlockOf(cells, dim, block);
      const isFull = next === NO_BLOCK ? count > 0 && count <= BLOCK_SLOTS : count === BLOCK_SLOTS;
      if (!isFull) tell(`cell ${cell}: a block of ${count} rows`);
      const problem = slotsProblem(graph, slots, isFull ? count : BLOCK_SLOTS, isListed);
      if (problem !== undefined) tell(`cell ${cell}: ${problem}`);
      before = block;
      block = next;
    }
    if (before !== last) tell(`cell ${cell}: its list ends elsewhere`);
  }
  const isAnywhere = isInList.every((each) => each === 1);
  if (!isAnywhere) tell("a block of no list");
  for (let slot = 0; slot < end; slot++) {
    if (isListed[slot] === 1 || linksOf(graph, slot).state !== LINK_STATES.linked) continue;
    tell(`slot ${slot}: in the list of no cell`);
  }
}

function slotsProblem(
  graph: Graph,
  slots: Uint32Array,
  count: number,
  isListed: Uint8Array,
): string | undefined {
  if (slots.subarray(count).some((slot) => slot !== NO_BLOCK)) return "rows after the last";
  for (const slot of slots.subarray(0, count)) {
    if (slot >= isListed.length) return "a row that is not there";
    if (isListed[slot] === 1) return `slot ${slot} a second time`;
    if (linksOf(graph, slot).state !== LINK_STATES.linked)
      return `slot ${slot}, which has no links`;
    isListed[slot] = 1;
  }
  return undefined;
}
