import { StigmergyError } from "../../errors.ts";
import { Pool } from "../../pool/pool.ts";
import { seededRandom } from "../../util/random.ts";
import type { Heap } from "../../wasm/heap.ts";
import type { Program } from "../../wasm/network/program.ts";
import { shuffle } from "./classes.ts";

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

/** All that a training works on, laid out on one heap. */
export interface TrainingPlace {
  readonly heap: Heap;
  /** A step of learning for each batch. Its order begins with the samples learned from. */
  readonly learning: Program;
  /** A forward pass for each batch of those held out; it fills `heldOut`. */
  readonly looking: Program;
  /** f32[held out × stride]. */
  readonly heldOut: Float32Array;
  readonly heldOutStride: number;
  /** Brings what threads have learned apart to where `looking` and others read it. */
  collect?(): void;
}

/** How a training is gone through. */
export interface LoopSettings {
  /** Samples learned from. */
  readonly samples: number;
  /** Neighbors in the order that stay together, and share one loss. */
  readonly together: number;
  readonly seed: number;
  readonly threads: number;
  readonly signal: AbortSignal | undefined;
}

/**
 * Learns one epoch at a time, over threads that share one heap. The same place and settings give the
 * same values, bit for bit, whatever the number of threads.
 */
export class EpochLoop<Place extends TrainingPlace> {
  readonly place: Place;
  readonly #settings: LoopSettings;
  readonly #pool: Pool;
  readonly #shuffle: (order: Uint32Array) => void;
  #batchesAtOnce = 1;
  #epoch = 0;

  /** Starts its threads; close it to end them. */
  constructor(place: Place, settings: LoopSettings) {
    this.place = place;
    this.#settings = settings;
    this.#shuffle = shufflerOf(settings);
    this.#pool = new Pool(settings.threads);
    this.#pool.onLoss = () => {
      place.learning.stop();
      place.looking.stop();
    };
  }

  /**
   * Goes once through what is learned from, and looks at the rest.
   * @throws the reason of the signal; the network is then no use any more
   * @throws {StigmergyError} DIVERGED, WORKER_DIED or KERNEL_FAILED
   */
  async epoch(): Promise<EpochOutcome> {
    const from = performance.now();
    const batches = this.place.learning.batches;
    const firstStep = this.#epoch * batches;
    this.#shuffle(this.place.learning.order);
    await this.#run(this.place.learning, firstStep);
    this.place.collect?.();
    const sums = this.place.learning.outcomes.subarray(firstStep * 2, (firstStep + batches) * 2);
    let loss = 0;
    let right = 0;
    for (let i = 0; i < sums.length; i += 2) {
      loss += sums[i];
      right += sums[i + 1];
    }
    if (!Number.isFinite(loss)) {
      throw new StigmergyError(
        "DIVERGED",
        `training: the loss of epoch ${this.#epoch + 1} is no number any more; lower learningRate`,
      );
    }
    await this.#run(this.place.looking, 0);
    this.#epoch++;
    const { samples, together } = this.#settings;
    return {
      epoch: this.#epoch,
      loss: loss / (samples / together),
      accuracy: right / samples,
      heldOut: { values: this.place.heldOut, stride: this.place.heldOutStride },
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
        this.#pool.run(this.place.heap, job).catch((error: unknown) => {
          // The others wait for a thread that is no more.
          program.stop();
          throw error;
        }),
      );
      const results = await Promise.allSettled(running);
      const failed = results.find((each) => each.status === "rejected");
      if (failed !== undefined) throw failed.reason;
      if (results.some((each) => each.status === "fulfilled" && each.value < end - batch)) {
        throw new StigmergyError("WORKER_DIED", "training: one of its threads ended; train again");
      }
      const ms = performance.now() - from;
      if (ms < CHUNK_MS / 2) this.#batchesAtOnce *= 2;
      else if (ms > CHUNK_MS * 2) this.#batchesAtOnce = Math.ceil(this.#batchesAtOnce / 2);
      batch = end;
    }
  }
}

/** What shuffles the samples of a training before each epoch: the same for the same seed. */
export function shufflerOf({
  samples,
  together,
  seed,
}: Pick<LoopSettings, "samples" | "together" | "seed">): (order: Uint32Array) => void {
  const random = seededRandom(seed ^ 0x5bd1e995);
  return (order) => shuffle(order.subarray(0, samples), random, together);
}
