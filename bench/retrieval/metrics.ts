import { seededRandom } from "#dist/util/random.js";

/** What a ranking of documents is worth, 0 to 1 each; at most `DEPTH` documents are looked at. */
export interface Scores {
  readonly ndcg10: number;
  readonly map: number;
  readonly mrr: number;
  readonly recall10: number;
}

/** Documents of a ranking that count. */
export const DEPTH = 1000;

/**
 * Scores a ranking as trec_eval does: nDCG with gains 2^grade − 1 and log2 discounts (Järvelin and
 * Kekäläinen, 2002); average precision over all relevant documents, found or not.
 */
export function scoresOf(
  ranking: readonly string[],
  relevant: ReadonlyMap<string, number>,
): Scores {
  let dcg = 0;
  let precisions = 0;
  let found = 0;
  let reciprocal = 0;
  let inTen = 0;
  ranking.slice(0, DEPTH).forEach((id, i) => {
    const grade = relevant.get(id) ?? 0;
    if (grade <= 0) return;
    found++;
    precisions += found / (i + 1);
    if (found === 1) reciprocal = 1 / (i + 1);
    if (i >= 10) return;
    inTen++;
    dcg += (2 ** grade - 1) / Math.log2(i + 2);
  });
  const grades = [...relevant.values()].filter((grade) => grade > 0).sort((a, b) => b - a);
  let ideal = 0;
  grades.slice(0, 10).forEach((grade, i) => (ideal += (2 ** grade - 1) / Math.log2(i + 2)));
  const count = Math.max(1, grades.length);
  return {
    ndcg10: ideal === 0 ? 0 : dcg / ideal,
    map: precisions / count,
    mrr: reciprocal,
    recall10: inTen / count,
  };
}

/** A mean, and between which two values it lies in 95 of 100 drawings of the queries. */
export interface Interval {
  readonly mean: number;
  readonly low: number;
  readonly high: number;
}

const DRAWINGS = 2000;

/** The mean of values with its bootstrap interval (Efron, 1979), seeded. */
export function bootstrap(values: readonly number[], seed = 1): Interval {
  const random = seededRandom(seed);
  const means = new Float64Array(DRAWINGS);
  for (let i = 0; i < DRAWINGS; i++) {
    let sum = 0;
    for (let j = 0; j < values.length; j++) sum += values[Math.floor(random() * values.length)];
    means[i] = sum / values.length;
  }
  means.sort();
  return { mean: mean(values), low: means[DRAWINGS * 0.025], high: means[DRAWINGS * 0.975 - 1] };
}

/** The mean of the differences of two systems, query by query, with its interval. */
export function pairedBootstrap(ours: readonly number[], theirs: readonly number[]): Interval {
  return bootstrap(ours.map((value, i) => value - theirs[i]));
}

/** The mean of some values; 0 of none. */
export function mean(values: readonly number[]): number {
  return values.length === 0 ? 0 : values.reduce((sum, value) => sum + value, 0) / values.length;
}
