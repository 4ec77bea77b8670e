import { fileURLToPath } from "node:url";
import { Piscina } from "piscina";
import { StigmergyError } from "../errors.ts";
import type { Heap } from "../wasm/heap.ts";
import { processKernels } from "../wasm/compile.ts";
import type { Job, Kernels } from "../wasm/abi/kernels.ts";
import type { Series } from "../wasm/network/series.ts";
import { builtFile } from "./built-file.ts";
import { threadsRefused } from "./refused.ts";

/** What travels to a thread: which heap, a handle of its memory, and a kernel with its numbers or rounds of them. */
export interface PoolRequest {
  readonly heap: number;
  readonly memory: WebAssembly.Memory;
  readonly work: Job | Series;
}

/** What comes back: what kernels returned, or why one stopped. */
export type PoolReply = { readonly results: readonly unknown[] } | { readonly trap: string };

/**
 * Threads that run jobs over shared heaps, made before the pool or after it.
 * Idle threads do not keep the process alive. Close it to end them, and with them the hold that
 * they have on every memory they have seen.
 */
export class Pool {
  readonly #threads: Piscina<readonly PoolRequest[], PoolReply>;
  readonly #running = new Set<Promise<PoolReply>>();
  #closing: Promise<void> | undefined;
  #isDead = false;
  #onLoss: (() => void) | undefined;

  /**
   * @param threads  how many, at least 1; they start at once
   * @param waiting  jobs that a thread is handed while it has one: it begins the next without being told by this
   * thread. Not for jobs that wait for each other: two of them could be handed to one thread
   * @throws {StigmergyError} WORKER_DIED when the system gives no threads
   */
  constructor(threads: number, waiting = 0) {
    this.#threads = startThreads(threads, waiting);
    // Rejections reach whoever asked for the job; without a listener this event would end the
    // process when an idle thread dies.
    this.#threads.on("error", () => undefined);
    // Piscina starts no thread in place of one that died before it was ready. Asked once it has
    // had its chance: a pool without threads would keep its jobs waiting for ever.
    this.#threads.on("workerDestroy", () => setImmediate(() => this.#noteIfDead()));
    this.#threads.on("workerDestroy", () => {
      if (this.#closing === undefined) this.#onLoss?.();
    });
  }

  /**
   * Calls back when a thread ends that should not. Jobs that wait for each other need to know: one that
   * waits for a job which no thread has taken would wait for ever.
   */
  set onLoss(callback: () => void) {
    this.#onLoss = callback;
  }

  /** Whether every thread has ended and none will follow; jobs are refused with WORKER_DIED. */
  get isDead(): boolean {
    return this.#isDead;
  }

  /**
   * Runs a job on the next free thread. Its arrays belong to that thread until the promise
   * settles, and to nobody else after that: an aborted job that has begun is waited for.
   *
   * @throws the reason of `signal` when it is aborted before the job is done
   * @throws {StigmergyError} WORKER_DIED when the thread ended; KERNEL_FAILED when the kernel did;
   * CLOSED after `close`
   */
  async run<Name extends keyof Kernels>(
    heap: Heap,
    job: Job<Name>,
    signal?: AbortSignal,
  ): Promise<ReturnType<Kernels[Name]>> {
    signal?.throwIfAborted();
    const [result] = await this.#ask(job.kernel, [requestOf(heap, job as Job)]);
    signal?.throwIfAborted();
    return result as ReturnType<Kernels[Name]>;
  }

  /**
   * Lets the next free thread take rounds of several series, one after the other, as long as there are any.
   *
   * @throws {StigmergyError} as `run`; rounds that were begun and are not done then never will be
   */
  async share(parts: readonly { heap: Heap; series: Series }[]): Promise<void> {
    await this.#ask(
      "rounds",
      parts.map(({ heap, series }) => requestOf(heap, series)),
    );
  }

  async #ask(what: string, requests: readonly PoolRequest[]): Promise<readonly unknown[]> {
    if (this.#closing !== undefined) throw new StigmergyError("CLOSED", "pool: closed");
    if (this.#isDead) throw died(what);
    const running = this.#threads.run(requests);
    this.#running.add(running);
    let reply: PoolReply;
    try {
      reply = await running;
    } catch (cause) {
      throw died(what, cause);
    } finally {
      this.#running.delete(running);
    }
    if ("trap" in reply) {
      throw new StigmergyError("KERNEL_FAILED", `kernel ${what}: ${reply.trap}`);
    }
    return reply.results;
  }

  /** Lets jobs already given finish, then ends every thread. A second call waits for the first. */
  close(): Promise<void> {
    this.#closing ??= this.#end();
    return this.#closing;
  }

  #noteIfDead(): void {
    if (this.#closing !== undefined || this.#threads.threads.length > 0) return;
    this.#isDead = true;
    // Rejects the jobs that wait.
    void this.#threads.destroy();
  }

  async #end(): Promise<void> {
    await Promise.allSettled(this.#running);
    await this.#threads.destroy();
  }
}

function startThreads(threads: number, waiting: number): Piscina {
  const workerData = processKernels();
  try {
    return new Piscina({
      // A path: of an address Piscina would make one for every job.
      filename: fileURLToPath(builtFile("pool/worker-entry.cjs")),
      workerData,
      minThreads: threads,
      maxThreads: threads,
      concurrentTasksPerWorker: 1 + waiting,
      idleTimeout: Infinity,
      // What a job costs is its kernel; lists of measured times would only grow.
      recordTiming: false,
    });
  } catch (cause) {
    throw threadsRefused(threads, cause);
  }
}

function requestOf({ id, memory }: Heap, work: Job | Series): PoolRequest {
  return { heap: id, memory, work };
}

function died(kernel: string, cause?: unknown): StigmergyError {
  return new StigmergyError(
    "WORKER_DIED",
    `kernel ${kernel}: the thread that ran it ended; ask again`,
    { cause },
  );
}
