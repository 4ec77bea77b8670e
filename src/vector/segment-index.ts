import { Mutex } from "../util/mutex.ts";
import { processKernels } from "../wasm/compile.ts";
import { checkValues } from "./engine/checks.ts";
import type {
  Capture,
  Engine,
  Hits,
  IndexStats,
  OptimizeOptions,
  Search,
  SearchWork,
  SnapshotFile,
  VerifyReport,
} from "./engine/engine.ts";
import { FilterCache } from "./search/filter-cache.ts";
import { countBits, liveBits, type SlotBits } from "./search/filter.ts";
import type { RowLayout } from "./segment/layout.ts";
import { queryMicroseconds, searchMany } from "./search/many-search.ts";
import { planSearch, waysOf } from "./search/planner.ts";
import { QuerySearch, type QueryPlace } from "./search/query-search.ts";
import { RowStore } from "./segment/row-store.ts";
import { Sealer } from "./sealing/sealer.ts";
import { readSegment, writeSegment } from "./snapshot/segment-file.ts";
import type { Threads } from "./sealing/threads.ts";
import { verifySegments } from "./snapshot/verify.ts";

/** What takes no longer is done sooner by this thread alone: asking another costs 150 µs and more. */
const ALONE_US = 2000;

const NO_BITS: SlotBits = new Uint32Array(0);

/**
 * Rows in segments, each searched in the way that costs least: every row in f32, where nothing is
 * missed; by codes, in f32 those whose code says that they may be near; or along the links of a graph.
 */
export class SegmentIndex implements Engine {
  readonly #layout: RowLayout;
  readonly #threads: Threads;
  /** Searches on threads share scratch space, so one runs at a time; each uses every thread. */
  readonly #onThreads = new Mutex();
  readonly #sealer: Sealer;
  readonly #filters = new FilterCache();
  readonly #one: QuerySearch;
  #store: RowStore;
  #work = { queries: 0, hops: 0, codes: 0, rows: 0, bytes: 0 };

  constructor(layout: RowLayout, threads: Threads) {
    this.#layout = layout;
    this.#threads = threads;
    this.#store = new RowStore(layout);
    this.#one = new QuerySearch(layout, (work) => this.#note(work));
    this.#sealer = new Sealer(layout, threads, this.#onThreads);
  }

  get rows(): number {
    return this.#store.keys.size;
  }

  add(keys: ArrayLike<number>, vectors: Float32Array): void {
    this.#store.add(keys, vectors);
    this.#sealer.consider(this.#store);
  }

  remove(keys: ArrayLike<number>): number {
    const removed = this.#store.remove(keys);
    this.#sealer.consider(this.#store);
    return removed;
  }

  search(query: Float32Array, search: Search): Hits {
    const hits = this.#one.search(query, this.#placesOf(search, true), search.k);
    this.#work.queries++;
    return hits;
  }

  searchMany(queries: Float32Array, search: Search): Promise<Hits[]> {
    // Here, before anything is waited for: the answer is of the rows as they are now.
    const { k, signal } = search;
    const store = this.#store;
    const asked = this.#placesOf(search, false);
    const count = queries.length / this.#layout.dim;
    if (count * queryMicroseconds(asked) < ALONE_US) {
      return Promise.resolve(this.#searchEach(queries, search));
    }
    const places = asked.map(({ passed, ...place }) => ({
      ...place,
      visible: passed ?? liveBits(place.segment),
    }));
    store.beginReading();
    return this.#onThreads
      .run(async () => {
        const hits = await searchMany({
          pool: this.#threads.started,
          startPool: () => this.#threads.start(),
          layout: this.#layout,
          places,
          queries,
          k,
          signal,
          note: (work) => this.#note(work),
        });
        this.#work.queries += hits.length;
        return hits;
      })
      .finally(() => store.endReading());
  }

  /**
   * Where rows are that a search may answer, in slot order, and how each segment is searched.
   * @param isLimited whether what the largest finds limits what the others look at
   */
  #placesOf({ k, efSearch, filter }: Search, isLimited: boolean): QueryPlace[] {
    const store = this.#store;
    const bits = filter === undefined ? undefined : this.#filters.bitsOf(store, filter);
    const counted: Pick<QueryPlace, "segment" | "passed" | "matches">[] = [];
    for (const [i, segment] of store.segments.entries()) {
      // A filter that has added rows may have made segments that it was not asked of.
      const passed = bits === undefined ? undefined : (bits[i] ?? NO_BITS);
      const matches = passed === undefined ? segment.liveCount : countBits(passed);
      if (matches > 0) counted.push({ segment, passed, matches });
    }
    const all = counted.reduce((sum, { matches }) => sum + matches, 0);
    return counted.map(({ segment, passed, matches }) => {
      const most = Math.min(k, matches);
      // Of what is less than half of all rows, about its share of the answers is nearer than what others have found.
      const isRest = isLimited && 2 * matches < all;
      const expected = isRest ? Math.ceil((k * matches) / all) : most;
      const plan = planSearch(segment, matches, most, efSearch, this.#isForced, expected);
      return { segment, passed, matches, end: segment.end, plan, k: most };
    });
  }

  #searchEach(queries: Float32Array, search: Search): Hits[] {
    const { dim, metric } = this.#layout;
    const count = queries.length / dim;
    checkValues("queries", queries, [0, count], dim, metric);
    return Array.from({ length: count }, (_, i) =>
      this.search(queries.subarray(i * dim, (i + 1) * dim), search),
    );
  }

