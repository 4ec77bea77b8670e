import { Mutex } from "../util/mutex.ts";
import { normalize } from "../wasm/normalize.ts";
import { processKernels } from "../wasm/compile.ts";
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
import { keysOf, liveBits, slotsOf, visibleBits } from "./filter.ts";
import type { KeyTable } from "./key-table.ts";
import { mergeHits } from "./merge.ts";
import { scanOnPool } from "./pool-scan.ts";
import { RowStore, type RowOptions } from "./row-store.ts";
import type { Segment } from "./segment.ts";
import { writeSegmentFile } from "./segment-file.ts";
import type { Threads } from "./threads.ts";
import { verifySegments } from "./verify.ts";

/** Share of dead slots above which `optimize` moves the live rows together. */
const COMPACT_ABOVE = 0.2;

/** Every row against every query, in f32: nothing to build, and nothing is missed. */
export class ExactIndex implements Engine {
  readonly #options: RowOptions;
  readonly #threads: Threads;
  /** Searches on threads share scratch space, so one runs at a time; each uses every thread. */
  readonly #onThreads = new Mutex();
  #store: RowStore;

  constructor(options: RowOptions, threads: Threads) {
    this.#options = options;
    this.#threads = threads;
    this.#store = new RowStore(options);
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
      if (bits !== undefined) masked.fill(0, 0, (end + 31) >>> 5).set(bits[i] ?? []);
      const visible = bits === undefined ? live : masked;
      const most = Math.min(k, end);
      this.#placeQueries(segment, scratch, query);
      const range = { rows, visible, firstSlot: 0, endSlot: end, dim: stride };
      heap.run(scan(heap, this.#kernel, range, scratch, 1, most));
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
      return { segment, visible, end: segment.end };
    });
    store.beginReading();
    return this.#onThreads
      .run(async () =>
        scanOnPool({
          pool: await this.#threads.start(),
          lanes: this.#options.threads,
          places: places.filter(({ end }) => end > 0),
          queries,
          dim: this.#options.dim,
          k,
          signal,
          kernel: this.#kernel,
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
    const problems = verifySegments(this.#store.segments, this.#store.keys, this.#options);
    return { ok: problems.length === 0, rows: this.rows, problems };
  }

  stats(): IndexStats {
    const { usedBytes, usedSlots, segments } = this.#store;
    return {
      kind: "exact",
      metric: this.#options.metric,
      dim: this.#options.dim,
      rows: this.rows,
      deadRows: usedSlots - this.rows,
      bytes: usedBytes,
      segments: segments.length,
      kernels: processKernels().build,
      threads: this.#options.threads,
    };
  }

  capture(): Capture {
    const store = this.#store;
    const pieces = store.segments.map((segment) => {
      const slots = slotsOf(liveBits(segment));
      return { segment, slots, keys: keysOf(segment, slots, store.keys) };
    });
    store.beginReading();
    return {
      rows: this.rows,
      release: () => store.endReading(),
      write: async (folder, tag) => {
        const files: SnapshotFile[] = [];
        for (const [i, { segment, slots, keys }] of pieces.entries()) {
          if (slots.length === 0) continue;
          const name = `segment-${i}-${tag}.bin`;
          files.push(await writeSegmentFile(folder, name, this.#options, segment, slots, keys));
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
    this.#store = new RowStore(this.#options);
  }

  get #kernel(): "scan_l2sq_f32" | "scan_dot_f32" {
    // Under cosine rows and queries have unit length, where ‖a − b‖² = 2 (1 − cos): exact for
    // close vectors, where 1 − a·b would be lost to cancellation.
    return this.#options.metric === "dot" ? "scan_dot_f32" : "scan_l2sq_f32";
  }

  /** Writes queries into a scratch, padded, and of unit length under cosine. */
  #placeQueries(
    { stride, heap }: Segment,
    { queries, block }: ScanScratch,
    given: Float32Array,
  ): void {
    const { dim, metric } = this.#options;
    for (let from = 0, at = 0; from < given.length; from += dim, at += stride) {
      queries.set(given.subarray(from, from + dim), at);
      queries.fill(0, at + dim, at + stride);
      if (metric !== "cosine") continue;
      heap.run(normalize(heap, queries.subarray(at, at + stride), stride, block.subarray(0, 1)));
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
    if (this.#options.metric === "cosine") {
      for (let i = 0; i < count; i++) found[i] /= 2;
    }
    const foundKeys = new Float64Array(count);
    for (let i = 0; i < count; i++) foundKeys[i] = keys.keyOf(firstSlot + slots[q * most + i]);
    return { keys: foundKeys, distances: found };
  }
}
