import { Piscina } from "piscina";
import { StigmergyError } from "../errors.ts";
import type { Heap } from "../wasm/heap.ts";
import { processKernels, type Job, type Kernels } from "../wasm/kernels.ts";

/** What travels to a thread: which heap, a handle of its memory, and a kernel with its numbers. */
export interface PoolRequest {
  readonly heap: number;
  readonly memory: WebAssembly.Memory;
  readonly job: Job;
}

/**
 * Threads that run jobs over shared heaps, made before the pool or after it.
 * Idle threads do not keep the process alive. Close it to end them.
 */
export class Pool {
  readonly #threads: Piscina<PoolRequest, unknown>;
  #closing: Promise<void> | undefined;

  /** @param threads how many, at least 1; they start at once */
  constructor(threads: number) {
    this.#threads = new Piscina({
      filename: new URL("./worker.js", import.meta.url).href,
      workerData: processKernels(),
      minThreads: threads,
      maxThreads: threads,
      idleTimeout: Infinity,
      // What a job costs is its kernel; lists of measured times would only grow.
      recordTiming: false,
    });
    // Rejections reach whoever asked for the job; without a listener this event would end the
    // process when an idle thread dies.
    this.#threads.on("error", () => undefined);
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
    if (this.#closing !== undefined) throw new StigmergyError("CLOSED", "pool: closed");
    signal?.throwIfAborted();
    let result: unknown;
    try {
      result = await this.#threads.run({ heap: heap.id, memory: heap.memory, job: job as Job });
    } catch (cause) {
      throw failure(job.kernel, cause);
    }
    signal?.throwIfAborted();
    return result as ReturnType<Kernels[Name]>;
  }

  /** Lets jobs already given finish, then ends every thread. A second call waits for the first. */
  close(): Promise<void> {
    // A promise of `destroy` alone would also drop jobs that wait in the queue.
    this.#closing ??= this.#threads.close().then(() => this.#threads.destroy());
    return this.#closing;
  }
}

function failure(kernel: string, cause: unknown): StigmergyError {
  if (cause instanceof Error && cause.name === "RuntimeError") {
    return new StigmergyError("KERNEL_FAILED", `kernel ${kernel}: ${cause.message}`, { cause });
  }
  return new StigmergyError(
    "WORKER_DIED",
    `kernel ${kernel}: the thread that ran it ended; ask again`,
    { cause },
  );
}
