import { Pool } from "../pool/pool.ts";
import { seededRandom } from "../util/random.ts";
import { paddedDim } from "../wasm/distance.ts";
import { arrayBytes, Heap } from "../wasm/heap.ts";
import { OPERATION, Program } from "../wasm/program.ts";
import { addForward, batchBytes, placeBatch } from "./forward.ts";
import { addStep, type PlacedTargets, type StepSettings } from "./learn.ts";
import { learnedBytes, placeLearned } from "./learned.ts";
import { mostFeatures, placeSamples, sampleBytes, type Samples } from "./samples.ts";
import { writeSchedule, type ScheduleSettings } from "./schedule.ts";
import type { NetworkShape } from "./shape.ts";
import { Tensors } from "./tensors.ts";

/** What outputs are held against, a row for each sample. */
export type Targets =
  | { readonly kind: "softmax"; readonly labels: Uint32Array; readonly smoothing: number }
  /** f32[count × outputs], 0 to 1. */
  | { readonly kind: "binary"; readonly values: Float32Array }
  /** f32[count × outputs]; errors beyond `knee` count linearly. */
  | { readonly kind: "squared"; readonly values: Float32Array; readonly knee: number }
  /** Samples two by two: the first of each pair should score higher. */
  | { readonly kind: "pairs" };

/** How a network is trained. */
export interface TrainerSettings extends ScheduleSettings, StepSettings {
  readonly shape: NetworkShape;
  readonly samples: Samples;
  readonly targets: Targets;
  /** How much each sample counts, f32[count]; 1 is usual. */
  readonly weights: Float32Array;
  /** Samples to learn from, and those that are only looked at. */
  readonly learning: Uint32Array;
  readonly heldOut: Uint32Array;
  readonly batchSize: number;
  readonly seed: number;
  readonly threads: number;
  /** What to begin with, instead of random values: tensors of the same name and size. */
  readonly start?: Tensors;
  readonly signal?: AbortSignal;
}

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

const MOST_OPERATIONS = 256;
const CHUNK_MS = 100; // how long a cancelled training goes on, about

/**
 * Trains a network, one epoch at a time, over threads that share its values. The same settings give
 * the same values, bit for bit, whatever the number of threads.
 */
export class Trainer {
  readonly tensors: Tensors;
  readonly #settings: TrainerSettings;
  readonly #pool: Pool;
  readonly #heap: Heap;
  readonly #learning: Program;
  readonly #looking: Program;
  readonly #heldOut: Float32Array;
  readonly #heldOutStride: number;
  readonly #random: () => number;
  #batchesAtOnce = 1;
  #epoch = 0;

