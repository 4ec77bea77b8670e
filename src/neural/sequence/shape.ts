import { matrix, row, table, type TensorShape } from "../network/shape.ts";

/** How a network goes along a sequence. */
export type SequenceFamily =
  /** A gated recurrent unit: a state that each event changes. */
  | "gru"
  /** Layers that each see few events, ever further apart, and none that came later. */
  | "convolution";

/**
 * A network over the last events of sequences. Every event is the sum of its symbols' rows of a table;
 * what is made of all of them at the last reaches the outputs.
 *
 * Source of the convolution: Bai, Kolter and Koltun, An empirical evaluation of generic convolutional
 * and recurrent networks for sequence modeling, 2018.
 */
export interface SequenceShape {
  readonly family: SequenceFamily;
  /** Rows of the event table. */
  readonly symbols: number;
  /** Values of a table row; a multiple of 16. */
  readonly width: number;
  /** Values of a state, or of a layer; a multiple of 16. */
  readonly hidden: number;
  /** Last events looked at. */
  readonly times: number;
  readonly outputs: number;
}

/** One product of a convolution: what a layer takes from `shift` events earlier. */
export interface Tap {
  readonly name: string;
  readonly shift: number;
}

const TAPS = 3;

/** The taps of each layer of a convolution: as many layers as reach over all events looked at. */
export function layersOf({ family, times }: SequenceShape): readonly (readonly Tap[])[] {
  const layers: Tap[][] = [];
  if (family === "gru") return layers;
  let reach = 1;
  do {
    const layer = layers.length;
    const apart = 2 ** layer;
    const taps = Array.from({ length: TAPS }, (_, tap) => ({
      name: `taps.${layer}.${tap}`,
      shift: tap * apart,
    }));
    // What would look past the first event learns nothing.
    layers.push(taps.filter(({ shift }) => shift < times));
    reach += (TAPS - 1) * apart;
  } while (reach < times);
  return layers;
}

/** Every tensor of a network over sequences, in the order that files keep them. */
export function sequenceTensors(shape: SequenceShape): readonly TensorShape[] {
  const { family, symbols, width, hidden, outputs } = shape;
  const tensors = [table("table", symbols, width)];
  if (family === "gru") {
    tensors.push(matrix("input", width, 3 * hidden), row("inputBias", 3 * hidden, "zeros"));
    tensors.push(matrix("state", hidden, 3 * hidden), row("stateBias", 3 * hidden, "zeros"));
  }
  layersOf(shape).forEach((taps, layer) => {
    const inputs = layer === 0 ? width : hidden;
    tensors.push(...taps.map(({ name }) => matrix(name, inputs, hidden)));
    tensors.push(row(`bias.${layer}`, hidden, "zeros"));
  });
  tensors.push(matrix("output", hidden, outputs), row("outputBias", outputs, "zeros"));
  return tensors;
}

/** Learned values of a network over sequences, padding not counted. */
export function sequenceParameters(shape: SequenceShape): number {
  return sequenceTensors(shape).reduce((sum, { rows, cols }) => sum + rows * cols, 0);
}

/** Operations that a step needs at most. */
export function mostOperations(shape: SequenceShape): number {
  const tensors = sequenceTensors(shape).length;
  const along = shape.family === "gru" ? 4 * shape.times : 8 * tensors;
  return along + 2 * tensors + 32;
}
