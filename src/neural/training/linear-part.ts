import { Turns } from "../../util/turns.ts";
import { paddedDim } from "../../wasm/vectors/distance.ts";
import { MAX_HEAP_BYTES } from "../../wasm/heap.ts";
import { countingFeatures, type CountedPart } from "./counted-part.ts";
import type { Course } from "./course.ts";
import { fit } from "./fit.ts";
import { linearShape, solveLinear } from "./linear.ts";
import type { Network } from "../network/network.ts";
import { invalidOption } from "./option.ts";
import { takeBackPriors } from "./priors.ts";
import type { SparseRows } from "../features/samples.ts";
import { KIND } from "../features/source-features.ts";
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
 * while words are dropped, from what counts of features tell on. The latter counts for more the more labels there are:
 * of two it says what the former does. Part of what labels have for being common alone is taken from the sum.
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
  const { features, outputs: classes } = shape;
  const samples = { rows, labels: data.numbers, weights, learning, classes };
  const share = softmaxShare(classes);
  let softmax: Tensors | undefined;
  if (share > 0) {
    const groups = groupsOf(course.kinds);
    const counted = fitsCounted(course)
      ? await new Turns(options.signal).finish(
          countingFeatures({ ...samples, groups, groupCount: GROUP_COUNT }),
        )
      : undefined;
    // The mean over all networks has this one once, and as many others as there are.
    softmax = await fitSoftmax(course, learning, counted, ensemble * share, progress);
  }
  const { signal } = options;
  const scale = MARGIN_SCALE + MARGIN_SCALE_MORE * share;
  const input = { ...samples, features, seed, threads, signal };
  const linear = await solveLinear(input, ensemble * scale, softmax);
  const taken = TAKEN_BACK + TAKEN_BACK_MORE * share;
  takeBackPriors(linear, data.numbers, weights, learning, ensemble * taken);
  return [linear];
}

/** Groups of features that are counted apart. */
const GROUPS: Readonly<Record<keyof typeof KIND, number>> = {
  ...{ tokens: 0, headline: 0, facts: 0 },
  ...{ runs: 1, stems: 2 },
  ...{ cased: 3, style: 3 },
};
const GROUP_COUNT = 4;

/** The group of each feature. */
function groupsOf(kinds: Uint8Array): Uint8Array {
  const groups = new Uint8Array(Object.keys(KIND).length);
  for (const [kind, group] of Object.entries(GROUPS)) {
    groups[KIND[kind as keyof typeof KIND]] = group;
  }
  return kinds.map((kind) => groups[kind]);
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

/**
 * Whether a linear model can be learned: its weights and their moments are tables of f32 on one heap.
 * @param beside bytes that have to have room there, too
 */
export function fitsLinear({ features, outputs }: NetworkShape, beside = 0): boolean {
  const left = MOST_LINEAR_SHARE * MAX_HEAP_BYTES - beside;
  return left >= 3 * Tensors.bytes(linearShape(features, outputs));
}

/** Whether what counts say of every sample has room beside the linear model. */
function fitsCounted({ samples: { count }, shape }: Course): boolean {
  return fitsLinear(shape, count * paddedDim(shape.outputs) * Float32Array.BYTES_PER_ELEMENT);
}

/** What weighing labels against each other counts for, 0 to 1. */
function softmaxShare(labels: number): number {
  return labels <= 2 ? 0 : Math.min(1, Math.log(labels / 2) / Math.log(MANY_LABELS / 2));
}

/** Values of the model that weighs labels against each other, with what counts say, times `scale`. */
async function fitSoftmax(
  course: Course,
  learning: Uint32Array,
  counted: CountedPart | undefined,
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
    offsets: counted?.without,
  };
  const split = { learning, heldOut: new Uint32Array(0) };
  const { tensors } = await fit(alone, settings.seed, split, settings.epochs, progress);
  if (counted !== undefined) addCounted(counted, tensors);
  for (const { name } of tensors.list) {
    const all = tensors.values(name);
    for (let i = 0; i < all.length; i++) all[i] *= scale;
  }
  return tensors;
}

/** Adds to a table of weights what counts say, beside which it was learned. */
function addCounted({ weights }: CountedPart, tensors: Tensors): void {
  const { features, outputs } = tensors.shape;
  const { values, stride } = tensors.matrix("wide");
  for (let row = 0; row < features; row++) {
    for (let label = 0; label < outputs; label++) {
      values[row * stride + label] += weights[row * outputs + label];
    }
  }
}
