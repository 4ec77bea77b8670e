import { paddedDim } from "../../wasm/vectors/distance.ts";
import { StigmergyError } from "../../errors.ts";
import { arrayBytes, Heap, MAX_HEAP_BYTES } from "../../wasm/heap.ts";
import { layoutBytes } from "../../wasm/layout.ts";
import { OPERATION, Program } from "../../wasm/network/program.ts";
import {
  collectColumns,
  columnBytes,
  placeColumns,
  splitsByColumns,
  type ColumnSplit,
} from "./column-groups.ts";
import { addForward, placeBatch } from "../network/forward.ts";
import { addColumnStep } from "./learn-by-columns.ts";
import { addStep, type StepSettings } from "./learn.ts";
import { placeLearned } from "../network/learned.ts";
import {
  mostFeatures,
  placeRows,
  placeSamples,
  sampleBytes,
  type PlacedSamples,
  type Samples,
} from "../features/samples.ts";
import { writeSchedule, type ScheduleSettings } from "./schedule.ts";
import { tensorsOf, type NetworkShape } from "../network/shape.ts";
import { Tensors, TensorSet } from "../network/tensors.ts";
import type { PlacedTargets } from "./update.ts";

const MOST_OPERATIONS = 512;

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
  /** What is added to the outputs while they are learned, f32[count × outputs]. */
  readonly offsets?: Float32Array | undefined;
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

/** A network, its samples and all that a training needs, laid out on one heap. */
export class TrainingHeap {
  readonly heap: Heap;
  readonly tensors: Tensors;
  /** A step of learning for each batch of the samples learned from. */
  readonly learning: Program;
  /** A forward pass for each batch of those held out; it fills `heldOut`. */
  readonly looking: Program;
  /** f32[held out × stride]. */
  readonly heldOut: Float32Array;
  readonly heldOutStride: number;
  readonly #split: ColumnSplit | undefined;

  /** @throws {StigmergyError} OUT_OF_HEAP when samples and network do not fit 4 GiB */
  constructor(settings: TrainerSettings) {
    const { shape, samples, learning, heldOut, batchSize, threads, seed } = settings;
    const most = samples.sparse === undefined ? 0 : mostFeatures(samples.sparse);
    const steps = Math.ceil(learning.length / batchSize) * settings.epochs;
    const bytes = bytesOf(settings, most, steps);
    if (bytes > MAX_HEAP_BYTES) throw tooLarge(settings, bytes);
    const heap = new Heap(bytes);
    this.heap = heap;
    this.tensors = new Tensors(heap, shape);
    if (settings.start === undefined) this.tensors.randomize(seed);
    else this.tensors.copyFrom(settings.start);
    const moments = [new Tensors(heap, shape), new Tensors(heap, shape)] as const;
    if (settings.optimizer === "momentum") moments[1].fill(1);
    const placed = placeInputs(heap, settings);
    const weights = heap.f32(samples.count);
    weights.set(settings.weights);
    const targets = placeTargets(heap, settings.targets);
    const batch = placeBatch(heap, shape, batchSize, most, settings.offsets !== undefined);
    const schedule = heap.f32(steps * 4);
    writeSchedule(schedule, settings);
    const common = { threads, rows: batchSize, seed, operations: MOST_OPERATIONS };
    this.learning = new Program(heap, {
      ...common,
      order: heap.u32(learning.length),
      schedule,
      outcomes: heap.f32(steps * 2),
    });
    const learned = placeLearned(heap, shape, batch, [...moments]);
    if (splitsByColumns(shape, settings.clip)) {
      this.#split = placeColumns(heap, this.tensors, learned, threads);
      const step = {
        tensors: this.tensors,
        samples: placed,
        learned,
        settings,
        split: this.#split,
      };
      addColumnStep({ program: this.learning, ...step }, targets, weights);
    } else addStep(this.learning, this.tensors, placed, targets, weights, learned, settings);
    this.looking = new Program(heap, {
      ...common,
      order: heap.u32(heldOut.length),
      schedule: heap.f32(0),
      outcomes: heap.f32(0),
    });
    this.heldOutStride = paddedDim(shape.outputs);
    this.heldOut = heap.f32(heldOut.length * this.heldOutStride);
    addForward(this.looking, this.tensors, placed, batch);
    this.looking.add(OPERATION.scatter, [
      ...[batch.outputs.values, batch.outputs.stride, this.heldOut, this.heldOutStride],
      this.heldOutStride,
    ]);
    this.looking.meet();
    this.looking.order.set(heldOut);
    this.looking.samples = heldOut.length;
    this.learning.order.set(learning);
    this.learning.samples = learning.length;
  }

  /** Brings what threads have learned apart to `tensors`: before these are read. */
  collect(): void {
    if (this.#split !== undefined) collectColumns(this.#split, this.tensors);
  }
}

/** Copies samples to a heap, and what is added to their outputs. */
function placeInputs(heap: Heap, { samples, offsets }: TrainerSettings): PlacedSamples {
  const placed = placeSamples(heap, samples);
  return offsets === undefined
    ? placed
    : { ...placed, offsets: placeRows(heap, offsets, samples.count) };
}

/** Copies targets to a heap. */
export function placeTargets(heap: Heap, targets: Targets): PlacedTargets {
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

/** Bytes that `placeTargets` takes. */
export function targetBytes(targets: Targets): number {
  if (targets.kind === "softmax") return arrayBytes(targets.labels.length);
  return arrayBytes(targets.kind === "pairs" ? 1 : targets.values.length);
}

function tooLarge({ shape, samples }: TrainerSettings, bytes: number): StigmergyError {
  const { features, dense, outputs, hidden } = shape;
  const gib = (bytes / 2 ** 30).toFixed(1);
  const way =
    hidden.length === 0
      ? "fewer samples or labels, or no linear model beside the network (linear: false)"
      : "fewer samples, hidden values or labels";
  return new StigmergyError(
    "OUT_OF_HEAP",
    `training: expected at most 4 GiB, ${samples.count} samples of ${features + dense} words and numbers with ${outputs} outputs take ${gib} GiB; give ${way}`,
  );
}

function bytesOf(settings: TrainerSettings, most: number, steps: number): number {
  const { shape, samples, learning, heldOut, batchSize, threads } = settings;
  const ofNetwork = layoutBytes((layout) => {
    const tensors = (): TensorSet => new TensorSet(layout, tensorsOf(shape));
    const batch = placeBatch(layout, shape, batchSize, most, settings.offsets !== undefined);
    if (settings.offsets !== undefined) layout.f32(samples.count * paddedDim(shape.outputs));
    tensors();
    placeLearned(layout, shape, batch, [tensors(), tensors()]);
  });
  return (
    ofNetwork +
    sampleBytes(samples) +
    (splitsByColumns(shape, settings.clip) ? columnBytes(shape, batchSize, threads) : 0) +
    2 * Program.bytes(threads, MOST_OPERATIONS) +
    targetBytes(settings.targets) +
    arrayBytes(samples.count) +
    arrayBytes(steps * 6) +
    arrayBytes(learning.length) +
    arrayBytes(heldOut.length) * (1 + paddedDim(shape.outputs)) +
    65_536
  );
}
