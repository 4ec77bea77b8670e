import { rotate, writeSigns, type Codes } from "../../wasm/vectors/codes.ts";
import { usedCellsBytes } from "../../wasm/vectors/cells.ts";
import {
  factorsAt,
  layOutBuildSpace,
  layOutGraph,
  layOutGraphScratch,
  liftRows,
  recordWords,
  type Graph,
  type GraphBuildSpace,
  type GraphScratch,
} from "../../wasm/vectors/graph.ts";
import { Heap } from "../../wasm/heap.ts";
import type { Job } from "../../wasm/abi/kernels.ts";
import { quantizeRows, rowI8At, valuesOf, type RowI8 } from "../../wasm/vectors/rows-i8.ts";
import { BLOCK_SLOTS, layOutScratch, type ScanScratch } from "../../wasm/vectors/scan.ts";
import type { Beam } from "./beams.ts";
import { isI8, isRotated, rowDim, rowWords, scratchSizes, type RowLayout } from "./layout.ts";
import { RowCodes } from "./row-codes.ts";
import {
  MOST_ASKED,
  sampleSize,
  scratchCount,
  segmentBytes,
  shapeOf,
  stagedRows,
  type SegmentKind,
} from "./segment-size.ts";
import { spread } from "./spread.ts";

const CENTROID_ROWS = 4096; // at most, whose mean the codes are relative to

