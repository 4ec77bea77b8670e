import {
  LINK_STATES,
  linksOf,
  NO_SLOT,
  rootLinksOf,
  type Graph,
} from "../../wasm/vectors/graph.ts";
import type { Segment } from "../segment/segment.ts";

/**
 * What is wrong with the links of a segment: one that leads nowhere, a row that none leads to. What
 * passes can be searched: no walk leaves the segment, and none goes round for ever.
 */
export function verifyGraph(segment: Segment, tell: (problem: string) => void): void {
  const { graph, end } = segment;
  if (graph === undefined) return;
  const states = new Uint8Array(end);
  const lastFrom = new Uint32Array(end);
  for (let slot = 0; slot < end; slot++) {
    const { links, state } = linksOf(graph, slot);
    states[slot] = Math.min(state, 255);
    if (state > LINK_STATES.twin) tell(`slot ${slot}: state ${state}`);
    const problem = linksProblem(links, slot, lastFrom);
    if (problem !== undefined) tell(`slot ${slot}: ${problem}`);
  }
  if (rootLinksOf(graph).some((link) => link >= end && link !== NO_SLOT)) {
    tell("the root has a link to no row");
    return;
  }
  const reached = reachable(graph, end);
  for (let slot = 0; slot < end; slot++) {
    if (states[slot] === LINK_STATES.linked) {
      verifyTwins(segment, slot, states, reached, tell);
      if (reached[slot] === 0) tell(`slot ${slot}: no link leads there`);
    } else if (states[slot] === LINK_STATES.absent) {
      if (linksOf(graph, slot).twin !== NO_SLOT) tell(`slot ${slot}: has a row behind it`);
      if (segment.isLive(slot)) tell(`slot ${slot}: live, but not in the graph`);
    }
  }
  for (let slot = 0; slot < end; slot++) {
    if (states[slot] !== LINK_STATES.twin || reached[slot] === TWIN_REACHED) continue;
    if (segment.isLive(slot)) tell(`slot ${slot}: stands behind no row`);
  }
}

const TWIN_REACHED = 2;

/** The rows behind a linked one: equal to it, and none of them behind another too. */
function verifyTwins(
  segment: Segment,
  slot: number,
  states: Uint8Array,
  reached: Uint8Array,
  tell: (problem: string) => void,
): void {
  const graph = segment.graph as Graph;
  let { twin } = linksOf(graph, slot);
  while (twin !== NO_SLOT) {
    if (twin >= states.length || states[twin] !== LINK_STATES.twin) {
      tell(`slot ${slot}: what stands behind it is no such row`);
      return;
    }
    if (reached[twin] === TWIN_REACHED) {
      tell(`slot ${twin}: stands behind two rows, or itself`);
      return;
    }
    reached[twin] = TWIN_REACHED;
    const { links, twin: next } = linksOf(graph, twin);
    if (links[0] !== slot || !segment.isSameRow(twin, slot)) {
      tell(`slot ${twin}: stands for a row that differs from slot ${slot}`);
    }
    twin = next;
  }
}

/** @param lastFrom of each slot: 1 + the last slot that was seen to link to it */
function linksProblem(links: Uint32Array, slot: number, lastFrom: Uint32Array): string | undefined {
  let isOver = false;
  for (const link of links) {
    if (link === NO_SLOT) isOver = true;
    else if (isOver) return "links after the last";
    else if (link >= lastFrom.length) return "a link to no row";
    else if (link === slot) return "a link to itself";
    else if (lastFrom[link] === slot + 1) return "two links to one row";
    else lastFrom[link] = slot + 1;
  }
  return undefined;
}

/** Which slots the root's links lead to, by a 1. */
function reachable(graph: Graph, end: number): Uint8Array {
  const reached = new Uint8Array(end);
  const queue = new Uint32Array(end);
  let waiting = 0;
  const visit = (links: Uint32Array): void => {
    for (const slot of links) {
      if (slot >= end || reached[slot] !== 0) continue;
      reached[slot] = 1;
      queue[waiting++] = slot;
    }
  };
  visit(rootLinksOf(graph));
  while (waiting > 0) {
    const { links, state } = linksOf(graph, queue[--waiting]);
    if (state === LINK_STATES.linked) visit(links);
  }
  return reached;
}
