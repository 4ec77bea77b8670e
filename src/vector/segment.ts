import { codeWords, encode, rotate, writeSigns, type Codes } from "../wasm/codes.ts";
import { usedCellsBytes } from "../wasm/cells.ts";
import {
  buildSpaceBytes,
  graphBytes,
  graphScratchBytes,
  layOutBuildSpace,
  layOutGraph,
  layOutGraphScratch,
  recordWords,
  type Graph,
  type GraphBuildSpace,
  type GraphScratch,
} from "../wasm/graph.ts";
import { arrayBytes, Heap, MAX_HEAP_BYTES } from "../wasm/heap.ts";
import type { Job } from "../wasm/kernels.ts";
import { BLOCK_SLOTS, layOutScratch, scratchBytes, type ScanScratch } from "../wasm/scan.ts";
import { SAMPLE, SAMPLE_K } from "./calibration.ts";
import { rowDim, tableWordsOf, type RowLayout } from "./layout.ts";

const LANE_QUERIES = 32; // queries that every thread's scratch has room for, at LANE_K each
const LANE_K = 128;
const ENCODE_FROM = 1024; // rows: fewer are scanned faster than their codes could be
const LEAST_ROOM = 8192; // rows that a linked segment has more than it needs at first
const MOST_SLOTS = 2 ** 24; // what a walk can tell apart, see assembly/met.ts
const CENTROID_ROWS = 4096; // at most, whose mean the codes are relative to

/** Whether a segment's rows have links. */
export type SegmentKind = "growing" | "linked";

/**
 * A heap of rows: slots are handed out in order and never move.
 *
 *     rows     f32[capacity][stride]     a row in each slot; zeros beyond dim, or rotated; in a linked
 *                                        segment each with its links behind it (assembly/graph.ts)
 *     live     u32[capacity / 32]        bit s & 31 of word s >> 5: slot s holds a live row
 *     masked   u32[capacity / 32]        live and let through by a filter, of one search at a time
 *     signs    of the rotation, where rows are coded
 *     codes    blocks of 32 rows and their centroid, the same; a linked segment has them in its cells
 *     scratch  for one query at a time, k up to the capacity; of a linked segment also for searches of
 *              its graph, one and those of every thread, and for builds on every thread
 *     …        room for the scratch of searches on threads, laid out as they need it
 */
export class Segment {
  readonly heap: Heap;
  readonly rows: Float32Array;
  readonly live: Uint32Array;
  readonly masked: Uint32Array;
  readonly scratch: ScanScratch;
  /** Room for one block of codes. */
  readonly check: Uint32Array;
  readonly capacity: number;
  /** f32 values of a stored row. */
  readonly dim: number;
  /** f32 values from one row to the next. */
  readonly stride: number;
  /** Slots of this segment begin here in the index. */
  readonly firstSlot: number;
  /** The links of a linked segment. */
  readonly graph: Graph | undefined;
  /** For its graph: of searches on the calling thread, then on threads, then of builds. */
  readonly graphScratches: readonly GraphScratch[];
  /** For questions to its graph that tell how good it is. */
  readonly sample: { readonly scratch: ScanScratch; readonly visible: Uint32Array } | undefined;
  /** For builds of its graph. */
  readonly space: GraphBuildSpace | undefined;
  /** Slots handed out; those below it may be live or dead. */
  end = 0;
  /** How many of them are live. */
  liveCount = 0;
  /** Slots below it are in the graph. */
  linkedEnd = 0;
  /** The beam of searches of its graph that ask for none: see calibration.ts. */
  defaultEf = Infinity;
  /** Share of the ten nearest that this beam has found. */
  recall = 0;
  /** The length that augmented rows have: see augmentation.ts. */
  radius = 0;
  /** Whether its rows are on their way to another segment: then it takes no more. */
  isLeaving = false;
  /** The key of each slot, whether or not it is still there. */
  readonly keys: Float64Array;
  readonly #codes: Codes | undefined;
  readonly #signs: Uint32Array;
  #isEncoded = false;

