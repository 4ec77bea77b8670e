import type { PatternTrainOptions } from "./pattern-training.ts";
import { readPatterns } from "./patterns.ts";
import type { LessonOutcome, PatternLesson } from "./train-apart.ts";
import { TrainedPattern } from "./trained-pattern.ts";
import { recordsOf } from "./training-file.ts";

/** What `trainPatternApart` and its like run on a thread of its own. */
export default async function teach(
  lesson: PatternLesson,
  onProgress: PatternTrainOptions["onProgress"],
): Promise<LessonOutcome> {
  switch (lesson.kind) {
    case "train": {
      const { samples: given, options, from } = lesson;
      const samples = "file" in given ? readPatterns(given.type, recordsOf(given.file)) : given;
      const start = from === undefined ? {} : { from: TrainedPattern.fromBytes(from) };
      const pattern = await TrainedPattern.train(samples, { ...options, ...start, onProgress });
      return { bytes: pattern.toBytes(), reports: new Map() };
    }
    case "learn": {
      const pattern = TrainedPattern.fromBytes(lesson.pattern);
      const reports = await pattern.learn(lesson.samples);
      return { bytes: pattern.toBytes(), reports };
    }
    case "compress": {
      const { pattern, reports } = TrainedPattern.fromBytes(lesson.pattern).compress();
      return { bytes: pattern.toBytes(), reports };
    }
  }
}
