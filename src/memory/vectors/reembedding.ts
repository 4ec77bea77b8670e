import { setImmediate as nextTurn } from "node:timers/promises";
import { messageOf, StigmergyError } from "../../errors.ts";
import { roleOf } from "../entries/embedder-role.ts";
import { countReembedded, reembedMissing, type ReembedContext } from "./reembed.ts";

/** How far the vectors of a store are those of its new embedder. */
export interface ReembedProgress {
  /** Entries that have been gone through. */
  readonly done: number;
  /** Entries of the store. */
  readonly total: number;
  /** Why this process does not go on, where its embedder or the store failed. */
  readonly error?: string;
}

/** How to wait until a store has been embedded again. */
export interface ReembedOptions {
  /** Ends the waiting; embedding goes on. */
  readonly signal?: AbortSignal | undefined;
  /** Called after each batch. */
  readonly onProgress?: ((progress: ReembedProgress) => void) | undefined;
}

/** Embeds a store again while it is used: one batch after the other, between which others go on. */
export class Reembedding {
  readonly #context: ReembedContext;
  readonly #onRange: (from: number, to: number) => void;
  readonly #listeners = new Set<(progress: ReembedProgress) => void>();
  #running: Promise<void> | undefined;
  #rejectClosed: ((error: StigmergyError) => void) | undefined;
  #error: string | undefined;
  #done = 0;
  #isStopped = false;

  /** @param onRange told that entries of an id after one, up to another, have their vectors */
  constructor(context: ReembedContext, onRange: (from: number, to: number) => void) {
    this.#context = context;
    this.#onRange = onRange;
  }

  /** Begins, or begins again after a failure; goes on where it, or another process, has ended. */
  start(): Promise<void> {
    if (this.#running !== undefined) return this.#running;
    this.#error = undefined;
    this.#done = 0;
    const closed = new Promise<never>((_, reject) => (this.#rejectClosed = reject));
    const running = Promise.race([this.#run(), closed])
      .catch((error: unknown) => {
        if (!this.#isStopped) this.#error = messageOf(error);
        throw error;
      })
      .finally(() => (this.#running = undefined));
    // Told by `progress`; nobody need wait.
    running.catch(() => undefined);
    this.#running = running;
    return running;
  }

  /** How far it is; undefined when the store's vectors are of this embedder. */
  progress(): ReembedProgress | undefined {
    const { database, embedder } = this.#context;
    return database.readAtOnce(() => {
      if (roleOf(database, embedder) !== "next") return undefined;
      const row = database.sql("SELECT sum(entries) AS total FROM namespaces").get();
      const total = Number(row?.total ?? 0);
      const isKnown = this.#running !== undefined || this.#error !== undefined;
      const done = isKnown ? this.#done : countReembedded(this.#context);
      const error = this.#error;
      return { done: Math.min(done, total), total, ...(error === undefined ? {} : { error }) };
    });
  }

  /** Resolves when all vectors are of this embedder; begins again what has failed. */
  async wait({ signal, onProgress }: ReembedOptions): Promise<void> {
    signal?.throwIfAborted();
    if (this.progress() === undefined) return;
    const running = this.start();
    if (onProgress !== undefined) this.#listeners.add(onProgress);
    let abort: (() => void) | undefined;
    const aborted = new Promise<never>((_, reject) => {
      abort = () => reject(signal?.reason);
      signal?.addEventListener("abort", abort);
    });
    try {
      await Promise.race([running, aborted]);
    } finally {
      if (abort !== undefined) signal?.removeEventListener("abort", abort);
      if (onProgress !== undefined) this.#listeners.delete(onProgress);
    }
  }

  /** Ends it: from here on it neither reads nor writes. What is being embedded is not waited for. */
  stop(): void {
    this.#isStopped = true;
    this.#rejectClosed?.(new StigmergyError("CLOSED", "memory store: closed"));
  }

  async #run(): Promise<void> {
    // Whoever opens the store does not wait for the first batch.
    await nextTurn();
    if (this.#isStopped) return;
    let isFirstRound = true;
    await reembedMissing(
      this.#context,
      () => !this.#isStopped,
      async ({ from, to, count }) => {
        if (this.#isStopped) return;
        if (from === 0 && this.#done > 0) isFirstRound = false;
        if (isFirstRound) this.#done += count;
        this.#onRange(from, to);
        const progress = this.#listeners.size === 0 ? undefined : this.progress();
        if (progress !== undefined) for (const tell of this.#listeners) tell(progress);
        // Others get a turn.
        await nextTurn();
      },
    );
    if (!this.#isStopped) this.#onRange(0, Infinity);
  }
}
