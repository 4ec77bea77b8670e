import { once } from "node:events";
import { messageOf, StigmergyError } from "../../errors.ts";
import { Mutex } from "../../util/mutex.ts";
import { gatherRows, isGatherDue } from "./gathering.ts";
import type { RowLayout } from "../segment/layout.ts";
import type { RowStore } from "../segment/row-store.ts";
import { sealRows } from "./sealing.ts";
import type { Segment } from "../segment/segment.ts";
import { StructureQuestion } from "./structure.ts";
import type { Threads } from "./threads.ts";

/** Share of dead rows above which a graph is built anew. */
const REBUILD_ABOVE = 0.2;
const LEAST_FOLD = 4096; // rows that are worth linking into a graph that is there
const FOLD_SHARE = 1 / 32; // the same, of the rows that it has

/** How a seal goes on. */
export interface SealOptions {
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ((progress: { done: number; total: number }) => void) | undefined;
}

/**
 * Turns growing segments into linked ones: in the background once enough rows have come together, or
 * when asked. Searches are answered by the growing ones until their rows have moved. Growing rows that are to have no
 * links are gathered in one segment, in the background too, where they are scattered.
 */
export class Sealer {
  readonly #layout: RowLayout;
  readonly #threads: Threads;
  readonly #onThreads: Mutex;
  readonly #holds = new Mutex();
  readonly #stopping = new AbortController();
  #running: Promise<void> | undefined;
  #lanes = 1;
  #onProgress: SealOptions["onProgress"];
  #failure: unknown;
  /** Settles when nobody asks for a pause any more. */
  #pause: Promise<void> | undefined;
  #atPause: (() => void) | undefined;

  /** @param onThreads held by whoever uses the threads for searches */
  constructor(layout: RowLayout, threads: Threads, onThreads: Mutex) {
    this.#layout = layout;
    this.#threads = threads;
    this.#onThreads = onThreads;
  }

  /** Whether rows are being linked or gathered. */
  get isBusy(): boolean {
    return this.#running !== undefined;
  }

