import { runApart, type ApartWork } from "../pool/apart.ts";
import { PatternModel } from "./pattern-model.ts";

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