  /**
   * @param capacity rows, rounded up to whole blocks of 32
   * @throws {StigmergyError} OUT_OF_HEAP when the machine gives no memory
   */
  constructor(layout: RowLayout, kind: SegmentKind, capacity: number, firstSlot: number) {
    this.dim = rowDim(layout);
    this.capacity = Math.ceil(capacity / BLOCK_SLOTS) * BLOCK_SLOTS;
    this.firstSlot = firstSlot;
    this.keys = new Float64Array(this.capacity);
    const words = this.capacity / BLOCK_SLOTS;
    const shape = shapeOf(layout, kind);
    this.heap = new Heap(segmentBytes(layout, kind, this.capacity));
    this.graph = shape && layOutGraph(this.heap, shape, this.capacity);
    this.rows = this.graph?.records ?? this.heap.f32(this.capacity * this.dim);
    this.stride = shape === undefined ? this.dim : recordWords(shape);
    this.live = this.heap.u32(words);
    this.masked = this.heap.u32(words);
    const isCoded = layout.coded && shape === undefined;
    this.check = this.heap.u32(isCoded ? codeWords(BLOCK_SLOTS, this.dim) : 0);
    this.#signs = this.heap.u32(layout.coded ? 4 * this.dim : 0);
    if (layout.coded) writeSigns(this.#signs, layout.seed);
    if (isCoded) {
      this.#codes = {
        centroid: this.heap.f32(this.dim),
        blocks: this.heap.u32(codeWords(this.capacity, this.dim)),
        inner: layout.metric === "dot",
      };
    }
    this.scratch = layOutScratch(this.heap, {
      queries: 1,
      dim: this.dim,
      k: this.capacity,
      tableWords: tableWordsOf(layout),
    });
    this.graphScratches = Array.from({ length: scratchCount(layout, kind) }, () =>
      layOutGraphScratch(this.heap, this.dim),
    );
    this.sample = shape && {
      scratch: layOutScratch(this.heap, sampleSize(layout)),
      visible: this.heap.u32(words),
    };
    this.space = shape && layOutBuildSpace(this.heap, shape.degree, this.capacity);
  }

  /** The rows' codes; undefined when they have none, or not yet. */
  get codes(): Codes | undefined {
    return this.#isEncoded ? this.#codes : undefined;
  }

  /** The row of a slot, f32[dim]. */
  row(slot: number): Float32Array {
    return this.rows.subarray(slot * this.stride, slot * this.stride + this.dim);
  }

