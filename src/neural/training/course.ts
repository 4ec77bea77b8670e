import { weightsOf } from "./class-weights.ts";
import type { InputEncoder } from "../features/encoder.ts";
import type { ModelParts } from "../model/model-parts.ts";
import type { Samples } from "../features/samples.ts";
import type { NetworkShape } from "../network/shape.ts";
import { TargetScale } from "./target-scale.ts";
import type { Tensors } from "../network/tensors.ts";
import type { ResolvedOptions, TrainOptions } from "./train-options.ts";
import type { TrainingData } from "./training-data.ts";
import type { Targets } from "./training-heap.ts";
import { transfer } from "./transfer.ts";

const KNEE = 2; // deviations: errors beyond count linearly

/** Everything that one training has, made ready once. */
export interface Course {
  readonly data: TrainingData;
  readonly samples: Samples;
  /** The kind of each feature of texts, as `KIND` numbers them. */
  readonly kinds: Uint8Array;
  readonly shape: NetworkShape;
  readonly targets: Targets;
  readonly weights: Float32Array;
  readonly scale: TargetScale | undefined;
  readonly settings: ResolvedOptions;
  readonly options: TrainOptions;
  readonly start: Tensors | undefined;
  /** What is added to outputs while they are learned, f32[samples × outputs]. */
  readonly offsets?: Float32Array | undefined;
}

/** Encodes samples, and makes ready what trainings of them have in common. */
export function prepare(
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
    kinds: encoder.text?.kinds ?? new Uint8Array(0),
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
