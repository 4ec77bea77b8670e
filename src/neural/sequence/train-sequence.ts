import { processKernels } from "../../wasm/compile.ts";
import { learnBest } from "../training/best-epoch.ts";
import {
  calibrationError,
  crossEntropy,
  fitTemperature,
  largest,
  softmax,
} from "../training/calibration.ts";
import { checkCall } from "../training/option.ts";
import type { Classes } from "../training/classes.ts";
import { EpochLoop, type EpochOutcome } from "../training/epoch-loop.ts";
import { unpad } from "../training/measure-model.ts";
import { TargetScale } from "../training/target-scale.ts";
import type { EpochReport } from "../training/train-options.ts";
import type { Targets } from "../training/training-heap.ts";
import { nextBaselines, timeBaselines } from "./baselines.ts";
import { checkSequenceNames, resolveSequenceOptions, type SequenceOptions } from "./options.ts";
import type { SequenceReport } from "./report.ts";
import { readSequenceData, type SequenceData } from "./sequence-data.ts";
import { SequenceHeap } from "./sequence-heap.ts";
import type { SequenceParts } from "./sequence-parts.ts";
import { SequenceNetwork } from "./sequence-network.ts";
import { sequenceParameters, type SequenceShape } from "./shape.ts";

const WARM_UP = 0.05;
const KNEE = 2; // deviations: errors beyond count linearly
const CLIP = 1; // through many times gradients can grow without bound

/**
 * Trains a model of sequences, and measures it on those held out.
 * @throws {StigmergyError} INVALID_INPUT, OUT_OF_HEAP; the reason of the signal
 */
export async function trainSequences(options: SequenceOptions): Promise<SequenceParts> {
  checkCall(options, "sequences of events");
  checkSequenceNames(options);
  const began = performance.now();
  const data = readSequenceData(options, options.seed ?? 1);
  const settings = resolveSequenceOptions(options, data.split.learning.length);
  const { family, times, width, hidden, seed, threads } = settings;
  const { classes, split, symbols, targets } = data;
  const outputs = classes?.labels.length ?? 1;
  const shape = { family, symbols: symbols.rows, width, hidden, times, outputs };
  const learned = Array.from(split.learning, (i) => targets[i]);
  const scale = classes === undefined ? TargetScale.of(learned) : undefined;
  const place = new SequenceHeap({
    ...settings,
    ...split,
    shape,
    samples: data.samples,
    targets: targetsOf(data, scale),
    warmUp: WARM_UP,
    decay: "linear",
    clip: CLIP,
  });
  const network = new SequenceNetwork(shape);
  const { signal, onEpoch } = options;
  const run = { ...settings, signal, onEpoch };
  const { reports, bestEpoch, kept } = await learnEpochs(place, network, data, scale, run);
  const best = reports[bestEpoch - 1];
  const calibrated = calibrate(data, kept);
  const report: SequenceReport = {
    ...describe(data, shape),
    epochs: reports,
    bestEpoch,
    loss: best.heldOutLoss,
    accuracy: best.heldOutAccuracy,
    ...compare(data, kept, scale),
    ...calibrated,
    seconds: (performance.now() - began) / 1000,
    threads,
    seed,
    build: processKernels().build,
  };
  const { task, until } = data;
  return { task, until, symbols, classes, scale, ...calibrated, network, report };
}

/** How a training goes on. */
interface EpochsRun extends Pick<SequenceOptions, "signal" | "onEpoch"> {
  readonly epochs: number;
  readonly patience: number;
  readonly seed: number;
  readonly threads: number;
}

/** Learns, and leaves in `network` what the best epoch came to; its outputs for those held out are `kept`. */
async function learnEpochs(
  place: SequenceHeap,
  network: SequenceNetwork,
  data: SequenceData,
  scale: TargetScale | undefined,
  { epochs, patience, seed, threads, signal, onEpoch }: EpochsRun,
): Promise<{ reports: EpochReport[]; bestEpoch: number; kept: Float32Array }> {
  const samples = data.split.learning.length;
  const loop = new EpochLoop(place, { samples, together: 1, seed, threads, signal });
  const reports: EpochReport[] = [];
  let kept: Float32Array = new Float32Array(0);
  let last: Float32Array = kept;
  const judge = (outcome: EpochOutcome): number => {
    last = unpad(outcome.heldOut.values, outcome.heldOut.stride, network.shape.outputs);
    const report = reportEpoch(outcome, data, last, scale, epochs);
    reports.push(report);
    onEpoch?.(report);
    return report.heldOutLoss ?? -outcome.epoch;
  };
  const keep = (): void => {
    kept = last;
    network.tensors.copyFrom(place.tensors);
  };
  try {
    const bestEpoch = await learnBest(loop, epochs, patience, judge, keep);
    return { reports, bestEpoch, kept };
  } finally {
    await loop.close();
  }
}

