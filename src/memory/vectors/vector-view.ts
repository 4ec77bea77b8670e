import { setImmediate as nextTurn } from "node:timers/promises";
import { StigmergyError } from "../../errors.ts";
import type { VectorIndex } from "../../vector/vector-index.ts";
import type { Embedder } from "../../text/embedder.ts";
import { Mutex } from "../../util/mutex.ts";
import { currentPosition, removalsFloor, type Position } from "../entries/changes.ts";
import type { Codec } from "../entries/codec.ts";
import type { Database } from "../file/database.ts";
import { IndexSnapshots } from "../file/index-snapshots.ts";
import { assertEmbedder, type EmbedderRole } from "../entries/embedder-role.ts";
import { conditionOf, type Group } from "../entries/selection.ts";
import { VectorRows, type VectorRow, type VectorSource } from "./vector-rows.ts";

const MOST_GROUPS = 64; // sets of ids kept

/** An entry found by its vector. */
export interface VectorHit {
  readonly id: number;
  /** Cosine of the angle between the two vectors, −1 to 1: higher is closer. */
  readonly cosine: number;
}

/**
 * The store's vectors in memory, as a vector index by entry id. It is filled at the first search,
 * from a snapshot where there is one, and catches up at every search with what this process and
 * others have written since.
 */
export class VectorView {
  readonly #database: Database;
  readonly #rows: VectorRows;
  readonly #source: VectorSource;
  readonly #snapshots: IndexSnapshots;
  readonly #groups = new Map<string, { group: Group; ids: Set<number> }>();
  #index: VectorIndex | undefined;
  #position: Position | undefined;
  /** Rows taken in since the last snapshot. */
  #taken = 0;
  #nextExpiry = 0;
  /** The latest moment at which an entry was dropped for having expired. */
  #lastExpiry = 0;
  #othersVersion: number | undefined;
  #stale = true;
  #isStopped = false;
  /** Searches that meet catch up one after the other, or an older change could win. */
  readonly #catchingUp = new Mutex();

  constructor(database: Database, codec: Codec, source: VectorSource, snapshots: IndexSnapshots) {
    this.#database = database;
    this.#rows = new VectorRows(database, codec, source);
    this.#source = source;
    this.#snapshots = snapshots;
  }

  /** Tells that this process has written: its own writes do not change `othersVersion`. */
  noteWrite(): void {
    this.#stale = true;
  }

  /** Tells that entries of an id after `from`, up to `to`, have vectors of the next embedder. */
  noteReembedded(from: number, to: number): void {
    this.#rows.noteReembedded(from, to);
    this.#stale = true;
  }

  /** What turns a query into a vector that may be compared with those here. */
  get embedder(): Embedder {
    return this.#source.embedder;
  }

  /** Brings the vectors up to this moment. @throws as `search` */
  async catchUp(): Promise<VectorIndex> {
    return this.#catchingUp.run(() => this.#catchUp());
  }

  /** The index that answers, once there has been a search. */
  get index(): VectorIndex | undefined {
    return this.#index;
  }

