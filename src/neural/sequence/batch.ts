import { paddedDim } from "../../wasm/vectors/distance.ts";
import type { Layout } from "../../wasm/layout.ts";
import type { Matrix } from "../../wasm/network/matrix.ts";
import type { SparseRows } from "../features/samples.ts";
import { layersOf, type SequenceShape } from "./shape.ts";

/** Sequences as spans of one array of events. */
export interface EventSamples {
  readonly count: number;
  /** u32[count][2]: the first event of each, and the one after its last. */
  readonly spans: Uint32Array;
  /** The symbols of each event. */
  readonly events: SparseRows;
}

/** Sequences on a heap; the last of them is an empty one, for rows that a batch has too many. */
export interface PlacedEvents {
  readonly spans: Uint32Array;
  readonly starts: Uint32Array;
  readonly ids: Uint32Array;
  readonly values: Float32Array;
}

/** A batch on its way through a network: rows go by time and then by sequence. */
export interface EventBatch {
  /** Sequences. */
  readonly rows: number;
  /** Most symbols of an event. */
  readonly most: number;
  readonly counts: Uint32Array;
  readonly ids: Uint32Array;
  readonly values: Float32Array;
  /** The first time that each sequence has. */
  readonly begun: Uint32Array;
  /** f32[times × rows][width]. */
  readonly embedded: Matrix;
  readonly gates: GateRows | undefined;
  readonly layers: readonly ConvolutionRows[];
  /** f32[rows][hidden]: what all events came to, before and after some of it is dropped. */
  readonly last: Matrix;
  readonly read: Matrix;
  readonly outputs: Matrix;
}

/** What a recurrent unit holds, kept for the way back: see assembly/network/gru.ts. */
export interface GateRows {
  readonly inputs: Matrix;
  readonly recurrent: Matrix;
  readonly gates: Matrix;
  /** f32[(times + 1) × rows][hidden]: zeros, then the state after each time. */
  readonly states: Matrix;
}

/** What a layer of a convolution holds. */
export interface ConvolutionRows {
  readonly sums: Matrix;
  readonly out: Matrix;
}

/** A block of rows of a matrix, from one on. */
export function rowsFrom({ values, stride }: Matrix, first: number): Matrix {
  return { values: values.subarray(first * stride), stride };
}

/** f32[rows][width], rows padded. */
export function placeMatrix(layout: Layout, rows: number, width: number): Matrix {
  const stride = paddedDim(width);
  return { values: layout.f32(rows * stride), stride };
}

/** Lays out room for sequences and the empty one: so many of so many events and symbols. */
export function placeEvents(
  layout: Layout,
  { count, events, symbols }: { count: number; events: number; symbols: number },
): PlacedEvents {
  return {
    spans: layout.u32(2 * (count + 1)),
    starts: layout.u32(events + 1),
    ids: layout.u32(symbols),
    values: layout.f32(symbols),
  };
}

/** Copies sequences to where they were laid out. */
export function fillEvents(placed: PlacedEvents, { spans, events }: EventSamples): void {
  placed.spans.set(spans);
  placed.starts.set(events.starts);
  placed.ids.set(events.ids);
  placed.values.set(events.values);
}

/** Lays out what a batch of `rows` sequences needs. */
export function placeEventBatch(
  layout: Layout,
  shape: SequenceShape,
  rows: number,
  most: number,
): EventBatch {
  const { width, hidden, times } = shape;
  const all = times * rows;
  const gates =
    shape.family === "gru"
      ? {
          inputs: placeMatrix(layout, all, 3 * hidden),
          recurrent: placeMatrix(layout, all, 3 * hidden),
          gates: placeMatrix(layout, all, 3 * hidden),
          states: placeMatrix(layout, all + rows, hidden),
        }
      : undefined;
  const layers = layersOf(shape).map(() => ({
    sums: placeMatrix(layout, all, hidden),
    out: placeMatrix(layout, all, hidden),
  }));
  return {
    rows,
    most,
    counts: layout.u32(all),
    ids: layout.u32(all * most),
    values: layout.f32(all * most),
    begun: layout.u32(rows),
    embedded: placeMatrix(layout, all, width),
    gates,
    layers,
    last:
      gates === undefined
        ? rowsFrom(layers[layers.length - 1].out, all - rows)
        : rowsFrom(gates.states, all),
    read: placeMatrix(layout, rows, hidden),
    outputs: placeMatrix(layout, rows, shape.outputs),
  };
}
