import { cpuUsage } from "node:process";
import type { Dataset } from "./datasets.js";
import { recallOf } from "./datasets.js";

/** One effort of one engine on one data set, one query at a time on one thread. */
export interface Point {
  /** What the engine was told to spend: ef, or its like. */
  readonly effort: number;
  /** Share of the true ten nearest that were found. */
  readonly recall: number;
  /** Of a processor's time; p50 and p99 are of the wall's. */
  readonly queriesPerSecond: number;
  readonly p50Us: number;
  readonly p99Us: number;
}

/** What an engine reaches on a data set with one build. */
export interface Curve {
  readonly engine: string;
  readonly version: string;
  readonly dataset: string;
  readonly parameters: Readonly<Record<string, unknown>>;
  readonly buildSeconds: number;
  readonly memoryBytesPerRow?: number | undefined;
  readonly points: readonly Point[];
}

const PASSES = 3;
const ENOUGH = 0.9995; // no effort beyond it tells more
const FIRST = 2; // efforts of each recall that are timed: one more, as a longer one is at times no slower

/**
 * Asks every query of a data set once at rising efforts, which tells their recall, and times those that may be the
 * fastest to reach one of `recalls`: the first that do.
 */
export function measurePoints(
  { queries, dim }: Dataset,
  truth: readonly Set<number>[],
  { efforts, recalls }: { efforts: readonly number[]; recalls: readonly number[] },
  search: (query: Float32Array, effort: number) => ArrayLike<number>,
): Point[] {
  const count = queries.length / dim;
  const queryOf = (i: number): Float32Array => queries.subarray(i * dim, (i + 1) * dim);
  const reached: { effort: number; recall: number }[] = [];
  for (const effort of efforts) {
    const answers = Array.from({ length: count }, (_, i) => search(queryOf(i), effort));
    const recall = recallOf(answers, truth);
    reached.push({ effort, recall });
    if (recall >= ENOUGH) break;
  }
  const first = recalls.flatMap((least) =>
    reached.filter(({ recall }) => recall >= least).slice(0, FIRST),
  );
  return reached
    .filter((each) => first.includes(each))
    .map((each) => ({ ...each, ...timesAt(each.effort) }));

  function timesAt(effort: number): Omit<Point, "effort" | "recall"> {
    const passes = Array.from({ length: PASSES }, () => {
      // By the processor's clock: where others use the machine too, the wall's tells of them.
      const begin = cpuUsage();
      const times = Array.from({ length: count }, (_, i) => {
        const from = performance.now();
        search(queryOf(i), effort);
        return performance.now() - from;
      });
      const { user, system } = cpuUsage(begin);
      return { total: (user + system) / 1000, times };
    });
    const middle = passes.toSorted((a, b) => a.total - b.total)[PASSES >> 1];
    const times = middle.times.toSorted((a, b) => a - b);
    return {
      queriesPerSecond: (1000 * count) / middle.total,
      p50Us: 1000 * times[count >> 1],
      p99Us: 1000 * times[Math.floor(count * 0.99)],
    };
  }
}

/** The fastest point of some curves that reaches a recall. */
export function fastestAt(curves: readonly Curve[], recall: number): (Point & Curve) | undefined {
  return curves
    .flatMap((curve) => curve.points.map((point) => ({ ...curve, ...point })))
    .filter((point) => point.recall >= recall)
    .toSorted((a, b) => b.queriesPerSecond - a.queriesPerSecond)
    .at(0);
}
