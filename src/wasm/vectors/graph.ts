import { cellsBytes, layOutCells, type Cells } from "./cells.ts";
import { codedDim, linkBlockWords } from "./codes.ts";
import { arrayBytes, type Heap } from "../heap.ts";
import { layoutBytes, type Layout } from "../layout.ts";
import { exactly } from "../lengths.ts";
import { wholeWords } from "./rows-i8.ts";
import { BLOCK_SLOTS } from "./scan.ts";

/** Most keys of a beam, and most answers of a graph search: larger ones are for scans. */
export const MOST_EF = 4096;
/** Most rows that are linked in one batch: they don't find each other. */
export const MOST_BATCH = 2048;
/** Links of the root, where every search begins. */
export const ROOT_DEGREE = 64;
const LINK_MULTIPLE = 32;
const MOST_DEGREE = 128;
const STATE = 1; // words into a tail, behind the twin
const STATE_BITS = 3;
const TAIL_FIELDS = 3; // the twin, the state, the scale of a row of 8 bits; then the strong links
const ALIGN_WORDS = 4;
const FIELDS = 16; // u32 of a description
const HAS_TWINS = 14;
const SCRATCH_FIELDS = 24; // of that of what a search works in
// Of a scratch: where a query as whole numbers stands, and a row of 8 bits in f32.
const IN_I8 = [12, 13];
const HEARD_AT = 19; // the field of its table of rows that were heard of, see assembly/graph/heard.ts
const RADIUS_BYTES = 32; // into it, to the square of a radius

/** How the records of a graph are laid out: see assembly/graph/graph.ts. */
export interface GraphShape {
  /** Values per row, a multiple of 64. */
  readonly dim: number;
  /** Links per record, a multiple of 32. */
  readonly degree: number;
  /** Whether rows are of 8 bits, see rows-i8.ts; default false. */
  readonly isI8?: boolean;
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
  /** f32[dim], that no row has a part in: what rows of 8 bits are lifted along; else empty. */
  readonly axis: Float32Array;
  /** Where searches begin. */
  readonly cells: Cells;
}

/** What one thread at a time works in. */
export interface GraphScratch {
  readonly description: Uint32Array;
}

