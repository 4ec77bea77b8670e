import { MAX_HEAP_BYTES } from "../../wasm/heap.ts";
import type { Course } from "./course.ts";
import { fit } from "./fit.ts";
import { linearShape, solveLinear } from "./linear.ts";
import type { Network } from "../network/network.ts";
import { invalidOption } from "./option.ts";
import { takeBackPriors } from "./priors.ts";
import type { SparseRows } from "../features/samples.ts";
import type { NetworkShape } from "../network/shape.ts";
import { Tensors } from "../network/tensors.ts";
import type { TrainingProgress } from "./training-progress.ts";

/** Margins over the outputs of networks, and how much more beside labels weighed together: see bench/TRIED.md. */
const MARGIN_SCALE = 4;
const MARGIN_SCALE_MORE = 1;
/** Learning rates over those of a network with hidden layers: words reach labels through one weight alone. */
const FASTER = 3;
/** Labels from which weighing them against each other counts in full. */
const MANY_LABELS = 128;
/**
 * How much is taken back of the logarithm of a label's share, and how much more beside labels weighed against each
 * other, whose outputs have all of it.
 */
const TAKEN_BACK = 0.4;
const TAKEN_BACK_MORE = 0.6;
/** Share of a heap that it may take beside its samples, and before words that were held out come to it. */
const MOST_LINEAR_SHARE = 0.75;

/**
 * A linear model of the texts to answer beside the networks; none where there is no such. It is the sum of two that
 * err apart: each label against the rest by the samples that bound it, and all labels weighed against each other
 * while words are dropped. The latter counts for more the more labels there are: of two it says what the former
 * does. Part of what labels have for being common alone is taken from the sum.
 *
 * @throws the reason of the signal
 * @throws {StigmergyError} OUT_OF_HEAP, DIVERGED, WORKER_DIED
 */
export async function fitLinear(
  course: Course,
  learning: Uint32Array,
  progress: TrainingProgress,
): Promise<Network[]> {
  const { data, shape, weights, settings, options } = course;
  const rows = linearRows(course);
  if (rows === undefined) return [];
  const { ensemble, seed, threads } = settings;
  const input = {
    rows,
    labels: data.numbers,
    weights,
    learning,
    features: shape.features,
    classes: shape.outputs,
    seed,
    threads,
    signal: options.signal,
  };
  const share = softmaxShare(shape.outputs);
  // The mean over all networks has this one once, and as many others as there are.
  const softmax =
    share === 0 ? undefined : await fitSoftmax(course, learning, ensemble * share, progress);
  const scale = MARGIN_SCALE + MARGIN_SCALE_MORE * share;
  const linear = await solveLinear(input, ensemble * scale, softmax);
  const taken = TAKEN_BACK + TAKEN_BACK_MORE * share;
  takeBackPriors(linear, data.numbers, weights, learning, ensemble * taken);
  return [linear];
}

/** What a linear model learns: the words of samples that are texts with labels; of others nothing. */
function linearRows({ data, samples: { sparse, dense } }: Course): SparseRows | undefined {
  return data.task === "classify" && dense === undefined ? sparse : undefined;
}

/** How many networks `fitLinear` trains: one where labels are weighed against each other. */
export function linearFits(course: Course): number {
  return linearRows(course) !== undefined && softmaxShare(course.shape.outputs) > 0 ? 1 : 0;
}

/**
 * Whether a linear model is to answer beside the networks.
 * @throws {StigmergyError} INVALID_INPUT when it is asked for where there is none
 */
export function wantsLinear(course: Course): boolean {
  const { linear } = course.options;
  if (linear === true && linearRows(course) === undefined) {
    throw invalidOption("linear", "it only beside labels of texts alone", linear);
  }
  return linear ?? fitsLinear(course.shape);
}

/** Whether a linear model can be learned: its weights and their moments are tables of f32 on one heap. */
export function fitsLinear({ features, outputs }: NetworkShape): boolean {
  return MOST_LINEAR_SHARE * MAX_HEAP_BYTES >= 3 * Tensors.bytes(linearShape(features, outputs));
}

/** What weighing labels against each other counts for, 0 to 1. */
function softmaxShare(labels: number): number {
  return labels <= 2 ? 0 : Math.min(1, Math.log(labels / 2) / Math.log(MANY_LABELS / 2));
}

/** Values of the model that weighs labels against each other, times `scale`. */
async function fitSoftmax(
  course: Course,
  learning: Uint32Array,
  scale: number,
  progress: TrainingProgress,
): Promise<Tensors> {
  const { shape, settings, options } = course;
  const alone: Course = {
    ...course,
    shape: linearShape(shape.features, shape.outputs),
    settings: { ...settings, learningRate: FASTER * settings.learningRate },
    options: options.signal === undefined ? {} : { signal: options.signal },
    start: undefined,
  };
  const split = { learning, heldOut: new Uint32Array(0) };
  const { tensors } = await fit(alone, settings.seed, split, settings.epochs, progress);
  for (const { name } of tensors.list) {
    const values = tensors.values(name);
    for (let i = 0; i < values.length; i++) values[i] *= scale;
  }
  return tensors;
}
