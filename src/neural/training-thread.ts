import { PatternModel } from "./pattern-model.ts";
import type { LabeledTexts } from "./train-apart.ts";

/** What `trainApart` runs on a thread of its own: the bytes of a model. */
export default async function trainTexts(texts: LabeledTexts): Promise<Uint8Array> {
  return (await PatternModel.train(texts)).toBytes();
}
