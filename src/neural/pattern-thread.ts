import type { PatternTrainOptions } from "./pattern-training.ts";
import type { PatternLesson } from "./train-apart.ts";
import { TrainedPattern } from "./trained-pattern.ts";

/** What `trainPatternApart` runs on a thread of its own: the bytes of a pattern. */
export default async function trainPattern(
  { samples, options, from }: PatternLesson,
  onProgress: PatternTrainOptions["onProgress"],
): Promise<Uint8Array> {
  const start = from === undefined ? {} : { from: TrainedPattern.fromBytes(from) };
  return (await TrainedPattern.train(samples, { ...options, ...start, onProgress })).toBytes();
}
