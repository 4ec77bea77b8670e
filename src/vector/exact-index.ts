import type { Pool } from "../pool/pool.ts";
import { normalize } from "../wasm/normalize.ts";
import { processKernels } from "../wasm/kernels.ts";
import { scan, type ScanScratch } from "../wasm/scan.ts";
import type {
  Engine,
  Hits,
  IndexStats,
  Metric,
  OptimizeOptions,
  Search,
  SnapshotFile,
  VerifyReport,
} from "./engine.ts";
import { maskSegments, segmentOf } from "./filter.ts";
import { KeyTable } from "./key-table.ts";
import { mergeHits } from "./merge.ts";
import { scanOnPool } from "./pool-scan.ts";
import { nextCapacity, Segment } from "./segment.ts";
import { writeSegmentFile } from "./segment-file.ts";
import { verifySegments } from "./verify.ts";

/** What an exact index is made for. */
export interface ExactOptions {
  readonly dim: number;
  readonly metric: Metric;
  readonly threads: number;
}

/** Share of dead slots above which `optimize` moves the live rows together. */
const COMPACT_ABOVE = 0.2;

/**
 * Every row against every query, in f32. Rows stand in segments that never move; one is written
 * once, before its live bit is set, and its slot is used again only when nobody on another thread
 * can still be reading it. A search on threads therefore sees the index as it was when it began.
 */
export class ExactIndex implements Engine {
  readonly #options: ExactOptions;
  readonly #pool: () => Promise<Pool>;
  #segments: Segment[] = [];
  #keys = new KeyTable();
  #freeSlots: number[] = [];
  #readers = 0;
  /** Searches on threads share scratch space, so one runs at a time; each uses every thread. */
  #lastSearch: Promise<unknown> = Promise.resolve();

  constructor(options: ExactOptions, pool: () => Promise<Pool>) {
    this.#options = options;
    this.#pool = pool;
  }

  get rows(): number {
    return this.#keys.size;
  }

