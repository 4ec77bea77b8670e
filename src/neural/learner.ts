import { DimensionError, StigmergyError } from "../errors.ts";
import { seededRandom } from "../util/random.ts";
import { largest } from "./calibration.ts";
import { compacted, moveRows } from "./compact.ts";
import { Classes, labelText, shuffle, type Label } from "./classes.ts";
import { InputEncoder } from "./encoder.ts";
import type { FlatInput } from "./flat-input.ts";
import type { ModelParts } from "./model-parts.ts";
import { Network } from "./network.ts";
import { addToReplay, type Replay } from "./replay.ts";
import { joinSamples, takeSamples, type Samples } from "./samples.ts";
import { TextFeatures } from "./text-features.ts";
import { TrainingHeap, type Targets } from "./training-heap.ts";
import { tensorsFor } from "./tensors.ts";
import type { LearnReport } from "./report.ts";

const LEAST_PASSES = 1; // over the samples
const MOST_PASSES = 40; // while new samples are still answered wrongly
const USUAL_PASSES = 8; // where there is no right and wrong
const REPLAYED = 8; // old samples beside each new one,
const LEAST_REPLAYED = 128; // at least so many, and two for each label,
const MOST_REPLAYED = 1024; // at most
const BATCH = 32;
const UNSEEN = -3;
const LEARNING_RATE = 0.2;
/** Of a linear model of words, whose outputs are margins several times as large as those of a network. */
const LINEAR_LEARNING_RATE = 1;
const MOST_WEIGHT = 4; // of a new sample beside an old one
const SPARE = 1.125; // room for features to come, so that growing is rare

/**
 * Further samples learned beside old ones, on the calling thread. Of a table only the rows are moved
 * that these samples have, so the time goes by them and not by the size of the model.
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
  const least = Math.max(LEAST_REPLAYED, 2 * (classes?.labels.length ?? 0));
  const wanted = Math.min(MOST_REPLAYED, Math.max(least, REPLAYED * inputs.length));
  const old = chooseOld(parts.replay, wanted, classes !== undefined, seed);
  const samples = old === undefined ? fresh : joinSamples(fresh, old.samples);
  const all = old === undefined ? targets : Float32Array.from([...targets, ...old.targets]);
  let loss = 0;
  let steps = 0;
  const networks = parts.networks.map((each, i) => {
    const network = fitted(each as Network, encoder, classes);
    const outcome = learnSteps(network, samples, all, parts, inputs.length, seed + i);
    loss += outcome.loss / parts.networks.length;
    steps = outcome.steps;
    return network;
  });
  const replay = addToReplay(parts.replay, fresh, targets, classes !== undefined, seed);
  const known = new Set(parts.classes?.labels);
  return {
    parts: { ...parts, networks, encoder, classes, replay },
    report: {
      samples: inputs.length,
      replayed: old?.samples.count ?? 0,
      newLabels: classes?.labels.filter((label) => !known.has(label)) ?? [],
      steps,
      loss,
      seconds: (performance.now() - began) / 1000,
    },
  };
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
    const target = Number(outcome);
    const fits = task === "score" ? target >= 0 && target <= 1 : Number.isFinite(target);
    if (typeof outcome === "string" || !fits) {
      throw new StigmergyError(
        "INVALID_INPUT",
        `outcome ${i}: expected ${task === "score" ? "0 to 1" : "a finite number"}, received ${JSON.stringify(outcome)}`,
      );
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

function chooseOld(
  replay: Replay | undefined,
  wanted: number,
  isClassifier: boolean,
  seed: number,
): Replay | undefined {
  if (replay === undefined || replay.samples.count === 0) return undefined;
  const positions = Uint32Array.from({ length: replay.samples.count }, (_, i) => i);
  shuffle(positions, seededRandom(seed));
  const chosen = isClassifier
    ? inTurns(positions, replay.targets, wanted)
    : positions.slice(0, wanted);
  return {
    ...replay,
    samples: takeSamples(replay.samples, chosen),
    targets: Float32Array.from(chosen, (position) => replay.targets[position]),
  };
}

/** One of each label, then a second, and so on: a label with few samples is not forgotten. */
function inTurns(positions: Uint32Array, labels: Float32Array, wanted: number): Uint32Array {
  const met = new Map<number, number>();
  const turns = Array.from(positions, (position) => {
    const turn = met.get(labels[position]) ?? 0;
    met.set(labels[position], turn + 1);
    return { position, turn };
  });
  turns.sort((a, b) => a.turn - b.turn);
  return Uint32Array.from(turns.slice(0, wanted), ({ position }) => position);
}

