import type { Hits } from "../engine/engine.ts";

/** No answers at all. */
export const NO_HITS: Hits = { keys: new Float64Array(0), distances: new Float32Array(0) };

/**
 * The `k` nearest of several answers, each closest first. Of equal distances those of the earlier
 * answer come first, so answers given in slot order merge into slot order.
 */
export function mergeHits(answers: readonly Hits[], k: number): Hits {
  if (answers.length === 1) return firstHits(answers[0], k);
  return answers.reduce((left, right) => mergePair(left, right, k), NO_HITS);
}

function mergePair(left: Hits, right: Hits, k: number): Hits {
  if (left.keys.length === 0) return firstHits(right, k);
  if (right.keys.length === 0) return firstHits(left, k);
  const count = Math.min(k, left.keys.length + right.keys.length);
  const keys = new Float64Array(count);
  const distances = new Float32Array(count);
  for (let i = 0, l = 0, r = 0; i < count; i++) {
    const takeLeft =
      r === right.keys.length || (l < left.keys.length && left.distances[l] <= right.distances[r]);
    const from = takeLeft ? left : right;
    const at = takeLeft ? l++ : r++;
    keys[i] = from.keys[at];
    distances[i] = from.distances[at];
  }
  return { keys, distances };
}

function firstHits(hits: Hits, k: number): Hits {
  if (hits.keys.length <= k) return hits;
  return { keys: hits.keys.slice(0, k), distances: hits.distances.slice(0, k) };
}