  /** Rotates rows that stand on this heap one behind the other, when its rows are kept so. */
  rotate(rows: Float32Array): void {
    if (this.#signs.length === 0) return;
    this.heap.run(rotate(this.heap, rows, this.dim, this.#signs));
  }

  /** Encodes rows that have been written; all of them, as soon as there are enough. */
  encode(first: number, count: number): void {
    if (this.#codes === undefined) return;
    if (!this.#isEncoded) {
      if (this.end < ENCODE_FROM) return;
      this.placeMean(this.#codes.centroid);
      this.#isEncoded = true;
      [first, count] = [0, this.end];
    }
    this.heap.run(encode(this.heap, this.rows, first, count, this.#codes, this.stride));
  }

  /** The job that encodes the block of 32 rows that begins at `first` to where `check` is. */
  recodeJob(first: number): Job<"encode_b1"> {
    const rows = this.rows.subarray(first * this.stride);
    const count = Math.min(BLOCK_SLOTS, this.end - first);
    const codes = { ...this.#ownCodes(), blocks: this.check };
    return encode(this.heap, rows, 0, count, codes, this.stride);
  }

  #ownCodes(): Codes {
    if (this.#codes === undefined) throw new Error("the rows of this segment have no codes");
    return this.#codes;
  }

  /** Where codes that were made elsewhere are written; from now on they count. */
  adoptCodes(): Codes {
    this.#isEncoded = true;
    return this.#ownCodes();
  }

  isLive(slot: number): boolean {
    return ((this.live[slot >>> 5] >>> (slot & 31)) & 1) === 1;
  }

  setLive(slot: number, live: boolean): void {
    if (this.isLive(slot) === live) return;
    this.liveCount += live ? 1 : -1;
    const bit = 1 << (slot & 31);
    if (live) this.live[slot >>> 5] |= bit;
    else this.live[slot >>> 5] &= ~bit;
  }

  /** Whether searches can go by codes. */
  get isCoded(): boolean {
    return this.#isEncoded || this.linkedEnd > 0;
  }

  /** Bytes of the rows handed out, with their links, their bits, codes and keys. */
  get usedBytes(): number {
    const codes =
      this.graph === undefined
        ? this.#codes === undefined
          ? 0
          : codeWords(this.end, this.dim) * 4
        : usedCellsBytes(this.graph.cells, this.dim);
    return this.end * (this.stride * 4 + 8) + Math.ceil(this.end / BLOCK_SLOTS) * 4 + codes;
  }

  /** Writes the mean of rows spread evenly over those that are there. */
  placeMean(centroid: Float32Array): void {
    const sums = new Float64Array(this.dim);
    const step = Math.max(1, Math.floor(this.end / CENTROID_ROWS));
    let count = 0;
    for (let slot = 0; slot < this.end; slot += step, count++) {
      const at = slot * this.stride;
      for (let j = 0; j < this.dim; j++) sums[j] += this.rows[at + j];
    }
    for (let j = 0; j < this.dim; j++) centroid[j] = sums[j] / count;
  }
}

/** Rows that a linked segment should have room for which begins with so many. */
export function linkedCapacity(layout: RowLayout, rows: number): number {
  return Math.min(rows + Math.max(rows >> 1, LEAST_ROOM), mostRows(layout, "linked"));
}

/** Most rows that one heap of 4 GiB has room for. */
export function mostRows(layout: RowLayout, kind: SegmentKind): number {
  // Everything but the lanes' scratch grows with the rows.
  const fixed = segmentBytes(layout, kind, 0) + 2 ** 20;
  const sample = 2 ** 16;
  const rowBytes =
    (segmentBytes(layout, kind, sample) - segmentBytes(layout, kind, 0)) / sample + 8;
  const fitting = Math.floor((MAX_HEAP_BYTES - fixed) / rowBytes / BLOCK_SLOTS) * BLOCK_SLOTS;
  return kind === "linked" ? Math.min(fitting, MOST_SLOTS) : fitting;
}

/** Scratches for the graph of a segment: one search, and a search and a build on each thread. */
function scratchCount({ threads }: RowLayout, kind: SegmentKind): number {
  return kind === "linked" ? 1 + 2 * threads : 0;
}

function sampleSize(layout: RowLayout) {
  const tables = tableWordsOf(layout);
  return { queries: SAMPLE, dim: rowDim(layout), k: SAMPLE_K, tableWords: tables };
}

function shapeOf(layout: RowLayout, kind: SegmentKind) {
  if (kind === "growing" || layout.graph === undefined) return undefined;
  return { dim: rowDim(layout), degree: layout.graph.degree };
}

function segmentBytes(layout: RowLayout, kind: SegmentKind, capacity: number): number {
  const dim = rowDim(layout);
  const words = capacity / BLOCK_SLOTS;
  const sizes = { dim, tableWords: tableWordsOf(layout) };
  const whole = scratchBytes({ ...sizes, queries: 1, k: capacity });
  const lane = scratchBytes({ ...sizes, queries: LANE_QUERIES, k: LANE_K });
  const shape = shapeOf(layout, kind);
  const signs = layout.coded ? arrayBytes(4 * dim) : 0;
  const codes =
    layout.coded && shape === undefined
      ? arrayBytes(codeWords(capacity, dim)) +
        arrayBytes(dim) +
        arrayBytes(codeWords(BLOCK_SLOTS, dim))
      : 0;
  const rows = shape === undefined ? arrayBytes(capacity * dim) : graphBytes(shape, capacity);
  const build =
    shape === undefined
      ? 0
      : buildSpaceBytes(shape.degree, capacity) +
        scratchBytes(sampleSize(layout)) +
        arrayBytes(words);
  return (
    BLOCK_SLOTS * 4 + // address 0 stays free
    rows +
    3 * arrayBytes(words) + // live, masked, and the mask of a search on threads
    signs +
    codes +
    whole +
    scratchCount(layout, kind) * graphScratchBytes(dim) +
    build +
    Math.max(whole, layout.threads * lane)
  );
}

/** The segment that a slot of the index stands in; the segments' first slots rise. */
export function segmentOf(segments: readonly Segment[], slot: number): Segment {
  return segments[segmentAt(segments, slot)];
}

/** Which of the segments a slot of the index stands in. */
export function segmentAt(segments: readonly Segment[], slot: number): number {
  // There are a handful, the last the largest.
  let at = segments.length - 1;
  while (at > 0 && segments[at].firstSlot > slot) at--;
  return at;
}
