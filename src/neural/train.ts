import type { Answerer } from "./answerer.ts";
import { learnBest } from "./best-epoch.ts";
import { InputEncoder } from "./encoder.ts";
import { weightsOf } from "./class-weights.ts";
import type { EpochOutcome } from "./epoch-loop.ts";
import { solveLinear } from "./linear.ts";
import { Network } from "./network.ts";
import { scoreOutputs, type HeldOutScore } from "./outcome.ts";
import type { ModelParts } from "./model-parts.ts";
import { takeBackPriors } from "./priors.ts";
import { buildReport, calibrate, unpad } from "./measure-model.ts";
import { chooseReplay } from "./replay.ts";
import type { Samples } from "./samples.ts";
import type { NetworkShape } from "./shape.ts";
import { transfer } from "./transfer.ts";
import { TargetScale } from "./target-scale.ts";
import { Trainer } from "./trainer.ts";
import type { Targets } from "./training-heap.ts";
import { tensorsFor, type Tensors } from "./tensors.ts";
import { pairsOf, readTrainingData, type TrainingData } from "./training-data.ts";
import {
  resolveOptions,
  type EpochReport,
  type ResolvedOptions,
  type TrainOptions,
} from "./train-options.ts";

const REFIT_BELOW = 25_000; // samples
/** Margins of the linear model over the outputs of the networks, found on four sets of texts. */
const LINEAR_SCALE = 3;
const WARM_UP = 0.05;
const CLIP = 0; // Adam's steps are bounded already
const KNEE = 2; // deviations: errors beyond count linearly

/** Everything that one training has, made ready once. */
interface Course {
  readonly data: TrainingData;
  readonly samples: Samples;
  readonly shape: NetworkShape;
  readonly targets: Targets;
  readonly weights: Float32Array;
  readonly scale: TargetScale | undefined;
  readonly settings: ResolvedOptions;
  readonly options: TrainOptions;
  readonly start: Tensors | undefined;
}

/**
 * Trains a model and measures it on what was held out.
 * @throws {StigmergyError} INVALID_INPUT, DIMENSION, OUT_OF_HEAP; the reason of the signal
 */
export async function trainModel(
  options: TrainOptions,
  from: ModelParts | undefined,
): Promise<ModelParts> {
  const began = performance.now();
  const data = readTrainingData(options, options.seed ?? 1);
  let encoder = learnEncoder(data, data.split.learning);
  const kind = encoder.dense === undefined ? "text" : "dense";
  const settings = resolveOptions(options, data.split.learning.length, kind);
  let course = prepare(data, encoder, settings, options, from);
  const networks: Answerer[] = [];
  const epochs: EpochReport[][] = [];
  let bestEpoch = 0;
  for (let i = 0; i < settings.ensemble; i++) {
    const trained = await fit(course, settings.seed + i, data.split, settings.epochs);
    networks.push(trained.network);
    epochs.push(trained.epochs);
    if (i === 0) bestEpoch = trained.bestEpoch;
  }
  const hasLinear = options.linear ?? true;
  if (hasLinear) networks.push(...(await fitLinear(course, data.split.learning)));
  const measured = calibrate(course.data, course.samples, networks, course.scale, settings);
  const refit =
    options.refit ??
    (data.isCarved && data.split.learning.length + data.split.heldOut.length < REFIT_BELOW);
  if (refit && data.split.heldOut.length > 0) {
    const all = { learning: everySample(data), heldOut: new Uint32Array(0) };
    // Words that were held out alone are words now.
    encoder = learnEncoder(data, all.learning);
    course = prepare(data, encoder, settings, options, from);
    for (let i = 0; i < settings.ensemble; i++) {
      networks[i] = (await fit(course, settings.seed + i, all, settings.epochs)).network;
    }
    if (hasLinear) {
      networks.splice(settings.ensemble, 1, ...(await fitLinear(course, all.learning)));
    }
  }
  return {
    task: data.task,
    encoder,
    classes: data.classes,
    networks,
    scale: course.scale,
    temperature: measured.temperature,
    threshold: measured.threshold,
    report: buildReport({
      data,
      encoder,
      shape: course.shape,
      settings,
      measured,
      epochs: epochs[0],
      bestEpoch,
      refit: refit && data.split.heldOut.length > 0,
      seconds: (performance.now() - began) / 1000,
    }),
    replay: replayOf(course, refit, settings.seed),
  };
}

/** Samples to repeat: of those that the model kept has learned from. */
function replayOf(
  { data, samples, scale }: Course,
  refit: boolean,
  seed: number,
): ModelParts["replay"] {
  if (data.task === "rank") return undefined;
  const known = data.task === "classify" ? data.numbers : data.targets;
  const targets = Float32Array.from(known, (each) => scale?.toOutput(each) ?? each);
  return chooseReplay(samples, targets, refit ? everySample(data) : data.split.learning, seed);
}

/** A linear model of the texts to answer beside the networks; none where there is no such. */
async function fitLinear(
  { data, samples, shape, weights, settings, options }: Course,
  learning: Uint32Array,
): Promise<Network[]> {
  const isText = samples.sparse !== undefined && samples.dense === undefined;
  if (data.task !== "classify" || !isText) return [];
  const input = {
    ...{ rows: samples.sparse, labels: data.numbers, weights, learning },
    ...{ features: shape.features, classes: shape.outputs },
    ...{ seed: settings.seed, threads: settings.threads, signal: options.signal },
  };
  const linear = await solveLinear(input, LINEAR_SCALE * settings.ensemble);
  takeBackPriors(linear, data.numbers, weights, learning, settings.ensemble);
  return [linear];
}