function targetsOf(
  { classes, numbers, targets }: SequenceData,
  scale: TargetScale | undefined,
): Targets {
  if (classes !== undefined) {
    // Events that nothing was learned of are held out alone, and no step meets them.
    const last = classes.labels.length - 1;
    return { kind: "softmax", labels: numbers.map((each) => Math.min(each, last)), smoothing: 0 };
  }
  const values = Float32Array.from(targets, (target) => scale?.toOutput(target) ?? 0);
  return { kind: "squared", values, knee: KNEE };
}

/** Held-out samples whose answer could be learned, and their outputs. */
function knownOf(
  { split, numbers }: SequenceData,
  classes: Classes,
  outputs: Float32Array,
): { readonly truth: Uint32Array; readonly logits: Float32Array } {
  const width = classes.labels.length;
  const all = Uint32Array.from(split.heldOut, (position) => numbers[position]);
  return {
    truth: all.filter((label) => label < width),
    logits: outputs.filter((_, at) => all[Math.floor(at / width)] < width),
  };
}

function reportEpoch(
  { epoch, loss, accuracy, seconds }: EpochOutcome,
  data: SequenceData,
  outputs: Float32Array,
  scale: TargetScale | undefined,
  epochs: number,
): EpochReport {
  const { heldOut } = data.split;
  const base = { epoch, epochs, loss, seconds, baselineAccuracy: null };
  if (data.classes === undefined) {
    const apart = heldOut.reduce((sum, position, i) => {
      return sum + (outputs[i] - (scale?.toOutput(data.targets[position]) ?? 0)) ** 2 / 2;
    }, 0);
    const heldOutLoss = heldOut.length === 0 ? null : apart / heldOut.length;
    return { ...base, accuracy: NaN, heldOutLoss, heldOutAccuracy: null };
  }
  if (heldOut.length === 0) {
    return { ...base, accuracy, heldOutLoss: null, heldOutAccuracy: null };
  }
  const { truth, logits } = knownOf(data, data.classes, outputs);
  const width = data.classes.labels.length;
  const rights = truth.filter(
    (label, i) => largest(logits.subarray(i * width, (i + 1) * width)) === label,
  );
  return {
    ...base,
    accuracy,
    heldOutLoss: crossEntropy(logits, truth, width, 1),
    heldOutAccuracy: rights.length / heldOut.length,
  };
}

/** How sure outputs should sound. */
function calibrate(
  data: SequenceData,
  outputs: Float32Array,
): Pick<SequenceReport, "temperature" | "calibrationError"> {
  const nothing = { temperature: 1, calibrationError: null };
  if (data.classes === undefined) return nothing;
  const { truth, logits } = knownOf(data, data.classes, outputs);
  if (truth.length === 0) return nothing;
  const temperature = fitTemperature(logits, truth);
  const width = data.classes.labels.length;
  const errorAt = (at: number): number => {
    const chances = Array.from(truth, (_, i) =>
      softmax(logits.subarray(i * width, (i + 1) * width), at),
    );
    const answers = chances.map(largest);
    return calibrationError(
      chances.map((each, i) => each[answers[i]]),
      answers.map((answer, i) => answer === truth[i]),
    );
  };
  return { temperature, calibrationError: { before: errorAt(1), after: errorAt(temperature) } };
}

type Compared = Pick<
  SequenceReport,
  | "baselineAccuracy"
  | "markovAccuracy"
  | "markovLoss"
  | "contextAccuracy"
  | "meanAbsoluteError"
  | "baselineError"
  | "eventBaselineError"
>;

/** What counting alone reaches. */
function compare(
  data: SequenceData,
  outputs: Float32Array,
  scale: TargetScale | undefined,
): Compared {
  const nothing: Compared = {
    baselineAccuracy: null,
    markovAccuracy: null,
    markovLoss: null,
    contextAccuracy: null,
    meanAbsoluteError: null,
    baselineError: null,
    eventBaselineError: null,
  };
  const { heldOut } = data.split;
  if (heldOut.length === 0) return nothing;
  if (scale === undefined) {
    const { commonest, markov, markovLoss, context } = nextBaselines(data);
    return {
      ...nothing,
      baselineAccuracy: commonest,
      markovAccuracy: markov,
      markovLoss,
      contextAccuracy: context,
    };
  }
  const { median, byEvent } = timeBaselines(data);
  const error = heldOut.reduce(
    (sum, position, i) => sum + Math.abs(scale.toTarget(outputs[i]) - data.targets[position]),
    0,
  );
  return {
    ...nothing,
    meanAbsoluteError: error / heldOut.length,
    baselineError: median,
    eventBaselineError: byEvent,
  };
}

function describe(
  { task, sequences, heldOutSequences, split, classes, symbols }: SequenceData,
  shape: SequenceShape,
): Pick<
  SequenceReport,
  | "task"
  | "family"
  | "sequences"
  | "heldOutSequences"
  | "samples"
  | "heldOut"
  | "labels"
  | "symbols"
  | "parameters"
  | "times"
> {
  return {
    task,
    family: shape.family,
    sequences: sequences.length - heldOutSequences,
    heldOutSequences,
    samples: split.learning.length,
    heldOut: split.heldOut.length,
    labels: classes?.labels.length ?? 0,
    symbols: symbols.rows,
    parameters: sequenceParameters(shape),
    times: shape.times,
  };
}
