import { seededRandom } from "../../util/random.ts";

/**
 * About evenly spread, `count` of the numbers from 0 up to `end`, rising: one of each of as many stretches, by chance, as
 * rows often come in turns, and every eighth of them may be of one kind. The same for the same numbers.
 */
export function spread(end: number, count: number, random = seededRandom(1)): Uint32Array {
  return Uint32Array.from({ length: count }, (_, i) =>
    Math.min(end - 1, Math.floor(((i + random()) * end) / count)),
  );
}
