import { isDeepStrictEqual } from "node:util";
import { StigmergyError } from "../errors.ts";
import { Mutex } from "../util/mutex.ts";
import { knownOptions, type OptionNames } from "../util/option-names.ts";
import { checkSignal } from "../util/signal.ts";
import {
  checkCallback,
  checkFolder,
  checkKeys,
  checkLength,
  checkVectors,
} from "./engine/checks.ts";
import type { Engine, Hits, IndexStats, OptimizeOptions, VerifyReport } from "./engine/engine.ts";
import { SegmentIndex } from "./segment-index.ts";
import { HnswlibIndex } from "./hnswlib/hnswlib-index.ts";
import type { Snapshot } from "./snapshot/manifest.ts";
import {
  checkOptions,
  checkSearch,
  checkSearchMany,
  INDEX_NAMES,
  layoutOf,
  type SearchManyOptions,
  type SearchOptions,
  type Settings,
  type VectorIndexOptions,
} from "./options.ts";
import { damaged, failed } from "./snapshot/snapshot-errors.ts";
import { readManifest, writeSnapshot } from "./snapshot/snapshot.ts";
import { Threads } from "./sealing/threads.ts";

/**
 * Vectors under numeric keys, and the nearest of them to a query. Lower distances are closer:
 * cosine is 1 − cos, l2sq is Σ(a − b)², dot is −a·b.
 *
 * Grows by itself. `search` runs on the calling thread, `searchMany` also on threads that it starts
 * when it is first worth it; whoever makes an index closes it. Calls that change the index take
 * effect before their promise is returned; `searchMany` and `save` see the rows as they were at
 * the moment of the call, whatever is changed before they are done.
 *
 * Distances are f32: those beyond its range are Infinity, and those of differences below about
 * 1e-18 are 0. All kinds but `exact` and `hnswlib` keep rows rotated, which moves each by about 3e-7 of its length: rows nearer
 * to each other than that can't be told apart, unless they are equal. Up to 16,777,216 keys.
 *
 * @example
 * const index = await VectorIndex.create({ dim: 3 });
 * await index.add([7, 8], Float32Array.of(1, 0, 0, 0, 1, 0)); // two rows, one after the other
 * const { keys, distances } = index.search(Float32Array.of(0.9, 0.1, 0), { k: 1 });
 * keys; // → Float64Array.of(7)
 * distances[0] < 0.01; // → true
 * await index.close();
 */
export class VectorIndex implements AsyncDisposable {
  readonly #settings: Settings;
  readonly #engine: Engine;
  readonly #threads: Threads;
  /** One save at a time: two into one folder would leave files that neither names. */
  readonly #saves = new Mutex();
  #closed = false;

  private constructor(settings: Settings, engine: Engine, threads: Threads) {
    this.#settings = settings;
    this.#engine = engine;
    this.#threads = threads;
  }

  /**
   * An empty index.
   * @throws {StigmergyError} INVALID_INPUT for an option out of range; NOT_SUPPORTED for a kind
   * that this version does not have; DEPENDENCY_MISSING for `hnswlib` without hnswlib-node
   */
  static async create(options: VectorIndexOptions): Promise<VectorIndex> {
    const settings = checkOptions(knownOptions("create", options, INDEX_NAMES));
    const threads = new Threads(settings.threads);
    const engine =
      settings.kind === "hnswlib"
        ? await HnswlibIndex.create(settings)
        : new SegmentIndex(layoutOf(settings), threads);
    return new VectorIndex(settings, engine, threads);
  }

