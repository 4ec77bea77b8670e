import { layersOf, sequenceTensors, type SequenceShape } from "#dist/neural/sequence/shape.js";
import { lengthOf } from "#dist/neural/network/shape.js";

/** Values of a network by tensor, f64, rows padded as on a heap. */
export type ReferenceTensors = ReadonlyMap<string, Float64Array>;

/** What a sequence should come to. */
export interface ReferenceSample {
  /** Rows of the table that each event has. */
  readonly events: readonly (readonly number[])[];
  /** A class for softmax, else a value for squared error. */
  readonly target: number;
}

type Row = Float64Array;
type Weigh = (name: string, input: Row) => Row;

/** The obvious way from sequences to the mean of their losses, in f64. */
export function referenceLoss(
  shape: SequenceShape,
  tensors: ReferenceTensors,
  samples: readonly ReferenceSample[],
  kind: "softmax" | "squared",
): number {
  let sum = 0;
  for (const { events, target } of samples) {
    const outputs = referenceOutputs(shape, tensors, events);
    if (kind === "squared") sum += (outputs[0] - target) ** 2 / 2;
    else sum += Math.log(outputs.reduce((all, x) => all + Math.exp(x), 0)) - outputs[target];
  }
  return sum / samples.length;
}

/** The outputs of one sequence, of which the last `times` events count. */
export function referenceOutputs(
  shape: SequenceShape,
  tensors: ReferenceTensors,
  events: readonly (readonly number[])[],
): Row {
  const values = (name: string): Float64Array => tensors.get(name) as Float64Array;
  const strides = new Map(sequenceTensors(shape).map((each) => [each.name, each]));
  const weigh: Weigh = (name, input) => {
    const { cols = 0, stride = 0 } = strides.get(name) ?? {};
    const weights = values(name);
    const out = new Float64Array(cols);
    for (let k = 0; k < input.length; k++) {
      for (let j = 0; j < cols; j++) out[j] += input[k] * weights[k * stride + j];
    }
    return out;
  };
  const rows = events.slice(-shape.times).map((ids) => {
    const row = new Float64Array(shape.width);
    const stride = strides.get("table")?.stride ?? 0;
    for (const id of ids)
      for (let j = 0; j < row.length; j++) row[j] += values("table")[id * stride + j];
    return row;
  });
  const last =
    shape.family === "gru"
      ? recur(rows, shape.hidden, weigh, values)
      : convolve(rows, shape, weigh, values);
  return plus(weigh("output", last), values("outputBias"));
}

function recur(
  rows: readonly Row[],
  hidden: number,
  weigh: Weigh,
  values: (name: string) => Row,
): Row {
  const sigmoid = (x: number): number => 1 / (1 + Math.exp(-x));
  let state: Row = new Float64Array(hidden);
  for (const row of rows) {
    const x = plus(weigh("input", row), values("inputBias"));
    const h = plus(weigh("state", state), values("stateBias"));
    state = state.map((held, j) => {
      const r = sigmoid(x[j] + h[j]);
      const z = sigmoid(x[hidden + j] + h[hidden + j]);
      const n = Math.tanh(x[2 * hidden + j] + r * h[2 * hidden + j]);
      return (1 - z) * n + z * held;
    });
  }
  return state;
}

function convolve(
  rows: readonly Row[],
  shape: SequenceShape,
  weigh: Weigh,
  values: (name: string) => Row,
): Row {
  let inputs = [...rows];
  layersOf(shape).forEach((taps, layer) => {
    inputs = inputs.map((input, time) => {
      let sums: Row = values(`bias.${layer}`).slice(0, shape.hidden);
      for (const { name, shift } of taps) {
        if (shift <= time) sums = plus(sums, weigh(name, inputs[time - shift]));
      }
      const bent = sums.map((sum) => Math.max(sum, 0));
      return layer === 0 ? bent : plus(bent, input);
    });
  });
  return inputs[inputs.length - 1];
}

function plus(a: Row, b: Row): Row {
  return a.map((value, i) => value + b[i]);
}

/**
 * Gradients of the loss by central differences, of the values at `places` of a tensor.
 * @returns f64[places.length]
 */
export function referenceGradients(
  loss: (tensors: ReferenceTensors) => number,
  tensors: ReferenceTensors,
  name: string,
  places: readonly number[],
): Float64Array {
  const step = 1e-5;
  const values = (tensors.get(name) as Float64Array).slice();
  const changed = new Map(tensors).set(name, values);
  return Float64Array.from(places, (place) => {
    const held = values[place];
    values[place] = held + step;
    const above = loss(changed);
    values[place] = held - step;
    const below = loss(changed);
    values[place] = held;
    return (above - below) / (2 * step);
  });
}

/** Lengths of tensors must be those of a heap. */
export function referenceTensors(
  shape: SequenceShape,
  values: (name: string) => Float32Array,
): ReferenceTensors {
  return new Map(
    sequenceTensors(shape).map((each) => [
      each.name,
      Float64Array.from(values(each.name).subarray(0, lengthOf(each))),
    ]),
  );
}
