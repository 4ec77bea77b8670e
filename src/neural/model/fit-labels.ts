import { forwardMean } from "../network/answerer.ts";
import { compacted } from "../training/compact.ts";
import type { Network } from "../network/network.ts";
import { learnInPasses } from "../training/passes.ts";
import type { Samples, SparseRows } from "../features/samples.ts";
import { hasWide, outputRows } from "../network/shape.ts";
import { readCodes, writeCodes } from "../network/table-codes.ts";
import type { Tensors } from "../network/tensors.ts";
import { TrainingHeap } from "../training/training-heap.ts";

const PASSES = 20;
const BATCH = 32;
const LEARNING_RATE = 3;
/** Root of the mean square length of hidden values, and of words, as they are read here. */
const LENGTH = 2;
/** Outputs of old labels beside new ones are taken at this share: they fit their samples too closely. */
const SOFTER = 0.5;
/** Of a label that is known: weights of samples that are told now, and of those that were told before. */
const TOLD_NOW = 4;
const TOLD_BEFORE = 0.3;
/** How much is given back of what a label lacks, or taken of what it has more, for how many samples it has, */
const GIVEN_BACK = 0.75;
/** and how much more where that is all that is known of it. */
const GIVEN_MORE = 0.9;
/** Times what outputs that are held are read: so small that their weights hardly move. */
const HELD = 1e-3;
/** The output of no label at all. */
const LEAST = -30;

/** What labels are fitted from. */
export interface LabelFit {
  /** With room for all labels; those of `own` change. */
  readonly networks: readonly Network[];
  /** Those told now come first, then those that are kept. */
  readonly samples: Samples;
  readonly fresh: number;
  /** The label of each sample. */
  readonly labels: Float32Array;
  /** The labels to fit, ascending. */
  readonly own: readonly number[];
  /** Whether they are fitted from nothing, to all of their samples; else what is known of them is corrected. */
  readonly isAnew: boolean;
  readonly seed: number;
}

/** What networks make of samples, and what they are read by. */
interface Known {
  /** f32[count × (width + own + 1)]: what the outputs of all networks are made of, and what is held. */
  readonly dense: Float32Array;
  readonly width: number;
  readonly scale: number;
  readonly words: SparseRows | undefined;
  /** What the words are in the networks, and times what they are read. */
  readonly features: readonly number[];
  readonly wordScale: number;
}

/**
 * Fits the outputs of some labels to what networks make of samples, and leaves all else as it is: other labels lose
 * nothing but what is taken for one of these. They are one output, held as it is:
 *
 *     softmax(held[c] + w[c] · (hidden values, words) + b[c], ln Σⱼ exp(t · outputs[j])),  j others
 *
 * held[c] is 0 and t ½ for labels fitted anew; else held[c] is the output of c, and t is 1. Then b[c] changes, as
 * labels are taken to be asked for alike, by ¾ ln(samples of another label / samples of c); and for labels fitted
 * anew by 0.9 more, as so few samples show less of a label than there is.
 *
 * Sources: Gidaris and Komodakis, Dynamic few-shot visual learning without forgetting, 2018; Menon et al.,
 * Long-tail learning via logit adjustment, 2021.
 */
export function fitLabels(fit: LabelFit): { readonly loss: number; readonly steps: number } {
  const { samples, fresh, labels, own, isAnew, seed } = fit;
  const { count } = samples;
  const placeOf = new Map(own.map((label, i) => [label, i]));
  const others = own.length; // where the output of all others stands
  const weights = Float32Array.from(labels, (label, i) => {
    if (isAnew || !placeOf.has(label)) return 1;
    return i < fresh ? TOLD_NOW : TOLD_BEFORE;
  });
  const known = knownOf(fit);
  const shape = { features: known.features.length, hidden: [], normalize: false, wide: true };
  const place = new TrainingHeap({
    shape: { ...shape, dense: known.width + others + 1, outputs: others + 1, activation: "relu" },
    samples: {
      count,
      dense: known.dense,
      ...(known.words === undefined ? {} : { sparse: known.words }),
    },
    targets: {
      kind: "softmax",
      labels: Uint32Array.from(labels, (label) => placeOf.get(label) ?? others),
      smoothing: 0,
    },
    weights,
    learning: Uint32Array.from({ length: count }, (_, i) => i),
    heldOut: new Uint32Array(0),
    batchSize: Math.min(BATCH, count),
    seed,
    threads: 1,
    epochs: PASSES,
    learningRate: LEARNING_RATE,
    warmUp: 0.05,
    decay: "linear",
    optimizer: "momentum",
    drops: { features: 0, hidden: 0 },
    weightDecay: 0,
    tableRate: 1,
    clip: 0,
  });
  const { tensors } = place;
  tensors.fill(0);
  const { values, stride } = tensors.matrix("output");
  for (let i = 0; i <= others; i++) values[(known.width + i) * stride + i] = 1 / HELD;
  const outcome = learnInPasses(place, PASSES, seed);
  write(fit, known, tensors, givenBack(fit, weights));
  return outcome;
}