  /**
   * The index that `save` wrote into a folder: rows, codes and links as they stood.
   * @throws {StigmergyError} NOT_FOUND, DAMAGED or FORMAT; INVALID_INPUT for an option that says something else
   * than the snapshot; the folder is never changed
   *
   * @example
   * await index.save("notes.index"); // a folder
   * const opened = await VectorIndex.open("notes.index", { threads: 2 });
   * opened.stats().rows; // → 2
   */
  static async open(path: string, options: OpenIndexOptions = {}): Promise<VectorIndex> {
    checkFolder(path);
    knownOptions("open", options, OPEN_NAMES);
    for (let attempt = 1; ; attempt++) {
      const snapshot = await readManifest(path);
      try {
        const { settings, engine, threads } = await openSnapshot(path, snapshot, options);
        return new VectorIndex(settings, engine, threads);
      } catch (error) {
        // Another process may have saved meanwhile: then what was named is gone, not damaged.
        const now = await readManifest(path);
        const isSame = isDeepStrictEqual(now, snapshot);
        if (isSame || attempt === MOST_ATTEMPTS) throw failed(error);
      }
    }
  }

  /**
   * Stores vectors under keys; a key that is there already gets the new vector. All are checked
   * first: a refused call has changed nothing. They can be found as soon as this returns.
   *
   * @param keys    non-negative safe integers; of a key given twice the last counts
   * @param vectors f32[keys.length × dim], row-major; copied
   * @throws {StigmergyError} INVALID_INPUT for a key out of range, NaN, ±Infinity, or a zero
   * vector under cosine; DIMENSION for a wrong length; OUT_OF_HEAP when memory is exhausted
   */
  async add(keys: ArrayLike<number>, vectors: Float32Array): Promise<void> {
    this.#assertOpen();
    checkKeys(keys);
    checkVectors("vectors", vectors, keys.length, this.#settings.dim, this.#settings.metric);
    this.#engine.add(keys, vectors);
  }

  /** Removes keys and returns how many of them were there. Others are passed over. */
  async remove(keys: ArrayLike<number>): Promise<number> {
    this.#assertOpen();
    checkKeys(keys);
    return this.#engine.remove(keys);
  }

  /**
   * The rows nearest to `query`, on this thread: min(k, live rows that the filter lets through).
   *
   * @param query f32[dim]
   * @throws {StigmergyError} DIMENSION or INVALID_INPUT
   *
   * @example
   * index.search(query, { k: 2, filter: (key) => key > 7 }).keys; // → Float64Array.of(8)
   * index.search(query, { filter: new Set([7]) }).keys; // → Float64Array.of(7)
   */
  search(query: Float32Array, options: SearchOptions = {}): Hits {
    this.#assertOpen();
    checkLength("query", query, 1, this.#settings.dim);
    return this.#engine.search(query, checkSearch(options));
  }

  /**
   * As `search` for each of several queries, over all threads. The calling one takes part, in slices of a
   * millisecond between which others have their turn; only scans of some milliseconds a query are left to the others.
   * What takes a millisecond in all is answered before the call returns.
   *
   * @param queries f32[count × dim], row-major; not to be changed until the promise settles
   * @throws {StigmergyError} DIMENSION, INVALID_INPUT or WORKER_DIED; or the reason of the signal
   *
   * @example
   * const queries = Float32Array.of(1, 0, 0, 0, 1, 0); // two of them
   * const hits = await index.searchMany(queries, { k: 1 });
   * hits.map(({ keys }) => keys[0]); // → [7, 8]
   */
  async searchMany(queries: Float32Array, options: SearchManyOptions = {}): Promise<Hits[]> {
    this.#assertOpen();
    const { dim } = this.#settings;
    checkLength("queries", queries, Math.ceil((queries?.length ?? 0) / dim), dim);
    return this.#engine.searchMany(queries, checkSearchMany(options));
  }

  /**
   * Links the rows that have no links yet, where the kind has them, and gives space of removed rows
   * back once it is worth the move; rows without links that came little by little are brought together. Rows can be added, removed and found meanwhile.
   * @throws the reason of the signal; {StigmergyError} OUT_OF_HEAP or WORKER_DIED. No row is lost.
   */
  async optimize(options: OptimizeOptions = {}): Promise<void> {
    this.#assertOpen();
    knownOptions("optimize", options, OPTIMIZE_NAMES);
    checkSignal(options.signal);
    checkCallback("onProgress", options.onProgress);
    await this.#engine.optimize(options);
  }

  /** Looks at every row, bit and key, and tells what does not fit. Changes nothing. */
  async verify(): Promise<VerifyReport> {
    this.#assertOpen();
    return this.#engine.verify();
  }

  /** What the index holds, and which build of the kernels runs it. */
  stats(): IndexStats {
    this.#assertOpen();
    return this.#engine.stats();
  }

  /**
   * Writes the rows of this moment into a folder, which is made when it is not there. A snapshot
   * that was there is replaced in one step, when the new one is safely on the disk.
   */
  async save(path: string): Promise<void> {
    this.#assertOpen();
    checkFolder(path);
    const { kind, metric, precision, dim, m, efConstruction, seed } = this.#settings;
    const capture = this.#engine.capture();
    const { rows } = capture;
    const header = { kind, metric, precision, dim, rows, m, efConstruction, seed };
    const saved = this.#saves.run(() => writeSnapshot(path, header, capture));
    await saved.finally(() => capture.release());
  }

  /** Lets searches and saves that are under way finish, ends the threads and frees the memory. */
  async close(): Promise<void> {
    this.#closed = true;
    await this.#saves.run(async () => undefined);
    await this.#engine.close();
    await this.#threads.close();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  #assertOpen(): void {
    if (this.#closed) throw new StigmergyError("CLOSED", "vector index: closed");
  }
}

/** How a snapshot is opened. */
export interface OpenIndexOptions extends Pick<VectorIndexOptions, "threads"> {
  /**
   * `full`, the default, also looks at every row, code, link and key; `checksum` trusts that what
   * passes its checksum was sound when it was saved, and takes two thirds of the time.
   */
  readonly verify?: "full" | "checksum" | undefined;
}

const OPEN_NAMES = { ...INDEX_NAMES, verify: true }; // what it was made with may be said again
const OPTIMIZE_NAMES: OptionNames<OptimizeOptions> = { signal: true, onProgress: true };

/** A snapshot is opened as it was made: what it says of itself can't be chosen, only said again. */
function checkOpening(verify: string, options: object, snapshot: Snapshot): void {
  if (verify !== "full" && verify !== "checksum") {
    throw new StigmergyError(
      "INVALID_INPUT",
      `verify: expected full or checksum, received ${String(verify)}`,
    );
  }
  const made: Readonly<Record<string, unknown>> = { ...snapshot, files: undefined };
  for (const [name, value] of Object.entries(options)) {
    if (!Object.hasOwn(made, name) || value === undefined || value === made[name]) continue;
    throw new StigmergyError(
      "INVALID_INPUT",
      `${name}: the snapshot has ${String(made[name])}, received ${String(value)}; leave it out, or make an index anew`,
    );
  }
}

const MOST_ATTEMPTS = 10; // at a snapshot that others keep replacing

async function openSnapshot(
  path: string,
  snapshot: Snapshot,
  { verify = "full", ...options }: OpenIndexOptions,
): Promise<{ settings: Settings; engine: Engine; threads: Threads }> {
  checkOpening(verify, options, snapshot);
  const settings = checkOptions({ ...options, ...snapshot });
  const threads = new Threads(settings.threads);
  let engine: Engine;
  if (settings.kind === "hnswlib") {
    engine = await HnswlibIndex.open(path, snapshot.files, settings);
  } else {
    const loaded = new SegmentIndex(layoutOf(settings), threads);
    for (const file of snapshot.files) await loaded.load(path, file);
    engine = loaded;
  }
  if (verify === "checksum") return { settings, engine, threads };
  const { rows, problems } = await engine.verify();
  if (rows !== snapshot.rows) problems.push(`expected ${snapshot.rows} rows, received ${rows}`);
  if (problems.length > 0) throw damaged("snapshot", problems[0]);
  return { settings, engine, threads };
}
