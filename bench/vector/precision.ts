// What rows of 8 bits cost and save, without links: bytes, recall against rows of f32, and speed.

import { cpuUsage } from "node:process";
import { VectorIndex, type IndexKind, type Precision } from "#dist/index.js";
import { DATASETS, dataset, recallOf, type Dataset } from "../support/datasets.js";
import { keep, printTable } from "../support/report.js";

const PASSES = 5;
const TIMED = 100; // queries of a pass: to look at every row of 60,000 takes milliseconds

interface Result {
  readonly dataset: string;
  readonly kind: IndexKind;
  readonly precision: Precision;
  readonly bytesPerRow: number;
  readonly recall: number;
  /** Of a processor's time; of five passes the middle one, and how far the others are from it. */
  readonly us: number;
  readonly spreadUs: number;
}

/** Runs and prints rows of f32 and of 8 bits side by side, on every data set that is here. */
export async function benchPrecision(): Promise<void> {
  const results: Result[] = [];
  for (const name of DATASETS) {
    const data = await dataset(name);
    if (data === undefined) continue;
    // The first look at every row of f32: what they find is what the others are to find.
    let truth: Set<number>[] | undefined;
    for (const kind of ["exact", "flat"] as const) {
      for (const precision of ["f32", "int8"] as const) {
        const { answers, ...result } = await measure(data, kind, precision);
        truth ??= answers.map((keys) => new Set(keys));
        results.push({ ...result, recall: recallOf(answers, truth) });
      }
    }
  }
  keep("precision", results);
  console.log("\nrows of f32 and of 8 bits, one thread, recall@10 against rows of f32");
  printTable(
    ["", "B/row", "recall", "µs a query"],
    results.map((each) => [
      `${each.dataset}, ${each.kind} ${each.precision}`,
      each.bytesPerRow.toFixed(0),
      each.recall.toFixed(4),
      `${each.us.toFixed(0)} ±${each.spreadUs.toFixed(0)}`,
    ]),
  );
}

/** All but the recall, and what every query was answered. */
async function measure(
  { name, dim, metric, rows, queries }: Dataset,
  kind: "exact" | "flat",
  precision: Precision,
): Promise<Omit<Result, "recall"> & { answers: readonly Float64Array[] }> {
  const count = rows.length / dim;
  await using index = await VectorIndex.create({ dim, metric, kind, precision });
  await index.add(
    Array.from({ length: count }, (_, i) => i),
    rows,
  );
  const answers = (await index.searchMany(queries)).map(({ keys }) => keys);
  const times = Array.from({ length: PASSES }, () => {
    const begin = cpuUsage();
    for (let i = 0; i < TIMED; i++) index.search(queries.subarray(i * dim, (i + 1) * dim));
    const { user, system } = cpuUsage(begin);
    return (user + system) / TIMED;
  }).toSorted((a, b) => a - b);
  const us = times[PASSES >> 1];
  return {
    dataset: name,
    kind,
    precision,
    bytesPerRow: index.stats().bytes / count,
    us,
    spreadUs: Math.max(times[PASSES - 1] - us, us - times[0]),
    answers,
  };
}
