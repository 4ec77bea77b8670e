import { paddedDim } from "../../wasm/vectors/distance.ts";
import type { Layout } from "../../wasm/layout.ts";
import type { Matrix } from "../../wasm/network/matrix.ts";
import { OPERATION, type Program } from "../../wasm/network/program.ts";
import type { PlacedSamples } from "../features/samples.ts";
import type { CodedTable } from "./table-codes.ts";
import { hasWide, type NetworkShape } from "./shape.ts";

/** What is dropped while learning, as shares from 0 to below 1. */
export interface Drops {
  /** Of sparse features. */
  readonly features: number;
  /** Of the values of each hidden layer. */
  readonly hidden: number;
}

const NO_DROPS: Drops = { features: 0, hidden: 0 };
const ACTIVATIONS = { relu: 1, gelu: 2, tanh: 3 } as const;
const TWO_32 = 4_294_967_296;

/** What one hidden layer of a batch holds, kept for the way back. */
export interface LayerRows {
  readonly width: number;
  /** The layer's sums. */
  readonly sums: Matrix;
  /** With layer normalization: sums of even scale, and what undoes it. */
  readonly normal: Matrix | undefined;
  readonly inverse: Float32Array | undefined;
  /** What bends: the sums, or what normalization made of them. */
  readonly bent: Matrix;
  /** What the next layer reads. */
  readonly out: Matrix;
}

/** Sparse inputs of a batch, as drawn in assembly/network/sparse.ts. */
export interface SparseBatch {
  readonly counts: Uint32Array;
  readonly ids: Uint32Array;
  readonly values: Float32Array;
  readonly most: number;
}

/** A batch on its way through a network. */
export interface BatchRows {
  readonly rows: number;
  readonly dense: Matrix | undefined;
  readonly sparse: SparseBatch | undefined;
  readonly layers: readonly LayerRows[];
  readonly outputs: Matrix;
  readonly offsets: Matrix | undefined;
}

/** What a forward pass reads: tables are in f32 while they learn, and in 8 bits afterwards. */
export interface ForwardTensors {
  readonly shape: NetworkShape;
  values(name: string): Float32Array;
  matrix(name: string): Matrix;
  table(name: string): Matrix | CodedTable;
}

/** Lays out what a batch of `rows` needs, of sparse samples of at most `most` features. */
export function placeBatch(
  layout: Layout,
  shape: NetworkShape,
  rows: number,
  most: number,
  hasOffsets = false,
): BatchRows {
  const matrix = (width: number): Matrix => {
    const stride = paddedDim(width);
    return { values: layout.f32(rows * stride), stride };
  };
  const layers = shape.hidden.map((width): LayerRows => {
    const sums = matrix(width);
    const normal = shape.normalize ? matrix(width) : undefined;
    const inverse = shape.normalize ? layout.f32(rows) : undefined;
    const bent = shape.normalize ? matrix(width) : sums;
    return { width, sums, normal, inverse, bent, out: matrix(width) };
  });
  return {
    rows,
    dense: shape.dense > 0 ? matrix(shape.dense) : undefined,
    sparse:
      shape.features > 0
        ? {
            counts: layout.u32(rows),
            ids: layout.u32(rows * most),
            values: layout.f32(rows * most),
            most,
          }
        : undefined,
    layers,
    outputs: matrix(shape.outputs),
    offsets: hasOffsets ? matrix(shape.outputs) : undefined,
  };
}

/**
 * Adds the way of a batch from its samples to its outputs. A row is the same thread's all the way, so
 * threads meet only where the features of all rows are needed: once they are gathered.
 */
export function addForward(
  program: Program,
  tensors: ForwardTensors,
  samples: PlacedSamples,
  batch: BatchRows,
  drops: Drops = NO_DROPS,
): void {
  const { shape } = tensors;
  addGather(program, samples, batch, shape.dense, drops.features);
  if (batch.sparse !== undefined) program.meet();
  let inputs = batch.dense;
  let inputCount = shape.dense;
  batch.layers.forEach((layer, i) => {
    const bias = tensors.values(`bias.${i}`);
    const isSparse = i === 0 && batch.sparse !== undefined;
    if (isSparse) {
      addSparse(program, batch.sparse as SparseBatch, tensors.table("table"), bias, layer.sums);
    }
    if (inputs !== undefined) {
      const product = { rows: 0, cols: columns(layer.width), depth: inputCount, add: isSparse };
      const start = isSparse ? undefined : bias;
      program.product(inputs, tensors.matrix(`weights.${i}`), product, layer.sums, start);
    }
    addBend(program, tensors, layer, i, drops.hidden);
    inputs = layer.out;
    inputCount = layer.width;
  });
  const bias = tensors.values("outputBias");
  const isWide = hasWide(shape);
  if (isWide) {
    addSparse(program, batch.sparse as SparseBatch, tensors.table("wide"), bias, batch.outputs);
  }
  if (inputs !== undefined) {
    const product = { rows: 0, cols: columns(shape.outputs), depth: inputCount, add: isWide };
    const start = isWide ? undefined : bias;
    program.product(inputs, tensors.matrix("output"), product, batch.outputs, start);
  }
  if (batch.offsets === undefined) return;
  const { values, stride } = batch.outputs;
  program.add(OPERATION.add, [values, batch.offsets.values, stride]);
}

