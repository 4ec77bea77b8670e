import { paddedDim } from "../../wasm/vectors/distance.ts";
import { arrayBytes, type Heap } from "../../wasm/heap.ts";
import type { Matrix } from "../../wasm/network/matrix.ts";
import type { Learned } from "../network/learned.ts";
import type { NetworkShape } from "../network/shape.ts";
import type { Tensors } from "../network/tensors.ts";

const GRAIN = 16; // columns of a cache line, which no two threads should share
const LEAST_PARTS = 4;
const MOST_PARTS = 16;
const PART_COLUMNS = 64; // about, of wide layers

/** Some columns of the hidden layer. */
export interface Columns {
  /** The first, a multiple of 16, and the one after the last, padding counted. */
  readonly from: number;
  readonly to: number;
  /** Without padding. */
  readonly width: number;
}

/** Parts of the hidden layer that are one thread's, and what that thread alone works on. */
export interface ColumnGroup extends Columns {
  readonly parts: readonly number[];
  /** The batch, as the thread gathers it. */
  readonly dense: Matrix;
  /** The group's columns of the layer's sums, of what it wrote, and of the sums' gradients. */
  readonly sums: Matrix;
  readonly out: Matrix;
  readonly slopes: Matrix;
  /** Its columns of the weights into the layer, f32[dense × (to − from)], and of what belongs to them. */
  readonly weights: ColumnWeights;
}

/** Weights, their gradients and the moments of Adam. */
export interface ColumnWeights {
  readonly values: Float32Array;
  readonly gradients: Float32Array;
  readonly first: Float32Array;
  readonly second: Float32Array;
}

/** How the columns of the hidden layer are shared out, and what the outputs of a batch are added up from. */
export interface ColumnSplit {
  readonly parts: readonly Columns[];
  readonly groups: readonly ColumnGroup[];
  /**
   * Of each part where its share of the outputs goes: where one group has two neighbors, that of the
   * second is added to that of the first.
   */
  readonly shares: readonly Matrix[];
}

/**
 * Whether a network is learned by columns: with one hidden layer, whose values need nothing of one
 * another, all that belongs to a hidden value can be one thread's. Sparse inputs gain nothing by it: what
 * they wait for is their table, which no cache holds.
 */
export function splitsByColumns(shape: NetworkShape, clip: number): boolean {
  const { dense, features, hidden, normalize } = shape;
  return dense > 0 && features === 0 && hidden.length === 1 && !normalize && clip === 0;
}

/**
 * The parts of a layer, whatever the threads: the outputs are the sums of what the parts come to, two by
 * two and those again, so that they are the same bits however parts are grouped.
 */
function partsOf(width: number): Columns[] {
  const grains = Math.ceil(width / GRAIN);
  const wanted = 2 ** Math.floor(Math.log2(width / PART_COLUMNS));
  const count = Math.min(grains, Math.max(LEAST_PARTS, Math.min(MOST_PARTS, wanted)));
  return Array.from({ length: count }, (_, i) => {
    const from = GRAIN * Math.floor((grains * i) / count);
    const to = GRAIN * Math.floor((grains * (i + 1)) / count);
    return { from, to, width: Math.min(to, width) - from };
  });
}

/** Neighbors grouped, as many groups as keep the threads busy: a power of two. */
function groupsOf(parts: readonly Columns[], threads: number): (Columns & { parts: number[] })[] {
  const size = Math.max(1, powerOfTwo(parts.length) / powerOfTwo(threads));
  return Array.from({ length: Math.ceil(parts.length / size) }, (_, i) => {
    const own = parts.slice(i * size, (i + 1) * size);
    const [{ from }, { to }] = [own[0], own[own.length - 1]];
    const width = own.reduce((sum, part) => sum + part.width, 0);
    return { from, to, width, parts: own.map((_part, k) => i * size + k) };
  });
}

