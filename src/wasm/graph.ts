import { codedDim, tableWords } from "./codes.ts";
import { arrayBytes, type Heap } from "./heap.ts";
import type { Job } from "./kernels.ts";
import { atLeast, exactly } from "./lengths.ts";
import { BLOCK_SLOTS, type ScanScratch } from "./scan.ts";

/** Most keys of a beam, and most answers of a graph search: larger ones are for scans. */
export const MOST_EF = 4096;
/** Most rows that are linked in one batch: they don't find each other. */
export const MOST_BATCH = 2048;
/** Links of the root, where every search begins. */
const ROOT_DEGREE = 64;
const LINK_MULTIPLE = 32;
const MOST_DEGREE = 128;
const TAIL_WORDS = 16;
const MOST_VISITS = 4 * MOST_EF;
const FIELDS = 8; // u32 of a description

/** How the records of a graph are laid out: see assembly/graph.ts. */
export interface GraphShape {
  /** Values per row, a multiple of 64. */
  readonly dim: number;
  /** Links per record, a multiple of 32. */
  readonly degree: number;
}

/** A graph on a heap. */
export interface Graph extends GraphShape {
  /** u32[8]: what the kernels are told of it. */
  readonly description: Uint32Array;
  /** f32[capacity × recordWords]: each row with its links behind it. */
  readonly records: Float32Array;
  /** f32[…]: the root's record; its first `dim` values are the rows' mean. */
  readonly root: Float32Array;
  readonly capacity: number;
}

/** What one thread at a time works in. */
export interface GraphScratch {
  readonly description: Uint32Array;
}

/** What a build works in beside its threads' scratches. */
export interface GraphBuildSpace extends GraphBatch {
  /** u32[capacity / 32] */
  readonly reached: Uint32Array;
  /** u32[capacity] */
  readonly queue: Uint32Array;
}

/** Links per record for a wanted number: rounded up to what the codes are looked up in, 32. */
export function degreeOf(wanted: number): number {
  return Math.min(MOST_DEGREE, Math.ceil(wanted / LINK_MULTIPLE) * LINK_MULTIPLE);
}

/** f32 values from one row of a graph to the next. */
export function recordWords({ dim, degree }: GraphShape): number {
  return dim + (degree / LINK_MULTIPLE) * (dim + 64) + degree + TAIL_WORDS;
}

/** f32 values of the root's record. */
export function rootWords(dim: number): number {
  return recordWords({ dim, degree: ROOT_DEGREE });
}

/** What a record's state says: not in the graph, in it, or there for an equal row. */
export const LINK_STATES = { absent: 0, linked: 1, twin: 2 } as const;
/** In place of a slot: none. */
export const NO_SLOT = 0xffffffff;

/** The links of a slot's record, as the kernels see them. */
export function linksOf(
  { records, dim, degree }: Graph,
  slot: number,
): { links: Uint32Array; twin: number; state: number } {
  const words = recordWords({ dim, degree });
  const first = slot * words + words - TAIL_WORDS - degree;
  const at = records.byteOffset + first * 4;
  const tail = new Uint32Array(records.buffer, at, degree + TAIL_WORDS);
  return { links: tail.subarray(0, degree), twin: tail[degree + 4], state: tail[degree + 5] };
}

/** The links of the root. */
export function rootLinksOf({ root, dim }: Graph): Uint32Array {
  const first = rootWords(dim) - TAIL_WORDS - ROOT_DEGREE;
  return new Uint32Array(root.buffer, root.byteOffset + first * 4, ROOT_DEGREE);
}

/** u32 words of one row's choice of links: see assembly/graph-choose.ts. */
function choiceWords(degree: number): number {
  return degree + 2;
}

/** Lays out a graph of no rows. */
export function layOutGraph(heap: Heap, { dim, degree }: GraphShape, capacity: number): Graph {
  exactly("row length", codedDim(dim), dim);
  exactly("degree", degreeOf(degree), degree);
  const description = heap.u32(FIELDS);
  const records = heap.f32(capacity * recordWords({ dim, degree }));
  const root = heap.f32(rootWords(dim));
  description.set([heap.addressOf(records), dim, degree, heap.addressOf(root), ROOT_DEGREE]);
  return { dim, degree, description, records, root, capacity };
}

