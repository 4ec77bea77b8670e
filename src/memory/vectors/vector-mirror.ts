import { setImmediate as nextTurn } from "node:timers/promises";
import {
  isCollectionEmbedder,
  type CollectionEmbedder,
  type Embedder,
} from "../../text/embedder.ts";
import type { VectorIndex } from "../../vector/vector-index.ts";
import { Mutex } from "../../util/mutex.ts";
import { currentPosition } from "../entries/changes.ts";
import type { Codec } from "../entries/codec.ts";
import { countPieces, WeightsFile, type PieceCounts } from "./collection-weights.ts";
import type { Database } from "../file/database.ts";
import { IndexSnapshots } from "../file/index-snapshots.ts";
import { VectorView } from "./vector-view.ts";

/** Fewer entries say too little of how common a word is: the model's own counts serve them. */
const LEAST_DOCUMENTS = 256;
/** Up to so many entries the first search waits for their weights: a second at most. */
const MOST_AWAITED = 20_000;

/**
 * The vectors that searches look through. Where the embedder can be weighted by a collection, words that
 * many entries of this store say count less: entries are counted and embedded anew when they have
 * doubled, in the background, while the vectors of before answer.
 */
export class VectorMirror {
  readonly #database: Database;
  readonly #codec: Codec;
  readonly #stored: Embedder;
  readonly #folder: string;
  readonly #isAllowed: () => boolean;
  readonly #starting = new Mutex();
  #view: VectorView | undefined;
  /** The view before this one: a search may still be looking through it. */
  #previous: VectorView | undefined;
  #documents = 0;
  #epoch: string | undefined;
  #weighing: Promise<void> | undefined;
  /** The view that is being filled to take the place of the one that answers. */
  #pending: VectorView | undefined;
  #isClosed = false;

  /** @param isAllowed whether vectors may stand on the disk in the clear */
  constructor(
    database: Database,
    codec: Codec,
    stored: Embedder,
    folder: string,
    isAllowed: () => boolean,
  ) {
    this.#database = database;
    this.#codec = codec;
    this.#stored = stored;
    this.#folder = folder;
    this.#isAllowed = isAllowed;
  }

  /** Tells that this process has written: its own writes do not change `othersVersion`. */
  noteWrite(): void {
    this.#view?.noteWrite();
  }

  /** Tells that entries of an id after `from`, up to `to`, have vectors of the next embedder. */
  noteReembedded(from: number, to: number): void {
    for (const view of [this.#view, this.#pending]) view?.noteReembedded(from, to);
  }

  /** The index that answers, once there has been a search. */
  get index(): VectorIndex | undefined {
    return this.#view?.index;
  }

  /** The vectors to search, with the embedder that queries are to be embedded with. */
  async view(): Promise<VectorView> {
    const { epoch } = this.#database.read(() => currentPosition(this.#database));
    const view = await this.#starting.run(async () => {
      // A restored store is another collection.
      if (this.#view === undefined || this.#epoch !== epoch) await this.#start(epoch);
      return this.#view as VectorView;
    });
    // Searches one after another would leave no turn to what embeds anew.
    if (this.#weighing !== undefined) await nextTurn();
    const index = await view.catchUp();
    if (this.#isStale(index.stats().rows)) this.#weighInBackground(epoch);
    return view;
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    this.#pending?.stop();
    await this.#weighing;
    await this.#previous?.close();
    await this.#view?.close();
  }

  #isStale(rows: number): boolean {
    return (
      isCollectionEmbedder(this.#stored) &&
      rows >= Math.max(LEAST_DOCUMENTS, 2 * this.#documents) &&
      this.#weighing === undefined &&
      !this.#isClosed
    );
  }

  async #start(epoch: string): Promise<void> {
    await this.#weighing;
    await this.#swap(undefined, 0);
    this.#epoch = epoch;
    const embedder = this.#stored;
    if (isCollectionEmbedder(embedder)) {
      const saved = await this.#fileOf(embedder).read(epoch);
      if (saved !== undefined) {
        await this.#swap(this.#weighted(embedder, saved), saved.documents);
        return;
      }
      const row = this.#database.read(() =>
        this.#database.sql("SELECT sum(entries) AS entries FROM namespaces").get(),
      );
      const entries = Number(row?.entries ?? 0);
      if (entries >= LEAST_DOCUMENTS && entries <= MOST_AWAITED) {
        await this.#weigh(embedder, epoch);
        if (this.#view !== undefined) return;
      }
    }
    await this.#swap(this.#viewOf(embedder), 0);
  }

  #weighInBackground(epoch: string): void {
    const embedder = this.#stored as CollectionEmbedder;
    this.#weighing = this.#weigh(embedder, epoch)
      // The vectors of before go on answering; the next search tries again.
      .catch(() => undefined)
      .finally(() => (this.#weighing = undefined));
  }

  /** Counts the entries and embeds them by that, and then has those vectors answer. */
  async #weigh(embedder: CollectionEmbedder, epoch: string): Promise<void> {
    const counts = await countPieces(this.#database, this.#codec, embedder, () => this.#isClosed);
    if (this.#isClosed) return;
    const view = this.#weighted(embedder, counts);
    this.#pending = view;
    try {
      try {
        await view.catchUp();
      } catch (error) {
        await view.close();
        throw error;
      }
      await this.#fileOf(embedder).write(epoch, counts);
      await this.#swap(view, counts.documents);
    } finally {
      // Until it answers it is told what is embedded again.
      this.#pending = undefined;
    }
  }

  async #swap(view: VectorView | undefined, documents: number): Promise<void> {
    const before = this.#previous;
    this.#previous = this.#view;
    this.#view = view;
    this.#documents = documents;
    // What this process wrote while it was filled has not been told to it.
    view?.noteWrite();
    await before?.close();
  }

  #weighted(embedder: CollectionEmbedder, { documents, frequencies }: PieceCounts): VectorView {
    return this.#viewOf(embedder.weightedBy(documents, frequencies));
  }

  #viewOf(embedder: Embedder): VectorView {
    const snapshots = new IndexSnapshots(this.#folder, embedder, this.#isAllowed);
    const source = { stored: this.#stored, embedder };
    return new VectorView(this.#database, this.#codec, source, snapshots);
  }

  #fileOf(embedder: CollectionEmbedder): WeightsFile {
    return new WeightsFile(this.#folder, embedder, this.#isAllowed);
  }
}
