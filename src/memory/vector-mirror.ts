import type { Embedder } from "../text/embedder.ts";
import { processKernels } from "../wasm/compile.ts";
import { VectorIndex } from "../vector/vector-index.ts";
import { Mutex } from "../util/mutex.ts";
import type { Database } from "./database.ts";
import { assertEmbedder } from "./reembed.ts";

const BATCH = 1024; // rows read and added at a time

/** An entry found by its vector. */
export interface VectorHit {
  readonly id: number;
  /** Cosine of the angle between the two vectors, −1 to 1: higher is closer. */
  readonly cosine: number;
}

/**
 * The store's vectors in memory, as a vector index by entry id. It is filled at the first search,
 * and catches up at every search with what this process and others have written since.
 */
export class VectorMirror {
  readonly #database: Database;
  readonly #embedder: Embedder;
  readonly #idsByNamespace = new Map<string, Set<number>>();
  readonly #namespaces = new Map<number, string>();
  readonly #expiries = new Map<number, number>();
  #nextExpiry = Infinity;
  #index: VectorIndex | undefined;
  #entrySeq = 0;
  #removalSeq = 0;
  /** The latest moment at which an entry was dropped for having expired. */
  #lastExpiry = 0;
  #othersVersion: number | undefined;
  #stale = true;
  /** Searches that meet catch up one after the other, or an older change could win. */
  readonly #catchingUp = new Mutex();

  constructor(database: Database, embedder: Embedder) {
    this.#database = database;
    this.#embedder = embedder;
  }

  /** Tells that this process has written: its own writes do not change `othersVersion`. */
  noteWrite(): void {
    this.#stale = true;
  }

  /** The index that answers, once there has been a search. */
  get index(): VectorIndex | undefined {
    return this.#index;
  }

  /**
   * The live entries closest to a vector.
   * @param allowed ids that may be returned; undefined for all
   * @throws {StigmergyError} EMBEDDER_MISMATCH when vectors of another embedder are stored
   */
  async search(
    vector: Float32Array,
    k: number,
    namespace: string | undefined,
    allowed: ReadonlySet<number> | undefined,
  ): Promise<VectorHit[]> {
    const index = await this.#catchingUp.run(() => this.#catchUp());
    const inNamespace =
      namespace === undefined ? undefined : (this.#idsByNamespace.get(namespace) ?? new Set());
    const filter = allowed ?? inNamespace;
    const { keys, distances } = index.search(vector, filter === undefined ? { k } : { k, filter });
    return Array.from(keys, (id, i) => ({ id, cosine: 1 - distances[i] }));
  }

  async close(): Promise<void> {
    await this.#index?.close();
  }

  async #catchUp(): Promise<VectorIndex> {
    const { dim } = this.#embedder;
    // A mirror is read anew by each process: to look at codes costs less than to build a graph first.
    const kind = processKernels().build === "off" ? "exact" : "flat";
    this.#index ??= await VectorIndex.create({ dim, metric: "cosine", kind, threads: 1 });
    const now = Date.now();
    // A clock that was set back brings entries back that had expired by the old one.
    if (now < this.#lastExpiry) this.#forget();
    const othersVersion = this.#database.othersVersion();
    if (this.#stale || othersVersion !== this.#othersVersion) {
      // Before anything is read: what is written meanwhile counts for the next time.
      this.#stale = false;
      try {
        await this.#readChanges(this.#index);
        this.#othersVersion = othersVersion;
      } catch (error) {
        this.#stale = true;
        throw error;
      }
    }
    if (now >= this.#nextExpiry) await this.#dropExpired(this.#index, now);
    return this.#index;
  }

  #forget(): void {
    this.#entrySeq = 0;
    this.#lastExpiry = 0;
    this.#stale = true;
  }

  async #readChanges(index: VectorIndex): Promise<void> {
    // An empty mirror has nothing to remove.
    if (this.#namespaces.size === 0) {
      this.#removalSeq = this.#database.read(() => currentSeq(this.#database));
    }
    for (;;) {
      const rows = this.#database.read(() => {
        assertEmbedder(this.#database, this.#embedder);
        return this.#database
          .sql(
            `SELECT id, namespace, expires_at, seq, vector
             FROM entries LEFT JOIN vectors ON entry = id
             WHERE seq > ? ORDER BY seq LIMIT ${BATCH}`,
          )
          .all(this.#entrySeq);
      });
      if (rows.length === 0) break;
      await this.#take(index, rows as unknown as ChangedRow[]);
      this.#entrySeq = rows[rows.length - 1].seq as number;
      // Others get a turn: a first fill reads the whole store.
      await new Promise((resolve) => setImmediate(resolve));
    }
    const gone = this.#database.read(() =>
      this.#database
        .sql("SELECT seq, entry FROM removals WHERE seq > ? ORDER BY seq")
        .all(this.#removalSeq),
    );
    await this.#drop(
      index,
      gone.map(({ entry }) => entry as number),
    );
    this.#removalSeq = Number(gone.at(-1)?.seq ?? this.#removalSeq);
  }

  async #take(index: VectorIndex, rows: readonly ChangedRow[]): Promise<void> {
    const { dim } = this.#embedder;
    const withVector = rows.filter(({ vector }) => vector?.byteLength === dim * 4);
    const vectors = new Float32Array(withVector.length * dim);
    const bytes = new Uint8Array(vectors.buffer);
    withVector.forEach(({ vector }, i) => bytes.set(vector as Uint8Array, i * dim * 4));
    // An entry may have lost its vector: a text without words has none.
    await this.#drop(
      index,
      rows.filter(({ vector }) => vector === null).map(({ id }) => id),
    );
    await index.add(
      withVector.map(({ id }) => id),
      vectors,
    );
    for (const { id, namespace, expires_at: expiry } of withVector) {
      this.#namespaces.set(id, namespace);
      let ids = this.#idsByNamespace.get(namespace);
      if (ids === undefined) this.#idsByNamespace.set(namespace, (ids = new Set()));
      ids.add(id);
      if (expiry === null) this.#expiries.delete(id);
      else {
        this.#expiries.set(id, expiry);
        this.#nextExpiry = Math.min(this.#nextExpiry, expiry);
      }
    }
  }

  async #dropExpired(index: VectorIndex, now: number): Promise<void> {
    const gone: number[] = [];
    this.#nextExpiry = Infinity;
    for (const [id, expiry] of this.#expiries) {
      if (expiry <= now) {
        gone.push(id);
        this.#lastExpiry = Math.max(this.#lastExpiry, expiry);
      } else this.#nextExpiry = Math.min(this.#nextExpiry, expiry);
    }
    await this.#drop(index, gone);
  }

  async #drop(index: VectorIndex, ids: readonly number[]): Promise<void> {
    await index.remove(ids);
    for (const id of ids) {
      const namespace = this.#namespaces.get(id);
      if (namespace !== undefined) {
        const ids = this.#idsByNamespace.get(namespace);
        ids?.delete(id);
        if (ids?.size === 0) this.#idsByNamespace.delete(namespace);
      }
      this.#namespaces.delete(id);
      this.#expiries.delete(id);
    }
  }
}

interface ChangedRow {
  readonly id: number;
  readonly namespace: string;
  readonly expires_at: number | null;
  readonly vector: Uint8Array | null;
}

/** The store's change counter. */
export function currentSeq(database: Database): number {
  return Number(database.sql("SELECT value FROM facts WHERE name = 'seq'").get()?.value);
}
