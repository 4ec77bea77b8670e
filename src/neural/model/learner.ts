import { DimensionError, StigmergyError } from "../../errors.ts";
import { seededRandom } from "../../util/random.ts";
import { compacted, moveRows } from "../training/compact.ts";
import { Classes, labelText, shuffle, type Label } from "../training/classes.ts";
import { InputEncoder } from "../features/encoder.ts";
import { fitLabels } from "./fit-labels.ts";
import type { FlatInput } from "../features/flat-input.ts";
import type { ModelParts } from "./model-parts.ts";
import { invalidOption } from "../training/option.ts";
import { Network } from "../network/network.ts";
import { learnInPasses } from "../training/passes.ts";
import { addToReplay, type Replay } from "../features/replay.ts";
import { joinSamples, takeSamples, type Samples } from "../features/samples.ts";
import { hasWide } from "../network/shape.ts";
import { TextFeatures } from "../features/text-features.ts";
import { TrainingHeap } from "../training/training-heap.ts";
import { tensorsFor } from "../network/tensors.ts";
import type { LearnReport } from "./report.ts";
import type { Task } from "../training/train-options.ts";
import { numberOf } from "../training/training-data.ts";

// Of models without labels:
const PASSES = 8; // over the samples
const REPLAYED = 8; // old samples beside each new one,
const LEAST_REPLAYED = 128; // at least so many,
const MOST_REPLAYED = 1024; // at most
const BATCH = 32;
const LEARNING_RATE = 0.2;
const MOST_WEIGHT = 4; // of a new sample beside an old one

const SPARE = 1.125; // room for features to come, so that growing is rare

/** What learning came to. */
interface Lesson {
  /** Old samples that were learned again. */
  readonly replayed: number;
  readonly steps: number;
  readonly loss: number;
}

/**
 * Further samples learned beside old ones, on the calling thread: labels by `fitLabels`, numbers by some more steps of
 * training. Of a table only the rows are moved that these samples have, so the time goes by them and not by the size
 * of the model.
 *
 * Source: Rolnick et al., Experience replay for continual learning, 2019.
 *
 * @throws {StigmergyError} NOT_SUPPORTED, INVALID_INPUT, DIMENSION; `parts` is then as before
 */
export function learnMore(
  parts: ModelParts,
  inputs: readonly FlatInput[],
  outcomes: readonly Label[],
): { readonly parts: ModelParts; readonly report: LearnReport } {
  const began = performance.now();
  checkLearnable(parts, inputs, outcomes);
  const classes = widen(parts.classes, outcomes);
  const targets = targetsOf(parts, classes, outcomes);
  parts.encoder.check(inputs);
  const encoder = grown(parts.encoder, inputs);
  const fresh = encoder.encode(inputs);
  const seed = (parts.replay?.seen ?? 0) + inputs.length;
  const from = parts.classes?.labels.length ?? 0;
  const hasMore = classes !== undefined && classes.labels.length > from;
  const laterFrom = parts.laterFrom ?? (hasMore ? from : undefined);
  const networks = fitted(parts.networks as readonly Network[], encoder, classes);
  const lesson =
    classes === undefined
      ? learnNumbers(parts, networks, fresh, targets, seed)
      : learnLabels(parts, networks, fresh, targets, laterFrom ?? Infinity, seed);
  const replay = addToReplay(parts.replay, fresh, targets, classes !== undefined, seed);
  return {
    parts: { ...parts, networks, encoder, classes, replay, laterFrom },
    report: {
      samples: inputs.length,
      newLabels: classes?.labels.slice(from) ?? [],
      ...lesson,
      seconds: (performance.now() - began) / 1000,
    },
  };
}

/**
 * Corrects labels that the model was trained with, and then fits those that came later anew, where there are samples
 * of such.
 */
function learnLabels(
  { replay }: ModelParts,
  networks: readonly Network[],
  fresh: Samples,
  targets: Float32Array,
  laterFrom: number,
  seed: number,
): Lesson {
  const kept = replay?.samples ?? takeSamples(fresh, []);
  const keptLabels = replay?.targets ?? [];
  let loss = 0;
  let steps = 0;
  const learn = (positions: readonly number[], own: readonly number[], isAnew: boolean): void => {
    if (positions.length === 0) return;
    const samples = joinSamples(takeSamples(fresh, positions), kept);
    const labels = Float32Array.from([...positions.map((i) => targets[i]), ...keptLabels]);
    const asked = [...new Set(own)].sort((a, b) => a - b);
    const fit = { networks, samples, fresh: positions.length, labels, own: asked, isAnew, seed };
    const outcome = fitLabels(fit);
    loss += (outcome.loss * positions.length) / fresh.count;
    steps += outcome.steps;
  };
  const isLater = (label: number): boolean => label >= laterFrom;
  const positions = Array.from(targets.keys());
  const known = positions.filter((i) => !isLater(targets[i]));
  learn(
    known,
    known.map((i) => targets[i]),
    false,
  );
  const later = [...targets, ...keptLabels].filter(isLater);
  learn(
    positions.filter((i) => isLater(targets[i])),
    later,
    true,
  );
  return { replayed: kept.count, steps, loss };
}

