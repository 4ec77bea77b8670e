// The part of a network that some samples touch, moved apart to learn and back.

import type { Network } from "../network/network.ts";
import type { Samples } from "../features/samples.ts";
import { readCodes, writeCodes } from "../network/table-codes.ts";
import type { Tensors } from "../network/tensors.ts";

/** Samples with the features that they have numbered from 0, and what those were. */
export function compacted(samples: Samples): { compact: Samples; features: readonly number[] } {
  const { sparse } = samples;
  if (sparse === undefined) return { compact: samples, features: [] };
  const numbers = new Map<number, number>();
  const ids = Uint32Array.from(sparse.ids, (id) => {
    let number = numbers.get(id);
    if (number === undefined) numbers.set(id, (number = numbers.size));
    return number;
  });
  return { compact: { ...samples, sparse: { ...sparse, ids } }, features: [...numbers.keys()] };
}

/** Copies values from the whole network to the small one, or back. */
export function moveRows(
  whole: Network,
  small: Tensors,
  features: readonly number[],
  way: "out" | "back",
): void {
  for (const { name, isTable, stride } of small.list) {
    const near = small.values(name);
    if (!isTable) {
      const far = whole.tensors.values(name);
      if (way === "out") near.set(far);
      else far.set(near);
      continue;
    }
    const table = whole.tensors.table(name);
    features.forEach((feature, row) => {
      const inside = near.subarray(row * stride, (row + 1) * stride);
      if (way === "out") readCodes(table, feature, inside);
      else writeCodes(table, feature, inside);
    });
  }
}
