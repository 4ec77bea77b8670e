import { LINK_STATES, linksOf, NO_SLOT, rootLinksOf, type Graph } from "../wasm/graph.ts";
import type { Segment } from "./segment.ts";

/** What is wrong with the links of a segment: one that leads nowhere, a row that none leads to. */
export function verifyGraph(segment: Segment, tell: (problem: string) => void): void {
  const { graph, linkedEnd } = segment;
  if (graph === undefined) return;
  const states = new Uint8Array(linkedEnd);
  for (let slot = 0; slot < linkedEnd; slot++) {
    const { links, state } = linksOf(graph, slot);
    states[slot] = state;
    if (state > LINK_STATES.twin) tell(`slot ${slot}: state ${state}`);
    const problem = linksProblem(links, slot, linkedEnd);
    if (problem !== undefined) tell(`slot ${slot}: ${problem}`);
    else if (state === LINK_STATES.twin && !isEqualRow(segment, slot, links[0])) {
      tell(`slot ${slot}: stands for a row that differs from slot ${links[0]}`);
    }
  }
  const reached = reachable(graph, linkedEnd);
  for (let slot = 0; slot < linkedEnd; slot++) {
    if (states[slot] === LINK_STATES.absent) {
      if (segment.isLive(slot)) tell(`slot ${slot}: live, but not in the graph`);
    } else if (reached[slot] === 0) tell(`slot ${slot}: no link leads there`);
  }
}

function linksProblem(links: Uint32Array, slot: number, end: number): string | undefined {
  const count = links.indexOf(NO_SLOT);
  const used = count === -1 ? links : links.subarray(0, count);
  if (count !== -1 && links.subarray(count).some((link) => link !== NO_SLOT)) {
    return "links after the last";
  }
  if (used.some((link) => link >= end)) return "a link to no row";
  if (used.includes(slot)) return "a link to itself";
  if (new Set(used).size !== used.length) return "two links to one row";
  return undefined;
}

function isEqualRow(segment: Segment, a: number, b: number): boolean {
  const other = segment.row(b);
  return segment.row(a).every((value, i) => value === other[i]);
}

/** Which slots the root's links lead to, and the equal rows behind them. */
function reachable(graph: Graph, end: number): Uint8Array {
  const reached = new Uint8Array(end);
  const queue: number[] = [];
  const visit = (slot: number): void => {
    if (slot >= end || reached[slot] === 1) return;
    reached[slot] = 1;
    queue.push(slot);
  };
  rootLinksOf(graph).forEach(visit);
  for (let slot = queue.pop(); slot !== undefined; slot = queue.pop()) {
    const { links, state, twin } = linksOf(graph, slot);
    if (state === LINK_STATES.linked) links.forEach(visit);
    if (twin !== NO_SLOT) visit(twin);
  }
  return reached;
}
