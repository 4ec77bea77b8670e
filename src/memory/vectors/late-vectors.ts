import { EmbedderError, type Embedder } from "../../text/embedder.ts";
import { Mutex } from "../../util/mutex.ts";
import { FEW, type AskedEmbedder } from "./asked-embedder.ts";
import type { Codec } from "../entries/codec.ts";
import type { Database } from "../file/database.ts";
import { roleOf } from "../entries/embedder-role.ts";
import { ENTRY_COLUMNS, type Entry } from "../entries/entry.ts";
import { changeFact, factOf } from "../file/facts.ts";
import type { SharedState } from "../entries/shared-state.ts";
import { embeddedText } from "../entries/writes.ts";

const BATCH = 64; // texts of a request
const MOST_TRIES = 5; // of a text that is refused while others are embedded

/** What embedding late needs. */
export interface LateContext {
  readonly database: Database;
  readonly codec: Codec;
  readonly state: SharedState;
  readonly embedder: Embedder;
  readonly asked: AskedEmbedder;
}

/** How many entries were written while the embedder did not answer, and have no vector yet. */
export function countUnembedded(database: Database): number {
  return Number(database.sql("SELECT count(*) AS count FROM unembedded").get()?.count);
}

/** What changes whenever vectors have come late. Within a transaction. */
export function lateToken(database: Database): unknown {
  return factOf(database, "late_vectors");
}

/** Embeds what was written while the embedder did not answer, as soon as it does. */
export class LateVectors {
  readonly #context: LateContext;
  readonly #onArrival: () => void;
  readonly #batches = new Mutex();
  #running: Promise<void> | undefined;
  #size = BATCH;
  #isStopped = false;
  /** The state of the store at which nothing was waiting. */
  #noneAt: number | undefined;

  /** @param onArrival told when entries have got their vectors */
  constructor(context: LateContext, onArrival: () => void) {
    this.#context = context;
    this.#onArrival = onArrival;
  }

  /** How many entries wait; asks the file only where others have written, or this process postponed one. */
  count(): number {
    const { database, state } = this.#context;
    const { generation } = state;
    if (generation === this.#noneAt) return 0;
    const count = database.read(() => countUnembedded(database));
    this.#noneAt = count === 0 ? generation : undefined;
    return count;
  }

  /** Tells that this process has written an entry that waits. */
  notePostponed(): void {
    this.#noneAt = undefined;
  }

  /** Embeds a few at once, as the embedder has just answered, and the rest in the background. */
  async some(): Promise<void> {
    if (this.#isStopped || !this.#isAny()) return;
    // What fails waits for the next time.
    await this.#batch(Math.min(FEW, this.#size), true).catch(() => undefined);
    this.start();
  }

  /** Begins in the background, where there is anything to do. */
  start(): void {
    if (this.#isStopped || !this.#isAny()) return;
    this.all().catch(() => undefined);
  }

  /** Embeds all that can be embedded. @throws as the embedder */
  all(): Promise<void> {
    this.#running ??= this.#all().finally(() => (this.#running = undefined));
    return this.#running;
  }

  /** Ends it: from here on nothing is written. */
  stop(): void {
    this.#isStopped = true;
  }

  async #all(): Promise<void> {
    while (!this.#isStopped && this.#isAny()) {
      try {
        if ((await this.#batch(this.#size, false)) === 0) return;
      } catch (error) {
        if (!(error instanceof EmbedderError && error.areTextsRefused)) throw error;
      }
    }
  }

  #isAny(): boolean {
    const { database } = this.#context;
    if (database.isReadOnly || this.count() === 0) return false;
    return database.read(() => database.sql(SELECT_ANY).get()) !== undefined;
  }

  /** @returns how many entries were looked at */
  async #batch(size: number, isAnswering: boolean): Promise<number> {
    return this.#batches.run(async () => {
      const { database, codec, embedder, asked } = this.#context;
      // What a next embedder embeds it finds by itself.
      if (database.readAtOnce(() => roleOf(database, embedder)) !== "current") return 0;
      const rows = database.read(() => database.sql(SELECT_SOME).all(size));
      if (rows.length === 0) return 0;
      const entries = rows.map((row) => codec.entryOf(row));
      try {
        const vectors = await asked.embed(embedder, entries.map(embeddedText));
        this.#size = Math.min(BATCH, this.#size * 8);
        if (!this.#isStopped) this.#write(entries, vectors);
      } catch (error) {
        // One of many may be what the others fail for: they are asked about one by one then.
        this.#size = 1;
        const isRefused = error instanceof EmbedderError && error.areTextsRefused;
        if (entries.length === 1 && (isRefused || isAnswering)) {
          this.#countTry(entries[0].id, isRefused ? MOST_TRIES : 1);
        }
        throw error;
      }
      return entries.length;
    });
  }

  #countTry(id: number, tries: number): void {
    const { database } = this.#context;
    database.write(() =>
      database.sql("UPDATE unembedded SET tries = tries + ? WHERE entry = ?").get(tries, id),
    );
  }

  #write(entries: readonly Entry[], vectors: Float32Array): void {
    const { database, codec, state, embedder } = this.#context;
    database.write(() => {
      if (roleOf(database, embedder) !== "current") return;
      state.refresh();
      for (const [i, { id, namespace, key, version }] of entries.entries()) {
        // Written again or gone meanwhile, it is not this text's vector that it waits for.
        if (database.sql(SELECT_SEQ).get(id)?.seq !== version) continue;
        const vector = vectors.subarray(i * embedder.dim, (i + 1) * embedder.dim);
        const isWanted = state.settingsOf(namespace).vectors !== false;
        if (isWanted && vector.some((value) => value !== 0)) {
          const bytes = codec.encodeVector(namespace, key, vector);
          database
            .sql("INSERT OR REPLACE INTO vectors VALUES (?, ?, ?)")
            .get(id, embedder.id, bytes);
        }
        database.sql("DELETE FROM unembedded WHERE entry = ?").get(id);
      }
      changeFact(database, "late_vectors");
    });
    this.#onArrival();
  }
}

const SELECT_ANY = `SELECT 1 FROM unembedded WHERE tries < ${MOST_TRIES} LIMIT 1`;
const SELECT_SOME = `SELECT ${ENTRY_COLUMNS} FROM entries WHERE id IN (SELECT entry FROM unembedded
  WHERE tries < ${MOST_TRIES} ORDER BY tries, entry LIMIT ?)`;
const SELECT_SEQ = "SELECT seq FROM entries JOIN unembedded ON entry = id WHERE id = ?";
