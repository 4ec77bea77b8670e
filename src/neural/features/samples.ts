import { paddedDim } from "../../wasm/vectors/distance.ts";
import type { Heap } from "../../wasm/heap.ts";
import { arrayBytes } from "../../wasm/heap.ts";
import type { Matrix } from "../../wasm/network/matrix.ts";

/** Rows that have few of many features: row i has ids and values [starts[i], starts[i + 1]). */
export interface SparseRows {
  readonly starts: Uint32Array;
  readonly ids: Uint32Array;
  readonly values: Float32Array;
}

/** Inputs of a network: dense values, sparse features, or both for each sample. */
export interface Samples {
  readonly count: number;
  /** f32[count × dense], row-major. */
  readonly dense?: Float32Array;
  readonly sparse?: SparseRows;
}

/** Samples on a heap, dense rows padded. */
export interface PlacedSamples {
  readonly dense: Matrix | undefined;
  readonly sparse: (SparseRows & { readonly most: number }) | undefined;
  /** What is added to the outputs of each sample while a network learns, f32[count × outputs]. */
  readonly offsets?: Matrix;
}

/** Most features of a row, at least 1. */
export function mostFeatures({ starts }: SparseRows): number {
  let most = 1;
  for (let i = 1; i < starts.length; i++) most = Math.max(most, starts[i] - starts[i - 1]);
  return most;
}

/** Bytes that `placeSamples` takes. */
export function sampleBytes({ count, dense, sparse }: Samples): number {
  let bytes = 0;
  if (dense !== undefined) bytes += arrayBytes(count * paddedDim(dense.length / count));
  if (sparse !== undefined) {
    bytes += arrayBytes(sparse.starts.length) + 2 * arrayBytes(sparse.ids.length);
  }
  return bytes;
}

/** Copies samples to a heap. */
export function placeSamples(heap: Heap, { count, dense, sparse }: Samples): PlacedSamples {
  return {
    dense: dense === undefined ? undefined : placeRows(heap, dense, count),
    sparse:
      sparse === undefined
        ? undefined
        : {
            starts: placed(heap.u32(sparse.starts.length), sparse.starts),
            ids: placed(heap.u32(sparse.ids.length), sparse.ids),
            values: placed(heap.f32(sparse.values.length), sparse.values),
            most: mostFeatures(sparse),
          },
  };
}

/** Copies rows to a heap, each padded with zeros. */
export function placeRows(heap: Heap, rows: Float32Array, count: number): Matrix {
  const width = rows.length / count;
  const stride = paddedDim(width);
  const values = heap.f32(count * stride);
  for (let i = 0; i < count; i++) {
    values.set(rows.subarray(i * width, (i + 1) * width), i * stride);
  }
  return { values, stride };
}

function placed<Values extends Uint32Array | Float32Array>(to: Values, from: Values): Values {
  to.set(from);
  return to;
}

/** The samples at `positions`, in that order. */
export function takeSamples(samples: Samples, positions: ArrayLike<number>): Samples {
  const count = positions.length;
  const taken: { count: number; dense?: Float32Array; sparse?: SparseRows } = { count };
  if (samples.dense !== undefined) {
    const width = samples.dense.length / samples.count;
    const dense = new Float32Array(count * width);
    for (let i = 0; i < count; i++) {
      const from = positions[i] * width;
      dense.set(samples.dense.subarray(from, from + width), i * width);
    }
    taken.dense = dense;
  }
  if (samples.sparse !== undefined) taken.sparse = takeRows(samples.sparse, positions);
  return taken;
}

/** The rows at `positions`, in that order. */
function takeRows(rows: SparseRows, positions: ArrayLike<number>): SparseRows {
  const starts = new Uint32Array(positions.length + 1);
  for (let i = 0; i < positions.length; i++) {
    starts[i + 1] = starts[i] + rows.starts[positions[i] + 1] - rows.starts[positions[i]];
  }
  const ids = new Uint32Array(starts[positions.length]);
  const values = new Float32Array(ids.length);
  for (let i = 0; i < positions.length; i++) {
    const from = rows.starts[positions[i]];
    const to = rows.starts[positions[i] + 1];
    ids.set(rows.ids.subarray(from, to), starts[i]);
    values.set(rows.values.subarray(from, to), starts[i]);
  }
  return { starts, ids, values };
}

/** One after the other. Both have the same kinds of input. */
export function joinSamples(a: Samples, b: Samples): Samples {
  const joined: { count: number; dense?: Float32Array; sparse?: SparseRows } = {
    count: a.count + b.count,
  };
  if (a.dense !== undefined && b.dense !== undefined) {
    const dense = new Float32Array(a.dense.length + b.dense.length);
    dense.set(a.dense);
    dense.set(b.dense, a.dense.length);
    joined.dense = dense;
  }
  if (a.sparse !== undefined && b.sparse !== undefined) {
    joined.sparse = joinRows(a.sparse, b.sparse);
  }
  return joined;
}

function joinRows(a: SparseRows, b: SparseRows): SparseRows {
  const before = a.ids.length;
  const ids = new Uint32Array(before + b.ids.length);
  const values = new Float32Array(ids.length);
  const starts = new Uint32Array(a.starts.length + b.starts.length - 1);
  ids.set(a.ids);
  ids.set(b.ids, before);
  values.set(a.values);
  values.set(b.values, before);
  starts.set(a.starts);
  for (let i = 1; i < b.starts.length; i++) starts[a.starts.length - 1 + i] = before + b.starts[i];
  return { starts, ids, values };
}