  /**
   * The live entries closest to a vector.
   * @param group where they must be; undefined for everywhere
   * @param allowed ids that may be returned, whatever the group; undefined for all
   * @throws {StigmergyError} EMBEDDER_MISMATCH when vectors of another embedder are stored
   */
  async search(
    vector: Float32Array,
    k: number,
    group: Group | undefined,
    allowed: ReadonlySet<number> | undefined,
  ): Promise<VectorHit[]> {
    const index = await this.catchUp();
    const filter = allowed ?? (group === undefined ? undefined : this.#idsOf(group));
    const { keys, distances } = index.search(vector, filter === undefined ? { k } : { k, filter });
    return Array.from(keys, (id, i) => ({ id, cosine: 1 - distances[i] }));
  }

  /** Ends a fill that is under way, which then fails with CLOSED. */
  stop(): void {
    this.#isStopped = true;
  }

  async close(): Promise<void> {
    await this.#snapshots.close();
    await this.#index?.close();
  }

  async #catchUp(): Promise<VectorIndex> {
    const now = Date.now();
    // A clock that was set back brings entries back that had expired by the old one.
    if (now < this.#lastExpiry) await this.#forget();
    const othersVersion = this.#database.othersVersion();
    if (this.#stale || othersVersion !== this.#othersVersion || this.#index === undefined) {
      // Before anything is read: what is written meanwhile counts for the next time.
      this.#stale = false;
      try {
        await this.#readChanges();
        this.#othersVersion = othersVersion;
      } catch (error) {
        this.#stale = true;
        throw error;
      }
    }
    const index = this.#index as VectorIndex;
    if (now >= this.#nextExpiry) await this.#dropExpired(index, now);
    return index;
  }

  async #forget(): Promise<void> {
    await this.#index?.close();
    this.#index = undefined;
    this.#position = undefined;
    this.#groups.clear();
    this.#rows.clear();
    this.#taken = 0;
    this.#nextExpiry = 0;
    this.#lastExpiry = 0;
    this.#stale = true;
  }

  async #readChanges(): Promise<void> {
    const [role, now, floor] = this.#database.readAtOnce(() => [
      assertEmbedder(this.#database, this.#source.stored),
      currentPosition(this.#database),
      removalsFloor(this.#database),
    ]);
    const known = this.#position;
    if (known !== undefined && (known.epoch !== now.epoch || known.seq < floor)) {
      await this.#forget();
    }
    const index = (this.#index ??= await this.#start(role, now, floor));
    for (const rows of this.#rows.arrived(role)) {
      await this.#take(index, rows);
      await this.#pause();
    }
    let from = this.#position?.seq ?? -1;
    if (from === now.seq) return;
    const removedSince = from;
    for (;;) {
      const rows = this.#rows.after(from);
      await this.#take(index, rows);
      if (rows.length < this.#rows.batch) break;
      from = rows[rows.length - 1].seq;
      await this.#pause();
    }
    // An empty mirror has nothing to remove.
    if (removedSince >= 0) {
      const gone = this.#database.read(() =>
        this.#database.sql("SELECT entry FROM removals WHERE seq > ?").all(removedSince),
      );
      await this.#drop(
        index,
        gone.map(({ entry }) => entry as number),
      );
    }
    this.#position = now;
    // A snapshot says that all vectors up to its position are in it.
    if (role === "next" || this.#rows.isWaiting) return;
    this.#taken = this.#snapshots.offer(index, now, this.#taken) ? 0 : this.#taken;
  }

  /** The index to begin with: a snapshot, or an empty one. */
  async #start(role: EmbedderRole, now: Position, floor: number): Promise<VectorIndex> {
    const { dim } = this.#source.embedder;
    // Loaded here: a process that searches nothing by vectors does not wait for them.
    const { processKernels } = await import("../../wasm/compile.ts");
    const { VectorIndex } = await import("../../vector/vector-index.ts");
    // A mirror is read anew by each process: to look at codes costs less than to build a graph first.
    const kind = processKernels().build === "off" ? "exact" : "flat";
    // One that was saved when the store was of this embedder before does not know what is missing.
    const saved = role === "next" ? undefined : await this.#snapshots.open(kind, now, floor);
    if (saved !== undefined) {
      this.#position = saved.position;
      return saved.index;
    }
    return VectorIndex.create({ dim, metric: "cosine", kind, threads: 1 });
  }

  /** Others get a turn: a first fill reads the whole store. */
  async #pause(): Promise<void> {
    await nextTurn();
    if (this.#isStopped) throw new StigmergyError("CLOSED", "memory store: closed");
  }

  async #take(index: VectorIndex, rows: readonly VectorRow[]): Promise<void> {
    const withVector = rows.filter(hasVector);
    const vectors = await this.#rows.vectorsOf(withVector);
    // An entry may have lost its vector: a text without words has none.
    await this.#drop(
      index,
      rows.filter((row) => !hasVector(row)).map(({ id }) => id),
    );
    await index.add(
      withVector.map(({ id }) => id),
      vectors,
    );
    this.#taken += withVector.length;
    for (const { id, namespace, expires_at: expiry } of withVector) {
      for (const { group, ids } of this.#groups.values()) if (group.holds(namespace)) ids.add(id);
      if (expiry !== null) this.#nextExpiry = Math.min(this.#nextExpiry, expiry);
    }
  }

  async #dropExpired(index: VectorIndex, now: number): Promise<void> {
    const gone = this.#database.read(() =>
      this.#database
        .sql("SELECT id, expires_at FROM entries WHERE expires_at > ? AND expires_at <= ?")
        .all(this.#lastExpiry, now),
    );
    const next = this.#database.read(() =>
      this.#database
        .sql("SELECT min(expires_at) AS next FROM entries WHERE expires_at > ?")
        .get(now),
    );
    this.#nextExpiry = (next?.next as number | null | undefined) ?? Infinity;
    for (const { expires_at: expiry } of gone) {
      this.#lastExpiry = Math.max(this.#lastExpiry, expiry as number);
    }
    await this.#drop(
      index,
      gone.map(({ id }) => id as number),
    );
  }

  async #drop(index: VectorIndex, ids: readonly number[]): Promise<void> {
    if (ids.length === 0) return;
    await index.remove(ids);
    for (const id of ids) for (const group of this.#groups.values()) group.ids.delete(id);
  }

  /** The ids of a group, read once and then kept up with what is taken in and dropped. */
  #idsOf(group: Group): ReadonlySet<number> {
    const known = this.#groups.get(group.name);
    if (known !== undefined) return known.ids;
    const { text, values } = conditionOf(group.selection, Date.now());
    const rows = this.#database.read(() =>
      this.#database.sql(`SELECT id FROM entries WHERE ${text}`).all(...values),
    );
    const ids = new Set(rows.map(({ id }) => id as number));
    if (this.#groups.size >= MOST_GROUPS) this.#groups.clear();
    this.#groups.set(group.name, { group, ids });
    return ids;
  }
}

function hasVector({ vector }: VectorRow): boolean {
  return vector !== null && vector.byteLength > 0;
}
