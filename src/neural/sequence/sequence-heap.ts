import { paddedDim } from "../../wasm/vectors/distance.ts";
import { Heap } from "../../wasm/heap.ts";
import { layoutBytes, type Layout } from "../../wasm/layout.ts";
import { OPERATION, Program } from "../../wasm/network/program.ts";
import type { TrainingPlace } from "../training/epoch-loop.ts";
import { mostFeatures } from "../features/samples.ts";
import { writeSchedule, type ScheduleSettings } from "../training/schedule.ts";
import { TensorSet } from "../network/tensors.ts";
import { placeTargets, targetBytes, type Targets } from "../training/training-heap.ts";
import {
  fillEvents,
  placeEventBatch,
  placeEvents,
  type EventBatch,
  type EventSamples,
  type PlacedEvents,
} from "./batch.ts";
import { addSequenceForward } from "./forward.ts";
import { placeLearnedSequences, type LearnedSequences } from "./learned.ts";
import { mostOperations, sequenceTensors, type SequenceShape } from "./shape.ts";
import { startTensors } from "./start.ts";
import { addSequenceStep, type SequenceStep } from "./step.ts";

/** How a network over sequences is trained. */
export interface SequenceHeapSettings extends ScheduleSettings, SequenceStep {
  readonly shape: SequenceShape;
  readonly samples: EventSamples;
  readonly targets: Targets;
  /** Samples to learn from, and those that are only looked at. */
  readonly learning: Uint32Array;
  readonly heldOut: Uint32Array;
  readonly batchSize: number;
  readonly seed: number;
  readonly threads: number;
}

/** A network over sequences, its samples and all that a training needs, laid out on one heap. */
export class SequenceHeap implements TrainingPlace {
  readonly heap: Heap;
  readonly tensors: TensorSet;
  readonly learning: Program;
  readonly looking: Program;
  readonly heldOut: Float32Array;
  readonly heldOutStride: number;
  /** Gradients of the last step by tensor; the table's have a row for each symbol in `met`. */
  readonly gradients: ReadonlyMap<string, Float32Array>;
  readonly met: { readonly ids: Uint32Array; readonly count: Uint32Array };

  /** @throws {StigmergyError} OUT_OF_HEAP when samples and network do not fit 4 GiB */
  constructor(settings: SequenceHeapSettings) {
    const { shape, heldOut, batchSize, threads, seed, samples } = settings;
    const operations = mostOperations(shape);
    const rest = 2 * Program.bytes(threads, operations) + targetBytes(settings.targets) + 65_536;
    this.heap = new Heap(layoutBytes((layout) => void placeAll(layout, settings)) + rest);
    const place = placeAll(this.heap, settings);
    const { tensors, placed, batch, learned } = place;
    fillEvents(placed, samples);
    const targets = placeTargets(this.heap, settings.targets);
    this.tensors = tensors;
    this.heldOut = place.heldOut;
    this.heldOutStride = paddedDim(shape.outputs);
    this.gradients = learned.gradients;
    this.met = learned.met;
    writeSchedule(place.schedule, settings);
    startTensors(tensors, shape, seed);
    const common = { threads, rows: batchSize, seed, operations };
    const { schedule, outcomes, none } = place;
    const order = place.learningOrder.fill(samples.count);
    this.learning = new Program(this.heap, { ...common, order, schedule, outcomes });
    addSequenceStep(this.learning, shape, { ...place, targets }, settings);
    const lookingOrder = place.lookingOrder.fill(samples.count);
    const looking = { ...common, order: lookingOrder, schedule: none, outcomes: none };
    this.looking = new Program(this.heap, looking);
    addSequenceForward(this.looking, tensors, shape, placed, batch);
    this.looking.add(OPERATION.scatter, [
      ...[batch.outputs.values, batch.outputs.stride, this.heldOut, this.heldOutStride],
      this.heldOutStride,
    ]);
    this.looking.meet();
    lookingOrder.set(heldOut);
    this.looking.samples = heldOut.length;
    order.set(settings.learning);
    this.learning.samples = settings.learning.length;
  }
}

/** Everything but the programs, which need a heap that is there. */
interface Place {
  readonly tensors: TensorSet;
  readonly placed: PlacedEvents;
  readonly weights: Float32Array;
  readonly batch: EventBatch;
  readonly learned: LearnedSequences;
  readonly schedule: Float32Array;
  readonly outcomes: Float32Array;
  readonly none: Float32Array;
  readonly learningOrder: Uint32Array;
  readonly lookingOrder: Uint32Array;
  readonly heldOut: Float32Array;
}

function placeAll(layout: Layout, settings: SequenceHeapSettings): Place {
  const { shape, samples, learning, heldOut, batchSize } = settings;
  const steps = Math.ceil(learning.length / batchSize) * settings.epochs;
  const batch = placeEventBatch(layout, shape, batchSize, mostFeatures(samples.events));
  // A last batch that is short goes on into the order, where the empty sequence stands.
  const orderLength = (count: number): number => Math.ceil(count / batchSize) * batchSize;
  return {
    tensors: new TensorSet(layout, sequenceTensors(shape)),
    placed: placeEvents(layout, sizesOf(samples)),
    weights: layout.f32(samples.count).fill(1),
    batch,
    learned: placeLearnedSequences(layout, shape, batch, batchSize),
    schedule: layout.f32(steps * 4),
    outcomes: layout.f32(steps * 2),
    none: layout.f32(0),
    learningOrder: layout.u32(orderLength(learning.length)),
    lookingOrder: layout.u32(orderLength(heldOut.length)),
    heldOut: layout.f32(heldOut.length * paddedDim(shape.outputs)),
  };
}

function sizesOf({ count, events }: EventSamples): {
  count: number;
  events: number;
  symbols: number;
} {
  return { count, events: events.starts.length - 1, symbols: events.ids.length };
}
