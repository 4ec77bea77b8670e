import { paddedDim } from "../wasm/distance.ts";
import { arrayBytes, Heap, MAX_HEAP_BYTES } from "../wasm/heap.ts";
import { BLOCK_SLOTS, scanScratchBytes, type ScanScratch } from "../wasm/scan.ts";

const FIRST_BYTES = 4 * 2 ** 20; // rows of the first segment: small stores stay small
const LARGEST_BYTES = 2 ** 30; // rows of later ones: each doubles until here
const LANE_QUERIES = 32; // queries that every thread's scratch has room for, at LANE_K each
const LANE_K = 128;

/**
 * A heap of rows: slots are handed out in order and never move.
 *
 *     rows     f32[capacity][stride]     a row in each slot, zeros up to the stride
 *     live     u32[capacity / 32]        bit s & 31 of word s >> 5: slot s holds a live row
 *     masked   u32[capacity / 32]        live and let through by a filter, of one search at a time
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

  /**
   * @param capacity rows, rounded up to whole blocks of 32
   * @throws {StigmergyError} OUT_OF_HEAP when the machine gives no memory
   */
  constructor(dim: number, capacity: number, firstSlot: number, lanes: number) {
    this.stride = paddedDim(dim);
    this.capacity = Math.ceil(capacity / BLOCK_SLOTS) * BLOCK_SLOTS;
    this.firstSlot = firstSlot;
    const words = this.capacity / BLOCK_SLOTS;
    this.heap = new Heap(segmentBytes(this.stride, this.capacity, lanes));
    this.rows = this.heap.f32(this.capacity * this.stride);
    this.live = this.heap.u32(words);
    this.masked = this.heap.u32(words);
    this.scratch = layOutScratch(this.heap, 1, this.stride, this.capacity);
  }

  isLive(slot: number): boolean {
    return ((this.live[slot >>> 5] >>> (slot & 31)) & 1) === 1;
  }

  setLive(slot: number, live: boolean): void {
    const bit = 1 << (slot & 31);
    if (live) this.live[slot >>> 5] |= bit;
    else this.live[slot >>> 5] &= ~bit;
  }

  /** Bytes of the rows handed out and their bits. */
  get usedBytes(): number {
    return this.end * this.stride * 4 + Math.ceil(this.end / BLOCK_SLOTS) * 4;
  }
}

/** Rows that the next segment should have, when `slots` stand in the ones before and `rows` wait. */
export function nextCapacity(dim: number, slots: number, rows: number, lanes: number): number {
  const rowBytes = paddedDim(dim) * 4;
  const wanted = Math.min(
    Math.max(slots, Math.ceil(FIRST_BYTES / rowBytes)),
    Math.ceil(LARGEST_BYTES / rowBytes),
  );
  return Math.min(Math.max(wanted, rows), mostRows(dim, lanes));
}

/** Most rows that one heap of 4 GiB has room for. */
function mostRows(dim: number, lanes: number): number {
  const stride = paddedDim(dim);
  // Everything but the lanes' scratch grows with the rows: 8 bytes a row for one query's answers,
  // as many again for one lane's, and three bits for masks.
  const rowBytes = stride * 4 + 17;
  const fixed = segmentBytes(stride, 0, lanes) + 2 ** 20;
  return Math.floor((MAX_HEAP_BYTES - fixed) / rowBytes / BLOCK_SLOTS) * BLOCK_SLOTS;
}

function segmentBytes(stride: number, capacity: number, lanes: number): number {
  const words = capacity / BLOCK_SLOTS;
  const ofLanes = Math.max(
    scanScratchBytes(1, stride, capacity),
    lanes * scanScratchBytes(LANE_QUERIES, stride, LANE_K),
  );
  return (
    BLOCK_SLOTS * 4 + // address 0 stays free
    arrayBytes(capacity * stride) +
    3 * arrayBytes(words) + // live, masked, and the mask of a search on threads
    scanScratchBytes(1, stride, capacity) +
    ofLanes
  );
}

/** Lays out the arrays of one scan of up to `queries` queries at a time. */
export function layOutScratch(heap: Heap, queries: number, stride: number, k: number): ScanScratch {
  return {
    queries: heap.f32(queries * stride),
    block: heap.f32(BLOCK_SLOTS),
    distances: heap.f32(queries * k),
    slots: heap.u32(queries * k),
    counts: heap.u32(queries),
  };
}
