import { runApart } from "../pool/apart.ts";
import { PatternModel } from "./pattern-model.ts";

/** Texts with labels. */
export interface LabeledTexts {
  readonly texts: readonly string[];
  readonly labels: readonly string[];
  readonly seed: number;
}

/**
 * Trains a model of texts as `PatternModel.train` does, to the same answers, on a thread of its own: the calling one
 * is free but for handing over the texts and reading the model.
 * @throws {StigmergyError} as `PatternModel.train`; WORKER_DIED
 */
export async function trainApart(texts: LabeledTexts): Promise<PatternModel> {
  const thread = new URL("../neural/training-thread.js", import.meta.url);
  return PatternModel.fromBytes(await runApart<LabeledTexts, Uint8Array>(thread, texts));
}