/** Goes on with the training of a model without labels, beside old samples. */
function learnNumbers(
  { task, replay }: ModelParts,
  networks: readonly Network[],
  fresh: Samples,
  targets: Float32Array,
  seed: number,
): Lesson {
  const { count } = fresh;
  const wanted = Math.min(MOST_REPLAYED, Math.max(LEAST_REPLAYED, REPLAYED * count));
  const positions = Uint32Array.from({ length: replay?.samples.count ?? 0 }, (_, i) => i);
  shuffle(positions, seededRandom(seed));
  const chosen = positions.slice(0, wanted);
  const old = replay === undefined ? undefined : takeSamples(replay.samples, chosen);
  const samples = old === undefined ? fresh : joinSamples(fresh, old);
  const again = Array.from(chosen, (position) => (replay as Replay).targets[position]);
  const all = Float32Array.from([...targets, ...again]);
  let loss = 0;
  let steps = 0;
  networks.forEach((network, i) => {
    const outcome = learnSteps(network, samples, all, task, count, seed + i);
    loss += outcome.loss / networks.length;
    steps = outcome.steps;
  });
  return { replayed: chosen.length, steps, loss };
}

function checkLearnable(
  { networks, task }: ModelParts,
  inputs: readonly FlatInput[],
  outcomes: readonly Label[],
): void {
  if (networks.some((network) => !(network instanceof Network))) {
    throw new StigmergyError(
      "NOT_SUPPORTED",
      "learn: a compressed model does not learn; let the one that it was made of learn, and compress again",
    );
  }
  if (task === "rank") {
    throw new StigmergyError(
      "NOT_SUPPORTED",
      "learn: a ranking model learns from groups, by train",
    );
  }
  if (inputs.length === 0) {
    throw new StigmergyError("INVALID_INPUT", "inputs: expected samples, received none");
  }
  if (inputs.length !== outcomes.length) {
    throw new DimensionError("outcomes, one for each input", inputs.length, outcomes.length);
  }
}

function widen(classes: Classes | undefined, outcomes: readonly Label[]): Classes | undefined {
  if (classes === undefined) return undefined;
  const met = outcomes.map((outcome, i) => labelText(outcome, i));
  return new Classes([...new Set([...classes.labels, ...met])]);
}

/** What the network should say for each outcome. */
function targetsOf(
  { task, scale }: ModelParts,
  classes: Classes | undefined,
  outcomes: readonly Label[],
): Float32Array {
  if (classes !== undefined) return Float32Array.from(classes.numbersOf(outcomes));
  return Float32Array.from(outcomes, (outcome, i) => {
    const target = numberOf(outcome);
    const fits = task === "score" ? target >= 0 && target <= 1 : Number.isFinite(target);
    if (!fits) {
      throw invalidOption(`outcome ${i}`, task === "score" ? "0 to 1" : "a finite number", outcome);
    }
    return scale === undefined ? target : scale.toOutput(target);
  });
}

/** The encoder with the features of new inputs; the one given stays as it is. */
function grown(encoder: InputEncoder, inputs: readonly FlatInput[]): InputEncoder {
  if (encoder.text === undefined) return encoder;
  const text = TextFeatures.from(encoder.text.state);
  text.grow(inputs);
  return new InputEncoder(encoder.dense, text);
}

/**
 * Networks that have room for all features and labels, with the values of those given. Words reach the labels of one
 * of them directly: hidden values tell texts that were learned from apart from others, so that by them alone what was
 * never met is taken for what is told now.
 */
function fitted(
  networks: readonly Network[],
  encoder: InputEncoder,
  classes: Classes | undefined,
): Network[] {
  const features = encoder.text?.size ?? 0;
  const outputs = classes?.labels.length ?? 1;
  const isNarrow = classes !== undefined && !networks.some(({ shape }) => hasWide(shape));
  return networks.map((network, i) => {
    const { shape } = network;
    const room = features > shape.features ? Math.ceil(features * SPARE) : shape.features;
    const wide = shape.wide || (isNarrow && room > 0 && i === 0);
    const isRoomy = room === shape.features && outputs === shape.outputs && wide === shape.wide;
    return isRoomy ? network : network.resized({ features: room, outputs, wide });
  });
}

function learnSteps(
  network: Network,
  samples: Samples,
  values: Float32Array,
  task: Task,
  fresh: number,
  seed: number,
): { readonly loss: number; readonly steps: number } {
  const { compact, features } = compacted(samples);
  const { count } = samples;
  const shape = { ...network.shape, features: features.length };
  const weight = Math.max(1, Math.min(MOST_WEIGHT, (count - fresh) / fresh));
  const small = tensorsFor(shape);
  moveRows(network, small, features, "out");
  const place = new TrainingHeap({
    shape,
    samples: compact,
    targets: task === "score" ? { kind: "binary", values } : { kind: "squared", values, knee: 2 },
    weights: Float32Array.from({ length: count }, (_, i) => (i < fresh ? weight : 1)),
    learning: Uint32Array.from({ length: count }, (_, i) => i),
    heldOut: new Uint32Array(0),
    batchSize: Math.min(BATCH, count),
    seed,
    threads: 1,
    epochs: PASSES,
    learningRate: LEARNING_RATE,
    warmUp: 0.05,
    decay: "constant",
    optimizer: "momentum",
    drops: { features: fresh > 1 ? 0.1 : 0, hidden: 0.1 },
    weightDecay: 0,
    tableRate: 1,
    clip: 0,
    start: small,
  });
  const outcome = learnInPasses(place, PASSES, seed);
  small.copyFrom(place.tensors);
  moveRows(network, small, features, "back");
  return outcome;
}
