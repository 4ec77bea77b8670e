import type { KernelBuild } from "../../wasm/build.ts";
import type { EpochReport } from "../training/train-options.ts";
import type { SequenceTask } from "./options.ts";
import type { SequenceFamily } from "./shape.ts";

/** What a training on sequences came to: every figure is of whole sequences that were held out. */
export interface SequenceReport {
  readonly task: SequenceTask;
  readonly family: SequenceFamily;
  /** Sequences learned from. */
  readonly sequences: number;
  /** Sequences held out. */
  readonly heldOutSequences: number;
  /** Samples that the sequences learned from make. */
  readonly samples: number;
  /** Samples that those held out make. */
  readonly heldOut: number;
  /** Events that can follow; none for times. */
  readonly labels: number;
  /** Rows of the event table. */
  readonly symbols: number;
  /** Learned values. */
  readonly parameters: number;
  /** Last events that an answer is made of. */
  readonly times: number;
  readonly epochs: readonly EpochReport[];
  /** The epoch whose values were kept: that of the least held-out loss. */
  readonly bestEpoch: number;
  /** Nats, or squared error in units of the targets' deviation; null when nothing was held out. */
  readonly loss: number | null;
  /** Share of next events that were right, beside what counting alone reaches: see below. */
  readonly accuracy: number | null;
  /** Always the commonest. */
  readonly baselineAccuracy: number | null;
  /** What most often follows the last event, and the loss of such a chain. */
  readonly markovAccuracy: number | null;
  /** The loss of such a chain, nats. */
  readonly markovLoss: number | null;
  /** What most often follows the last three, or the longest end of them ever met. */
  readonly contextAccuracy: number | null;
  /** Mean absolute error of times, ms; beside that of the median, and of the median by last event. */
  readonly meanAbsoluteError: number | null;
  /** That of always saying the median, ms. */
  readonly baselineError: number | null;
  /** That of saying the median by last event, ms. */
  readonly eventBaselineError: number | null;
  /** How far confidence is from being right, before and after calibration, 0 to 1. */
  readonly calibrationError: { readonly before: number; readonly after: number } | null;
  /** What logits are divided by, so that probabilities are as often right as they say. */
  readonly temperature: number;
  readonly seconds: number;
  readonly threads: number;
  readonly seed: number;
  readonly build: KernelBuild;
}
