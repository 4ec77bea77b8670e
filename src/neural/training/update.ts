import type { Matrix } from "../../wasm/network/matrix.ts";
import { OPERATION, type Program } from "../../wasm/network/program.ts";
import { quads } from "../network/forward.ts";
import { SQUARE_PARTS, type Learned } from "../network/learned.ts";
import type { TensorSet } from "../network/tensors.ts";

/** What outputs are held against, on a heap. */
export type PlacedTargets =
  | { readonly kind: "softmax"; readonly labels: Uint32Array; readonly smoothing: number }
  | { readonly kind: "binary"; readonly values: Float32Array }
  | { readonly kind: "squared"; readonly values: Float32Array; readonly knee: number }
  | { readonly kind: "pairs"; readonly values: Float32Array };

/** What a step changes values by: gradients, moments of Adam, and the features that a table met. */
export type Slopes = Pick<Learned, "gradients" | "first" | "second" | "partials" | "met">;

/** Adds the loss of each row of a step, and its gradients. */
export function addLoss(
  program: Program,
  count: number,
  targets: PlacedTargets,
  weights: Float32Array,
  {
    outputs,
    outputGradients,
    outcomes,
  }: {
    readonly outputs: Matrix;
    readonly outputGradients: Matrix;
    readonly outcomes: Float32Array;
  },
): void {
  const kind = { softmax: 0, binary: 1, squared: 2, pairs: 3 }[targets.kind];
  const values = targets.kind === "softmax" ? targets.labels : targets.values;
  const stride = targets.kind === "softmax" || targets.kind === "pairs" ? 1 : count;
  const extra =
    targets.kind === "softmax" ? targets.smoothing : targets.kind === "squared" ? targets.knee : 0;
  program.add(OPERATION.loss, [
    ...[kind, outputs.values, count, outputs.stride, values, stride, weights],
    ...[{ real: extra }, outputGradients.values, outcomes],
  ]);
}

/** Adds the numbering of the sparse features that a batch met, once they are gathered. */
export function addNumbering(
  program: Program,
  { batch: { sparse }, met }: Pick<Learned, "batch" | "met">,
): void {
  if (sparse === undefined || met === undefined) return;
  program.add(OPERATION.numberSparse, [
    ...[sparse.counts, sparse.ids, met.slots, sparse.most, met.places, met.ids, met.count],
  ]);
}

/**
 * Adds sums down the columns: out[j] = Σᵢ rows[i][j] (· others[i][j]).
 * @param count rows; 0 for those of the step
 */
export function addSums(
  program: Program,
  rows: Matrix,
  others: Matrix | undefined,
  width: number,
  out: Float32Array,
  count = 0,
): void {
  program.add(
    OPERATION.columnSums,
    [rows.values, others?.values ?? 0, quads(width), rows.stride, out],
    count,
  );
}

/** Adds the scaling down of gradients that are longer, all together, than `most`. */
export function addClip(program: Program, tensors: TensorSet, learned: Slopes, most: number): void {
  tensors.list.forEach((tensor, i) => {
    const partials = learned.partials.subarray(i * SQUARE_PARTS, (i + 1) * SQUARE_PARTS);
    const gradients = learned.gradients.get(tensor.name) as Float32Array;
    const met = tensor.isTable ? learned.met : undefined;
    program.add(OPERATION.squares, [
      ...[gradients, met === undefined ? gradients.length : tensor.stride, partials],
      met?.count ?? 0,
    ]);
  });
  program.meet();
  program.add(OPERATION.clip, [learned.partials, tensors.list.length, { real: most }]);
  program.meet();
}

/** Adds a step of Adam for every tensor. */
export function addUpdates(
  program: Program,
  tensors: TensorSet,
  { gradients, first, second, met }: Slopes,
  { weightDecay, tableRate }: { readonly weightDecay: number; readonly tableRate: number },
): void {
  for (const { name, rows, stride, isTable, decays } of tensors.list) {
    const gradient = gradients.get(name) as Float32Array;
    const values = tensors.values(name);
    const moments = [first.values(name), second.values(name)];
    const decay = { real: decays ? weightDecay : 0 };
    if (isTable && met !== undefined) {
      program.add(OPERATION.adamSparse, [
        ...[values, gradient, ...moments, met.ids, met.count, stride],
        ...[{ real: tableRate }, decay],
      ]);
    } else {
      program.add(OPERATION.adam, [
        ...[values, gradient, ...moments, rows * stride],
        ...[{ real: 1 }, decay, decays ? stride : 0],
      ]);
    }
  }
}
