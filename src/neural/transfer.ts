import type { Classes } from "./classes.ts";
import type { InputEncoder } from "./encoder.ts";
import type { ModelParts } from "./model-parts.ts";
import { Network } from "./network.ts";
import { readCodes } from "./table-codes.ts";
import { tensorsFor, type Tensors } from "./tensors.ts";
import type { NetworkShape, TensorShape } from "./shape.ts";

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
    const values = tensors.values(tensor.name);
    const known = new Float32Array(source.stride);
    for (let row = 0; row < tensor.rows; row++) {
      const place = tensor.isTable ? (features[row] ?? -1) : row;
      if (place === -1) continue;
      if (tensor.isTable) readCodes(old.tensors.table(tensor.name), place, known);
      else known.set(rowOf(old, source, place));
      for (let col = 0; col < tensor.cols; col++) {
        const at = isOutput ? (labels[col] ?? -1) : col;
        if (at !== -1) values[row * tensor.stride + col] = known[at];
      }
    }
  }
  return tensors;
}

function rowOf({ tensors }: Network, { name, stride }: TensorShape, row: number): Float32Array {
  return tensors.values(name).subarray(row * stride, (row + 1) * stride);
}
