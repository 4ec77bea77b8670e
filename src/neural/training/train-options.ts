import { availableParallelism } from "node:os";
import type { Embedder } from "../../text/embedder.ts";
import { knownOptions, type OptionNames } from "../../util/option-names.ts";
import type { Label } from "./classes.ts";
import type { PatternInput } from "../features/flat-input.ts";
import type { PatternModel } from "../model/pattern-model.ts";
import { flag, invalidOption, real, whole } from "./option.ts";
import type { Prediction } from "../model/prediction.ts";
import type { Activation } from "../network/shape.ts";

/** What a model is asked for. */
export type Task =
  /** Which of several labels. */
  | "classify"
  /** How probable success is, 0 to 1. */
  | "score"
  /** How much: a duration, a size, any number. */
  | "estimate"
  /** Which of a group comes first. */
  | "rank";

/** Samples with what is known of them. One of `inputs` and `texts`, or both for each sample. */
export interface TrainingSet {
  /**
   * One input for each sample: texts, vectors or objects; or f32[n × dim], row-major, with `dim`. All
   * of the same kind.
   */
  readonly inputs?: Float32Array | readonly PatternInput[] | undefined;
  /** Values of a row of `inputs`, when that is one array. */
  readonly dim?: number | undefined;
  /**
   * Texts; beside `inputs` each sample has both: a model of vectors and texts is then asked about
   * `{ text, vector }`.
   */
  readonly texts?: readonly string[] | undefined;
  /** To classify: the label of each sample. */
  readonly labels?: readonly Label[] | undefined;
  /** To score: 0 to 1, or booleans. To estimate: any number. To rank: higher is better. */
  readonly targets?: ArrayLike<number> | readonly boolean[] | undefined;
  /** To rank: samples are compared within their group alone. */
  readonly groups?: readonly (string | number)[] | undefined;
}

const SET_NAMES: OptionNames<TrainingSet> = {
  inputs: true,
  dim: true,
  texts: true,
  labels: true,
  targets: true,
  groups: true,
};

/** An epoch as told while training goes on. */
export interface EpochReport {
  /** Which this is, from 1. */
  readonly epoch: number;
  /** How many there are at most. */
  readonly epochs: number;
  /** Mean loss over what was learned from, nats (or squared error), drops and smoothing included. */
  readonly loss: number;
  /** Share of it that was right as it was met; not for estimates. */
  readonly accuracy: number;
  /** Mean loss over what was held out, without drops or smoothing; null when nothing was. */
  readonly heldOutLoss: number | null;
  /** Share of that that was right; null when nothing was held out, or for estimates. */
  readonly heldOutAccuracy: number | null;
  /** What always saying the commonest label would reach on it. */
  readonly baselineAccuracy: number | null;
  /** How long it took. */
  readonly seconds: number;
}

/** How a model is trained. */
export interface TrainOptions extends TrainingSet {
  /**
   * Of `texts`: gives the vectors that are learned from beside their words, and those of what the model is asked
   * later. A file keeps its name, and is loaded with it. Default none.
   */
  readonly embedder?: Embedder | undefined;
  /** Default: classify with labels, else score when all targets are 0 to 1, else estimate. */
  readonly task?: Task | undefined;
  /** Values of each hidden layer; [] makes a linear model. Default one, of 256. */
  readonly hidden?: readonly number[] | undefined;
  /** Default "relu". */
  readonly activation?: Activation | undefined;
  /** Layer normalization in the hidden layers; default false. */
  readonly normalize?: boolean | undefined;
  /** Whether words also reach the labels directly. Default false, until `learn` is told of some. */
  readonly wide?: boolean | undefined;
  /**
   * To classify texts alone: whether a linear model answers beside the network, the sum of one of each label
   * against the rest and, the more the more labels there are, of one that weighs them against each other
   * from what counts of words say on, without part of what a label has for being common alone. Default true, unless there are so many words and labels
   * that it takes more than 3 GiB to learn.
   */
  readonly linear?: boolean | undefined;
  /** Networks, whose answers are averaged; each costs a training. Default 1. */
  readonly ensemble?: number | undefined;
  /** Times that all samples are gone through. Default by their number: 12, more for few. */
  readonly epochs?: number | undefined;
  /** Samples of a step; default 64, fewer when there are few samples. */
  readonly batchSize?: number | undefined;
  /** Highest learning rate of Adam; default 0.002. */
  readonly learningRate?: number | undefined;
  /** Decoupled weight decay; default 0.01. */
  readonly weightDecay?: number | undefined;
  /** Share of hidden values dropped at random while learning; default 0.3. */
  readonly dropout?: number | undefined;
  /** Share of words and other sparse features dropped; default 0.3. */
  readonly featureDropout?: number | undefined;
  /** Share of certainty taken from the true label and spread over all; default 0.1. */
  readonly labelSmoothing?: number | undefined;
  /** "balanced" lets rare labels count as much as common ones; or a factor for each label. */
  readonly classWeights?: "balanced" | Readonly<Record<string, number>> | undefined;
  /** Same seed and samples, same model, whatever the threads. Default 1. */
  readonly seed?: number | undefined;
  /** Share of the samples held out, or samples that are. Default 0.1. */
  readonly validation?: number | TrainingSet | undefined;
  /**
   * Whether, once the held-out samples have told what they can, the model that is kept learns from
   * them too. Default: when there are fewer than 25,000 samples and a share of them was held out.
   */
  readonly refit?: boolean | undefined;
  /** Epochs without a better held-out loss before training ends early; default none. */
  readonly patience?: number | undefined;
  /** Share of the samples in scope that may be taken for out of scope; default 0.03. */
  readonly rejectRate?: number | undefined;
  /** A model to start from: its values are taken wherever shapes and features agree. */
  readonly from?: PatternModel | undefined;
  /** Default: as many as the machine runs at once. */
  readonly threads?: number | undefined;
  /** Ends the training; nothing is kept of it. */
  readonly signal?: AbortSignal | undefined;
  /** Is told of each epoch when it is done, of those that what is held out measures. */
  readonly onEpoch?: ((report: EpochReport) => void) | undefined;
  /**
   * Is told how many epochs of all that there are to do are done: those of `onEpoch`, those of a linear model, and all of
   * them once more when the model that is kept learns from the samples held out too.
   */
  readonly onProgress?: ((done: number, total: number) => void) | undefined;
  /**
   * To classify: is told what the model says of the samples held out, before it may learn from them too. By their
   * places among the samples; those of `validation`, when it is samples, follow the others.
   */
  readonly onHeldOut?: ((answers: ReadonlyMap<number, Prediction>) => void) | undefined;
}

