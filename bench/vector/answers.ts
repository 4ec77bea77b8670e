// What do more than ten answers take of a graph by default, and answers of those rows alone that a filter lets through?

import { argv, cpuUsage } from "node:process";
import { VectorIndex, type Hits, type SearchOptions } from "#dist/index.js";
import { clusteredVectors } from "#dist/measure/clustered.js";
import { dataset, DATASETS, type Dataset } from "../support/datasets.js";
import { keep, printTable } from "../support/report.js";

const QUERIES = 100;
const TURNS = 4;
const ANSWERS = [10, 30, 100, 300, 1000];
const CENTERS = "centers-2,000";

/** One row in so many that a filter lets through; or all but one in ten. */
const FILTERS: Record<string, (key: number) => boolean> = {
  "1 in 1,000": (key) => key % 1000 === 7,
  "1 in 100": (key) => key % 100 === 7,
  "1 in 10": (key) => key % 10 === 7,
  "1 in 2": (key) => key % 2 === 1,
  "9 in 10": (key) => key % 10 !== 7,
};

/** Runs and prints every data set that is here, or those named. */
export async function benchAnswers(): Promise<void> {
  const all = [...DATASETS, CENTERS] as const;
  const named = all.filter((name) => argv.includes(name));
  const results = [];
  for (const name of named.length > 0 ? named : all) {
    const data = name === CENTERS ? aboutCenters() : await dataset(name);
    if (data !== undefined) results.push(...(await measured(data)));
  }
  keep("answers", results);
  console.log("\na graph's answers by default, µs a query by a processor's time, one thread");
  printTable(
    ["", "rows", "k", "filter", "µs", "hops", "codes", "rows read", "recall"],
    results.map(({ name, rows, k, filter, us, hops, codes, read, recall }) => [
      ...[name, String(rows), String(k), filter, us.toFixed(0)],
      ...[hops, codes, read].map((each) => each.toFixed(0)),
      recall.toFixed(4),
    ]),
  );
}

/** As many rows as have about fifty to each center. */
function aboutCenters(): Dataset {
  const shape = { clusters: 2000, unit: true };
  const rows = clusteredVectors(100_000, 128, 100_000, shape);
  const queries = clusteredVectors(QUERIES, 128, 2, shape);
  return { name: CENTERS, dim: 128, metric: "cosine", rows, queries };
}

async function measured({ name, dim, metric, rows: values, queries }: Dataset) {
  const count = values.length / dim;
  const made = async (kind: "exact" | "graph"): Promise<VectorIndex> => {
    const index = await VectorIndex.create({ dim, metric, kind });
    await index.add(
      Array.from({ length: count }, (_, i) => i),
      values,
    );
    await index.optimize();
    return index;
  };
  await using exact = await made("exact");
  await using index = await made("graph");
  const asked = [
    ...ANSWERS.map((k) => ({ k, filter: undefined })),
    ...Object.keys(FILTERS).map((filter) => ({ k: 10, filter })),
  ];
  const results = [];
  for (const { k, filter } of asked) {
    const options = filter === undefined ? { k } : { k, filter: FILTERS[filter] };
    const truth = await exact.searchMany(queries.subarray(0, QUERIES * dim), options);
    const ask = (): Hits[] => askEach(index, queries, dim, options);
    const before = index.stats().work;
    const recall = recallOf(ask(), truth);
    const after = index.stats().work;
    const of = (field: "hops" | "codes" | "rows"): number =>
      ((after?.[field] ?? NaN) - (before?.[field] ?? NaN)) / QUERIES;
    const work = { hops: of("hops"), codes: of("codes"), read: of("rows") };
    const us = Math.min(...Array.from({ length: TURNS }, () => timed(ask)));
    results.push({ name, rows: count, k, filter: filter ?? "–", us, ...work, recall });
  }
  return results;
}

function askEach(
  index: VectorIndex,
  queries: Float32Array,
  dim: number,
  options: SearchOptions,
): Hits[] {
  return Array.from({ length: QUERIES }, (_, i) =>
    index.search(queries.subarray(i * dim, (i + 1) * dim), options),
  );
}

/** Microseconds of a processor that a query takes. */
function timed(ask: () => unknown): number {
  const before = cpuUsage();
  ask();
  const { user, system } = cpuUsage(before);
  return (user + system) / QUERIES;
}

/** By distance: of equally near rows any will do. */
function recallOf(hits: readonly Hits[], truth: readonly Hits[]): number {
  let found = 0;
  let wanted = 0;
  truth.forEach(({ distances }, i) => {
    const farthest = distances[distances.length - 1] * (1 + 1e-5) + 1e-6;
    wanted += distances.length;
    found += hits[i].distances.filter((distance) => distance <= farthest).length;
  });
  return found / wanted;
}
