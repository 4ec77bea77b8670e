import type { Classes } from "./classes.ts";
import { invalidOption, real } from "./option.ts";
import type { TrainingData } from "./training-data.ts";
import type { TrainOptions } from "./train-options.ts";

const MOST_FACTOR = 1e6;

/**
 * How much each sample counts: 1 on average.
 * @throws {StigmergyError} INVALID_INPUT for a factor that is none, or of a label that no sample has
 */
export function weightsOf(data: TrainingData, { classWeights }: TrainOptions): Float32Array {
  const weights = new Float32Array(data.inputs.length).fill(1);
  const { classes, numbers, split } = data;
  if (classWeights === undefined || classes === undefined) return weights;
  const factors =
    classWeights === "balanced"
      ? balanced(classes, numbers, split.learning)
      : given(classWeights, classes);
  let sum = 0;
  for (const position of split.learning) sum += factors[numbers[position]];
  if (sum === 0) throw invalidOption("classWeights", "one above 0 at least", classWeights);
  const even = split.learning.length / sum;
  return weights.map((_, i) => (factors[numbers[i]] ?? 1) * even);
}

/** Factors by which all labels count alike. */
function balanced({ labels }: Classes, numbers: Uint32Array, learning: Uint32Array): number[] {
  const counts = new Float64Array(labels.length);
  for (const position of learning) counts[numbers[position]]++;
  return Array.from(counts, (count) =>
    count === 0 ? 1 : learning.length / (counts.length * count),
  );
}

function given(factors: Readonly<Record<string, number>>, classes: Classes): number[] {
  if (typeof factors !== "object" || factors === null) {
    throw invalidOption("classWeights", '"balanced", or an object of factors', factors);
  }
  for (const [label, factor] of Object.entries(factors)) {
    const name = `classWeights of ${JSON.stringify(label)}`;
    real(name, factor, 0, MOST_FACTOR);
    if (classes.numberOf(label) === undefined) {
      throw invalidOption(name, "a label of the samples", label);
    }
  }
  return classes.labels.map((label) => (Object.hasOwn(factors, label) ? factors[label] : 1));
}