/** A network that has room for all features and labels, with the values of the one given. */
function fitted(network: Network, encoder: InputEncoder, classes: Classes | undefined): Network {
  const { features } = network.shape;
  const neededFeatures = encoder.text?.size ?? 0;
  const neededOutputs = classes?.labels.length ?? 1;
  const room = neededFeatures > features ? Math.ceil(neededFeatures * SPARE) : features;
  const isRoomy = room === features && neededOutputs === network.shape.outputs;
  if (isRoomy) return network;
  const wider = network.resized(room, neededOutputs);
  if (network.shape.hidden.length === 0) {
    // To a linear model a new label is no, until it has been seen.
    wider.tensors.values("outputBias").fill(UNSEEN, network.shape.outputs, neededOutputs);
  }
  return wider;
}

function learnSteps(
  network: Network,
  samples: Samples,
  targets: Float32Array,
  { task }: ModelParts,
  fresh: number,
  seed: number,
): { readonly loss: number; readonly steps: number } {
  const { compact, features } = compacted(samples);
  const count = samples.count;
  const isClassifier = task === "classify";
  const epochs = isClassifier ? MOST_PASSES : USUAL_PASSES;
  const shape = { ...network.shape, features: features.length };
  const isLinear = isClassifier && shape.hidden.length === 0 && shape.dense === 0;
  const weight = Math.max(1, Math.min(MOST_WEIGHT, (count - fresh) / fresh));
  const small = tensorsFor(shape);
  moveRows(network, small, features, "out");
  const place = new TrainingHeap({
    shape,
    samples: compact,
    targets: asTargets(network, task, targets),
    weights: Float32Array.from({ length: count }, (_, i) => (i < fresh ? weight : 1)),
    learning: Uint32Array.from({ length: count }, (_, i) => i),
    heldOut: Uint32Array.from({ length: isClassifier ? fresh : 0 }, (_, i) => i),
    batchSize: Math.min(BATCH, count),
    seed,
    threads: 1,
    epochs,
    learningRate: isLinear ? LINEAR_LEARNING_RATE : LEARNING_RATE,
    warmUp: 0.05,
    decay: "constant",
    optimizer: "momentum",
    drops: { features: fresh > 1 ? 0.1 : 0, hidden: 0.1 },
    weightDecay: 0,
    tableRate: 1,
    clip: 0,
    start: small,
  });
  const random = seededRandom(seed);
  const { batches } = place.learning;
  let passes = 0;
  for (let isDone = false; !isDone; passes++) {
    shuffle(place.learning.order, random);
    place.learning.run(0, batches, passes * batches);
    const isKnown = isClassifier && passes >= LEAST_PASSES && areRight(place, targets);
    isDone = isKnown || passes + 1 === epochs;
  }
  small.copyFrom(place.tensors);
  moveRows(network, small, features, "back");
  const { outcomes } = place.learning;
  let loss = 0;
  for (let i = (passes - 1) * batches; i < passes * batches; i++) loss += outcomes[i * 2];
  return { loss: loss / count, steps: passes * batches };
}

/** Whether the new samples, which come first, are all answered with their labels. */
function areRight(
  { looking, heldOut, heldOutStride, tensors }: TrainingHeap,
  labels: Float32Array,
): boolean {
  looking.run(0, looking.batches, 0);
  const count = heldOut.length / heldOutStride;
  const { outputs } = tensors.shape;
  for (let i = 0; i < count; i++) {
    const row = heldOut.subarray(i * heldOutStride, i * heldOutStride + outputs);
    if (largest(row) !== labels[i]) return false;
  }
  return true;
}

/**
 * A linear model was made of one question for each label, and keeps to that: its outputs are no logits
 * of one choice.
 */
function asTargets({ shape }: Network, task: string, values: Float32Array): Targets {
  if (task === "classify" && shape.hidden.length === 0) {
    const rows = new Float32Array(values.length * shape.outputs);
    values.forEach((label, i) => (rows[i * shape.outputs + label] = 1));
    return { kind: "binary", values: rows };
  }
  if (task === "classify") {
    return { kind: "softmax", labels: Uint32Array.from(values), smoothing: 0.1 };
  }
  return task === "score" ? { kind: "binary", values } : { kind: "squared", values, knee: 2 };
}
