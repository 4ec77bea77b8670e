import { processKernels } from "../../wasm/compile.ts";
import { forwardMean, type Answerer } from "../network/answerer.ts";
import {
  calibrationError,
  confusionPairs,
  fitTemperature,
  largest,
  macroF1,
  rejectThreshold,
  shareRange,
  softmax,
  type ConfusionPair,
} from "./calibration.ts";
import type { InputEncoder } from "../features/encoder.ts";
import { scoreOutputs, type HeldOutScore } from "./outcome.ts";
import type { RejectReport, TrainReport } from "../model/report.ts";
import { takeSamples, type Samples } from "../features/samples.ts";
import { parameterCount, type NetworkShape } from "../network/shape.ts";
import type { TargetScale } from "./target-scale.ts";
import type { TrainingData } from "./training-data.ts";
import type { EpochReport, ResolvedOptions } from "./train-options.ts";

const MOST_CONFUSIONS = 10;

/** What the held-out samples told of a model. */
export interface Measured {
  /** What the model said of them: f32[held out × outputs]. */
  readonly outputs: Float32Array;
  readonly score: HeldOutScore | undefined;
  readonly temperature: number;
  readonly threshold: number;
  readonly calibrationError: { readonly before: number; readonly after: number } | null;
  readonly macroF1: number | null;
  readonly confusions: readonly ConfusionPair[];
  readonly reject: RejectReport | null;
}

/** Outputs without the padding of their rows. */
export function unpad(rows: Float32Array, stride: number, width: number): Float32Array {
  const count = rows.length / stride;
  const out = new Float32Array(count * width);
  for (let i = 0; i < count; i++) out.set(rows.subarray(i * stride, i * stride + width), i * width);
  return out;
}

/** Measures a model on what was held out, and finds how its outputs become probabilities. */
export function calibrate(
  data: TrainingData,
  samples: Samples,
  networks: readonly Answerer[],
  scale: TargetScale | undefined,
  { rejectRate }: ResolvedOptions,
): Measured {
  const { heldOut } = data.split;
  const nothing = { temperature: 1, threshold: 0, calibrationError: null, macroF1: null };
  const none = { ...nothing, confusions: [], reject: null };
  if (heldOut.length === 0) return { ...none, score: undefined, outputs: new Float32Array(0) };
  const outputs = forwardMean(networks, takeSamples(samples, heldOut));
  const score = scoreOutputs(data, outputs, heldOut, scale);
  const { classes } = data;
  if (classes === undefined) return { ...none, score, outputs };
  const width = classes.labels.length;
  const all = Uint32Array.from(heldOut, (position) => data.numbers[position]);
  // Labels that were never learned from are no part of what a model can be sure about.
  const known = [...all.keys()].filter((i) => all[i] < width);
  const truth = Uint32Array.from(known, (i) => all[i]);
  const logits = new Float32Array(truth.length * width);
  known.forEach((i, to) => logits.set(outputs.subarray(i * width, (i + 1) * width), to * width));
  const temperature = fitTemperature(logits, truth);
  const before = confidencesOf(logits, truth, 1);
  const after = confidencesOf(logits, truth, temperature);
  const threshold = rejectThreshold(after.confidences, rejectRate);
  const rejected = after.confidences.filter((each) => each < threshold).length;
  const right = after.rights.filter((each, i) => each && after.confidences[i] >= threshold).length;
  return {
    outputs,
    score,
    temperature,
    threshold,
    calibrationError: {
      before: calibrationError(before.confidences, before.rights),
      after: calibrationError(after.confidences, after.rights),
    },
    macroF1: macroF1(truth, after.answers, width),
    confusions: confusionPairs(truth, after.answers, classes, MOST_CONFUSIONS),
    reject: {
      threshold,
      rate: rejectRate,
      heldOutRate: rejected / truth.length,
      accuracy: right / truth.length,
    },
  };
}

function confidencesOf(
  logits: Float32Array,
  truth: Uint32Array,
  temperature: number,
): { confidences: number[]; rights: boolean[]; answers: Uint32Array } {
  const width = logits.length / truth.length;
  const answers = new Uint32Array(truth.length);
  const confidences: number[] = [];
  const rights: boolean[] = [];
  truth.forEach((label, i) => {
    const chances = softmax(logits.subarray(i * width, (i + 1) * width), temperature);
    answers[i] = largest(chances);
    confidences.push(chances[answers[i]]);
    rights.push(answers[i] === label);
  });
  return { confidences, rights, answers };
}

/** What is known of an accuracy by how many samples were held out; pairs of a group say much the same. */
function rangeOf(
  { task, split }: TrainingData,
  accuracy: number | null,
): readonly [number, number] | null {
  return accuracy === null || task === "rank" ? null : shareRange(accuracy, split.heldOut.length);
}

/** The report of a training. */
export function buildReport(of: {
  readonly data: TrainingData;
  readonly encoder: InputEncoder;
  readonly shape: NetworkShape;
  readonly settings: ResolvedOptions;
  readonly measured: Measured;
  readonly epochs: readonly EpochReport[];
  readonly bestEpoch: number;
  readonly refit: boolean;
  readonly seconds: number;
}): TrainReport {
  const { data, encoder, shape, settings, measured } = of;
  return {
    task: data.task,
    samples: data.split.learning.length,
    heldOut: data.split.heldOut.length,
    labels: data.classes?.labels.length ?? 0,
    features: encoder.text?.size ?? 0,
    dense: encoder.dense?.width ?? 0,
    parameters: parameterCount(shape) * settings.ensemble,
    epochs: of.epochs,
    bestEpoch: of.bestEpoch,
    loss: measured.score?.loss ?? null,
    accuracy: measured.score?.accuracy ?? null,
    accuracyRange: rangeOf(data, measured.score?.accuracy ?? null),
    baselineAccuracy: measured.score?.baselineAccuracy ?? null,
    macroF1: measured.macroF1,
    meanAbsoluteError: measured.score?.meanAbsoluteError ?? null,
    baselineError: measured.score?.baselineError ?? null,
    calibrationError: measured.calibrationError,
    temperature: measured.temperature,
    confusions: measured.confusions,
    reject: measured.reject,
    refit: of.refit,
    seconds: of.seconds,
    threads: settings.threads,
    seed: settings.seed,
    build: processKernels().build,
  };
}
