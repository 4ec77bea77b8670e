import { PatternModel } from "./model/pattern-model.ts";
import type { LabeledTexts, TextsReply } from "./train-apart.ts";

/** What `trainApart` runs on a thread of its own: the bytes of a model, and what it said of texts held out. */
export default async function trainTexts(texts: LabeledTexts): Promise<TextsReply> {
  let heldOut: TextsReply["heldOut"] = new Map();
  const model = await PatternModel.train({ ...texts, onHeldOut: (told) => (heldOut = told) });
  return { bytes: model.toBytes(), heldOut };
}