/** Bytes that `placeColumns` takes. */
export function columnBytes(shape: NetworkShape, rows: number, threads: number): number {
  const [hidden] = shape.hidden;
  const parts = partsOf(hidden);
  const groups = groupsOf(parts, threads);
  const copies = groups.length > 1 ? groups.length : 0;
  const whole = 3 * rows + 4 * shape.dense;
  const apart = whole * paddedDim(hidden) * 4 + copies * 7 * arrayBytes(1);
  return (
    copies * arrayBytes(rows * paddedDim(shape.dense)) +
    (copies > 0 ? apart : 0) +
    parts.length * arrayBytes(rows * paddedDim(shape.outputs))
  );
}

/**
 * Lays out what threads do not share. What is one thread's stands together: where two take turns in a
 * page, the processor reads ahead into what is the other's, and its lines change hands for nothing.
 */
export function placeColumns(
  heap: Heap,
  tensors: Tensors,
  learned: Learned,
  threads: number,
): ColumnSplit {
  const { batch, slopes } = learned;
  const { rows, outputs, layers } = batch;
  const [{ sums, out }] = layers;
  const matrix = (stride: number): Matrix => ({ values: heap.f32(rows * stride), stride });
  const dense = batch.dense as Matrix;
  const parts = partsOf(tensors.shape.hidden[0]);
  const ranges = groupsOf(parts, threads);
  const groups = ranges.map((range): ColumnGroup => {
    const whole = {
      dense,
      sums,
      out,
      slopes: slopes[0].bent,
      weights: wholeWeights(tensors, learned),
    };
    if (ranges.length === 1) return { ...range, ...whole };
    const cols = range.to - range.from;
    const length = tensors.shape.dense * cols;
    const weights = {
      values: heap.f32(length),
      gradients: heap.f32(length),
      first: heap.f32(length),
      second: heap.f32(length),
    };
    for (const name of ["values", "first", "second"] as const) {
      moveColumns(whole.weights[name], sums.stride, range, weights[name], "out");
    }
    const own = { sums: matrix(cols), out: matrix(cols), slopes: matrix(cols) };
    return { ...range, ...own, dense: matrix(dense.stride), weights };
  });
  const shares: Matrix[] = [];
  for (const group of groups) {
    for (const part of group.parts) {
      const isWhole = part === 0 && groups.length === 1;
      const isAdded = part % 2 === 1 && group.parts.includes(part - 1);
      shares.push(isWhole ? outputs : isAdded ? shares[part - 1] : matrix(outputs.stride));
    }
  }
  return { parts, groups, shares };
}

/** Brings the weights that groups have learned to where others read them. */
export function collectColumns({ groups }: ColumnSplit, tensors: Tensors): void {
  const { values, stride } = tensors.matrix("weights.0");
  for (const group of groups) {
    // Where there is one group, they have been there all the time.
    if (groups.length > 1) moveColumns(values, stride, group, group.weights.values, "back");
  }
}

function wholeWeights(tensors: Tensors, { gradients, first, second }: Learned): ColumnWeights {
  const name = "weights.0";
  return {
    values: tensors.values(name),
    gradients: gradients.get(name) as Float32Array,
    first: first.values(name),
    second: second.values(name),
  };
}

/** Copies some columns of a matrix to where they stand without gaps, or back. */
function moveColumns(
  whole: Float32Array,
  stride: number,
  { from, to }: Columns,
  own: Float32Array,
  way: "out" | "back",
): void {
  const cols = to - from;
  for (let row = 0; row * cols < own.length; row++) {
    const inside = own.subarray(row * cols, (row + 1) * cols);
    const outside = whole.subarray(row * stride + from, row * stride + to);
    if (way === "out") inside.set(outside);
    else outside.set(inside);
  }
}

/** The smallest power of two that is not below. */
function powerOfTwo(atLeast: number): number {
  return 2 ** Math.max(0, Math.ceil(Math.log2(atLeast)));
}
