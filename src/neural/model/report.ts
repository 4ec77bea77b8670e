import type { KernelBuild } from "../../wasm/build.ts";
import type { ConfusionPair } from "../training/calibration.ts";
import type { EpochReport, Task } from "../training/train-options.ts";

/** What a training came to: every figure is of samples that were held out, and measured. */
export interface TrainReport {
  readonly task: Task;
  /** Samples learned from. */
  readonly samples: number;
  /** Samples that were not learned from until they were measured. */
  readonly heldOut: number;
  /** Labels, when there are any. */
  readonly labels: number;
  /** Words and other sparse features known. */
  readonly features: number;
  /** Dense values of an input. */
  readonly dense: number;
  /** Learned values. */
  readonly parameters: number;
  /** Of the first network, when there are several. */
  readonly epochs: readonly EpochReport[];
  /** The epoch whose values were kept: that of the least held-out loss. */
  readonly bestEpoch: number;
  /** Held-out figures of the whole model; null when nothing was held out. */
  readonly loss: number | null;
  /** Share that was answered right, 0 to 1; null where that makes no sense. */
  readonly accuracy: number | null;
  /**
   * The 95 % interval of that, by how many samples it is of; null where it is null, and of pairs. Absent in files of
   * before.
   */
  readonly accuracyRange?: readonly [number, number] | null;
  /** What always giving the commonest answer would reach on the same samples. */
  readonly baselineAccuracy: number | null;
  /** Mean over the labels, 0 to 1; to classify. */
  readonly macroF1: number | null;
  /** To estimate: mean absolute error beside that of always saying the median. */
  readonly meanAbsoluteError: number | null;
  /** That of always saying the median, in the targets' unit. */
  readonly baselineError: number | null;
  /** To classify: how far confidence is from being right, before and after calibration, 0 to 1. */
  readonly calibrationError: { readonly before: number; readonly after: number } | null;
  /** What logits are divided by, so that probabilities are as often right as they say. */
  readonly temperature: number;
  /** Labels most often taken for one another. */
  readonly confusions: readonly ConfusionPair[];
  /** Of answering "none of these"; null where it was not asked for. */
  readonly reject: RejectReport | null;
  /** Whether the model kept has learned from the held-out samples too, after they were measured. */
  readonly refit: boolean;
  /** How long it took. */
  readonly seconds: number;
  /** Threads that learned; they change no answer. */
  readonly threads: number;
  /** What it began with: the same seed and input give the same model. */
  readonly seed: number;
  /** The build of the kernels that learned. */
  readonly build: KernelBuild;
}

/** What answering "none of these" costs and gives, on what was held out. */
export interface RejectReport {
  /** Confidence below which an answer is out of scope. */
  readonly threshold: number;
  /** Share of samples in scope that may be below, as was asked for. */
  readonly rate: number;
  /** Share of the held-out samples in scope that is below. */
  readonly heldOutRate: number;
  /** Share of those that are right and not rejected. */
  readonly accuracy: number;
}

/** A part of an input, and how much it moved the answer. */
export interface Influence {
  /** A word, `field=value`, or the name of a number. */
  readonly feature: string;
  /**
   * How much lower the answer is without it: a difference of probabilities, −1 to 1; for estimates in
   * their unit, for ranks of scores. Negative: it spoke against the answer.
   */
  readonly effect: number;
}

/** Why a model answered as it did. */
export interface Explanation {
  /** The label explained; for models without labels, none. */
  readonly label: string | undefined;
  /** Its probability, or what `score` says. */
  readonly value: number;
  /** The parts that moved it most, by size. */
  readonly influences: readonly Influence[];
  /** Parts that were left out in turn. */
  readonly tried: number;
}

/** What learning from further samples came to. */
export interface LearnReport {
  /** New samples. */
  readonly samples: number;
  /** Old samples that were repeated beside them. */
  readonly replayed: number;
  /** Labels that the model had not known. */
  readonly newLabels: readonly string[];
  /** Batches that were learned, over all passes. */
  readonly steps: number;
  readonly loss: number;
  readonly seconds: number;
}

/** What compressing a model gained and cost. */
export interface CompressionReport {
  /** Bytes of the model's file before, with the samples that it keeps to learn again. */
  readonly bytesBefore: number;
  /** The same after, without those samples. */
  readonly bytesAfter: number;
  /** Samples that the rest was measured on: those that the model keeps. */
  readonly samples: number;
  /** Share of them that is answered alike, to classify; null otherwise. */
  readonly agreement: number | null;
  /** Share answered right before and after, to classify; null otherwise. They were learned from. */
  readonly accuracyBefore: number | null;
  /** The same after. */
  readonly accuracyAfter: number | null;
  /** Mean of |after − before| over all outputs, in the network's own unit. */
  readonly outputError: number;
}
