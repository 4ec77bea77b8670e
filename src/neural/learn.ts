import type { Matrix } from "../wasm/matrix.ts";
import { OPERATION, type Program } from "../wasm/program.ts";
import {
  activationWords,
  addForward,
  columns,
  quads,
  type Drops,
  type LayerRows,
} from "./forward.ts";
import type { PlacedSamples } from "./samples.ts";
import type { Learned } from "./learned.ts";
import { hasWide } from "./shape.ts";
import type { Tensors } from "./tensors.ts";
import { addClip, addLoss, addSums, addUpdates, type PlacedTargets } from "./update.ts";

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

/** Adds a whole step: forward, loss, back, and a step of Adam. */
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
  const { sparse } = learned.batch;
  const { met } = learned;
  if (sparse !== undefined && met !== undefined) {
    program.add(OPERATION.numberSparse, [
      ...[sparse.counts, sparse.ids, met.slots, sparse.most, met.places, met.ids, met.count],
    ]);
  }
  program.meet();
  program.add(OPERATION.sumLoss, [learned.outcomes]);
  addBack(program, tensors, learned, settings);
  if (settings.clip > 0) addClip(program, tensors, learned, settings.clip);
  addUpdates(program, tensors, learned, settings);
  program.meet();
}

function addBack(
  program: Program,
  tensors: Tensors,
  learned: Learned,
  { drops }: StepSettings,
): void {
  const { shape } = tensors;
  const { batch, hiddenGradients, outputGradients } = learned;
  const gradient = (name: string): Float32Array => learned.gradients.get(name) as Float32Array;
  const layers = batch.layers.length;
  addSums(program, outputGradients, undefined, shape.outputs, gradient("outputBias"));
  if (hasWide(shape)) addTableBack(program, learned, outputGradients, gradient("wide"));
  const last: Matrix | undefined = layers > 0 ? batch.layers[layers - 1].out : batch.dense;
  const inputs = layers > 0 ? shape.hidden[layers - 1] : shape.dense;
  if (last !== undefined) {
    addWeights(program, last, inputs, outputGradients, shape.outputs, tensors, "output", gradient);
  }
  if (layers > 0) {
    addInputs(
      ...([program, outputGradients, shape.outputs, tensors.matrix("output")] as const),
      ...([hiddenGradients[layers - 1], inputs] as const),
    );
  }
  for (let i = layers - 1; i >= 0; i--) {
    const layer = batch.layers[i];
    const slopes = hiddenGradients[i];
    addBendBack(program, tensors, layer, i, slopes, drops.hidden, gradient);
    addSums(program, slopes, undefined, layer.width, gradient(`bias.${i}`));
    if (i === 0 && batch.sparse !== undefined) {
      addTableBack(program, learned, slopes, gradient("table"));
    }
    const before = i > 0 ? batch.layers[i - 1].out : batch.dense;
    const width = i > 0 ? shape.hidden[i - 1] : shape.dense;
    if (before !== undefined) {
      addWeights(program, before, width, slopes, layer.width, tensors, `weights.${i}`, gradient);
    }
    if (i > 0) {
      const weights = tensors.matrix(`weights.${i}`);
      addInputs(program, slopes, layer.width, weights, hiddenGradients[i - 1], width);
    }
  }
  program.meet();
}

/** Gradients of what a layer wrote to those of its sums, in place; a row is still who made it's. */
function addBendBack(
  program: Program,
  tensors: Tensors,
  { width, sums, normal, inverse, bent }: LayerRows,
  index: number,
  slopes: Matrix,
  drop: number,
  gradient: (name: string) => Float32Array,
): void {
  program.add(OPERATION.activateBack, [
    ...[bent.values, slopes.values, quads(width), slopes.stride],
    ...activationWords(tensors.shape, index, drop),
  ]);
  program.meet();
  if (normal === undefined || inverse === undefined) return;
  addSums(program, slopes, normal, width, gradient(`gain.${index}`));
  addSums(program, slopes, undefined, width, gradient(`shift.${index}`));
  program.meet();
  program.add(OPERATION.layerNormBack, [
    ...[slopes.values, width, sums.stride, tensors.values(`gain.${index}`)],
    ...[normal.values, inverse, slopes.values],
  ]);
  program.meet();
}

/** Gradients of a layer's weights: inputsᵀ · slopes. */
function addWeights(
  program: Program,
  inputs: Matrix,
  inputCount: number,
  slopes: Matrix,
  width: number,
  tensors: Tensors,
  name: string,
  gradient: (name: string) => Float32Array,
): void {
  const out = { values: gradient(name), stride: tensors.matrix(name).stride };
  const shape = { rows: inputCount, cols: columns(width), depth: 0, transposeLeft: true };
  program.product(inputs, slopes, shape, out);
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
