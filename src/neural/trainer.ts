import { Pool } from "../pool/pool.ts";
import { seededRandom } from "../util/random.ts";
import type { Program } from "../wasm/program.ts";
import { shuffle } from "./classes.ts";
import type { Tensors } from "./tensors.ts";
import { TrainingHeap, type TrainerSettings } from "./training-heap.ts";

/** What an epoch came to. */
export interface EpochOutcome {
  /** From 1. */
  readonly epoch: number;
  /** Mean loss over what was learned from, as it was met, drops and all. */
  readonly loss: number;
  /** Share of those that were right as they were met. */
  readonly accuracy: number;
  /** Outputs of the held-out samples, f32[heldOut × stride]. */
  readonly heldOut: { readonly values: Float32Array; readonly stride: number };
  readonly seconds: number;
}

const CHUNK_MS = 100; // how long a cancelled training goes on, about

/**
 * Trains a network, one epoch at a time, over threads that share its values. The same settings give
 * the same values, bit for bit, whatever the number of threads.
 */
export class Trainer {
  readonly #place: TrainingHeap;
  readonly #settings: TrainerSettings;
  readonly #pool: Pool;
  readonly #shuffle: (order: Uint32Array) => void;
  #batchesAtOnce = 1;
  #epoch = 0;

  /** @throws {StigmergyError} OUT_OF_HEAP when samples and network do not fit 4 GiB */
  constructor(settings: TrainerSettings) {
    this.#settings = settings;
    this.#place = new TrainingHeap(settings);
    this.#shuffle = shufflerOf(settings);
    this.#pool = new Pool(settings.threads);
  }

  /** What is learned. */
  get tensors(): Tensors {
    return this.#place.tensors;
  }

  /**
   * Goes once through what is learned from, and looks at the rest.
   * @throws the reason of the signal; the network is then no use any more
   * @throws {StigmergyError} WORKER_DIED or KERNEL_FAILED
   */
  async epoch(): Promise<EpochOutcome> {
    const from = performance.now();
    const batches = this.#place.learning.batches;
    const firstStep = this.#epoch * batches;
    this.#shuffle(this.#place.learning.order);
    await this.#run(this.#place.learning, firstStep);
    const sums = this.#place.learning.outcomes.subarray(firstStep * 2, (firstStep + batches) * 2);
    let loss = 0;
    let right = 0;
    for (let i = 0; i < sums.length; i += 2) {
      loss += sums[i];
      right += sums[i + 1];
    }
    await this.#run(this.#place.looking, 0);
    this.#epoch++;
    const { length } = this.#settings.learning;
    return {
      epoch: this.#epoch,
      loss: loss / (this.#settings.targets.kind === "pairs" ? length / 2 : length),
      accuracy: right / length,
      heldOut: { values: this.#place.heldOut, stride: this.#place.heldOutStride },
      seconds: (performance.now() - from) / 1000,
    };
  }

  /** Ends its threads. */
  async close(): Promise<void> {
    await this.#pool.close();
  }

  /** Runs all batches of a program, some at a time so that it can be cancelled. */
  async #run(program: Program, firstStep: number): Promise<void> {
    const { signal } = this.#settings;
    const { batches } = program;
    for (let batch = 0; batch < batches;) {
      signal?.throwIfAborted();
      const end = Math.min(batches, batch + this.#batchesAtOnce);
      const from = performance.now();
      const jobs = program.jobs(batch, end, firstStep + batch);
      const running = jobs.map((job) =>
        this.#pool.run(this.#place.heap, job).catch((error: unknown) => {
          // The others wait for a thread that is no more.
          program.stop();
          throw error;
        }),
      );
      const results = await Promise.allSettled(running);
      const failed = results.find((each) => each.status === "rejected");
      if (failed !== undefined) throw failed.reason;
      const ms = performance.now() - from;
      if (ms < CHUNK_MS / 2) this.#batchesAtOnce *= 2;
      else if (ms > CHUNK_MS * 2) this.#batchesAtOnce = Math.ceil(this.#batchesAtOnce / 2);
      batch = end;
    }
  }
}

/** What shuffles the samples of a training before each epoch: the same for the same seed. */
export function shufflerOf({
  seed,
  targets,
}: Pick<TrainerSettings, "seed" | "targets">): (order: Uint32Array) => void {
  const random = seededRandom(seed ^ 0x5bd1e995);
  return (order) => shuffle(order, random, targets.kind === "pairs" ? 2 : 1);
}