/** All samples but those of labels that were held out alone. */
function everySample({ split, numbers, classes }: TrainingData): Uint32Array {
  const all = Uint32Array.from([...split.learning, ...split.heldOut]).sort();
  return classes === undefined ? all : all.filter((i) => numbers[i] < classes.labels.length);
}

function learnEncoder({ inputs }: TrainingData, learning: Uint32Array): InputEncoder {
  return InputEncoder.learn(Array.from(learning, (i) => inputs[i]));
}

function prepare(
  data: TrainingData,
  encoder: InputEncoder,
  settings: ResolvedOptions,
  options: TrainOptions,
  from: ModelParts | undefined,
): Course {
  const outputs = data.classes?.labels.length ?? 1;
  const shape: NetworkShape = {
    dense: encoder.dense?.width ?? 0,
    features: encoder.text?.size ?? 0,
    hidden: settings.hidden,
    outputs,
    activation: settings.activation,
    normalize: settings.normalize,
    wide: settings.wide,
  };
  const learned = [...data.split.learning].map((position) => data.targets[position]);
  const scale = data.task === "estimate" ? TargetScale.of(learned) : undefined;
  return {
    data,
    samples: encoder.encode(data.inputs),
    shape,
    targets: targetsOf(data, scale, settings),
    weights: weightsOf(data, options),
    scale,
    settings,
    options,
    start: from === undefined ? undefined : transfer(from, encoder, data.classes, shape),
  };
}

function targetsOf(
  { task, targets, numbers, classes }: TrainingData,
  scale: TargetScale | undefined,
  { labelSmoothing }: ResolvedOptions,
): Targets {
  if (task === "classify") {
    // Labels that nothing was learned of are held out alone, and no step meets them.
    const last = (classes?.labels.length ?? 1) - 1;
    const labels = numbers.map((number) => Math.min(number, last));
    return { kind: "softmax", labels, smoothing: labelSmoothing };
  }
  if (task === "rank") return { kind: "pairs" };
  if (scale === undefined) return { kind: "binary", values: Float32Array.from(targets) };
  const values = Float32Array.from(targets, (target) => scale.toOutput(target));
  return { kind: "squared", values, knee: KNEE };
}

interface Fitted {
  readonly network: Network;
  readonly epochs: EpochReport[];
  readonly bestEpoch: number;
}

/** Trains one network, and keeps the values of its best epoch. */
async function fit(
  { data, samples, shape, targets, weights, scale, settings, options, start }: Course,
  seed: number,
  split: { readonly learning: Uint32Array; readonly heldOut: Uint32Array },
  epochs: number,
): Promise<Fitted> {
  const learning = data.task === "rank" ? pairsOf(data, split.learning) : split.learning;
  const trainer = new Trainer({
    shape,
    samples,
    targets,
    weights,
    learning,
    heldOut: split.heldOut,
    batchSize: data.task === "rank" ? Math.ceil(settings.batchSize / 2) * 2 : settings.batchSize,
    seed,
    threads: settings.threads,
    epochs,
    learningRate: settings.learningRate,
    warmUp: WARM_UP,
    decay: "linear",
    drops: { features: settings.featureDropout, hidden: settings.dropout },
    weightDecay: settings.weightDecay,
    tableRate: 1,
    clip: CLIP,
    ...(start === undefined ? {} : { start }),
    ...(options.signal === undefined ? {} : { signal: options.signal }),
  });
  try {
    const reports: EpochReport[] = [];
    const judge = (outcome: EpochOutcome): number => {
      const outputs = unpad(outcome.heldOut.values, outcome.heldOut.stride, shape.outputs);
      const score = scoreOutputs(data, outputs, split.heldOut, scale);
      const report = epochReport(outcome, score, epochs, data);
      reports.push(report);
      if (split.heldOut.length > 0 || !data.isCarved) options.onEpoch?.(report);
      return score?.loss ?? -outcome.epoch;
    };
    // With nothing held out the last epoch is the one that is kept.
    const best = split.heldOut.length === 0 ? undefined : tensorsFor(shape);
    const keep = (): void => best?.copyFrom(trainer.tensors);
    const bestEpoch = await learnBest(trainer, epochs, settings.patience, judge, keep);
    const network = new Network(shape);
    network.tensors.copyFrom(best ?? trainer.tensors);
    return { network, epochs: reports, bestEpoch };
  } finally {
    await trainer.close();
  }
}

function epochReport(
  outcome: { epoch: number; loss: number; accuracy: number; seconds: number },
  score: HeldOutScore | undefined,
  epochs: number,
  { task }: TrainingData,
): EpochReport {
  return {
    epoch: outcome.epoch,
    epochs,
    loss: outcome.loss,
    accuracy: task === "estimate" ? NaN : outcome.accuracy,
    heldOutLoss: score?.loss ?? null,
    heldOutAccuracy: score?.accuracy ?? null,
    baselineAccuracy: score?.baselineAccuracy ?? null,
    seconds: outcome.seconds,
  };
}