/** Adds the way of samples into the rows of a batch. */
export function addGather(
  program: Program,
  samples: PlacedSamples,
  { dense, sparse, offsets }: BatchRows,
  width: number,
  drop: number,
): void {
  if (dense !== undefined && samples.dense !== undefined) {
    const { values, stride } = samples.dense;
    program.add(OPERATION.gatherRows, [values, stride, dense.values, dense.stride, width]);
  }
  if (offsets !== undefined && samples.offsets !== undefined) {
    const { values, stride } = samples.offsets;
    program.add(OPERATION.gatherRows, [values, stride, offsets.values, offsets.stride, stride]);
  }
  if (sparse !== undefined && samples.sparse !== undefined) {
    program.add(OPERATION.gatherSparse, [
      ...[samples.sparse.starts, samples.sparse.ids, samples.sparse.values, sparse.most],
      ...[threshold(drop), seedOf("features"), { real: 1 / (1 - drop) }],
      ...[sparse.counts, sparse.ids, sparse.values],
    ]);
  }
}

/** Adds weighted sums of rows of a table. */
export function addSparse(
  program: Program,
  { counts, ids, values, most }: SparseBatch,
  table: Matrix | CodedTable,
  bias: Float32Array,
  out: Matrix,
): void {
  const places = [bias, out.values, out.stride];
  const input = [counts, ids, values, most, table.values];
  if (!("scales" in table)) program.add(OPERATION.sumSparse, [...input, table.stride, ...places]);
  else {
    const operation = table.bits === 4 ? OPERATION.sumSparseI4 : OPERATION.sumSparseI8;
    program.add(operation, [...input, table.scales, table.stride, ...places]);
  }
}

/** Adds what normalizes and bends a layer. */
function addBend(
  program: Program,
  tensors: ForwardTensors,
  layer: LayerRows,
  index: number,
  drop: number,
): void {
  const { width, bent, out } = layer;
  const { shape } = tensors;
  const learned = [`gain.${index}`, `shift.${index}`];
  addNorm(program, layer, shape.normalize ? learned.map((name) => tensors.values(name)) : []);
  program.add(OPERATION.activate, [
    ...[bent.values, out.values, quads(width), out.stride, ...activationWords(shape, index, drop)],
  ]);
}

/** Adds layer normalization, when there is any: `learned` is gain and shift. */
export function addNorm(
  program: Program,
  { width, sums, normal, inverse, bent }: LayerRows,
  learned: readonly Float32Array[],
): void {
  if (normal === undefined || inverse === undefined) return;
  program.add(OPERATION.layerNorm, [
    ...[sums.values, width, sums.stride, ...learned, normal.values, inverse, bent.values],
  ]);
}

/** Parameters that bending has in common with its way back. */
export function activationWords(
  shape: NetworkShape,
  layer: number,
  drop: number,
): (number | { readonly real: number })[] {
  return [ACTIVATIONS[shape.activation], ...dropWords(drop, `hidden.${layer}`)];
}

/** Parameters of dropping a share at random, in a place that has a name. */
export function dropWords(drop: number, place: string): (number | { readonly real: number })[] {
  return [threshold(drop), { real: 1 / (1 - drop) }, seedOf(place)];
}

/** Columns of a product: a multiple of 8. */
export function columns(width: number): number {
  return Math.ceil(width / 8) * 8;
}

/** Values in whole vectors. */
export function quads(width: number): number {
  return Math.ceil(width / 4) * 4;
}

function threshold(share: number): number {
  return Math.floor(share * TWO_32);
}

/** A number for each place that draws at random, so that no two draw alike. */
function seedOf(name: string): number {
  let state = 0x811c9dc5;
  for (const letter of name) state = Math.imul(state ^ letter.charCodeAt(0), 0x01000193);
  return state >>> 0;
}
