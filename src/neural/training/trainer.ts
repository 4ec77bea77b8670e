import { EpochLoop } from "./epoch-loop.ts";
import type { Tensors } from "../network/tensors.ts";
import { TrainingHeap, type TrainerSettings } from "./training-heap.ts";

/** Trains a multilayer perceptron, one epoch at a time. */
export class Trainer extends EpochLoop<TrainingHeap> {
  /** @throws {StigmergyError} OUT_OF_HEAP when samples and network do not fit 4 GiB */
  constructor(settings: TrainerSettings) {
    super(new TrainingHeap(settings), {
      samples: settings.learning.length,
      together: settings.targets.kind === "pairs" ? 2 : 1,
      seed: settings.seed,
      threads: settings.threads,
      signal: settings.signal,
    });
  }

  /** What is learned. */
  get tensors(): Tensors {
    return this.place.tensors;
  }
}
