import { paddedDim } from "../../wasm/vectors/distance.ts";
import type { Layout } from "../../wasm/layout.ts";
import type { Matrix } from "../../wasm/network/matrix.ts";
import type { BatchRows } from "./forward.ts";
import { lengthOf, tensorsOf, type NetworkShape, type TensorShape } from "./shape.ts";
import type { TensorSet } from "./tensors.ts";

/** Parts that the sum of squares of a tensor's gradients is made of: see assembly/network/operations.ts. */
export const SQUARE_PARTS = 16;

/** What learning needs beside the values themselves. */
export interface Learned {
  readonly gradients: ReadonlyMap<string, Float32Array>;
  readonly first: TensorSet;
  readonly second: TensorSet;
  readonly batch: BatchRows;
  readonly slopes: readonly LayerSlopes[];
  readonly outputGradients: Matrix;
  readonly outcomes: Float32Array;
  readonly partials: Float32Array;
  readonly met: Met | undefined;
}

/** Gradients of a hidden layer of a batch: of what bends, and of its sums, which are the same unless they are normalized. */
export interface LayerSlopes {
  readonly bent: Matrix;
  readonly sums: Matrix;
}

/** Sparse features that a batch met, numbered. */
export interface Met {
  readonly slots: Uint32Array;
  readonly places: Uint32Array;
  readonly ids: Uint32Array;
  readonly count: Uint32Array;
}

/** Rows that the gradients of a table can have: features that a batch can meet. */
function metRows(shape: NetworkShape, rows: number, most: number): number {
  return Math.min(shape.features, rows * most);
}

function gradientLength(
  tensor: TensorShape,
  shape: NetworkShape,
  rows: number,
  most: number,
): number {
  return tensor.isTable ? metRows(shape, rows, most) * tensor.stride : lengthOf(tensor);
}

/** Lays out what learning needs. */
export function placeLearned(
  layout: Layout,
  shape: NetworkShape,
  batch: BatchRows,
  moments: readonly [TensorSet, TensorSet],
): Learned {
  const { rows } = batch;
  const most = batch.sparse?.most ?? 0;
  const matrix = (width: number): Matrix => {
    const stride = paddedDim(width);
    return { values: layout.f32(rows * stride), stride };
  };
  const tensors = tensorsOf(shape);
  return {
    gradients: new Map(
      tensors.map((each) => [each.name, layout.f32(gradientLength(each, shape, rows, most))]),
    ),
    first: moments[0],
    second: moments[1],
    batch,
    slopes: shape.hidden.map((width) => {
      const bent = matrix(width);
      return { bent, sums: shape.normalize ? matrix(width) : bent };
    }),
    outputGradients: matrix(shape.outputs),
    outcomes: layout.f32(rows * 2),
    partials: layout.f32(SQUARE_PARTS * tensors.length),
    met:
      batch.sparse === undefined
        ? undefined
        : {
            slots: layout.u32(rows * most),
            places: layout.u32(shape.features),
            ids: layout.u32(metRows(shape, rows, most)),
            count: layout.u32(1),
          },
  };
}
