import { runApart, type ApartWork } from "../pool/apart.ts";
import { PatternModel } from "./pattern-model.ts";
import type { PatternTrainOptions } from "./pattern-training.ts";
import type { PatternSamples } from "./patterns.ts";
import { TrainedPattern } from "./trained-pattern.ts";

/** Texts with labels. */
export interface LabeledTexts {
  readonly texts: readonly string[];
  readonly labels: readonly string[];
  readonly seed: number;
}

/** What a training on a thread of its own comes to, and whether the process lives on for it. */
export type TrainingApart<Result = PatternModel> = ApartWork<Result>;

/**
 * Trains a model of texts as `PatternModel.train` does, to the same answers, on a thread of its own: the calling one
 * is free but for handing over the texts and reading the model. Errors are those of `PatternModel.train`, or
 * WORKER_DIED.
 */
export function trainApart(texts: LabeledTexts): TrainingApart {
  const thread = new URL("../neural/training-thread.js", import.meta.url);
  const { result, hold } = runApart<LabeledTexts, Uint8Array>(thread, texts);
  return { result: result.then((bytes) => PatternModel.fromBytes(bytes)), hold };
}

/** How a pattern is trained on a thread of its own: by what can be copied to it. */
export interface PatternLesson {
  readonly samples: PatternSamples;
  readonly options: Omit<PatternTrainOptions, "from" | "signal" | "onProgress">;
  /** Of the pattern to start from. */
  readonly from: Uint8Array | undefined;
}

type Progress = Parameters<NonNullable<PatternTrainOptions["onProgress"]>>;

/**
 * Trains a pattern as `TrainedPattern.train` does, to the same answers, on a thread of its own. Its signal ends it at
 * once, with its reason; other errors are those of `TrainedPattern.train`, or WORKER_DIED.
 */
export async function trainPatternApart(
  samples: PatternSamples,
  {
    from,
    signal,
    onProgress,
    ...options
  }: Omit<PatternTrainOptions, "from"> & { readonly from?: TrainedPattern | undefined },
): Promise<{ readonly pattern: TrainedPattern; readonly bytes: Uint8Array }> {
  const { result } = runApart<PatternLesson, Uint8Array, Progress>(
    new URL("../neural/pattern-thread.js", import.meta.url),
    { samples, options, from: from?.toBytes() },
    { signal, onProgress },
  );
  const bytes = await result;
  return { pattern: TrainedPattern.fromBytes(bytes), bytes };
}
