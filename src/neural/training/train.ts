import type { Answerer } from "../network/answerer.ts";
import type { Split } from "./classes.ts";
import { prepare, type Course } from "./course.ts";
import { InputEncoder } from "../features/encoder.ts";
import { fit, type Fitted } from "./fit.ts";
import { fitLinear, linearFits, wantsLinear } from "./linear-part.ts";
import { predictionsOf } from "./labels-told.ts";
import { buildReport, calibrate, type Measured } from "./measure-model.ts";
import type { ModelParts } from "../model/model-parts.ts";
import { Network } from "../network/network.ts";
import type { Prediction } from "../model/prediction.ts";
import { chooseReplay } from "../features/replay.ts";
import { takeSamples } from "../features/samples.ts";
import { resolveOptions, type TrainOptions } from "./train-options.ts";
import { checkEmbedded, embedded, nameOf } from "../features/text-vectors.ts";
import { readTrainingData, type TrainingData } from "./training-data.ts";
import { TrainingProgress } from "./training-progress.ts";

const REFIT_BELOW = 25_000; // samples

/**
 * Trains a model and measures it on what was held out.
 * @throws {StigmergyError} INVALID_INPUT, DIMENSION, OUT_OF_HEAP; the reason of the signal
 */
export async function trainModel(
  options: TrainOptions,
  from: ModelParts | undefined,
): Promise<ModelParts> {
  const began = performance.now();
  const data = await readData(options);
  let encoder = learnEncoder(data, data.split.learning);
  const kind = encoder.dense === undefined ? "text" : "dense";
  const settings = resolveOptions(options, data.split.learning.length, kind);
  const refit =
    data.split.heldOut.length > 0 &&
    (options.refit ??
      (data.isCarved && data.split.learning.length + data.split.heldOut.length < REFIT_BELOW));
  let course = prepare(data, encoder, settings, options, from);
  const hasLinear = wantsLinear(course);
  const fits = (settings.ensemble + (hasLinear ? linearFits(course) : 0)) * (refit ? 2 : 1);
  const progress = new TrainingProgress(fits * settings.epochs, options.onProgress);
  let fitted = await fitAll(course, data.split, hasLinear, progress);
  const { first, networks } = fitted;
  const measured = calibrate(course.data, course.samples, networks, course.scale, settings);
  if (options.onHeldOut !== undefined) options.onHeldOut(answersOf(course, measured));
  if (refit) {
    const all = { learning: everySample(data), heldOut: new Uint32Array(0) };
    // Words that were held out alone are words now.
    encoder = learnEncoder(data, all.learning);
    // Epochs have been told of, and how good they are.
    course = prepare(data, encoder, settings, { ...options, onEpoch: undefined }, from);
    fitted = await fitAll(course, all, hasLinear, progress);
  }
  return {
    task: data.task,
    encoder,
    classes: data.classes,
    networks: fitted.networks,
    scale: course.scale,
    temperature: measured.temperature,
    threshold: measured.threshold,
    report: buildReport({
      data,
      encoder,
      shape: course.shape,
      settings,
      measured,
      ...first,
      refit,
      seconds: (performance.now() - began) / 1000,
    }),
    replay: replayOf(course, refit, settings.seed),
    embedder: options.embedder === undefined ? undefined : nameOf(options.embedder),
  };
}

/** The samples, with vectors where there is an embedder, which is not asked about what can't be learned. */
async function readData(options: TrainOptions): Promise<TrainingData> {
  const { embedder, signal } = options;
  checkEmbedded(options);
  const data = readTrainingData(options, options.seed ?? 1);
  if (embedder === undefined) return data;
  resolveOptions(options, data.split.learning.length, "dense");
  return { ...data, inputs: await embedded(data.inputs, embedder, signal) };
}

/** The networks of a training and its linear model, and what the epochs of the first network came to. */
async function fitAll(
  course: Course,
  split: Split,
  hasLinear: boolean,
  progress: TrainingProgress,
): Promise<{
  readonly networks: readonly Answerer[];
  readonly first: Pick<Fitted, "epochs" | "bestEpoch">;
}> {
  const { ensemble, seed, epochs } = course.settings;
  const networks: Answerer[] = [];
  let first: Pick<Fitted, "epochs" | "bestEpoch"> = { epochs: [], bestEpoch: 0 };
  for (let i = 0; i < ensemble; i++) {
    const { tensors, ...told } = await fit(course, seed + i, split, epochs, progress);
    networks.push(Network.from(tensors));
    if (i === 0) first = told;
  }
  if (hasLinear) networks.push(...(await fitLinear(course, split.learning, progress)));
  return { networks, first };
}

/** What was said of the samples held out, by their places; nothing unless among labels. */
function answersOf({ data, samples }: Course, measured: Measured): ReadonlyMap<number, Prediction> {
  const { split, classes } = data;
  if (classes === undefined) return new Map();
  const held = takeSamples(samples, split.heldOut);
  const answers = predictionsOf(held, measured.outputs, classes.labels, measured);
  return new Map(answers.map((answer, i) => [split.heldOut[i], answer]));
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

/** All samples but those of labels that were held out alone. */
function everySample({ split, numbers, classes }: TrainingData): Uint32Array {
  const all = Uint32Array.from([...split.learning, ...split.heldOut]).sort();
  return classes === undefined ? all : all.filter((i) => numbers[i] < classes.labels.length);
}

function learnEncoder({ inputs }: TrainingData, learning: Uint32Array): InputEncoder {
  return InputEncoder.learn(Array.from(learning, (i) => inputs[i]));
}
