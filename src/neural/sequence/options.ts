import { availableParallelism } from "node:os";
import { paddedDim } from "../../wasm/vectors/distance.ts";
import { knownOptions, type OptionNames } from "../../util/option-names.ts";
import { invalidOption, real, whole } from "../training/option.ts";
import type { EpochReport } from "../training/train-options.ts";
import type { SequenceEvent } from "./event.ts";
import type { SequenceFamily } from "./shape.ts";

/** What a model of sequences is asked for. */
export type SequenceTask =
  /** Which event comes next. */
  | "next"
  /** How long it is, in ms, until an event named in advance. */
  | "time";

/** How a model of sequences is trained. */
export interface SequenceOptions {
  /** What happened, each from its beginning, in order. Every beginning of a sequence is a sample. */
  readonly sequences: readonly (readonly SequenceEvent[])[];
  /** Default "time" with `until`, else "next". */
  readonly task?: SequenceTask | undefined;
  /** For "time": the event that is waited for, such as a failure. All events need `at`. */
  readonly until?: string | undefined;
  /** Default "gru". */
  readonly family?: SequenceFamily | undefined;
  /** Last events that an answer is made of; default 32. Costs grow with it. */
  readonly times?: number | undefined;
  /** Values that an event becomes, rounded up to a multiple of 16; default 32. */
  readonly width?: number | undefined;
  /** Values of a state or layer, rounded up to a multiple of 16; default 64. */
  readonly hidden?: number | undefined;
  /** Times that all samples are gone through. Default by their number: 8, more for few. */
  readonly epochs?: number | undefined;
  /** Samples of a step; default 64, fewer when there are few samples. */
  readonly batchSize?: number | undefined;
  /** Highest learning rate of Adam; default 0.005. */
  readonly learningRate?: number | undefined;
  /** Decoupled weight decay; default 0.01. */
  readonly weightDecay?: number | undefined;
  /** Share of what reaches the outputs that is dropped at random while learning; default 0.1. */
  readonly dropout?: number | undefined;
  /** Same seed and sequences, same model, whatever the threads. Default 1. */
  readonly seed?: number | undefined;
  /** Share of the sequences held out, whole, or sequences that are. Default 0.1. */
  readonly validation?: number | readonly (readonly SequenceEvent[])[] | undefined;
  /** Epochs without a better held-out loss before training ends early; default none. */
  readonly patience?: number | undefined;
  /** Default: as many as the machine runs at once. */
  readonly threads?: number | undefined;
  /** Ends the training; nothing is kept of it. */
  readonly signal?: AbortSignal | undefined;
  /** Is told of each epoch when it is done. */
  readonly onEpoch?: ((report: EpochReport) => void) | undefined;
}

const SEQUENCE_NAMES: OptionNames<SequenceOptions> = {
  sequences: true,
  task: true,
  until: true,
  family: true,
  times: true,
  width: true,
  hidden: true,
  epochs: true,
  batchSize: true,
  learningRate: true,
  weightDecay: true,
  dropout: true,
  seed: true,
  validation: true,
  patience: true,
  threads: true,
  signal: true,
  onEpoch: true,
};

/** Options with nothing left open. */
export interface ResolvedSequenceOptions {
  readonly family: SequenceFamily;
  readonly times: number;
  readonly width: number;
  readonly hidden: number;
  readonly epochs: number;
  readonly batchSize: number;
  readonly learningRate: number;
  readonly weightDecay: number;
  readonly dropout: number;
  readonly seed: number;
  readonly patience: number;
  readonly threads: number;
}

const MOST_EPOCHS = 100_000;

/** Most last events that an answer can be made of. */
export const MOST_TIMES = 1024;
const LEAST_STEPS = 1500; // few samples are gone through more often

/** @throws {StigmergyError} INVALID_INPUT for a name that no training has */
export function checkSequenceNames(options: SequenceOptions): void {
  knownOptions("train", options, SEQUENCE_NAMES);
}

/**
 * Fills in and checks what does not depend on what the sequences are.
 * @param samples how many are learned from
 * @throws {StigmergyError} INVALID_INPUT naming the option
 */
export function resolveSequenceOptions(
  options: SequenceOptions,
  samples: number,
): ResolvedSequenceOptions {
  const { family = "gru" } = options;
  if (!["gru", "convolution"].includes(family)) {
    throw invalidOption("family", '"gru" or "convolution"', family);
  }
  const batchSize = whole("batchSize", options.batchSize ?? defaultBatch(samples), 1, 4096);
  const least = Math.ceil(LEAST_STEPS / Math.ceil(samples / batchSize));
  return {
    family,
    times: whole("times", options.times ?? 32, 1, MOST_TIMES),
    width: paddedDim(whole("width", options.width ?? 32, 1, 4096)),
    hidden: paddedDim(whole("hidden", options.hidden ?? 64, 1, 4096)),
    epochs: whole("epochs", options.epochs ?? Math.min(100, Math.max(8, least)), 1, MOST_EPOCHS),
    batchSize,
    learningRate: real("learningRate", options.learningRate ?? 0.005, 0, 10),
    weightDecay: real("weightDecay", options.weightDecay ?? 0.01, 0, 100),
    dropout: real("dropout", options.dropout ?? 0.1, 0, 0.95),
    seed: whole("seed", options.seed ?? 1, 0, 4_294_967_295),
    patience: whole("patience", options.patience ?? MOST_EPOCHS, 1, MOST_EPOCHS),
    threads: whole("threads", options.threads ?? availableParallelism(), 1, 64),
  };
}

function defaultBatch(samples: number): number {
  return Math.max(1, Math.min(64, 2 ** Math.floor(Math.log2(Math.max(1, samples / 8)))));
}