  async optimize({ signal, onProgress }: OptimizeOptions): Promise<void> {
    signal?.throwIfAborted();
    await this.#sealer.finish(this.#store, { signal, onProgress });
    const { linked, isScattered, isOverlinked } = this.#store;
    const isLoose = isOverlinked || (linked.length === 0 && isScattered);
    if (isLoose && !this.#sealer.isBusy) {
      this.#store = this.#store.compacted();
      // Threads hold on to the memories they have seen: with them the old ones go.
      await this.#onThreads.run(() => this.#threads.close());
    }
    onProgress?.({ done: this.rows, total: this.rows });
  }

  verify(): Promise<VerifyReport> {
    return this.#sealer.whilePaused(async () => {
      const problems = verifySegments(this.#store.segments, this.#store.keys, this.#layout);
      return { ok: problems.length === 0, rows: this.rows, problems };
    });
  }

  stats(): IndexStats {
    const { usedBytes, usedSlots, segments, linked } = this.#store;
    const linkedRows = linked.reduce((sum, { liveCount }) => sum + liveCount, 0);
    const scanned = this.#layout.coded ? "flat" : "exact";
    const isGraph = linkedRows > 0;
    const [largest] = segments.toSorted((a, b) => b.liveCount - a.liveCount);
    return {
      kind: isGraph ? "graph" : scanned,
      metric: this.#layout.metric,
      precision: this.#layout.precision,
      dim: this.#layout.dim,
      rows: this.rows,
      linkedRows,
      efSearch: linked.length === 0 ? undefined : Math.max(...linked.map((of) => of.defaultEf)),
      recall: linked.length === 0 ? undefined : Math.min(...linked.map((of) => of.recall)),
      choice: this.#store.choice,
      ways: largest === undefined ? [] : waysOf(largest, this.#isForced),
      isBuilding: this.#sealer.isBusy,
      buildError: this.#sealer.failure,
      deadRows: usedSlots - this.rows,
      bytes: usedBytes,
      segments: segments.length,
      kernels: processKernels().build,
      threads: this.#layout.threads,
      work: { ...this.#work },
    };
  }

  capture(): Capture {
    const store = this.#store;
    const pieces = store.segments
      .filter(({ liveCount }) => liveCount > 0)
      .map((segment) => ({ segment, live: liveBits(segment), end: segment.end }));
    const { choice } = store;
    store.beginReading();
    return {
      rows: this.rows,
      release: () => store.endReading(),
      write: (folder, tag) =>
        // Links must not change while they are written.
        this.#sealer.whilePaused(async () => {
          const files: SnapshotFile[] = [];
          for (const [i, piece] of pieces.entries()) {
            const name = `segment-${i}-${tag}.bin`;
            files.push(await writeSegment(folder, name, this.#layout, { ...piece, choice }));
          }
          return files;
        }),
    };
  }

  /** Takes the rows of one file of a snapshot. @throws {StigmergyError} DAMAGED or FORMAT */
  load(folder: string, file: SnapshotFile): Promise<void> {
    return readSegment(folder, file, this.#store);
  }

  async close(): Promise<void> {
    await this.#sealer.close();
    await this.#onThreads.run(async () => undefined);
    this.#store = new RowStore(this.#layout);
  }

  get #isForced(): boolean {
    return this.#layout.graph?.isForced ?? false;
  }

  #note({ hops, codes, rows, bytes }: SearchWork): void {
    const work = this.#work;
    work.hops += hops;
    work.codes += codes;
    work.rows += rows;
    work.bytes += bytes;
  }
}
