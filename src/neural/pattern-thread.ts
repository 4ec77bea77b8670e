import { createHash } from "node:crypto";
import { finish } from "../util/turns.ts";
import { provenContent } from "./model/model-bytes.ts";
import type { PatternTrainOptions } from "./patterns/pattern-training.ts";
import { readPatterns } from "./patterns/patterns.ts";
import type { LessonOutcome, PatternLesson } from "./train-apart.ts";
import { TrainedPattern } from "./patterns/trained-pattern.ts";
import { recordsOf } from "./patterns/training-file.ts";

/** What `trainPatternApart` and its like run on a thread of its own. */
export default async function teach(
  lesson: PatternLesson,
  onProgress: PatternTrainOptions["onProgress"],
): Promise<LessonOutcome> {
  switch (lesson.kind) {
    case "train": {
      const { samples: given, options, from } = lesson;
      const samples = "file" in given ? readPatterns(given.type, recordsOf(given.file)) : given;
      const start = from === undefined ? {} : { from: opened(from) };
      const pattern = await TrainedPattern.train(samples, { ...options, ...start, onProgress });
      return outcomeOf(pattern, new Map());
    }
    case "learn": {
      const pattern = opened(lesson.pattern);
      return outcomeOf(pattern, await pattern.learn(lesson.samples));
    }
    case "compress": {
      const { pattern, reports } = opened(lesson.pattern).compress();
      return outcomeOf(pattern, reports);
    }
  }
}

function opened(bytes: Uint8Array): TrainedPattern {
  return finish(TrainedPattern.opening(provenContent(bytes)));
}

function outcomeOf(pattern: TrainedPattern, reports: LessonOutcome["reports"]): LessonOutcome {
  const bytes = pattern.toBytes();
  return { bytes, sha256: createHash("sha256").update(bytes).digest("hex"), reports };
}
