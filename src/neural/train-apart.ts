import { runApart, type ApartOptions, type ApartWork } from "../pool/apart.ts";
import { builtFile } from "../pool/built-file.ts";
import { Turns } from "../util/turns.ts";
import { provenContent } from "./model/model-bytes.ts";
import { PatternModel } from "./model/pattern-model.ts";
import type { MemberName, PatternTrainOptions } from "./patterns/pattern-training.ts";
import type { PatternSamples } from "./patterns/patterns.ts";
import type { Prediction } from "./model/prediction.ts";
import type { CompressionReport, LearnReport } from "./model/report.ts";
import { TrainedPattern } from "./patterns/trained-pattern.ts";

/** Texts with labels. */
export interface LabeledTexts {
  readonly texts: readonly string[];
  readonly labels: readonly string[];
  readonly seed: number;
}

/** A model, and what it said of the texts held out, by their places, before it learned from them too. */
export interface TrainedTexts {
  readonly model: PatternModel;
  readonly heldOut: ReadonlyMap<number, Prediction>;
}

/** The same as it travels from a thread. */
export interface TextsReply {
  readonly bytes: Uint8Array;
  readonly heldOut: TrainedTexts["heldOut"];
}

/**
 * Trains a model of texts as `PatternModel.train` does, to the same answers, on a thread of its own: the calling one
 * is free but for handing over the texts and reading the model. Errors are those of `PatternModel.train`, or
 * WORKER_DIED.
 */
export function trainApart(texts: LabeledTexts): ApartWork<TrainedTexts> {
  const thread = builtFile("neural/training-thread.js");
  const { result, hold } = runApart<LabeledTexts, TextsReply>(thread, texts);
  const trained = result.then(({ bytes, heldOut }) => ({
    model: PatternModel.fromBytes(bytes),
    heldOut,
  }));
  return { result: trained, hold };
}

/** A training file as it was read, and which pattern type its records are of. */
export interface PatternFile {
  readonly type: string;
  readonly file: Uint8Array;
}

/** What is done with a pattern on a thread of its own: by what can be copied to it. */
export type PatternLesson =
  | {
      readonly kind: "train";
      readonly samples: PatternSamples | PatternFile;
      readonly options: Omit<PatternTrainOptions, "from" | "signal" | "onProgress">;
      /** Of the pattern to start from; as below proven already. */
      readonly from: Uint8Array | undefined;
    }
  | { readonly kind: "learn"; readonly pattern: Uint8Array; readonly samples: PatternSamples }
  | { readonly kind: "compress"; readonly pattern: Uint8Array };

/** What comes back: the pattern that came of it, and what is told of that beside the pattern's own report. */
export interface LessonOutcome<Report = unknown> {
  readonly bytes: Uint8Array;
  /** Of the bytes, in hex. */
  readonly sha256: string;
  readonly reports: ReadonlyMap<MemberName, Report>;
}

/** A pattern that was made on a thread of its own. */
export interface MadePattern<Report> extends LessonOutcome<Report> {
  readonly pattern: TrainedPattern;
}

type Progress = Parameters<NonNullable<PatternTrainOptions["onProgress"]>>;

/**
 * Trains a pattern as `TrainedPattern.train` does, to the same answers, on a thread of its own, which takes a file apart
 * too. Its signal ends it at once, with its reason; other errors are those of `recordsOf`, `readPatterns` and
 * `TrainedPattern.train`, or WORKER_DIED.
 *
 * @param options.from bytes of a pattern, proven already: they move to the thread, and are of no use here afterwards
 */
export async function trainPatternApart(
  samples: PatternSamples | PatternFile,
  {
    from,
    signal,
    onProgress,
    ...options
  }: Omit<PatternTrainOptions, "from"> & { readonly from?: Uint8Array | undefined },
): Promise<MadePattern<never>> {
  const lesson = { kind: "train", samples, options, from } as const;
  return runLesson(lesson, from, { signal, onProgress });
}

/**
 * What `TrainedPattern.learn` makes of a pattern, made on a thread of its own. Ends and fails as `trainPatternApart` does.
 * @param pattern its bytes, proven already, which move to the thread
 */
export async function learnPatternApart(
  pattern: Uint8Array,
  samples: PatternSamples,
  signal?: AbortSignal,
): Promise<MadePattern<LearnReport>> {
  return runLesson({ kind: "learn", pattern, samples }, pattern, { signal });
}

/**
 * What `TrainedPattern.compress` gives, on a thread of its own. Ends and fails as `trainPatternApart` does.
 * @param pattern its bytes, proven already, which move to the thread
 */
export async function compressPatternApart(
  pattern: Uint8Array,
  signal?: AbortSignal,
): Promise<MadePattern<CompressionReport>> {
  return runLesson({ kind: "compress", pattern }, pattern, { signal });
}

async function runLesson<Report>(
  lesson: PatternLesson,
  moved: Uint8Array | undefined,
  options: ApartOptions<Progress>,
): Promise<MadePattern<Report>> {
  const thread = builtFile("neural/pattern-thread.js");
  const { result } = runApart<PatternLesson, LessonOutcome<Report>, Progress>(thread, lesson, {
    ...options,
    moved: moved === undefined ? [] : [moved],
  });
  const made = await result;
  const opening = TrainedPattern.opening(provenContent(made.bytes));
  return { ...made, pattern: await new Turns().finish(opening) };
}
