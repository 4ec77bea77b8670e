import { fillRandom, seededRandom } from "../util/random.ts";

/** How vectors of a test set are drawn. */
export interface ClusterOptions {
  /** Default 300. */
  readonly clusters?: number;
  /** Of a cluster, as a share of that of the centers; default 0.6. */
  readonly spread?: number;
  /** Whether every vector has length 1, as embeddings have; default false. */
  readonly unit?: boolean;
}

/**
 * f32[count × dim]: vectors around centers, as embeddings of texts on some subjects would be. The
 * centers are the same for every seed, so rows and queries of two seeds belong together.
 */
export function clusteredVectors(
  count: number,
  dim: number,
  seed: number,
  { clusters = 300, spread = 0.6, unit = false }: ClusterOptions = {},
): Float32Array {
  const centers = fillRandom(new Float32Array(clusters * dim), seededRandom(42));
  const random = seededRandom(seed);
  const vectors = new Float32Array(count * dim);
  for (let i = 0; i < count; i++) {
    const center = Math.floor(random() * clusters) * dim;
    let squares = 0;
    for (let j = 0; j < dim; j++) {
      const value = centers[center + j] + spread * (2 * random() - 1);
      vectors[i * dim + j] = value;
      squares += value * value;
    }
    if (unit) for (let j = i * dim; j < (i + 1) * dim; j++) vectors[j] /= Math.sqrt(squares);
  }
  return vectors;
}
