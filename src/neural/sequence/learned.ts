import type { Layout } from "../../wasm/layout.ts";
import type { Matrix } from "../../wasm/network/matrix.ts";
import { SQUARE_PARTS, type Met } from "../network/learned.ts";
import { lengthOf, type TensorShape } from "../network/shape.ts";
import { TensorSet } from "../network/tensors.ts";
import type { Slopes } from "../training/update.ts";
import { placeMatrix, type EventBatch } from "./batch.ts";
import { sequenceTensors, type SequenceShape } from "./shape.ts";

/** What learning from sequences needs beside the values themselves and a batch. */
export interface LearnedSequences extends Slopes {
  readonly met: Met;
  /** Of the outputs, and of what reaches them. */
  readonly outputGradients: Matrix;
  readonly readGradients: Matrix;
  /** Of the sums of the events' symbols, f32[times × rows][width]. */
  readonly embeddedGradients: Matrix;
  /** Of a recurrent unit's inputs, and of what comes from its state. */
  readonly gates: { readonly inputs: Matrix; readonly recurrent: Matrix } | undefined;
  /** Of what a layer of a convolution wrote, and of its sums; all layers in turn. */
  readonly layers: LayerGradients | undefined;
  readonly outcomes: Float32Array;
}

/** Gradients of a layer of a convolution. */
export interface LayerGradients {
  readonly out: Matrix;
  readonly sums: Matrix;
  /** u32[rows], the last time: what masks all rows before it. */
  readonly lastTime: Uint32Array;
}

/** Lays out what learning needs, moments of Adam included. */
export function placeLearnedSequences(
  layout: Layout,
  shape: SequenceShape,
  batch: EventBatch,
  rows: number,
): LearnedSequences {
  const { width, hidden, times, symbols, outputs } = shape;
  const tensors = sequenceTensors(shape);
  const all = times * rows;
  const met = Math.min(symbols, all * batch.most);
  const length = (each: TensorShape): number => (each.isTable ? met * each.stride : lengthOf(each));
  const isRecurrent = batch.gates !== undefined;
  return {
    gradients: new Map(tensors.map((each) => [each.name, layout.f32(length(each))])),
    first: new TensorSet(layout, tensors),
    second: new TensorSet(layout, tensors),
    partials: layout.f32(SQUARE_PARTS * tensors.length),
    met: {
      slots: layout.u32(all * batch.most),
      places: layout.u32(symbols),
      ids: layout.u32(met),
      count: layout.u32(1),
    },
    outputGradients: placeMatrix(layout, rows, outputs),
    readGradients: placeMatrix(layout, rows, hidden),
    embeddedGradients: placeMatrix(layout, all, width),
    gates: isRecurrent
      ? {
          inputs: placeMatrix(layout, all, 3 * hidden),
          recurrent: placeMatrix(layout, all, 3 * hidden),
        }
      : undefined,
    layers: isRecurrent
      ? undefined
      : {
          out: placeMatrix(layout, all, hidden),
          sums: placeMatrix(layout, all, hidden),
          lastTime: layout.u32(rows).fill(times - 1),
        },
    outcomes: layout.f32(rows * 2),
  };
}