  /** @throws {StigmergyError} OUT_OF_HEAP when samples and network do not fit 4 GiB */
  constructor(settings: TrainerSettings) {
    const { shape, samples, learning, heldOut, batchSize, threads, seed } = settings;
    this.#settings = settings;
    const most = samples.sparse === undefined ? 0 : mostFeatures(samples.sparse);
    const steps = Math.ceil(learning.length / batchSize) * settings.epochs;
    const heap = new Heap(bytesOf(settings, most, steps));
    this.#heap = heap;
    this.tensors = new Tensors(heap, shape);
    this.tensors.randomize(seed);
    if (settings.start !== undefined) this.tensors.copyFrom(settings.start);
    const moments = [new Tensors(heap, shape), new Tensors(heap, shape)] as const;
    const placed = placeSamples(heap, samples);
    const weights = heap.f32(samples.count);
    weights.set(settings.weights);
    const targets = placeTargets(heap, settings.targets);
    const batch = placeBatch(heap, shape, batchSize, most);
    const schedule = heap.f32(steps * 4);
    writeSchedule(schedule, settings);
    const common = { threads, rows: batchSize, seed, operations: MOST_OPERATIONS };
    this.#learning = new Program(heap, {
      ...common,
      order: heap.u32(learning.length),
      schedule,
      outcomes: heap.f32(steps * 2),
    });
    const learned = placeLearned(heap, shape, batch, [...moments]);
    addStep(this.#learning, this.tensors, placed, targets, weights, learned, settings);
    this.#looking = new Program(heap, {
      ...common,
      order: heap.u32(heldOut.length),
      schedule: heap.f32(0),
      outcomes: heap.f32(0),
    });
    this.#heldOutStride = paddedDim(shape.outputs);
    this.#heldOut = heap.f32(heldOut.length * this.#heldOutStride);
    addForward(this.#looking, this.tensors, placed, batch);
    this.#looking.add(OPERATION.scatter, [
      ...[batch.outputs.values, batch.outputs.stride, this.#heldOut, this.#heldOutStride],
      this.#heldOutStride,
    ]);
    this.#looking.meet();
    this.#looking.order.set(heldOut);
    this.#looking.samples = heldOut.length;
    this.#learning.order.set(learning);
    this.#learning.samples = learning.length;
    this.#random = seededRandom(seed ^ 0x5bd1e995);
    this.#pool = new Pool(threads);
  }

  /**
   * Goes once through what is learned from, and looks at the rest.
   * @throws the reason of the signal; the network is then no use any more
   * @throws {StigmergyError} WORKER_DIED or KERNEL_FAILED
   */
  async epoch(): Promise<EpochOutcome> {
    const from = performance.now();
    const batches = this.#learning.batches;
    const firstStep = this.#epoch * batches;
    this.#shuffle();
    await this.#run(this.#learning, firstStep);
    const sums = this.#learning.outcomes.subarray(firstStep * 2, (firstStep + batches) * 2);
    let loss = 0;
    let right = 0;
    for (let i = 0; i < sums.length; i += 2) {
      loss += sums[i];
      right += sums[i + 1];
    }
    await this.#run(this.#looking, 0);
    this.#epoch++;
    const { length } = this.#settings.learning;
    return {
      epoch: this.#epoch,
      loss: loss / (this.#settings.targets.kind === "pairs" ? length / 2 : length),
      accuracy: right / length,
      heldOut: { values: this.#heldOut, stride: this.#heldOutStride },
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
        this.#pool.run(this.#heap, job).catch((error: unknown) => {
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

  /** Fisher and Yates, 1938; pairs stay together. */
  #shuffle(): void {
    const { order } = this.#learning;
    const width = this.#settings.targets.kind === "pairs" ? 2 : 1;
    for (let i = order.length / width - 1; i > 0; i--) {
      const j = Math.floor(this.#random() * (i + 1));
      for (let k = 0; k < width; k++) {
        const held = order[i * width + k];
        order[i * width + k] = order[j * width + k];
        order[j * width + k] = held;
      }
    }
  }
}

function placeTargets(heap: Heap, targets: Targets): PlacedTargets {
  if (targets.kind === "softmax") {
    const labels = heap.u32(targets.labels.length);
    labels.set(targets.labels);
    return { ...targets, labels };
  }
  if (targets.kind === "pairs") return { kind: "pairs", values: heap.f32(1) };
  const values = heap.f32(targets.values.length);
  values.set(targets.values);
  return { ...targets, values };
}

function bytesOf(settings: TrainerSettings, most: number, steps: number): number {
  const { shape, samples, targets, learning, heldOut, batchSize, threads } = settings;
  const targetLength =
    targets.kind === "softmax"
      ? targets.labels.length
      : targets.kind === "pairs"
        ? 1
        : targets.values.length;
  return (
    3 * Tensors.bytes(shape) +
    sampleBytes(samples) +
    batchBytes(shape, batchSize, most) +
    learnedBytes(shape, batchSize, most) +
    2 * Program.bytes(threads, MOST_OPERATIONS) +
    arrayBytes(targetLength) +
    arrayBytes(samples.count) +
    arrayBytes(steps * 6) +
    arrayBytes(learning.length) +
    arrayBytes(heldOut.length) * (1 + paddedDim(shape.outputs)) +
    65_536
  );
}
