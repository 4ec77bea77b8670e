import { codeWords, encode, rotate, writeSigns, type Codes } from "../wasm/codes.ts";
import { arrayBytes, Heap, MAX_HEAP_BYTES } from "../wasm/heap.ts";
import { BLOCK_SLOTS, layOutScratch, scratchBytes, type ScanScratch } from "../wasm/scan.ts";
import { strideOf, tableWordsOf, type RowLayout } from "./layout.ts";

const FIRST_BYTES = 4 * 2 ** 20; // rows of the first segment: small stores stay small
const LARGEST_BYTES = 2 ** 30; // rows of later ones: each doubles until here
const LANE_QUERIES = 32; // queries that every thread's scratch has room for, at LANE_K each
const LANE_K = 128;
const ENCODE_FROM = 1024; // rows: fewer are scanned faster than their codes could be
const CENTROID_ROWS = 4096; // at most, whose mean the codes are relative to

/**
 * A heap of rows: slots are handed out in order and never move.
 *
 *     rows     f32[capacity][stride]     a row in each slot; zeros beyond dim, or rotated
 *     live     u32[capacity / 32]        bit s & 31 of word s >> 5: slot s holds a live row
 *     masked   u32[capacity / 32]        live and let through by a filter, of one search at a time
 *     codes    blocks of 32 rows, their centroid and the rotation's signs, where rows are coded
 *     scratch  for one query at a time, k up to the capacity
 *     …        room for the scratch of searches on threads, laid out as they need it
 */
export class Segment {
  readonly heap: Heap;
  readonly rows: Float32Array;
  readonly live: Uint32Array;
  readonly masked: Uint32Array;
  readonly scratch: ScanScratch;
  readonly capacity: number;
  /** f32 values per stored row. */
  readonly stride: number;
  /** Slots of this segment begin here in the index. */
  readonly firstSlot: number;
  /** Slots handed out; those below it may be live or dead. */
  end = 0;
  readonly #codes: Codes | undefined;
  readonly #signs: Uint32Array;
  #isEncoded = false;

  /**
   * @param capacity rows, rounded up to whole blocks of 32
   * @throws {StigmergyError} OUT_OF_HEAP when the machine gives no memory
   */
  constructor(layout: RowLayout, capacity: number, firstSlot: number) {
    this.stride = strideOf(layout);
    this.capacity = Math.ceil(capacity / BLOCK_SLOTS) * BLOCK_SLOTS;
    this.firstSlot = firstSlot;
    const words = this.capacity / BLOCK_SLOTS;
    this.heap = new Heap(segmentBytes(layout, this.capacity));
    this.rows = this.heap.f32(this.capacity * this.stride);
    this.live = this.heap.u32(words);
    this.masked = this.heap.u32(words);
    this.#signs = this.heap.u32(layout.coded ? 4 * this.stride : 0);
    if (layout.coded) {
      writeSigns(this.#signs, layout.seed);
      this.#codes = {
        centroid: this.heap.f32(this.stride),
        blocks: this.heap.u32(codeWords(this.capacity, this.stride)),
        inner: layout.metric === "dot",
      };
    }
    this.scratch = layOutScratch(this.heap, {
      queries: 1,
      dim: this.stride,
      k: this.capacity,
      tableWords: tableWordsOf(layout),
    });
  }

  /** The rows' codes; undefined when they have none, or not yet. */
  get codes(): Codes | undefined {
    return this.#isEncoded ? this.#codes : undefined;
  }

  /** Rotates rows that stand on this heap, when its rows are kept so. */
  rotate(rows: Float32Array): void {
    if (this.#codes === undefined) return;
    this.heap.run(rotate(this.heap, rows, this.stride, this.#signs));
  }

  /** Encodes rows that have been written; all of them, as soon as there are enough. */
  encode(first: number, count: number): void {
    if (this.#codes === undefined) return;
    if (this.#isEncoded) {
      this.heap.run(encode(this.heap, this.rows, first, count, this.#codes));
    } else if (this.end >= ENCODE_FROM) {
      this.#placeCentroid(this.#codes.centroid);
      this.heap.run(encode(this.heap, this.rows, 0, this.end, this.#codes));
      this.#isEncoded = true;
    }
  }

  isLive(slot: number): boolean {
    return ((this.live[slot >>> 5] >>> (slot & 31)) & 1) === 1;
  }

  setLive(slot: number, live: boolean): void {
    const bit = 1 << (slot & 31);
    if (live) this.live[slot >>> 5] |= bit;
    else this.live[slot >>> 5] &= ~bit;
  }

  /** Bytes of the rows handed out, their bits and codes. */
  get usedBytes(): number {
    const codes = this.#codes === undefined ? 0 : codeWords(this.end, this.stride) * 4;
    return this.end * this.stride * 4 + Math.ceil(this.end / BLOCK_SLOTS) * 4 + codes;
  }

  /** The mean of rows spread evenly over those that are there. */
  #placeCentroid(centroid: Float32Array): void {
    const sums = new Float64Array(this.stride);
    const step = Math.max(1, Math.floor(this.end / CENTROID_ROWS));
    let count = 0;
    for (let slot = 0; slot < this.end; slot += step, count++) {
      const at = slot * this.stride;
      for (let j = 0; j < this.stride; j++) sums[j] += this.rows[at + j];
    }
    for (let j = 0; j < this.stride; j++) centroid[j] = sums[j] / count;
  }
}

/** Rows that the next segment should have, when `slots` stand in the ones before and `rows` wait. */
export function nextCapacity(layout: RowLayout, slots: number, rows: number): number {
  const rowBytes = strideOf(layout) * 4;
  const wanted = Math.min(
    Math.max(slots, Math.ceil(FIRST_BYTES / rowBytes)),
    Math.ceil(LARGEST_BYTES / rowBytes),
  );
  return Math.min(Math.max(wanted, rows), mostRows(layout));
}

/** Most rows that one heap of 4 GiB has room for. */
function mostRows(layout: RowLayout): number {
  // Everything but the lanes' scratch grows with the rows.
  const fixed = segmentBytes(layout, 0) + 2 ** 20;
  const sample = 2 ** 16;
  const rowBytes = (segmentBytes(layout, sample) - segmentBytes(layout, 0)) / sample + 8;
  return Math.floor((MAX_HEAP_BYTES - fixed) / rowBytes / BLOCK_SLOTS) * BLOCK_SLOTS;
}

function segmentBytes(layout: RowLayout, capacity: number): number {
  const dim = strideOf(layout);
  const words = capacity / BLOCK_SLOTS;
  const sizes = { dim, tableWords: tableWordsOf(layout) };
  const whole = scratchBytes({ ...sizes, queries: 1, k: capacity });
  const lane = scratchBytes({ ...sizes, queries: LANE_QUERIES, k: LANE_K });
  const codes = layout.coded
    ? arrayBytes(codeWords(capacity, dim)) + arrayBytes(4 * dim) + arrayBytes(dim)
    : 0;
  return (
    BLOCK_SLOTS * 4 + // address 0 stays free
    arrayBytes(capacity * dim) +
    3 * arrayBytes(words) + // live, masked, and the mask of a search on threads
    codes +
    whole +
    Math.max(whole, layout.threads * lane)
  );
}

/** The segment that a slot of the index stands in. */
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
