import type { Matrix } from "../../wasm/network/matrix.ts";
import { OPERATION, type Program } from "../../wasm/network/program.ts";
import type { ColumnGroup, ColumnSplit, ColumnWeights } from "./column-groups.ts";
import { activationWords, addGather, columns, dropWords, quads } from "../network/forward.ts";
import type { StepSettings } from "./learn.ts";
import type { Learned } from "../network/learned.ts";
import type { PlacedSamples } from "../features/samples.ts";
import type { Tensors } from "../network/tensors.ts";
import { addLoss, addSums, type PlacedTargets } from "./update.ts";

const NONE = 0; // kind of assembly/network/activation.ts

/** What a step is laid out from. */
export interface ColumnStep {
  readonly program: Program;
  readonly tensors: Tensors;
  readonly samples: PlacedSamples;
  readonly learned: Learned;
  readonly settings: StepSettings;
  readonly split: ColumnSplit;
}

/**
 * Adds a whole step of a network of dense inputs and one hidden layer, whose columns are shared out: a
 * value of the layer, the weights into it and out of it, their gradients and moments are one thread's, and
 * stay in its cache. What threads tell each other are their shares of the outputs, and of the outputs'
 * gradients, which are made row by row: they meet before and after. Each gathers the batch for itself, so
 * that whoever is ready goes on to the next step.
 *
 * Source: Shoeybi et al., Megatron-LM: training multi-billion parameter language models using model
 * parallelism, 2019.
 */
export function addColumnStep(
  step: ColumnStep,
  targets: PlacedTargets,
  weights: Float32Array,
): void {
  const { program, tensors, learned, split } = step;
  const { groups } = split;
  const { outputs } = learned.batch;
  groups.forEach((group, i) => {
    program.byOne(i, groups.length, () => addGroupForward(step, group));
  });
  program.meet();
  addShares(program, split, outputs);
  addLoss(program, tensors.shape.outputs, targets, weights, { ...learned, outputs });
  program.meet();
  program.add(OPERATION.sumLoss, [learned.outcomes]);
  groups.forEach((group, i) => {
    program.byOne(i, groups.length, () => {
      addOutputsBack(step, group);
      addInputsBack(step, group);
    });
  });
}

/** From the samples to the group's share of the outputs. */
function addGroupForward(
  { program, tensors, samples, learned: { batch }, settings, split }: ColumnStep,
  { from, to, width, dense, sums, out, weights, parts }: ColumnGroup,
): void {
  const { shape } = tensors;
  addGather(program, samples, { ...batch, dense }, shape.dense, 0);
  program.product(
    dense,
    { values: weights.values, stride: to - from },
    { rows: 0, cols: columns(width), depth: shape.dense },
    sums,
    tensors.values("bias.0").subarray(from, to),
  );
  program.add(OPERATION.activate, [
    ...[sums.values, out.values, quads(width), out.stride],
    ...[...activationWords(shape, 0, settings.drops.hidden), from, batch.layers[0].out.stride],
  ]);
  for (const number of parts) {
    const part = split.parts[number];
    const share = split.shares[number];
    const add = number > 0 && share === split.shares[number - 1];
    program.product(
      { values: out.values.subarray(part.from - from), stride: out.stride },
      rowsFrom(tensors.matrix("output"), part.from),
      { rows: 0, cols: columns(shape.outputs), depth: part.width, add },
      share,
      number === 0 ? tensors.values("outputBias") : undefined,
    );
  }
}

/** Adds up the outputs of a thread's rows: neighbors first, then the sums of two, of four and so on. */
function addShares(program: Program, { shares }: ColumnSplit, outputs: Matrix): void {
  const { stride } = outputs;
  const sums = [...shares];
  // Where others write, no thread does more than read, as far as that goes: lines would change hands.
  if (sums[0] !== outputs) {
    const copied = [sums[0].values, outputs.values, stride, stride, NONE];
    program.add(OPERATION.activate, [...copied, ...dropWords(0, "outputs")]);
    sums.forEach((each, i) => {
      if (each === shares[0]) sums[i] = outputs;
    });
  }
  for (let apart = 1; apart < sums.length; apart *= 2) {
    for (let i = 0; i + apart < sums.length; i += 2 * apart) {
      const to = sums[i];
      const from = sums[i + apart];
      if (to !== from) program.add(OPERATION.add, [to.values, from.values, stride]);
    }
  }
}

/** From the outputs' gradients to those of the group's sums, past the weights between. */
function addOutputsBack(
  step: ColumnStep,
  { from, width, sums, out, slopes, parts }: ColumnGroup,
): void {
  const { program, tensors, learned, settings } = step;
  const { outputGradients } = learned;
  const { shape } = tensors;
  if (parts[0] === 0) {
    const bias = rangeOf(step, "outputBias", 0, tensors.values("outputBias").length);
    addSums(program, outputGradients, undefined, shape.outputs, bias.gradients);
    addAdam(step, bias, 0);
  }
  const weights = rowsFrom(tensors.matrix("output"), from);
  const { stride } = weights;
  program.product(
    outputGradients,
    weights,
    { rows: 0, cols: columns(width), depth: shape.outputs, transposeRight: true },
    slopes,
  );
  const own = rangeOf(step, "output", from * stride, (from + width) * stride);
  program.product(
    out,
    outputGradients,
    { rows: width, cols: columns(shape.outputs), depth: 0, transposeLeft: true },
    { values: own.gradients, stride },
  );
  addAdam(step, own, settings.weightDecay);
  program.add(OPERATION.activateBack, [
    ...[sums.values, slopes.values, quads(width), slopes.stride],
    ...[...activationWords(shape, 0, settings.drops.hidden), from],
    learned.batch.layers[0].out.stride,
  ]);
}

/** From the gradients of the group's sums to those of its weights. */
function addInputsBack(
  step: ColumnStep,
  { from, to, width, dense, slopes, weights }: ColumnGroup,
): void {
  const { program, tensors, settings } = step;
  const bias = rangeOf(step, "bias.0", from, to);
  addSums(program, slopes, undefined, width, bias.gradients);
  addAdam(step, bias, 0);
  program.product(
    dense,
    slopes,
    { rows: tensors.shape.dense, cols: columns(width), depth: 0, transposeLeft: true },
    { values: weights.gradients, stride: to - from },
  );
  addAdam(step, weights, settings.weightDecay);
}

/** Some values of a tensor, and what belongs to them. */
function rangeOf(
  { tensors, learned: { gradients, first, second } }: ColumnStep,
  name: string,
  from: number,
  to: number,
): ColumnWeights {
  return {
    values: tensors.values(name).subarray(from, to),
    gradients: (gradients.get(name) as Float32Array).subarray(from, to),
    first: first.values(name).subarray(from, to),
    second: second.values(name).subarray(from, to),
  };
}

function addAdam(
  { program }: ColumnStep,
  { values, gradients, first, second }: ColumnWeights,
  decay: number,
): void {
  program.add(OPERATION.adam, [
    ...[values, gradients, first, second, values.length, { real: 1 }, { real: decay }],
  ]);
}

/** A matrix from one of its rows on. */
function rowsFrom({ values, stride }: Matrix, row: number): Matrix {
  return { values: values.subarray(row * stride), stride };
}
