import { fillRandom, seededRandom } from "#dist/util/random.js";

export { fillRandom, seededRandom };

/** `count` seeded vectors of `dim` values in [-1, 1). */
export function randomVectors(count: number, dim: number, seed: number): Float32Array {
  return fillRandom(new Float32Array(count * dim), seededRandom(seed));
}
