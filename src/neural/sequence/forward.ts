import { OPERATION, type Program } from "../../wasm/network/program.ts";
import { columns, dropWords } from "../network/forward.ts";
import type { TensorSet } from "../network/tensors.ts";
import {
  rowsFrom,
  type ConvolutionRows,
  type EventBatch,
  type GateRows,
  type PlacedEvents,
} from "./batch.ts";
import { layersOf, type SequenceShape } from "./shape.ts";

const NONE = 0; // kinds of assembly/network/activation.ts
const RELU = 1;

/**
 * Adds the way of a batch from its events to its outputs. All rows of the batch go along, also those
 * that a step is short of: theirs is an empty sequence, whose rows are zeros all the way.
 *
 * @param drop share of what reaches the outputs that is dropped at random
 */
export function addSequenceForward(
  program: Program,
  tensors: TensorSet,
  shape: SequenceShape,
  placed: PlacedEvents,
  batch: EventBatch,
  drop = 0,
): void {
  addEvents(program, tensors, shape, placed, batch);
  if (batch.gates === undefined) addConvolution(program, tensors, shape, batch);
  else addRecurrence(program, tensors, shape, batch, batch.gates);
  program.add(
    OPERATION.activate,
    [batch.last.values, batch.read.values, shape.hidden, batch.read.stride, ...readWords(drop)],
    batch.rows,
  );
  program.meet();
  const product = { rows: 0, cols: columns(shape.outputs), depth: shape.hidden };
  const bias = tensors.values("outputBias");
  program.product(batch.read, tensors.matrix("output"), product, batch.outputs, bias);
  program.meet();
}

/** Parameters that dropping what reaches the outputs has in common with its way back. */
export function readWords(drop: number): (number | { readonly real: number })[] {
  return [NONE, ...dropWords(drop, "read")];
}

function addEvents(
  program: Program,
  tensors: TensorSet,
  { times }: SequenceShape,
  { spans, starts, ids, values }: PlacedEvents,
  batch: EventBatch,
): void {
  program.add(
    OPERATION.gatherEvents,
    [
      ...[spans, starts, ids, values, batch.most, times],
      ...[batch.counts, batch.ids, batch.values, batch.begun, batch.rows],
    ],
    batch.rows,
  );
  program.meet();
  const table = tensors.matrix("table");
  program.add(
    OPERATION.sumSparse,
    [
      ...[batch.counts, batch.ids, batch.values, batch.most, table.values, table.stride, 0],
      ...[batch.embedded.values, batch.embedded.stride],
    ],
    times * batch.rows,
  );
  program.meet();
}

/** Inputs of all times in one product; then time by time. */
function addRecurrence(
  program: Program,
  tensors: TensorSet,
  { width, hidden, times }: SequenceShape,
  { rows, embedded, begun }: EventBatch,
  { inputs, recurrent, gates, states }: GateRows,
): void {
  const cols = 3 * hidden;
  const all = { rows: times * rows, cols, depth: width };
  program.product(embedded, tensors.matrix("input"), all, inputs, tensors.values("inputBias"));
  const weights = tensors.matrix("state");
  const bias = tensors.values("stateBias");
  for (let time = 0; time < times; time++) {
    const state = rowsFrom(states, time * rows);
    const fromState = rowsFrom(recurrent, time * rows);
    program.product(state, weights, { rows, cols, depth: hidden }, fromState, bias);
    program.meet();
    program.add(
      OPERATION.gru,
      [
        ...[rowsFrom(inputs, time * rows).values, fromState.values, state.values, time, begun],
        ...[
          rowsFrom(gates, time * rows).values,
          rowsFrom(states, (time + 1) * rows).values,
          hidden,
        ],
      ],
      rows,
    );
    program.meet();
  }
}

/** A layer is one product for each tap, of rows that stand earlier by so many times. */
function addConvolution(
  program: Program,
  tensors: TensorSet,
  shape: SequenceShape,
  batch: EventBatch,
): void {
  const { hidden, times } = shape;
  const { rows } = batch;
  layersOf(shape).forEach((taps, i) => {
    const before = i === 0 ? batch.embedded : batch.layers[i - 1].out;
    const depth = i === 0 ? shape.width : hidden;
    const { sums, out } = batch.layers[i];
    for (const { name, shift } of taps) {
      const product = { rows: (times - shift) * rows, cols: hidden, depth, add: shift > 0 };
      const bias = shift === 0 ? tensors.values(`bias.${i}`) : undefined;
      program.product(before, tensors.matrix(name), product, rowsFrom(sums, shift * rows), bias);
      program.meet();
    }
    addBend(program, batch, { sums, out }, times * rows, i === 0 ? undefined : before.values);
  });
}

/** A row is bent, added to what it was, and cleared before its sequence begins, all by one thread. */
function addBend(
  program: Program,
  { begun, rows }: EventBatch,
  { sums, out }: ConvolutionRows,
  all: number,
  before: Float32Array | undefined,
): void {
  const { stride } = out;
  program.add(
    OPERATION.activate,
    [sums.values, out.values, stride, stride, RELU, ...dropWords(0, "layer")],
    all,
  );
  if (before !== undefined) program.add(OPERATION.add, [out.values, before, stride], all);
  program.add(OPERATION.maskSteps, [out.values, stride, stride, begun, rows], all);
  program.meet();
}
