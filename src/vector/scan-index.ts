import { Mutex } from "../util/mutex.ts";
import { normalize } from "../wasm/normalize.ts";
import { processKernels } from "../wasm/compile.ts";
import { flat, type Codes } from "../wasm/codes.ts";
import type { Job } from "../wasm/kernels.ts";
import { scan, type ScanScratch } from "../wasm/scan.ts";
import type {
  Capture,
  Engine,
  Hits,
  IndexStats,
  OptimizeOptions,
  Search,
  SnapshotFile,
  VerifyReport,
} from "./engine.ts";
import { countBits, keysOf, liveBits, slotsOf, visibleBits, type SlotBits } from "./filter.ts";
import type { KeyTable } from "./key-table.ts";
import { mergeHits } from "./merge.ts";
import { scanOnPool, type RangeSearch } from "./pool-scan.ts";
import { RowStore } from "./row-store.ts";
import { strideOf, tableWordsOf, type RowLayout } from "./layout.ts";
import type { Segment } from "./segment.ts";
import { writeSegmentFile } from "./segment-file.ts";
import type { Threads } from "./threads.ts";
import { verifySegments } from "./verify.ts";

/** Share of dead slots above which `optimize` moves the live rows together. */
const COMPACT_ABOVE = 0.2;

// How sure a code is trusted: a row as far as the k-th nearest is missed in one of 740 cases.
const SIGMAS = 3;

// What a search by codes costs, in rows looked at exactly (measured at 384 to 1,536 values).
const CODES_PER_ROW = 14; // codes that take as long as one row
const FIRST_ROWS = 64;
const ROWS_PER_ANSWER = 24;

const NO_BITS: SlotBits = new Uint32Array(0);

/**
 * Rows against queries, one after the other: every row in f32, where nothing is missed; or, where rows
 * have codes, in f32 those whose code says that they may be near.
 */
export class ScanIndex implements Engine {
  readonly #layout: RowLayout;
  readonly #threads: Threads;
  /** Searches on threads share scratch space, so one runs at a time; each uses every thread. */
  readonly #onThreads = new Mutex();
  #store: RowStore;

  constructor(layout: RowLayout, threads: Threads) {
    this.#layout = layout;
    this.#threads = threads;
    this.#store = new RowStore(layout);
  }

  get rows(): number {
    return this.#store.keys.size;
  }

  add(keys: ArrayLike<number>, vectors: Float32Array): void {
    this.#store.add(keys, vectors);
  }

  remove(keys: ArrayLike<number>): number {
    return this.#store.remove(keys);
  }

