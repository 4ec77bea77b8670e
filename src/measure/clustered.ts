import { fillRandom, seededRandom } from "../util/random.ts";

/** How vectors of a test set are drawn. */
export interface ClusterOptions {
  /** Default 300. */
  readonly clusters?: number;
  /** Of a cluster, as a share of that of the centers; default 0.6. */
  readonly spread?: number;
  /** Whether every vector has length 1, as embeddings have; default false. */
  readonly unit?: boolean;
  /**
   * How fast the variance falls from one direction to the next: that of the j-th is j to the power of
   * −decay. 0, the default, is noise of equal size in every direction, in which all rows of a cluster are
   * nearly as far from each other; embeddings are nearer to 1.
   */
  readonly decay?: number;
}

/**
 * f32[count × dim]: vectors around centers, as embeddings of texts on some subjects would be. The
 * centers are the same for every seed, so rows and queries of two seeds belong together.
 */
export function clusteredVectors(
  count: number,
  dim: number,
  seed: number,
  { clusters = 300, spread = 0.6, unit = false, decay = 0 }: ClusterOptions = {},
): Float32Array {
  const centers = fillRandom(new Float32Array(clusters * dim), seededRandom(42));
  const scales = Float64Array.from({ length: dim }, (_, j) => (j + 1) ** (-decay / 2));
  const random = seededRandom(seed);
  const vectors = new Float32Array(count * dim);
  for (let i = 0; i < count; i++) {
    const center = Math.floor(random() * clusters) * dim;
    let squares = 0;
    for (let j = 0; j < dim; j++) {
      const value = scales[j] * (centers[center + j] + spread * (2 * random() - 1));
      vectors[i * dim + j] = value;
      squares += value * value;
    }
    if (unit) for (let j = i * dim; j < (i + 1) * dim; j++) vectors[j] /= Math.sqrt(squares);
  }
  return vectors;
}
