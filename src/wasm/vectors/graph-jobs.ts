import {
  bitWords,
  choiceWords,
  MOST_EF,
  type Graph,
  type GraphBatch,
  type GraphScratch,
  type SearchedGraph,
} from "./graph.ts";
import type { Heap } from "../heap.ts";
import type { Job } from "../abi/kernels.ts";
import { atLeast } from "../lengths.ts";
import { checkAsked, type Asked } from "./scan.ts";

/** The job that takes all links from slots `first` up to `end`. */
export function clearGraph(
  heap: Heap,
  graph: Graph,
  first: number,
  end: number,
): Job<"graph_clear_f32"> {
  atLeast("capacity", end, graph.capacity);
  return { kernel: "graph_clear_f32", args: [heap.addressOf(graph.description), first, end] };
}

/** The job that links the root to the first of some slots. */
export function rootGraph(heap: Heap, graph: Graph, order: Uint32Array): Job<"graph_root_f32"> {
  return {
    kernel: "graph_root_f32",
    args: [heap.addressOf(graph.description), heap.addressOf(order), order.length],
  };
}

/**
 * The job in which slots `first` up to `end` of a batch choose whom to link to; it returns how many
 * rows its searches looked at.
 * @param ef how many rows each chooses from, 1 to MOST_EF
 */
export function chooseLinks(
  heap: Heap,
  graph: Graph,
  scratch: GraphScratch,
  { slots, choices }: GraphBatch,
  [first, end]: readonly [number, number],
  ef: number,
): Job<"graph_choose_f32"> {
  const words = choiceWords(graph.degree);
  atLeast("slots length", end, slots.length);
  atLeast("choices length", end * words, choices.length);
  atLeast("most rows to choose from", ef, MOST_EF);
  return {
    kernel: "graph_choose_f32",
    args: [
      heap.addressOf(graph.description),
      heap.addressOf(scratch.description),
      heap.addressOf(slots),
      first,
      end,
      heap.addressOf(choices) + first * words * 4,
      ef,
      ef,
    ],
  };
}

/** The job that writes what a batch chose, one of `parts` that together write all of it. */
export function applyLinks(
  heap: Heap,
  graph: Graph,
  scratch: GraphScratch,
  { slots, choices }: GraphBatch,
  part: number,
  parts: number,
): Job<"graph_apply_f32"> {
  atLeast("choices length", slots.length * choiceWords(graph.degree), choices.length);
  return {
    kernel: "graph_apply_f32",
    args: [
      heap.addressOf(graph.description),
      heap.addressOf(scratch.description),
      heap.addressOf(slots),
      0,
      slots.length,
      heap.addressOf(choices),
      part,
      parts,
    ],
  };
}

/**
 * The job that makes every slot before `end` reachable; it returns how many were not.
 * @param reached u32[capacity / 32] and `queue` u32[capacity], on the heap
 */
export function connectGraph(
  heap: Heap,
  graph: Graph,
  scratch: GraphScratch,
  end: number,
  reached: Uint32Array,
  queue: Uint32Array,
  ef: number,
): Job<"graph_connect_f32"> {
  atLeast("reached length", bitWords(end), reached.length);
  atLeast("queue length", end, queue.length);
  atLeast("most rows to choose from", ef, MOST_EF);
  return {
    kernel: "graph_connect_f32",
    args: [
      heap.addressOf(graph.description),
      heap.addressOf(scratch.description),
      end,
      heap.addressOf(reached),
      heap.addressOf(queue),
      ef,
    ],
  };
}

/**
 * The job that finds the `k` visible rows nearest to each of `queryCount` queries, as far as the
 * graph leads there, ascending; it returns how many rows it looked at.
 * @param asked `k` 1 to MOST_EF
 * @param ef  beam, 1 to MOST_EF
 * @param isWithin whether only answers count that the beam has reached, see assembly/walk/graph-search.ts
 */
export function searchGraph<Name extends "graph_l2sq_f32" | "graph_dot_f32">(
  heap: Heap,
  kernel: Name,
  { graph, graphScratch, visible }: SearchedGraph,
  asked: Asked,
  ef: number,
  isWithin = false,
): Job<Name> {
  const { scratch, queryCount, k } = asked;
  checkAsked(asked, graph.dim);
  atLeast("largest beam", Math.max(ef, k), MOST_EF);
  const args: Job<"graph_l2sq_f32">["args"] = [
    heap.addressOf(graph.description),
    heap.addressOf(graphScratch.description),
    heap.addressOf(scratch.queries),
    heap.addressOf(visible),
    queryCount,
    ef,
    k,
    isWithin ? 1 : 0,
    heap.addressOf(scratch.distances),
    heap.addressOf(scratch.slots),
    heap.addressOf(scratch.counts),
  ];
  return { kernel, args } as Job<Name>;
}

/**
 * The job that does the same for queries that are rows of the graph, by squared distance: each is answered as if
 * its own row were not there.
 * @param selves u32[queryCount] on the heap: the slots of these rows, or NO_SLOT
 */
export function searchOthers(
  heap: Heap,
  { graph, graphScratch, visible }: SearchedGraph,
  { scratch, k }: Omit<Asked, "queryCount">,
  selves: Uint32Array,
  ef: number,
): Job<"graph_others_f32"> {
  const queryCount = selves.length;
  checkAsked({ scratch, queryCount, k }, graph.dim);
  atLeast("largest beam", Math.max(ef, k), MOST_EF);
  const args: Job<"graph_others_f32">["args"] = [
    heap.addressOf(graph.description),
    heap.addressOf(graphScratch.description),
    heap.addressOf(scratch.queries),
    heap.addressOf(selves),
    heap.addressOf(visible),
    queryCount,
    ef,
    k,
    heap.addressOf(scratch.distances),
    heap.addressOf(scratch.slots),
    heap.addressOf(scratch.counts),
  ];
  return { kernel: "graph_others_f32", args };
}