  add(keys: ArrayLike<number>, vectors: Float32Array): void {
    const slots = this.#takeSlots(keys.length);
    this.#writeRows(slots, vectors);
    for (let i = 0; i < slots.length; i++) {
      const replaced = this.#keys.slotOf(keys[i]);
      if (replaced !== undefined) this.#kill(replaced);
      this.#keys.put(keys[i], slots[i]);
      const segment = segmentOf(this.#segments, slots[i]);
      segment.setLive(slots[i] - segment.firstSlot, true);
    }
  }

  remove(keys: ArrayLike<number>): number {
    const before = this.#keys.size;
    for (let i = 0; i < keys.length; i++) {
      const slot = this.#keys.slotOf(keys[i]);
      if (slot === undefined) continue;
      this.#keys.delete(keys[i]);
      this.#kill(slot);
    }
    return before - this.#keys.size;
  }

  search(query: Float32Array, { k, filter }: Search): Hits {
    if (filter !== undefined) maskSegments(this.#segments, this.#keys, filter);
    const answers = this.#segments.map((segment) => {
      const { heap, scratch } = segment;
      const most = Math.min(k, segment.end);
      this.#placeQueries(segment, scratch, query);
      const visible = filter === undefined ? segment.live : segment.masked;
      heap.run(scan(heap, this.#kernel, this.#rangeOf(segment, visible), scratch, 1, most));
      return this.#hitsOf(segment, this.#keys, scratch, 0, most);
    });
    return mergeHits(answers, k);
  }

  async searchMany(queries: Float32Array, search: Search): Promise<Hits[]> {
    const turn = this.#lastSearch.then(() => this.#searchOnPool(queries, search));
    this.#lastSearch = turn.catch(() => undefined);
    return turn;
  }

  async #searchOnPool(queries: Float32Array, { k, filter, signal }: Search): Promise<Hits[]> {
    const pool = await this.#pool();
    signal?.throwIfAborted();
    if (filter !== undefined) maskSegments(this.#segments, this.#keys, filter);
    const keys = this.#keys;
    this.#readers++;
    try {
      return await scanOnPool({
        pool,
        lanes: this.#options.threads,
        segments: this.#segments.filter(({ end }) => end > 0),
        queries,
        dim: this.#options.dim,
        k,
        signal,
        kernel: this.#kernel,
        visibleOf: (segment) => (filter === undefined ? segment.live : segment.masked),
        place: (segment, scratch, some) => this.#placeQueries(segment, scratch, some),
        hitsOf: (segment, scratch, q, most) => this.#hitsOf(segment, keys, scratch, q, most),
      });
    } finally {
      this.#readers--;
    }
  }

  async optimize({ signal, onProgress }: OptimizeOptions): Promise<void> {
    signal?.throwIfAborted();
    const total = this.rows;
    const slots = this.#usedSlots();
    if (slots - total > COMPACT_ABOVE * slots) this.#compact();
    onProgress?.({ done: total, total });
  }

  verify(): VerifyReport {
    const problems = verifySegments(this.#segments, this.#keys, this.#options);
    return { ok: problems.length === 0, rows: this.rows, problems };
  }

  stats(): IndexStats {
    const bytes = this.#segments.reduce((sum, segment) => sum + segment.usedBytes, 0);
    return {
      kind: "exact",
      metric: this.#options.metric,
      dim: this.#options.dim,
      rows: this.rows,
      deadRows: this.#usedSlots() - this.rows,
      bytes: bytes + this.#usedSlots() * Float64Array.BYTES_PER_ELEMENT,
      segments: this.#segments.length,
      kernels: processKernels().build,
      threads: this.#options.threads,
    };
  }

  async save(folder: string, tag: string): Promise<SnapshotFile[]> {
    // As a reader: rows that are live now stay as they are until the files are written.
    this.#readers++;
    try {
      const pieces = this.#segments
        .filter(({ end }) => end > 0)
        .map((segment) => ({ segment, live: segment.live.slice(0, (segment.end + 31) >>> 5) }));
      const keys = this.#keys;
      const files: SnapshotFile[] = [];
      for (const [i, { segment, live }] of pieces.entries()) {
        const name = `segment-${i}-${tag}.bin`;
        files.push(await writeSegmentFile(folder, name, this.#options, segment, live, keys));
      }
      return files;
    } finally {
      this.#readers--;
    }
  }

  /**
   * Takes rows as they stand in a snapshot: padded, and of unit length under cosine.
   * @param read fills a part of the rows, f32[… × stride], from the file
   */
  async load(
    keys: Float64Array,
    read: (rows: Float32Array, firstRow: number) => Promise<void>,
  ): Promise<void> {
    const segments = this.#reserve(keys.length);
    let done = 0;
    for (const segment of segments) {
      const count = Math.min(keys.length - done, segment.capacity - segment.end);
      const from = segment.end;
      await read(
        segment.rows.subarray(from * segment.stride, (from + count) * segment.stride),
        done,
      );
      for (let i = 0; i < count; i++) {
        this.#keys.put(keys[done + i], segment.firstSlot + from + i);
        segment.setLive(from + i, true);
      }
      segment.end += count;
      done += count;
    }
  }

  async close(): Promise<void> {
    await this.#lastSearch;
    this.#segments = [];
    this.#keys = new KeyTable();
  }

  get #kernel(): "scan_l2sq_f32" | "scan_dot_f32" {
    // Under cosine rows and queries have unit length, where ‖a − b‖² = 2 (1 − cos): exact for
    // close vectors, where 1 − a·b would be lost to cancellation.
    return this.#options.metric === "dot" ? "scan_dot_f32" : "scan_l2sq_f32";
  }

  #rangeOf(segment: Segment, visible: Uint32Array) {
    const { rows, end, stride } = segment;
    return { rows, visible, firstSlot: 0, endSlot: end, dim: stride };
  }

  /** Writes queries into a scratch, padded, and of unit length under cosine. */
  #placeQueries(segment: Segment, scratch: ScanScratch, queries: Float32Array): void {
    const { dim, metric } = this.#options;
    const { stride, heap } = segment;
    const count = queries.length / dim;
    for (let q = 0; q < count; q++) {
      scratch.queries.set(queries.subarray(q * dim, (q + 1) * dim), q * stride);
      scratch.queries.fill(0, q * stride + dim, (q + 1) * stride);
    }
    if (metric !== "cosine") return;
    for (let q = 0; q < count; q++) {
      const query = scratch.queries.subarray(q * stride, (q + 1) * stride);
      heap.run(normalize(heap, query, stride, scratch.block.subarray(0, 1)));
    }
  }

  #hitsOf(segment: Segment, keys: KeyTable, scratch: ScanScratch, q: number, most: number): Hits {
    const count = scratch.counts[q];
    const distances = scratch.distances.slice(q * most, q * most + count);
    if (this.#options.metric === "cosine") {
      for (let i = 0; i < count; i++) distances[i] /= 2;
    }
    const found = new Float64Array(count);
    for (let i = 0; i < count; i++) {
      found[i] = keys.keyOf(segment.firstSlot + scratch.slots[q * most + i]);
    }
    return { keys: found, distances };
  }

  #usedSlots(): number {
    return this.#segments.reduce((sum, { end }) => sum + end, 0);
  }