/**
 * A heap of rows: slots are handed out in order and never move.
 *
 *     rows     f32[capacity][stride]     a row in each slot; zeros beyond dim, or rotated, or of 8 bits with its
 *                                        factors behind it (assembly/rows/rows-i8.ts); in a linked segment each with
 *                                        its links behind it (assembly/graph/graph.ts)
 *     live     u32[capacity / 32]        bit s & 31 of word s >> 5: slot s holds a live row
 *     masked   u32[capacity / 32]        live and let through by a filter, of one search at a time
 *     signs    of the rotation, where rows are coded
 *     codes    blocks of 32 rows, of one bit and of four, and their centroid; a linked segment has them in its cells
 *     staging  f32[64][dim]  rows on their way to 8 bits
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
  /** Where rows are written that are to be brought to 8 bits; else empty. */
  readonly staging: Float32Array;
  /** Whether rows are kept in 8 bits. */
  readonly isI8: boolean;
  /** Of the rotation of its rows; empty where they are not rotated. */
  readonly signs: Uint32Array;
  readonly capacity: number;
  /** Values of a stored row. */
  readonly dim: number;
  /** f32 words from one row to the next. */
  readonly stride: number;
  /** Slots of this segment begin here in the index. */
  readonly firstSlot: number;
  /** The links of a linked segment. */
  readonly graph: Graph | undefined;
  /** For its graph: of searches on the calling thread, then on threads, then of builds. */
  readonly graphScratches: readonly GraphScratch[];
  /** For questions to its graph that tell how good it is. */
  readonly sample:
    | {
        readonly scratch: ScanScratch;
        readonly visible: Uint32Array;
        /** u32[MOST_ASKED], slots that are passed over. */
        readonly selves: Uint32Array;
      }
    | undefined;
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
  /** The same of more answers; none where that was never measured. */
  beams: readonly Beam[] = [];
  /** Whether its rows are on their way to another segment: then it takes no more. */
  isLeaving = false;
  /** The key of each slot, whether or not it is still there. */
  readonly keys: Float64Array;
  /** Of the rows of a segment without links, where they are coded. */
  readonly rowCodes: RowCodes | undefined;
  #radius = 0;

  /**
   * @param capacity rows, rounded up to whole blocks of 32
   * @throws {StigmergyError} OUT_OF_HEAP when the machine gives no memory
   */
  constructor(layout: RowLayout, kind: SegmentKind, capacity: number, firstSlot: number) {
    this.dim = rowDim(layout);
    this.capacity = Math.ceil(capacity / BLOCK_SLOTS) * BLOCK_SLOTS;
    this.firstSlot = firstSlot;
    this.isI8 = isI8(layout);
    this.keys = new Float64Array(this.capacity);
    const words = this.capacity / BLOCK_SLOTS;
    const shape = shapeOf(layout, kind);
    this.heap = new Heap(segmentBytes(layout, kind, this.capacity));
    this.graph = shape && layOutGraph(this.heap, shape, this.capacity);
    this.rows = this.graph?.records ?? this.heap.f32(this.capacity * rowWords(layout));
    this.stride = shape === undefined ? rowWords(layout) : recordWords(shape);
    this.live = this.heap.u32(words);
    this.masked = this.heap.u32(words);
    this.staging = this.heap.f32(stagedRows(layout, kind) * this.dim);
    this.signs = this.heap.u32(isRotated(layout) ? 4 * this.dim : 0);
    if (isRotated(layout)) writeSigns(this.signs, layout.seed);
    if (layout.coded && shape === undefined) {
      this.rowCodes = new RowCodes(this.heap, layout, this.capacity);
    }
    this.scratch = layOutScratch(this.heap, {
      ...scratchSizes(layout),
      queries: 1,
      k: this.capacity,
    });
    this.graphScratches = Array.from({ length: scratchCount(layout, kind) }, () =>
      layOutGraphScratch(this.heap, this.dim, this.isI8),
    );
    this.sample = shape && {
      scratch: layOutScratch(this.heap, sampleSize(layout)),
      visible: this.heap.u32(words),
      selves: this.heap.u32(MOST_ASKED),
    };
    this.space = shape && layOutBuildSpace(this.heap, shape.degree, this.capacity);
  }

  /** The rows' codes; undefined when they have none, or not yet. */
  get codes(): Codes | undefined {
    return this.rowCodes?.isMade === true ? this.rowCodes.codes : undefined;
  }

  /** The row of a slot, f32[dim], as links see it: of 8 bits a copy. */
  row(slot: number): Float32Array {
    if (!this.isI8) return this.rows.subarray(slot * this.stride, slot * this.stride + this.dim);
    const row = valuesOf(this.rowI8(slot));
    if (this.graph === undefined) return row;
    const lift = Math.sqrt(Math.max(0, this.#radius ** 2 - this.squareOf(slot)));
    if (lift > 0) this.graph.axis.forEach((value, j) => (row[j] += lift * value));
    return row;
  }

  /** The row of a slot as it is kept, where rows are of 8 bits. */
  rowI8(slot: number): RowI8 {
    const at = slot * this.stride;
    return rowI8At(this.rows, this.dim, at, at + this.factorsAt);
  }

  /** ‖row‖² of a slot, where rows are of 8 bits. */
  squareOf(slot: number): number {
    const { scale, square } = this.rowI8(slot);
    return scale * scale * square;
  }

  /** Copies a row, as it is kept, from a slot of another segment. */
  copyRow(slot: number, from: Segment, fromSlot: number): void {
    const to = slot * this.stride;
    const at = fromSlot * from.stride;
    const words = this.isI8 ? this.dim / 4 : this.dim;
    // As words: codes seen as f32 may be numbers that a copy of f32 changes.
    wordsOf(this.rows, to, words).set(wordsOf(from.rows, at, words));
    if (!this.isI8) return;
    const factors = wordsOf(this.rows, to + this.factorsAt, 2);
    factors.set(wordsOf(from.rows, at + from.factorsAt, 2));
    // The two low bits tell its state in another graph.
    factors[0] &= ~3;
  }

  /** Whether two slots hold the same row, to the last bit. */
  isSameRow(a: number, b: number): boolean {
    if (this.isI8 && this.rowI8(a).scale !== this.rowI8(b).scale) return false;
    const words = this.isI8 ? this.dim / 4 : this.dim;
    const other = wordsOf(this.rows, b * this.stride, words);
    return wordsOf(this.rows, a * this.stride, words).every((word, i) => word === other[i]);
  }

  /** Brings rows that were written to `staging` to 8 bits, from slot `first` on. */
  quantize(first: number, count: number): void {
    const out = this.rows.subarray(first * this.stride, (first + count) * this.stride);
    this.heap.run(
      quantizeRows(this.heap, this.staging.subarray(0, count * this.dim), this.dim, out),
    );
  }

  /** The length that augmented rows have: see augmentation.ts. */
  get radius(): number {
    return this.#radius;
  }

  /** @param axis of the value more, where there is one */
  setRadius(radius: number, axis: Float32Array | undefined): void {
    this.#radius = radius;
    if (this.graph !== undefined && axis !== undefined) liftRows(this.graph, axis, radius);
  }

  /** Words from the start of a row of 8 bits to its factors. */
  get factorsAt(): number {
    return this.graph === undefined ? this.dim / 4 : factorsAt(this.graph);
  }

  /** Rotates rows that stand on this heap one behind the other, when its rows are kept so. */
  rotate(rows: Float32Array): void {
    for (const job of this.rotation(rows)) this.heap.run(job);
  }

  /** The job that does so, if there is one to do. */
  rotation(rows: Float32Array): Job[] {
    return this.signs.length === 0 ? [] : [rotate(this.heap, rows, this.dim, this.signs)];
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
    return this.rowCodes?.isMade === true || this.linkedEnd > 0;
  }

  /** Bytes of the rows handed out, with their links, their bits, codes and keys. */
  get usedBytes(): number {
    const codes =
      this.graph === undefined
        ? (this.rowCodes?.bytes(this.end) ?? 0)
        : usedCellsBytes(this.graph.cells, this.dim);
    return this.end * (this.stride * 4 + 8) + Math.ceil(this.end / BLOCK_SLOTS) * 4 + codes;
  }

  /** Writes the mean of rows from all over. */
  placeMean(centroid: Float32Array): void {
    const sums = new Float64Array(this.dim);
    const slots = spread(this.end, Math.min(this.end, CENTROID_ROWS));
    for (const slot of slots) {
      const row = this.row(slot);
      for (let j = 0; j < this.dim; j++) sums[j] += row[j];
    }
    for (let j = 0; j < this.dim; j++) centroid[j] = sums[j] / slots.length;
  }
}

function wordsOf(array: Float32Array, from: number, count: number): Uint32Array {
  return new Uint32Array(array.buffer, array.byteOffset + 4 * from, count);
}
