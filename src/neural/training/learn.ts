import type { Matrix } from "../../wasm/network/matrix.ts";
import { OPERATION, type Program } from "../../wasm/network/program.ts";
import {
  activationWords,
  addForward,
  columns,
  quads,
  type Drops,
  type LayerRows,
} from "../network/forward.ts";
import type { PlacedSamples } from "../features/samples.ts";
import type { Learned, LayerSlopes } from "../network/learned.ts";
import { hasWide } from "../network/shape.ts";
import type { Tensors } from "../network/tensors.ts";
import {
  addClip,
  addLoss,
  addNumbering,
  addSums,
  addUpdates,
  type PlacedTargets,
} from "./update.ts";

/** How a step changes what is learned. */
export interface StepSettings {
  readonly drops: Drops;
  /** Decoupled weight decay of matrices and tables. */
  readonly weightDecay: number;
  /** Learning rate of tables over that of the rest. */
  readonly tableRate: number;
  /** Longest gradient of all values together; longer ones are scaled down. 0 for none. */
  readonly clip: number;
}

/**
 * Adds a whole step: forward, loss, back, and a step of Adam. A row is the same thread's all the way
 * forward and back, and so is a share of the weights with its gradients: threads meet in between, where
 * gradients need all rows, and at the end, where rows need all weights.
 */
export function addStep(
  program: Program,
  tensors: Tensors,
  samples: PlacedSamples,
  targets: PlacedTargets,
  weights: Float32Array,
  learned: Learned,
  settings: StepSettings,
): void {
  addForward(program, tensors, samples, learned.batch, settings.drops);
  addLoss(program, tensors.shape.outputs, targets, weights, {
    ...learned,
    outputs: learned.batch.outputs,
  });
  addNumbering(program, learned);
  addSlopes(program, tensors, learned, settings.drops);
  program.meet();
  program.add(OPERATION.sumLoss, [learned.outcomes]);
  addGradients(program, tensors, learned);
  if (settings.clip > 0) {
    program.meet();
    addClip(program, tensors, learned, settings.clip);
  }
  addUpdates(program, tensors, learned, settings);
  program.meet();
}

/** Adds the way back of rows: from the gradients of the outputs to those of every layer's sums. */
function addSlopes(
  program: Program,
  tensors: Tensors,
  { batch, slopes, outputGradients }: Learned,
  drops: Drops,
): void {
  const { shape } = tensors;
  let above = { gradients: outputGradients, width: shape.outputs, weights: "output" };
  for (let i = batch.layers.length - 1; i >= 0; i--) {
    const layer = batch.layers[i];
    const { bent, sums } = slopes[i];
    addInputs(
      program,
      above.gradients,
      above.width,
      tensors.matrix(above.weights),
      bent,
      layer.width,
    );
    addBendBack(program, tensors, layer, i, slopes[i], drops.hidden);
    above = { gradients: sums, width: layer.width, weights: `weights.${i}` };
  }
}

/** Adds the gradients of all that is learned, from those of sums and outputs. */
function addGradients(program: Program, tensors: Tensors, learned: Learned): void {
  const { shape } = tensors;
  const { batch, slopes, outputGradients } = learned;
  const gradient = (name: string): Float32Array => learned.gradients.get(name) as Float32Array;
  addSums(program, outputGradients, undefined, shape.outputs, gradient("outputBias"));
  if (hasWide(shape)) addTableBack(program, learned, outputGradients, gradient("wide"));
  let inputs = batch.dense;
  let inputCount = shape.dense;
  const addWeights = (name: string, of: Matrix, width: number): void => {
    if (inputs === undefined) return;
    const product = { rows: inputCount, cols: columns(width), depth: 0, transposeLeft: true };
    const { stride } = tensors.matrix(name);
    program.product(inputs, of, product, { values: gradient(name), stride });
  };
  batch.layers.forEach(({ width, normal, out }, i) => {
    const { bent, sums } = slopes[i];
    if (normal !== undefined) {
      addSums(program, bent, normal, width, gradient(`gain.${i}`));
      addSums(program, bent, undefined, width, gradient(`shift.${i}`));
    }
    addSums(program, sums, undefined, width, gradient(`bias.${i}`));
    if (i === 0) addTableBack(program, learned, sums, gradient("table"));
    addWeights(`weights.${i}`, sums, width);
    inputs = out;
    inputCount = width;
  });
  addWeights("output", outputGradients, shape.outputs);
}

/** Gradients of what a layer wrote to those of its sums. */
function addBendBack(
  program: Program,
  tensors: Tensors,
  { width, sums, normal, inverse, bent }: LayerRows,
  index: number,
  slopes: LayerSlopes,
  drop: number,
): void {
  program.add(OPERATION.activateBack, [
    ...[bent.values, slopes.bent.values, quads(width), slopes.bent.stride],
    ...activationWords(tensors.shape, index, drop),
  ]);
  if (normal === undefined || inverse === undefined) return;
  program.add(OPERATION.layerNormBack, [
    ...[slopes.bent.values, width, sums.stride, tensors.values(`gain.${index}`)],
    ...[normal.values, inverse, slopes.sums.values],
  ]);
}

/** Gradients of what a layer read: slopes · weightsᵀ. */
function addInputs(
  program: Program,
  slopes: Matrix,
  width: number,
  weights: Matrix,
  out: Matrix,
  inputCount: number,
): void {
  const shape = { rows: 0, cols: columns(inputCount), depth: width, transposeRight: true };
  program.product(slopes, weights, shape, out);
}

function addTableBack(
  program: Program,
  { batch, met }: Learned,
  slopes: Matrix,
  out: Float32Array,
): void {
  if (batch.sparse === undefined || met === undefined) return;
  const { counts, values, most } = batch.sparse;
  program.add(OPERATION.sumSparseBack, [
    ...[counts, met.slots, values, most, slopes.values, slopes.stride],
    ...[met.count, slopes.stride, out],
  ]);
}
