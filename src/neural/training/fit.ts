import { learnBest } from "./best-epoch.ts";
import type { Course } from "./course.ts";
import type { EpochOutcome } from "./epoch-loop.ts";
import { unpad } from "./measure-model.ts";
import { scoreOutputs, type HeldOutScore } from "./outcome.ts";
import { tensorsFor, type Tensors } from "../network/tensors.ts";
import type { EpochReport } from "./train-options.ts";
import { Trainer } from "./trainer.ts";
import { pairsOf } from "./pairs.ts";
import type { TrainingData } from "./training-data.ts";
import type { TrainingProgress } from "./training-progress.ts";

const WARM_UP = 0.05;
const CLIP = 0; // Adam's steps are bounded already

/** What a training came to. */
export interface Fitted {
  /** The values of its best epoch. */
  readonly tensors: Tensors;
  readonly epochs: EpochReport[];
  readonly bestEpoch: number;
}

/**
 * Trains one network, and keeps the values of its best epoch.
 * @throws as `EpochLoop.epoch`; OUT_OF_HEAP
 */
export async function fit(
  { data, samples, shape, targets, weights, scale, settings, options, start, offsets }: Course,
  seed: number,
  split: { readonly learning: Uint32Array; readonly heldOut: Uint32Array },
  epochs: number,
  progress: TrainingProgress,
): Promise<Fitted> {
  const learning = data.task === "rank" ? pairsOf(data, split.learning) : split.learning;
  const trainer = new Trainer({
    shape,
    samples,
    targets,
    weights,
    offsets,
    learning,
    heldOut: split.heldOut,
    batchSize: data.task === "rank" ? Math.ceil(settings.batchSize / 2) * 2 : settings.batchSize,
    seed,
    threads: settings.threads,
    epochs,
    learningRate: settings.learningRate,
    warmUp: WARM_UP,
    decay: "linear",
    drops: { features: settings.featureDropout, hidden: settings.dropout },
    weightDecay: settings.weightDecay,
    tableRate: 1,
    clip: CLIP,
    ...(start === undefined ? {} : { start }),
    ...(options.signal === undefined ? {} : { signal: options.signal }),
  });
  progress.begin(epochs);
  try {
    const reports: EpochReport[] = [];
    const judge = (outcome: EpochOutcome): number => {
      const outputs = unpad(outcome.heldOut.values, outcome.heldOut.stride, shape.outputs);
      const score = scoreOutputs(data, outputs, split.heldOut, scale);
      const report = epochReport(outcome, score, epochs, data);
      reports.push(report);
      options.onEpoch?.(report);
      progress.step();
      return score?.loss ?? -outcome.epoch;
    };
    // With nothing held out the last epoch is the one that is kept.
    const best = split.heldOut.length === 0 ? undefined : tensorsFor(shape);
    const keep = (): void => best?.copyFrom(trainer.tensors);
    const bestEpoch = await learnBest(trainer, epochs, settings.patience, judge, keep);
    return { tensors: best ?? trainer.tensors, epochs: reports, bestEpoch };
  } finally {
    await trainer.close();
  }
}

function epochReport(
  outcome: { epoch: number; loss: number; accuracy: number; seconds: number },
  score: HeldOutScore | undefined,
  epochs: number,
  { task }: TrainingData,
): EpochReport {
  return {
    epoch: outcome.epoch,
    epochs,
    loss: outcome.loss,
    accuracy: task === "estimate" ? NaN : outcome.accuracy,
    heldOutLoss: score?.loss ?? null,
    heldOutAccuracy: score?.accuracy ?? null,
    baselineAccuracy: score?.baselineAccuracy ?? null,
    seconds: outcome.seconds,
  };
}
