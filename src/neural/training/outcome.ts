import { crossEntropy, largest } from "./calibration.ts";
import { countClasses } from "./classes.ts";
import type { TargetScale } from "./target-scale.ts";
import { pairsOf } from "./pairs.ts";
import type { TrainingData } from "./training-data.ts";

/** How well outputs fit what was held out. */
export interface HeldOutScore {
  /** Mean loss, lower is better: nats, or squared error in units of the targets' deviation. */
  readonly loss: number;
  /** Share that is right; null for estimates. */
  readonly accuracy: number | null;
  /** Share that the simplest answer would have right: the commonest label, or a coin for pairs. */
  readonly baselineAccuracy: number | null;
  /** To estimate: mean of |answer − target|, in the targets' unit. */
  readonly meanAbsoluteError?: number;
  /** What always answering the median of what was learned from would reach. */
  readonly baselineError?: number;
}

/**
 * Holds outputs against what is known.
 * @param outputs   f32[positions.length × width], raw, as the network gives them
 * @param positions the samples that they are of
 */
export function scoreOutputs(
  data: TrainingData,
  outputs: Float32Array,
  positions: Uint32Array,
  scale: TargetScale | undefined,
): HeldOutScore | undefined {
  if (positions.length === 0) return undefined;
  if (data.task === "classify") return scoreClasses(data, outputs, positions);
  if (data.task === "score") return scoreChances(data, outputs, positions);
  if (data.task === "rank") return scorePairs(data, outputs, positions);
  return scoreEstimates(data, outputs, positions, scale as TargetScale);
}

function scoreClasses(
  { numbers, classes, split }: TrainingData,
  outputs: Float32Array,
  positions: Uint32Array,
): HeldOutScore {
  const width = classes?.labels.length ?? 0;
  const truth = Uint32Array.from(positions, (position) => numbers[position]);
  let right = 0;
  truth.forEach((label, i) => {
    if (largest(outputs.subarray(i * width, (i + 1) * width)) === label) right++;
  });
  const learned = Uint32Array.from(split.learning, (position) => numbers[position]);
  const commonest = largest(countClasses(learned, width));
  const baseline = truth.reduce((sum, label) => sum + (label === commonest ? 1 : 0), 0);
  // A label that was never learned from has no output: it is wrong, and left out of the loss.
  const known = truth.filter((label) => label < width);
  const rows = known.length === truth.length ? outputs : knownRows(outputs, truth, width);
  return {
    loss: crossEntropy(rows, known, width, 1),
    accuracy: right / truth.length,
    baselineAccuracy: baseline / truth.length,
  };
}

function knownRows(outputs: Float32Array, truth: Uint32Array, width: number): Float32Array {
  return outputs.filter((_, at) => truth[Math.floor(at / width)] < width);
}

function scoreChances(
  { targets, split }: TrainingData,
  outputs: Float32Array,
  positions: Uint32Array,
): HeldOutScore {
  const learned = [...split.learning].filter((position) => targets[position] >= 0.5).length;
  const usual = learned * 2 >= split.learning.length;
  let loss = 0;
  let right = 0;
  let baseline = 0;
  positions.forEach((position, i) => {
    const target = targets[position];
    loss +=
      Math.max(outputs[i], 0) - outputs[i] * target + Math.log1p(Math.exp(-Math.abs(outputs[i])));
    if (outputs[i] >= 0 === target >= 0.5) right++;
    if (usual === target >= 0.5) baseline++;
  });
  const count = positions.length;
  return { loss: loss / count, accuracy: right / count, baselineAccuracy: baseline / count };
}

function scoreEstimates(
  { targets, split }: TrainingData,
  outputs: Float32Array,
  positions: Uint32Array,
  scale: TargetScale,
): HeldOutScore {
  const learned = [...split.learning].map((position) => targets[position]).sort((a, b) => a - b);
  const median = learned[learned.length >> 1];
  let loss = 0;
  let error = 0;
  let baseline = 0;
  positions.forEach((position, i) => {
    const apart = outputs[i] - scale.toOutput(targets[position]);
    loss += (apart * apart) / 2;
    error += Math.abs(scale.toTarget(outputs[i]) - targets[position]);
    baseline += Math.abs(median - targets[position]);
  });
  const count = positions.length;
  return {
    loss: loss / count,
    accuracy: null,
    baselineAccuracy: null,
    meanAbsoluteError: error / count,
    baselineError: baseline / count,
  };
}

function scorePairs(
  data: TrainingData,
  outputs: Float32Array,
  positions: Uint32Array,
): HeldOutScore | undefined {
  const place = new Map([...positions].map((position, i) => [position, i]));
  const pairs = pairsOf(data, positions);
  if (pairs.length === 0) return undefined;
  let loss = 0;
  let right = 0;
  for (let i = 0; i < pairs.length; i += 2) {
    const lead =
      outputs[place.get(pairs[i]) as number] - outputs[place.get(pairs[i + 1]) as number];
    loss += Math.max(-lead, 0) + Math.log1p(Math.exp(-Math.abs(lead)));
    if (lead > 0) right++;
  }
  const count = pairs.length / 2;
  return { loss: loss / count, accuracy: right / count, baselineAccuracy: 0.5 };
}