/** What a thread searches. */
export interface SearchedGraph {
  readonly graph: Graph;
  readonly graphScratch: GraphScratch;
  /** u32[…] on the heap, a bit for each slot. */
  readonly visible: Uint32Array;
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

/** Takes away how many codes searches have looked up since this was asked last, and how many bytes they read. */
export function takeWork({ description }: GraphScratch): { codes: number; bytes: number } {
  const work = { codes: description[14], bytes: description[16] + description[17] * 2 ** 32 };
  description[14] = description[16] = description[17] = 0;
  return work;
}

/** Links per record for a wanted number: rounded up to what the codes are looked up in, 32. */
export function degreeOf(wanted: number): number {
  return Math.min(MOST_DEGREE, Math.ceil(wanted / LINK_MULTIPLE) * LINK_MULTIPLE);
}

/** f32 values from one row of a graph to the next. */
export function recordWords(shape: GraphShape): number {
  const end = tailAt(shape) + TAIL_FIELDS + shape.degree / LINK_MULTIPLE;
  return Math.ceil(end / ALIGN_WORDS) * ALIGN_WORDS;
}

/** f32 values from the start of a record to its slots. */
function slotsAt(shape: GraphShape): number {
  const { dim, degree, isI8 = false } = shape;
  return (isI8 ? dim / 4 : dim) + (degree / LINK_MULTIPLE) * linkBlockWords(dim);
}

/** The same to its tail. */
function tailAt(shape: GraphShape): number {
  return slotsAt(shape) + shape.degree;
}

/** The same to the factors of a row of 8 bits. */
export function factorsAt(shape: GraphShape): number {
  return tailAt(shape) + STATE;
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
  graph: Graph,
  slot: number,
): { links: Uint32Array; twin: number; state: number } {
  const { records, degree } = graph;
  const first = slot * recordWords(graph) + slotsAt(graph);
  const words = new Uint32Array(records.buffer, records.byteOffset + first * 4, degree + STATE + 1);
  return {
    links: words.subarray(0, degree),
    twin: words[degree],
    state: words[degree + STATE] & STATE_BITS,
  };
}

/** The links of the root. */
export function rootLinksOf({ root, dim }: Graph): Uint32Array {
  const first = slotsAt({ dim, degree: ROOT_DEGREE });
  return new Uint32Array(root.buffer, root.byteOffset + first * 4, ROOT_DEGREE);
}

/** u32 words of one row's choice of links: see assembly/walk/graph-choose.ts. */
export function choiceWords(degree: number): number {
  return degree + 2;
}

/** Lays out a graph of no rows. */
export function layOutGraph(heap: Heap, shape: GraphShape, capacity: number): Graph {
  const { dim, degree, isI8 = false } = shape;
  exactly("row length", codedDim(dim), dim);
  exactly("degree", degreeOf(degree), degree);
  const description = heap.u32(FIELDS);
  const records = heap.f32(capacity * recordWords(shape));
  const root = heap.f32(rootWords(dim));
  const axis = heap.f32(isI8 ? dim : 0);
  const cells = layOutCells(heap, dim, capacity);
  description.set([
    heap.addressOf(records),
    dim,
    degree,
    heap.addressOf(root),
    ROOT_DEGREE,
    heap.addressOf(cells.description),
    isI8 ? 1 : 0,
    heap.addressOf(axis),
    0,
    0, // the radius' square
    4 * recordWords(shape),
    isI8 ? dim : 4 * dim,
    4 * slotsAt(shape),
    4 * tailAt(shape),
  ]);
  return { dim, degree, isI8, description, records, root, axis, capacity, cells };
}

/**
 * Tells a graph to what length its rows are lifted. Those of 8 bits stay as they are: where one is looked at it is lifted.
 * @param axis f32[dim] of unit length, rotated, in which no row has a part
 */
export function liftRows(graph: Graph, axis: Float32Array, radius: number): void {
  const { description } = graph;
  if (graph.axis.length > 0) graph.axis.set(axis);
  new Float64Array(description.buffer, description.byteOffset + RADIUS_BYTES, 1)[0] = radius ** 2;
}

/** Notes whether any of the first `slots` rows of a graph that was read or copied has an equal one. */
export function noteTwins({ description, records, ...shape }: Graph, slots: number): void {
  const words = new Uint32Array(records.buffer, records.byteOffset, records.length);
  const stride = recordWords(shape);
  const tail = tailAt(shape);
  let slot = 0;
  while (slot < slots && words[slot * stride + tail] === NO_SLOT) slot++;
  description[HAS_TWINS] = slot < slots ? 1 : 0;
}

/** Lays out what searches or builds of one thread at a time need. */
export function layOutGraphScratch(heap: Heap, dim: number, isI8 = false): GraphScratch {
  const description = heap.u32(SCRATCH_FIELDS);
  description.set([
    heap.addressOf(heap.u32(2 * MOST_EF)), // beam
    heap.addressOf(heap.u32(MET_WORDS)),
    0, // walks
    0, // visited
    heap.addressOf(heap.u32(exploreTableWords(dim))),
    heap.addressOf(heap.f32(LIST_BLOCKS * BLOCK_SLOTS)), // estimates
    heap.addressOf(heap.u32(POOL_WORDS)),
  ]);
  const lengths = isI8 ? [wholeWords(dim), dim] : [0, 0];
  const parts = lengths.map((length) => heap.addressOf(heap.u32(length)));
  IN_I8.forEach((at, i) => (description[at] = parts[i]));
  description[HEARD_AT] = heap.addressOf(heap.u32(HEARD_WORDS));
  return { description };
}

/** Lays out what one build at a time works in. */
export function layOutBuildSpace(
  layout: Layout,
  degree: number,
  capacity: number,
): GraphBuildSpace {
  return {
    slots: layout.u32(MOST_BATCH),
    choices: layout.u32(MOST_BATCH * choiceWords(degree)),
    reached: layout.u32(bitWords(capacity)),
    queue: layout.u32(capacity),
    nearest: layout.u32(MOST_BATCH),
  };
}

/** Bytes that `layOutBuildSpace` takes. */
export function buildSpaceBytes(degree: number, capacity: number): number {
  return layoutBytes((layout) => void layOutBuildSpace(layout, degree, capacity));
}

/** Bytes that `layOutGraph` takes. */
export function graphBytes(shape: GraphShape, capacity: number): number {
  const { dim } = shape;
  return (
    arrayBytes(FIELDS) +
    arrayBytes(capacity * recordWords(shape)) +
    arrayBytes(rootWords(dim)) +
    arrayBytes(shape.isI8 ? dim : 0) +
    cellsBytes(dim, capacity)
  );
}

/** Bytes that `layOutGraphScratch` takes. */
export function graphScratchBytes(dim: number, isI8 = false): number {
  return (
    arrayBytes(SCRATCH_FIELDS) +
    arrayBytes(2 * MOST_EF) +
    arrayBytes(MET_WORDS) +
    arrayBytes(exploreTableWords(dim)) +
    arrayBytes(LIST_BLOCKS * BLOCK_SLOTS) +
    arrayBytes(POOL_WORDS) +
    arrayBytes(HEARD_WORDS) +
    (isI8 ? arrayBytes(wholeWords(dim)) + arrayBytes(dim) : 0)
  );
}

// Entries of four words for what is met with the longest beam, see assembly/walk/explore.ts.
const MET_WORDS = 4 * 32 * MOST_EF;
const HEARD_WORDS = 2 ** 16; // with the longest beam, see assembly/graph/heard.ts
const LIST_BLOCKS = 16; // that are estimated at once, see assembly/cells/explore-lists.ts
// Of a build: rows to choose of, those kept, those left (assembly/walk/graph-choose.ts).
const POOL_WORDS = 2 * (2 * MOST_EF + MOST_DEGREE);

/** Tables of a query, and fine ones. */
function exploreTableWords(dim: number): number {
  return 16 + 3 * dim;
}

/** u32 words of a bit for each slot. */
export function bitWords(slots: number): number {
  return Math.ceil(slots / 32);
}
