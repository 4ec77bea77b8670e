import { VectorIndex, type Hits, type Metric } from "#dist/index.js";

/** `count` keys from `first` on. */
export function range(first: number, count: number): number[] {
  return Array.from({ length: count }, (_, i) => first + i);
}

/** The answers of an index that looks at every row. */
export async function exactHits(
  vectors: Float32Array,
  dim: number,
  metric: Metric,
  queries: Float32Array,
  keys = range(0, vectors.length / dim),
  k = 10,
): Promise<Hits[]> {
  await using index = await VectorIndex.create({ dim, metric, kind: "exact" });
  await index.add(keys, vectors);
  return index.searchMany(queries, { k });
}

/** The share of the true nearest that were found, by their keys. */
export function recall(found: readonly Hits[], truth: readonly Hits[]): number {
  let right = 0;
  let wanted = 0;
  truth.forEach(({ keys }, i) => {
    const nearest = new Set(keys);
    wanted += nearest.size;
    right += found[i].keys.filter((key) => nearest.has(key)).length;
  });
  return right / wanted;
}