  /** Makes room for `count` more rows behind the last, in as many segments as that takes. */
  #reserve(count: number): Segment[] {
    const { dim, threads } = this.#options;
    const open = this.#segments.filter(({ end, capacity }) => end < capacity);
    let room = open.reduce((sum, { end, capacity }) => sum + capacity - end, 0);
    while (room < count) {
      const last = this.#segments.at(-1);
      const firstSlot = last === undefined ? 0 : last.firstSlot + last.capacity;
      const capacity = nextCapacity(dim, firstSlot, count - room, threads);
      const segment = new Segment(dim, capacity, firstSlot, threads);
      this.#segments.push(segment);
      open.push(segment);
      room += segment.capacity;
    }
    return open;
  }

  /** Hands out slots: used ones again when no thread is reading, then new ones in order. */
  #takeSlots(count: number): Float64Array {
    const slots = new Float64Array(count);
    const reused = this.#readers > 0 ? 0 : Math.min(count, this.#freeSlots.length);
    const open = this.#reserve(count - reused);
    for (let i = 0; i < reused; i++) slots[i] = this.#freeSlots.pop() as number;
    let i = reused;
    for (const segment of open) {
      while (i < count && segment.end < segment.capacity) {
        slots[i++] = segment.firstSlot + segment.end++;
      }
    }
    return slots;
  }

  #writeRows(slots: Float64Array, vectors: Float32Array): void {
    const { dim, metric } = this.#options;
    for (let i = 0; i < slots.length; ) {
      const segment = segmentOf(this.#segments, slots[i]);
      const { stride, rows, heap, firstSlot, capacity, scratch } = segment;
      // Slots that follow one another are scaled by one call.
      let count = 1;
      while (i + count < slots.length && slots[i + count] === slots[i] + count) count++;
      const first = slots[i] - firstSlot;
      count = Math.min(count, capacity - first);
      for (let row = 0; row < count; row++) {
        const vector = vectors.subarray((i + row) * dim, (i + row + 1) * dim);
        rows.set(vector, (first + row) * stride);
      }
      if (metric === "cosine") {
        const run = rows.subarray(first * stride, (first + count) * stride);
        heap.run(normalize(heap, run, stride, scratch.distances.subarray(0, count)));
      }
      i += count;
    }
  }

  #kill(slot: number): void {
    const segment = segmentOf(this.#segments, slot);
    segment.setLive(slot - segment.firstSlot, false);
    this.#freeSlots.push(slot);
  }

  /** Moves the live rows into new segments. Searches that are under way go on over the old ones. */
  #compact(): void {
    const before = this.#segments;
    const fresh = new ExactIndex(this.#options, this.#pool);
    const slots = fresh.#takeSlots(this.rows);
    let i = 0;
    for (const [key, from] of this.#keys.entries()) {
      const [source, target] = [segmentOf(before, from), segmentOf(fresh.#segments, slots[i])];
      const { stride } = source;
      const at = (from - source.firstSlot) * stride;
      const local = slots[i] - target.firstSlot;
      target.rows.set(source.rows.subarray(at, at + stride), local * stride);
      target.setLive(local, true);
      fresh.#keys.put(key, slots[i++]);
    }
    this.#segments = fresh.#segments;
    this.#keys = fresh.#keys;
    this.#freeSlots = [];
  }
}
