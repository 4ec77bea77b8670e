import type { KernelBuild } from "../wasm/build.ts";
import type { ConfusionPair } from "./calibration.ts";
import type { EpochReport, Task } from "./train-options.ts";

/** What a training came to: every figure is of samples that were held out, and measured. */
export interface TrainReport {
  readonly task: Task;
  /** Samples learned from, and held out. */
  readonly samples: number;
  readonly heldOut: number;
  /** Labels, when there are any. */
  readonly labels: number;
  /** Words and other sparse features known; dense values of an input; learned values. */
  readonly features: number;
  readonly dense: number;
  readonly parameters: number;
  /** Of the first network, when there are several. */
  readonly epochs: readonly EpochReport[];
  /** The epoch whose values were kept: that of the least held-out loss. */
  readonly bestEpoch: number;
  /** Held-out figures of the whole model; null when nothing was held out. */
  readonly loss: number | null;
  readonly accuracy: number | null;
  /** What always giving the commonest answer would reach on the same samples. */
  readonly baselineAccuracy: number | null;
  /** Mean over the labels, 0 to 1; to classify. */
  readonly macroF1: number | null;
  /** To estimate: mean absolute error beside that of always saying the median. */
  readonly meanAbsoluteError: number | null;
  readonly baselineError: number | null;
  /** To classify: how far confidence is from being right, before and after calibration, 0 to 1. */
  readonly calibrationError: { readonly before: number; readonly after: number } | null;
  readonly temperature: number;
  /** Labels most often taken for one another. */
  readonly confusions: readonly ConfusionPair[];
  readonly reject: RejectReport | null;
  /** Whether the model kept has learned from the held-out samples too, after they were measured. */
  readonly refit: boolean;
  readonly seconds: number;
  readonly threads: number;
  readonly seed: number;
  readonly build: KernelBuild;
}

/** What answering "none of these" costs and gives, on what was held out. */
export interface RejectReport {
  /** Confidence below which an answer is out of scope. */
  readonly threshold: number;
  /** Share asked for, and share of the held-out samples in scope that is below. */
  readonly rate: number;
  readonly heldOutRate: number;
  /** Share of those that are right and not rejected. */
  readonly accuracy: number;
}
