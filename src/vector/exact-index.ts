import type { Pool } from "../pool/pool.ts";
import { Mutex } from "../util/mutex.ts";
import { normalize } from "../wasm/normalize.ts";
import { processKernels } from "../wasm/kernels.ts";
import { scan, type ScanScratch } from "../wasm/scan.ts";
import type {
  Engine,
  Hits,
  IndexStats,
  OptimizeOptions,
  Search,
  SnapshotFile,
  VerifyReport,
} from "./engine.ts";
import { maskSegments } from "./filter.ts";
import type { KeyTable } from "./key-table.ts";
import { mergeHits } from "./merge.ts";
import { scanOnPool } from "./pool-scan.ts";
import { RowStore, type RowOptions } from "./row-store.ts";
import type { Segment } from "./segment.ts";
import { writeSegmentFile } from "./segment-file.ts";
import { verifySegments } from "./verify.ts";

/** Share of dead slots above which `optimize` moves the live rows together. */
const COMPACT_ABOVE = 0.2;

/** Every row against every query, in f32: nothing to build, and nothing is missed. */
export class ExactIndex implements Engine {
  readonly #options: RowOptions;
  readonly #pool: () => Promise<Pool>;
  /** Searches on threads share scratch space, so one runs at a time; each uses every thread. */
  readonly #onThreads = new Mutex();
  #store: RowStore;

  constructor(options: RowOptions, pool: () => Promise<Pool>) {
    this.#options = options;
    this.#pool = pool;
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
    const { segments, keys } = this.#store;
    if (filter !== undefined) maskSegments(segments, keys, filter);
    const answers = segments.map((segment) => {
      const { heap, scratch, rows, end, stride } = segment;
      const most = Math.min(k, end);
      this.#placeQueries(segment, scratch, query);
      const visible = filter === undefined ? segment.live : segment.masked;
      const range = { rows, visible, firstSlot: 0, endSlot: end, dim: stride };
      heap.run(scan(heap, this.#kernel, range, scratch, 1, most));
      return this.#hitsOf(segment, keys, scratch, 0, most);
    });
    return mergeHits(answers, k);
  }

  /** Sees the index as it is when its turn comes, whatever is written while threads read. */
  searchMany(queries: Float32Array, search: Search): Promise<Hits[]> {
    return this.#onThreads.run(async () => {
      const pool = await this.#pool();
      const store = this.#store;
      return store.reading(() => this.#searchOnPool(pool, store, queries, search));
    });
  }

  async #searchOnPool(
    pool: Pool,
    { segments, keys }: RowStore,
    queries: Float32Array,
    { k, filter, signal }: Search,
  ): Promise<Hits[]> {
    signal?.throwIfAborted();
    if (filter !== undefined) maskSegments(segments, keys, filter);
    return scanOnPool({
      pool,
      lanes: this.#options.threads,
      segments: segments.filter(({ end }) => end > 0),
      queries,
      dim: this.#options.dim,
      k,
      signal,
      kernel: this.#kernel,
      visibleOf: (segment) => (filter === undefined ? segment.live : segment.masked),
      place: (segment, scratch, some) => this.#placeQueries(segment, scratch, some),
      hitsOf: (segment, scratch, q, most) => this.#hitsOf(segment, keys, scratch, q, most),
    });
  }

  async optimize({ signal, onProgress }: OptimizeOptions): Promise<void> {
    signal?.throwIfAborted();
    const { usedSlots } = this.#store;
    if (usedSlots - this.rows > COMPACT_ABOVE * usedSlots) this.#store = this.#store.compacted();
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

  save(folder: string, tag: string): Promise<SnapshotFile[]> {
    const store = this.#store;
    return store.reading(async () => {
      // Bits and keys of this moment: both may change while files are written.
      const pieces = store.segments
        .filter(({ end }) => end > 0)
        .map((segment) => ({ segment, ...liveRows(segment, store.keys) }));
      const files: SnapshotFile[] = [];
      for (const [i, { segment, slots, keys }] of pieces.entries()) {
        const name = `segment-${i}-${tag}.bin`;
        files.push(await writeSegmentFile(folder, name, this.#options, segment, slots, keys));
      }
      return files;
    });
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

/** The live slots of a segment and their keys. */
function liveRows(segment: Segment, table: KeyTable): { slots: Uint32Array; keys: Float64Array } {
  const slots = Uint32Array.from(
    Array.from({ length: segment.end }, (_, slot) => slot).filter((slot) => segment.isLive(slot)),
  );
  const keys = Float64Array.from(slots, (slot) => table.keyOf(segment.firstSlot + slot));
  return { slots, keys };
}
