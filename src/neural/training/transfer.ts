import type { Classes } from "./classes.ts";
import type { InputEncoder } from "../features/encoder.ts";
import type { ModelParts } from "../model/model-parts.ts";
import { Network } from "../network/network.ts";
import { readCodes } from "../network/table-codes.ts";
import { tensorsFor, type Tensors } from "../network/tensors.ts";
import type { NetworkShape, TensorShape } from "../network/shape.ts";

/** The values of another model where features and labels are the same, the rest as they begin. */
export function transfer(
  from: ModelParts,
  encoder: InputEncoder,
  classes: Classes | undefined,
  shape: NetworkShape,
): Tensors | undefined {
  const [old] = from.networks;
  if (!(old instanceof Network)) return undefined;
  const tensors = tensorsFor(shape);
  tensors.randomize(0);
  const features = encoder.text?.sameAs(from.encoder.text) ?? [];
  const labels = classes?.labels.map((label) => from.classes?.numberOf(label) ?? -1) ?? [0];
  for (const tensor of tensors.list) {
    const source = old.tensors.list.find(({ name }) => name === tensor.name);
    if (source === undefined) continue;
    const isOutput = tensor.name.startsWith("output") || tensor.name === "wide";
    if (!isOutput && source.cols !== tensor.cols) continue;
    if (!tensor.isTable && source.rows !== tensor.rows) continue;
    const rows = tensor.isTable ? features : indices(tensor.rows);
    const cols = isOutput ? labels : indices(tensor.cols);
    copyKnown(old, source, tensors, tensor, { rows, cols });
  }
  return tensors;
}

/**
 * Copies what a tensor of another network has.
 * @param places where rows and columns of the new tensor stand in it; −1 or absent where they do not
 */
function copyKnown(
  old: Network,
  source: TensorShape,
  tensors: Tensors,
  { name, isTable, rows, cols, stride }: TensorShape,
  places: { readonly rows: ArrayLike<number>; readonly cols: ArrayLike<number> },
): void {
  const values = tensors.values(name);
  const known = new Float32Array(source.stride);
  for (let row = 0; row < rows; row++) {
    const place = places.rows[row] ?? -1;
    if (place === -1) continue;
    if (isTable) readCodes(old.tensors.table(name), place, known);
    else known.set(rowOf(old, source, place));
    for (let col = 0; col < cols; col++) {
      const at = places.cols[col] ?? -1;
      if (at !== -1) values[row * stride + col] = known[at];
    }
  }
}

function indices(count: number): Uint32Array {
  return Uint32Array.from({ length: count }, (_, i) => i);
}

function rowOf({ tensors }: Network, { name, stride }: TensorShape, row: number): Float32Array {
  return tensors.values(name).subarray(row * stride, (row + 1) * stride);
}