  search(query: Float32Array, { k, filter }: Search): Hits {
    const store = this.#store;
    const bits = filter === undefined ? undefined : visibleBits(store, filter);
    const answers = store.segments.map((segment, i) => {
      const { heap, scratch, rows, end, stride, live, masked } = segment;
      // A filter that has added rows may have made segments that it was not asked of.
      const passed = bits === undefined ? undefined : (bits[i] ?? NO_BITS);
      if (passed !== undefined) masked.fill(0, 0, (end + 31) >>> 5).set(passed);
      const visible = passed === undefined ? live : masked;
      const most = Math.min(k, end);
      this.#placeQueries(segment, scratch, query);
      const range = { rows, visible, firstSlot: 0, endSlot: end, dim: stride };
      const matches = passed === undefined ? end : countBits(passed);
      const codes = this.#worthwhileCodes(segment, end, matches, most);
      heap.run(this.#jobOf({ segment, range, codes, scratch, queryCount: 1, k: most }));
      return this.#hitsOf(segment, store.keys, scratch, 0, most);
    });
    return mergeHits(answers, k);
  }

  searchMany(queries: Float32Array, { k, filter, signal }: Search): Promise<Hits[]> {
    // Here, before anything is waited for: the answer is of the rows as they are now.
    const store = this.#store;
    const bits = visibleBits(store, filter);
    const places = bits.map((visible, i) => {
      const segment = store.segments[i];
      const { end } = segment;
      const codes = this.#worthwhileCodes(segment, end, countBits(visible), Math.min(k, end));
      return { segment, visible, end, codes };
    });
    store.beginReading();
    return this.#onThreads
      .run(async () =>
        scanOnPool({
          pool: await this.#threads.start(),
          lanes: this.#layout.threads,
          places: places.filter(({ end }) => end > 0),
          queries,
          dim: this.#layout.dim,
          k,
          signal,
          tableWords: tableWordsOf(this.#layout),
          jobOf: (asked) => this.#jobOf(asked),
          place: (segment, scratch, some) => this.#placeQueries(segment, scratch, some),
          hitsOf: (segment, scratch, q, most) => {
            return this.#hitsOf(segment, store.keys, scratch, q, most);
          },
        }),
      )
      .finally(() => store.endReading());
  }

  async optimize({ signal, onProgress }: OptimizeOptions): Promise<void> {
    signal?.throwIfAborted();
    const { usedSlots } = this.#store;
    if (usedSlots - this.rows > COMPACT_ABOVE * usedSlots) {
      this.#store = this.#store.compacted();
      // Threads hold on to the memories they have seen: with them the old ones go.
      await this.#onThreads.run(() => this.#threads.close());
    }
    onProgress?.({ done: this.rows, total: this.rows });
  }

  verify(): VerifyReport {
    const problems = verifySegments(this.#store.segments, this.#store.keys, this.#layout);
    return { ok: problems.length === 0, rows: this.rows, problems };
  }

  stats(): IndexStats {
    const { usedBytes, usedSlots, segments } = this.#store;
    return {
      kind: this.#layout.coded ? "flat" : "exact",
      metric: this.#layout.metric,
      dim: this.#layout.dim,
      rows: this.rows,
      deadRows: usedSlots - this.rows,
      bytes: usedBytes,
      segments: segments.length,
      kernels: processKernels().build,
      threads: this.#layout.threads,
    };
  }

  capture(): Capture {
    const store = this.#store;
    const pieces = store.segments.map((segment) => {
      const slots = slotsOf(liveBits(segment));
      return { segment, slots, keys: keysOf(segment, slots, store.keys) };
    });
    store.beginReading();
    const shape = { ...this.#layout, stride: strideOf(this.#layout) };
    return {
      rows: this.rows,
      release: () => store.endReading(),
      write: async (folder, tag) => {
        const files: SnapshotFile[] = [];
        for (const [i, { segment, slots, keys }] of pieces.entries()) {
          if (slots.length === 0) continue;
          const name = `segment-${i}-${tag}.bin`;
          files.push(await writeSegmentFile(folder, name, shape, segment, slots, keys));
        }
        return files;
      },
    };
  }

  /** Takes rows of a snapshot, as `RowStore.load` says. */
  load(keys: Float64Array, read: (rows: Float32Array) => Promise<void>): Promise<void> {
    return this.#store.load(keys, read);
  }

  async close(): Promise<void> {
    await this.#onThreads.run(async () => undefined);
    this.#store = new RowStore(this.#layout);
  }

  /** The job that finds the nearest of one range of rows. */
  #jobOf({ segment: { heap }, range, codes, scratch, queryCount, k }: RangeSearch): Job {
    if (codes !== undefined) {
      return flat(heap, range, codes, scratch, queryCount, k, SIGMAS);
    }
    // Under cosine rows and queries have unit length, where ‖a − b‖² = 2 (1 − cos): exact for
    // close vectors, where 1 − a·b would be lost to cancellation.
    const kernel = this.#layout.metric === "dot" ? "scan_dot_f32" : "scan_l2sq_f32";
    return scan(heap, kernel, range, scratch, queryCount, k);
  }

  /** The codes of a segment, where to look at all of them costs less than at the rows that count. */
  #worthwhileCodes(segment: Segment, end: number, matches: number, k: number): Codes | undefined {
    const lookedAt = end / CODES_PER_ROW + FIRST_ROWS + ROWS_PER_ANSWER * k;
    return lookedAt < matches ? segment.codes : undefined;
  }

  /** Writes queries into a scratch as rows are kept: padded, under cosine of unit length, rotated. */
  #placeQueries(segment: Segment, { queries, block }: ScanScratch, given: Float32Array): void {
    const { dim, metric } = this.#layout;
    const { stride, heap } = segment;
    for (let from = 0, at = 0; from < given.length; from += dim, at += stride) {
      queries.set(given.subarray(from, from + dim), at);
      queries.fill(0, at + dim, at + stride);
      const query = queries.subarray(at, at + stride);
      if (metric === "cosine") heap.run(normalize(heap, query, stride, block.subarray(0, 1)));
      segment.rotate(query);
    }
  }

  #hitsOf(
    { firstSlot }: Segment,
    keys: KeyTable,
    { distances, slots, counts }: ScanScratch,
    q: number,
    most: number,
  ): Hits {
    const count = counts[q];
    const found = distances.slice(q * most, q * most + count);
    if (this.#layout.metric === "cosine") {
      for (let i = 0; i < count; i++) found[i] /= 2;
    }
    const foundKeys = new Float64Array(count);
    for (let i = 0; i < count; i++) foundKeys[i] = keys.keyOf(firstSlot + slots[q * most + i]);
    return { keys: foundKeys, distances: found };
  }
}