/** Lays out what searches or builds of one thread at a time need, for graphs of `capacity` rows. */
export function layOutGraphScratch(heap: Heap, dim: number, capacity: number): GraphScratch {
  const description = heap.u32(FIELDS);
  description.set([
    heap.addressOf(heap.u32(2 * MOST_EF)), // beam
    heap.addressOf(heap.u32(bitWords(capacity))), // seen
    heap.addressOf(heap.u32(MOST_VISITS)),
    MOST_VISITS,
    heap.addressOf(heap.u32(exploreTableWords(dim))),
    heap.addressOf(heap.f32(BLOCK_SLOTS)), // estimates
    heap.addressOf(heap.u32(POOL_WORDS)),
  ]);
  return { description };
}

/** Lays out what one build at a time works in. */
export function layOutBuildSpace(heap: Heap, degree: number, capacity: number): GraphBuildSpace {
  return {
    slots: heap.u32(MOST_BATCH),
    choices: heap.u32(MOST_BATCH * choiceWords(degree)),
    reached: heap.u32(bitWords(capacity)),
    queue: heap.u32(capacity),
  };
}

/** Bytes that `layOutBuildSpace` takes. */
export function buildSpaceBytes(degree: number, capacity: number): number {
  return (
    arrayBytes(MOST_BATCH) +
    arrayBytes(MOST_BATCH * choiceWords(degree)) +
    arrayBytes(bitWords(capacity)) +
    arrayBytes(capacity)
  );
}

/** Bytes that `layOutGraph` takes. */
export function graphBytes(shape: GraphShape, capacity: number): number {
  const { dim } = shape;
  return (
    arrayBytes(FIELDS) + arrayBytes(capacity * recordWords(shape)) + arrayBytes(rootWords(dim))
  );
}

/** Bytes that `layOutGraphScratch` takes. */
export function graphScratchBytes(dim: number, capacity: number): number {
  return (
    arrayBytes(FIELDS) +
    arrayBytes(2 * MOST_EF) +
    arrayBytes(bitWords(capacity)) +
    arrayBytes(MOST_VISITS) +
    arrayBytes(exploreTableWords(dim)) +
    arrayBytes(BLOCK_SLOTS) +
    arrayBytes(POOL_WORDS)
  );
}

// Of a build: rows to choose of, those kept, those left (assembly/graph-choose.ts).
const POOL_WORDS = 2 * (2 * MOST_EF + MOST_DEGREE);

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

/** A batch of rows on their way into a graph, all on its heap. */
export interface GraphBatch {
  /** Slots, whose records hold their rows. */
  readonly slots: Uint32Array;
  /** u32[slots × choiceWords(degree)] */
  readonly choices: Uint32Array;
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
 * @param ef  beam, 1 to MOST_EF
 * @param k   1 to MOST_EF
 */
export function searchGraph<Name extends "graph_l2sq_f32" | "graph_dot_f32">(
  heap: Heap,
  kernel: Name,
  graph: Graph,
  scratch: GraphScratch,
  visible: Uint32Array,
  { queries, distances, slots, counts }: ScanScratch,
  queryCount: number,
  ef: number,
  k: number,
): Job<Name> {
  atLeast("queries length", queryCount * graph.dim, queries.length);
  atLeast("distances length", queryCount * k, distances.length);
  atLeast("slots length", queryCount * k, slots.length);
  atLeast("counts length", queryCount, counts.length);
  atLeast("largest beam", Math.max(ef, k), MOST_EF);
  const args: Job<"graph_l2sq_f32">["args"] = [
    heap.addressOf(graph.description),
    heap.addressOf(scratch.description),
    heap.addressOf(queries),
    heap.addressOf(visible),
    queryCount,
    ef,
    k,
    heap.addressOf(distances),
    heap.addressOf(slots),
    heap.addressOf(counts),
  ];
  return { kernel, args } as Job<Name>;
}

/** Tables of a query, and fine ones. */
function exploreTableWords(dim: number): number {
  return tableWords(dim) + 8 + dim;
}

function bitWords(slots: number): number {
  return Math.ceil(slots / 32);
}