function knownOf({ networks, samples, own, isAnew }: LabelFit): Known {
  const { count, sparse } = samples;
  const inputs = networks.map((network) => network.beforeOutputs(samples));
  const width = inputs.reduce((sum, each) => sum + each.length / count, 0);
  const scale = scaleTo(LENGTH, inputs, count);
  const outputs = forwardMean(networks, samples);
  const outputCount = outputs.length / count;
  const isOwn = new Set(own);
  const softer = softerOf(isAnew);
  const dense = new Float32Array(count * (width + own.length + 1));
  let at = 0;
  for (let i = 0; i < count; i++) {
    for (const each of inputs) {
      const some = each.length / count;
      for (let j = i * some; j < (i + 1) * some; j++) dense[at++] = scale * each[j];
    }
    const all = outputs.subarray(i * outputCount, (i + 1) * outputCount);
    for (const label of own) dense[at++] = isAnew ? 0 : HELD * all[label];
    const others = all.filter((_, label) => !isOwn.has(label));
    dense[at++] = HELD * logSumExp(others, softer);
  }
  if (sparse === undefined || !networks.some(({ shape }) => hasWide(shape))) {
    return { dense, width, scale, words: undefined, features: [], wordScale: 0 };
  }
  const { compact, features } = compacted({ count, sparse });
  const wordScale = scaleTo(LENGTH, [sparse.values], count);
  const words = {
    ...(compact.sparse as SparseRows),
    values: sparse.values.map((value) => wordScale * value),
  };
  return { dense, width, scale, words, features, wordScale };
}

function softerOf(isAnew: boolean): number {
  return isAnew ? SOFTER : 1;
}

/** What values of `count` rows are multiplied by for rows to be as long as wanted, by the mean of their squares. */
function scaleTo(length: number, all: readonly Float32Array[], count: number): number {
  let squares = 0;
  for (const values of all) for (const value of values) squares += value * value;
  return squares === 0 ? 0 : length / Math.sqrt(squares / count);
}

function logSumExp(outputs: Float32Array, softer: number): number {
  let most = LEAST;
  for (const output of outputs) most = Math.max(most, softer * output);
  let sum = 0;
  for (const output of outputs) sum += Math.exp(softer * output - most);
  return sum === 0 ? LEAST : most + Math.log(sum);
}

/** Writes what was fitted, less what the others have of it, to the networks. */
function write(
  { networks, own, isAnew }: LabelFit,
  known: Known,
  fitted: Tensors,
  given: readonly number[],
): void {
  const softer = softerOf(isAnew);
  const before = isAnew ? 0 : 1; // share of what was there that stays
  const fittedOutput = fitted.matrix("output");
  const fittedBias = fitted.values("outputBias");
  const others = own.length;
  const times = networks.length / softer; // the answer is the mean of the networks
  const last = networks.findLastIndex(({ shape }) => hasWide(shape));
  let row = 0;
  networks.forEach(({ shape, tensors }, n) => {
    for (let j = 0; j < outputRows(shape); j++, row++) {
      const { values, stride } = tensors.matrix("output");
      const from = fittedOutput.values.subarray(row * fittedOutput.stride);
      own.forEach((label, i) => {
        const at = j * stride + label;
        values[at] = before * values[at] + times * known.scale * (from[i] - from[others]);
      });
    }
    const bias = tensors.values("outputBias");
    own.forEach((label, i) => {
      const change = (fittedBias[i] - fittedBias[others] + given[i]) / softer;
      bias[label] = before * bias[label] + change;
    });
    if (!hasWide(shape)) return;
    const table = tensors.table("wide");
    const words = fitted.matrix("wide");
    const room = new Float32Array(table.stride);
    const share = n === last ? times * known.wordScale : 0;
    known.features.forEach((feature, at) => {
      readCodes(table, feature, room);
      const from = words.values.subarray(at * words.stride);
      own.forEach((label, i) => {
        room[label] = before * room[label] + share * (from[i] - from[others]);
      });
      writeCodes(table, feature, room);
    });
  });
}

/** By how much labels rise for having fewer samples than others, or fall for having more. */
function givenBack({ labels, own, isAnew }: LabelFit, weights: Float32Array): number[] {
  const sums = new Map<number, number>();
  labels.forEach((label, i) => sums.set(label, (sums.get(label) ?? 0) + weights[i]));
  const isOwn = new Set(own);
  const others = [...sums].filter(([label]) => !isOwn.has(label));
  const of = others.length > 0 ? others : [...sums];
  const usual = of.reduce((sum, [, each]) => sum + each, 0) / of.length;
  return own.map((label) => {
    const lacks = Math.log(usual / (sums.get(label) ?? usual));
    return GIVEN_BACK * lacks + (isAnew ? GIVEN_MORE : 0);
  });
}