  /** Why the last seal in the background stopped, in words, if it did. */
  get failure(): string | undefined {
    if (this.#failure === undefined) return undefined;
    return messageOf(this.#failure);
  }

  /** Begins to seal or to gather in the background, if it is time to. */
  consider(store: RowStore): void {
    if (this.isBusy || this.#stopping.signal.aborted || this.#failure !== undefined) return;
    const isSealing = this.#isDue(store);
    if (!isSealing && !isGatherDue(store)) return;
    // One thread is left to whoever adds and searches.
    this.#lanes = Math.max(1, this.#layout.threads - 1);
    (isSealing ? this.#begin(store) : this.#gather(store)).catch((reason: unknown) => {
      // Told by `optimize`, which tries again; meanwhile growing segments answer.
      if (!this.#stopping.signal.aborted) this.#failure = reason;
    });
  }

  /**
   * Seals what there is, and waits for what is under way: afterwards every row that a graph is for
   * has its links.
   * @throws the reason of `signal`, OUT_OF_HEAP or WORKER_DIED; rows and answers stay as they are
   */
  async finish(store: RowStore, { signal, onProgress }: SealOptions): Promise<void> {
    this.#lanes = this.#layout.threads;
    this.#onProgress = onProgress;
    try {
      // As long as there is enough, one begins where another has ended.
      while (this.#running !== undefined) {
        const end = this.#running.catch(() => undefined);
        await untilAborted(end, signal);
      }
      this.#failure = undefined;
      signal?.throwIfAborted();
      this.#stopping.signal.throwIfAborted();
      if (this.#layout.graph === undefined || !this.#isWorthwhile(store)) return;
      await this.#begin(store, signal);
    } finally {
      this.#lanes = Math.max(1, this.#layout.threads - 1);
      this.#onProgress = undefined;
    }
  }

  /** Runs `work` while no links change; one after the other, when several are given. */
  whilePaused<Result>(work: () => Promise<Result>): Promise<Result> {
    return this.#holds.run(() => {
      if (this.#running === undefined) return this.#holding(work, Promise.resolve());
      const reached = new Promise<void>((resolve) => (this.#atPause = resolve));
      return this.#holding(work, Promise.race([reached, this.#running.catch(() => undefined)]));
    });
  }

  /** Stops what is under way and waits for its end. */
  async close(): Promise<void> {
    this.#stopping.abort(new StigmergyError("CLOSED", "vector index: closed"));
    await this.#running?.catch(() => undefined);
  }

  async #holding<Result>(work: () => Promise<Result>, ready: Promise<unknown>): Promise<Result> {
    let release = (): void => undefined;
    this.#pause = new Promise((resolve) => (release = resolve));
    try {
      await ready;
      return await work();
    } finally {
      this.#pause = undefined;
      release();
    }
  }

  #begin(store: RowStore, signal?: AbortSignal): Promise<void> {
    const stop = this.#stopping.signal;
    const signals = signal === undefined ? stop : AbortSignal.any([signal, stop]);
    // Asked of the rows of this moment: what is chosen is not to depend on when threads are there.
    const question = this.#isAsked(store) ? new StructureQuestion(store) : undefined;
    const work = async (): Promise<void> => {
      await this.#pause;
      signals.throwIfAborted();
      const pool = await this.#threads.start();
      const pause = (): Promise<void> => this.#atPauses();
      const options = { pool, layout: this.#layout, signal: signals };
      const alone = async <Result>(asked: () => Promise<Result>): Promise<Result> => {
        await pause();
        return this.#onThreads.run(asked);
      };
      if ((await question?.isWorthTrying({ ...options, alone })) === false) return;
      const { growing, linked } = store;
      const rebuilt = linked.filter(hasManyDead);
      await sealRows(store, [...growing, ...rebuilt], {
        ...options,
        lanes: () => this.#lanes,
        onProgress: (progress) => this.#onProgress?.(progress),
        pause,
        isPauseWanted: () => this.#pause !== undefined,
        isWorthwhile: question && ((segment) => question.isWorthKeeping(segment, options)),
      });
      // Threads hold on to the memories they have seen: with them those of dropped segments go.
      await this.#onThreads.run(() => this.#threads.close());
    };
    return this.#run(
      store,
      work().finally(() => question?.release()),
    );
  }

  #gather(store: RowStore): Promise<void> {
    const work = async (): Promise<void> => {
      await this.#pause;
      await gatherRows(store, {
        signal: this.#stopping.signal,
        pause: () => this.#atPauses(),
      });
      await this.#onThreads.run(() => this.#threads.close());
    };
    return this.#run(store, work());
  }

  /** What is under way from now on. */
  #run(store: RowStore, work: Promise<void>): Promise<void> {
    this.#running = work.finally(() => {
      this.#running = undefined;
      this.#atPause?.();
      // What was added meanwhile may be enough again.
      this.consider(store);
    });
    return this.#running;
  }

  /** Lets whoever asked for a pause have it. */
  async #atPauses(): Promise<void> {
    this.#atPause?.();
    await this.#pause;
  }

  /** Whether rows get links only where they gain something by them. */
  #isAsked({ linked }: RowStore): boolean {
    return linked.length === 0 && this.#layout.graph?.isForced === false;
  }

  #isDue(store: RowStore): boolean {
    const { linked } = store;
    if (this.#layout.graph === undefined) return false;
    if (linked.length === 0) return isAskedOf(store, this.#layout.graph?.from ?? Infinity);
    const waiting = liveOf(store.growing) - store.unlinked;
    const most = Math.max(LEAST_FOLD, liveOf(linked) * FOLD_SHARE);
    return waiting >= most || (linked.some(hasManyDead) && waiting + liveOf(linked) >= LEAST_FOLD);
  }

  /** Whether a seal that is asked for has something to do. */
  #isWorthwhile(store: RowStore): boolean {
    const { growing, linked, isOverlinked, unlinked } = store;
    if (isOverlinked) return false;
    if (linked.some(hasManyDead)) return true;
    if (linked.length > 0) {
      const isLeft = unlinked > 0 && liveOf(growing) === unlinked;
      return !isLeft && growing.some(({ end }) => end > 0);
    }
    return isAskedOf(store, this.#layout.graph?.least ?? Infinity);
  }
}

/** Whether rows without links are so many, and more or others than those that were found to gain nothing by them. */
function isAskedOf({ growing, choice, addedSinceChoice }: RowStore, least: number): boolean {
  const rows = liveOf(growing);
  const until = choice?.kind === "flat" ? choice.until : 0;
  return rows >= least && (rows >= until || addedSinceChoice >= rows);
}

function hasManyDead({ end, liveCount }: Segment): boolean {
  return end - liveCount > REBUILD_ABOVE * end;
}

function liveOf(segments: readonly Segment[]): number {
  return segments.reduce((sum, { liveCount }) => sum + liveCount, 0);
}

/** Waits for what goes on when the wait for it is given up. @throws the reason of `signal` */
async function untilAborted(work: Promise<unknown>, signal: AbortSignal | undefined) {
  if (signal === undefined) return work;
  signal.throwIfAborted();
  const ending = new AbortController();
  const aborted = once(signal, "abort", { signal: ending.signal }).catch(() => undefined);
  await Promise.race([work, aborted]);
  ending.abort();
  signal.throwIfAborted();
  return undefined;
}