const TRAIN_NAMES: OptionNames<TrainOptions> = {
  ...SET_NAMES,
  embedder: true,
  task: true,
  hidden: true,
  activation: true,
  normalize: true,
  wide: true,
  linear: true,
  ensemble: true,
  epochs: true,
  batchSize: true,
  learningRate: true,
  weightDecay: true,
  dropout: true,
  featureDropout: true,
  labelSmoothing: true,
  classWeights: true,
  seed: true,
  validation: true,
  refit: true,
  patience: true,
  rejectRate: true,
  from: true,
  threads: true,
  signal: true,
  onEpoch: true,
  onProgress: true,
  onHeldOut: true,
};

/**
 * @throws {StigmergyError} INVALID_INPUT for a name that no training has, of its options or of what is held out, and for
 * what is no flag or no such
 */
export function checkTrainNames(options: TrainOptions): void {
  const { validation } = knownOptions("train", options, TRAIN_NAMES);
  for (const name of ["normalize", "wide", "linear", "refit"] as const) flag(name, options[name]);
  if (validation === undefined || typeof validation === "number") return;
  if (typeof validation !== "object" || validation === null) {
    throw invalidOption("validation", "a share from 0 to below 1, or samples", validation);
  }
  knownOptions("validation", validation, SET_NAMES);
}

/** Options with nothing left open. */
export interface ResolvedOptions {
  readonly hidden: readonly number[];
  readonly activation: Activation;
  readonly normalize: boolean;
  readonly wide: boolean;
  readonly ensemble: number;
  readonly epochs: number;
  readonly batchSize: number;
  readonly learningRate: number;
  readonly weightDecay: number;
  readonly dropout: number;
  readonly featureDropout: number;
  readonly labelSmoothing: number;
  readonly seed: number;
  readonly patience: number;
  readonly rejectRate: number;
  readonly threads: number;
}

const MOST_EPOCHS = 100_000;
// Few samples are gone through more often: texts, whose words say much at once, less than numbers.
const LEAST_STEPS = { text: 400, dense: 1500 } as const;

/**
 * Fills in and checks what does not depend on what the samples are.
 * @param samples how many are learned from
 * @param kind    whether they have words, or numbers alone
 * @throws {StigmergyError} INVALID_INPUT naming the option
 */
export function resolveOptions(
  options: TrainOptions,
  samples: number,
  kind: "text" | "dense",
): ResolvedOptions {
  const batchSize = whole("batchSize", options.batchSize ?? defaultBatch(samples), 1, 65_536);
  const least = Math.ceil(LEAST_STEPS[kind] / Math.ceil(samples / batchSize));
  const hidden = options.hidden ?? [256];
  if (!Array.isArray(hidden) || hidden.length > 16) {
    throw invalidOption("hidden", "at most 16 widths", hidden);
  }
  hidden.forEach((width) => whole("hidden", width, 1, 16_384));
  const activation = options.activation ?? "relu";
  if (!["relu", "gelu", "tanh"].includes(activation)) {
    throw invalidOption("activation", '"relu", "gelu" or "tanh"', activation);
  }
  return {
    hidden,
    activation,
    normalize: options.normalize ?? false,
    wide: options.wide ?? false,
    ensemble: whole("ensemble", options.ensemble ?? 1, 1, 16),
    epochs: whole("epochs", options.epochs ?? Math.min(200, Math.max(12, least)), 1, MOST_EPOCHS),
    batchSize,
    learningRate: real("learningRate", options.learningRate ?? 0.002, 0, 10),
    weightDecay: real("weightDecay", options.weightDecay ?? 0.01, 0, 100),
    dropout: real("dropout", options.dropout ?? 0.3, 0, 0.95),
    featureDropout: real("featureDropout", options.featureDropout ?? 0.3, 0, 0.95),
    labelSmoothing: real("labelSmoothing", options.labelSmoothing ?? 0.1, 0, 0.9),
    seed: whole("seed", options.seed ?? 1, 0, 4_294_967_295),
    patience: whole("patience", options.patience ?? MOST_EPOCHS, 1, MOST_EPOCHS),
    rejectRate: real("rejectRate", options.rejectRate ?? 0.03, 0, 0.5),
    threads: whole("threads", options.threads ?? availableParallelism(), 1, 64),
  };
}

function defaultBatch(samples: number): number {
  return Math.max(1, Math.min(64, 2 ** Math.floor(Math.log2(Math.max(1, samples / 8)))));
}
