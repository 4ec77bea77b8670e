import type { Matrix } from "../../wasm/network/matrix.ts";
import { OPERATION, type Program } from "../../wasm/network/program.ts";
import { dropWords } from "../network/forward.ts";
import type { TensorSet } from "../network/tensors.ts";
import { addSums } from "../training/update.ts";
import { rowsFrom, type EventBatch, type GateRows } from "./batch.ts";
import type { LayerGradients, LearnedSequences } from "./learned.ts";
import { layersOf, type SequenceShape } from "./shape.ts";

const NONE = 0; // kinds of assembly/network/activation.ts
const RELU = 1;

/** Adds the way back from the gradients of what all events came to, to those of the events. */
export function addSequenceBack(
  program: Program,
  tensors: TensorSet,
  shape: SequenceShape,
  batch: EventBatch,
  learned: LearnedSequences,
): void {
  const { gates, layers } = learned;
  if (gates !== undefined && batch.gates !== undefined) {
    addRecurrenceBack(program, tensors, shape, batch, batch.gates, learned, gates);
  }
  if (layers !== undefined) addConvolutionBack(program, tensors, shape, batch, learned, layers);
}

/**
 * Time by time from the last; then the gradients of the weights of all times in one product each.
 * Sequences that a step is short of never begin: what their rows held before stays in the gradients of
 * the state, and reaches nothing else.
 */
function addRecurrenceBack(
  program: Program,
  tensors: TensorSet,
  { width, hidden, times }: SequenceShape,
  { rows, begun, embedded }: EventBatch,
  { recurrent, gates, states }: GateRows,
  { gradients, readGradients, embeddedGradients }: LearnedSequences,
  slopes: { readonly inputs: Matrix; readonly recurrent: Matrix },
): void {
  const depth = 3 * hidden;
  const back = { rows, cols: hidden, depth, transposeRight: true, add: true };
  for (let time = times - 1; time >= 0; time--) {
    const from = time * rows;
    const fromState = rowsFrom(slopes.recurrent, from);
    program.add(
      OPERATION.gruBack,
      [
        ...[rowsFrom(recurrent, from).values, rowsFrom(states, from).values, time, begun],
        ...[rowsFrom(gates, from).values, readGradients.values],
        ...[rowsFrom(slopes.inputs, from).values, fromState.values, readGradients.values, hidden],
      ],
      rows,
    );
    program.meet();
    // The state before the first time is no one's.
    if (time > 0) program.product(fromState, tensors.matrix("state"), back, readGradients);
    program.meet();
  }
  const all = times * rows;
  const weights = { cols: depth, depth: all, transposeLeft: true };
  const stride = depth;
  const out = (name: string): Matrix => ({ values: gradients.get(name) as Float32Array, stride });
  program.product(states, slopes.recurrent, { ...weights, rows: hidden }, out("state"));
  program.product(embedded, slopes.inputs, { ...weights, rows: width }, out("input"));
  addSums(program, slopes.recurrent, undefined, depth, out("stateBias").values, all);
  addSums(program, slopes.inputs, undefined, depth, out("inputBias").values, all);
  const events = { rows: all, cols: width, depth, transposeRight: true };
  program.product(slopes.inputs, tensors.matrix("input"), events, embeddedGradients);
  program.meet();
}

/** Layer by layer from the last, each tap shifted the other way. */
function addConvolutionBack(
  program: Program,
  tensors: TensorSet,
  shape: SequenceShape,
  batch: EventBatch,
  learned: LearnedSequences,
  { out, sums, lastTime }: LayerGradients,
): void {
  const { hidden, times } = shape;
  const { rows, begun } = batch;
  const { stride } = out;
  const all = times * rows;
  const last = rowsFrom(out, all - rows);
  const { readGradients } = learned;
  program.add(
    OPERATION.activate,
    [readGradients.values, last.values, stride, stride, NONE, ...dropWords(0, "layer")],
    rows,
  );
  program.meet();
  program.add(OPERATION.maskSteps, [out.values, stride, stride, lastTime, rows], all);
  const layers = layersOf(shape);
  for (let i = layers.length - 1; i >= 0; i--) {
    const taps = layers[i];
    const before = i === 0 ? batch.embedded : batch.layers[i - 1].out;
    const width = i === 0 ? shape.width : hidden;
    const bias = learned.gradients.get(`bias.${i}`) as Float32Array;
    // Rows before a sequence begins are zeros whatever the weights are. A row is the same thread's
    // from masking to bending back.
    program.add(OPERATION.maskSteps, [out.values, stride, stride, begun, rows], all);
    const copied = [out.values, sums.values, stride, stride, NONE, ...dropWords(0, "layer")];
    program.add(OPERATION.activate, copied, all);
    const bent = [batch.layers[i].sums.values, sums.values, stride, stride, RELU];
    program.add(OPERATION.activateBack, [...bent, ...dropWords(0, "layer")], all);
    program.meet();
    addSums(program, sums, undefined, hidden, bias, all);
    const target = i === 0 ? learned.embeddedGradients : out;
    for (const { name, shift } of taps) {
      const slopes = rowsFrom(sums, shift * rows);
      const count = (times - shift) * rows;
      const weights = { rows: width, cols: hidden, depth: count, transposeLeft: true };
      const values = learned.gradients.get(name) as Float32Array;
      program.product(before, slopes, weights, { values, stride });
      // What a layer read also went past it, but for the first.
      const add = shift > 0 || i > 0;
      const inputs = { rows: count, cols: width, depth: hidden, transposeRight: true, add };
      program.product(slopes, tensors.matrix(name), inputs, target);
      program.meet();
    }
  }
}
