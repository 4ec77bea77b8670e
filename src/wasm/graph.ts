import { cellsBytes, layOutCells, type Cells } from "./cells.ts";
import { codedDim, tableWords } from "./codes.ts";
import { arrayBytes, type Heap } from "./heap.ts";
import { exactly } from "./lengths.ts";
import { BLOCK_SLOTS } from "./scan.ts";

/** Most keys of a beam, and most answers of a graph search: larger ones are for scans. */
export const MOST_EF = 4096;
/** Most rows that are linked in one batch: they don't find each other. */
export const MOST_BATCH = 2048;
/** Links of the root, where every search begins. */
export const ROOT_DEGREE = 64;
const LINK_MULTIPLE = 32;
const MOST_DEGREE = 128;
const TAIL_WORDS = 16;
const FIELDS = 16; // u32 of a description

/** How the records of a graph are laid out: see assembly/graph.ts. */
export interface GraphShape {
  /** Values per row, a multiple of 64. */
  readonly dim: number;
  /** Links per record, a multiple of 32. */
  readonly degree: number;
}

/** A graph on a heap. */
export interface Graph extends GraphShape {
  /** u32[16]: what the kernels are told of it. */
  readonly description: Uint32Array;
  /** f32[capacity × recordWords]: each row with its links behind it. */
  readonly records: Float32Array;
  /** f32[…]: the root's record; its first `dim` values are the rows' mean. */
  readonly root: Float32Array;
  readonly capacity: number;
  /** Where searches begin. */
  readonly cells: Cells;
}

/** What one thread at a time works in. */
export interface GraphScratch {
  readonly description: Uint32Array;
}

/** A batch of rows on their way into a graph, all on its heap. */
export interface GraphBatch {
  /** Slots, whose records hold their rows. */
  readonly slots: Uint32Array;
  /** u32[slots × choiceWords(degree)] */
  readonly choices: Uint32Array;
}

/** What a build works in beside its threads' scratches. */
export interface GraphBuildSpace extends GraphBatch {
  /** u32[capacity / 32] */
  readonly reached: Uint32Array;
  /** u32[capacity] */
  readonly queue: Uint32Array;
  /** u32[slots], their cells. */
  readonly nearest: Uint32Array;
}

/** What the searches of the last job have looked up, and read, before their first hops. */
export function beginningOf({ description }: GraphScratch): { codes: number; bytes: number } {
  return { codes: description[10], bytes: description[11] };
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
export function choiceWords(degree: number): number {
  return degree + 2;
}

/** Lays out a graph of no rows. */
export function layOutGraph(heap: Heap, { dim, degree }: GraphShape, capacity: number): Graph {
  exactly("row length", codedDim(dim), dim);
  exactly("degree", degreeOf(degree), degree);
  const description = heap.u32(FIELDS);
  const records = heap.f32(capacity * recordWords({ dim, degree }));
  const root = heap.f32(rootWords(dim));
  const cells = layOutCells(heap, dim, capacity);
  description.set([
    heap.addressOf(records),
    dim,
    degree,
    heap.addressOf(root),
    ROOT_DEGREE,
    heap.addressOf(cells.description),
  ]);
  return { dim, degree, description, records, root, capacity, cells };
}

/** Lays out what searches or builds of one thread at a time need. */
export function layOutGraphScratch(heap: Heap, dim: number): GraphScratch {
  const description = heap.u32(FIELDS);
  description.set([
    heap.addressOf(heap.u32(2 * MOST_EF)), // beam
    heap.addressOf(heap.u32(MET_WORDS)),
    0, // walks
    0, // visited
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
    nearest: heap.u32(MOST_BATCH),
  };
}

/** Bytes that `layOutBuildSpace` takes. */
export function buildSpaceBytes(degree: number, capacity: number): number {
  return (
    2 * arrayBytes(MOST_BATCH) +
    arrayBytes(MOST_BATCH * choiceWords(degree)) +
    arrayBytes(bitWords(capacity)) +
    arrayBytes(capacity)
  );
}

/** Bytes that `layOutGraph` takes. */
export function graphBytes(shape: GraphShape, capacity: number): number {
  const { dim } = shape;
  return (
    arrayBytes(FIELDS) +
    arrayBytes(capacity * recordWords(shape)) +
    arrayBytes(rootWords(dim)) +
    cellsBytes(dim, capacity)
  );
}

/** Bytes that `layOutGraphScratch` takes. */
export function graphScratchBytes(dim: number): number {
  return (
    arrayBytes(FIELDS) +
    arrayBytes(2 * MOST_EF) +
    arrayBytes(MET_WORDS) +
    arrayBytes(exploreTableWords(dim)) +
    arrayBytes(BLOCK_SLOTS) +
    arrayBytes(POOL_WORDS)
  );
}

// Entries of four words for what is met with the longest beam, see assembly/explore.ts.
const MET_WORDS = 4 * 32 * MOST_EF;
// Of a build: rows to choose of, those kept, those left (assembly/graph-choose.ts).
const POOL_WORDS = 2 * (2 * MOST_EF + MOST_DEGREE);

/** Tables of a query, and fine ones. */
function exploreTableWords(dim: number): number {
  return tableWords(dim) + 8 + dim;
}

/** u32 words of a bit for each slot. */
export function bitWords(slots: number): number {
  return Math.ceil(slots / 32);
}
