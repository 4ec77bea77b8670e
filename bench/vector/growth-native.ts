// How a native graph grows on the rows of `growth`: hnswlib-node, one thread, at the shortest beam that finds .99. Its
// build takes long, so what it came to is kept beside other engines' curves.

import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { cpuUsage } from "node:process";
import { VectorIndex } from "#dist/index.js";
import { clusteredVectors } from "#dist/measure/clustered.js";
import { loadHnswlib, type HnswlibLibrary } from "#dist/vector/hnswlib/hnswlib-library.js";
import { recallOf } from "../support/datasets.js";
import { keep, machine, printTable, setting, type Machine } from "../support/report.js";
import { quantile, timesOf } from "../support/times.js";

const FILE = new URL("../../../bench/peers/growth.json", import.meta.url);
const DIM = 128;
const SHAPE = { clusters: 2000, unit: true };
// As `growth` adds them: each stretch of rows has a seed of its own.
const SIZES = [10_000, 30_000, 100_000, 300_000, 1_000_000];
const FIRST = 100_000; // rows from which on it is measured
const QUERIES = 500;
const K = 10;
const RECALL = 0.99;
const EFFORTS = [
  10, 12, 14, 16, 18, 20, 22, 24, 26, 28, 32, 36, 40, 48, 56, 64, 80, 96, 128, 192, 256, 384, 512,
];
const ASKED = 10; // times that the same query is asked

/** A native graph. */
export type NativeGraph = InstanceType<HnswlibLibrary["HierarchicalNSW"]>;

/** What a query takes among so many rows. */
export interface NativeGrowth {
  readonly rows: number;
  /** Of a processor, up to these rows; unknown of a graph that was read. */
  readonly buildSeconds?: number;
  readonly efSearch: number;
  readonly recall: number;
  readonly p50Us: number;
  readonly p99Us: number;
  /** The same query again. */
  readonly cachedUs: number;
}

/** What is kept of a run. */
interface Stored {
  readonly machine: Machine;
  readonly engine: string;
  readonly results: readonly NativeGrowth[];
}

/** Builds a native graph of 100,000 to 1,000,000 rows, measures it, prints and keeps what a query takes. */
export async function benchNativeGrowth(): Promise<void> {
  const { HierarchicalNSW } = await loadHnswlib();
  const most = setting("BENCH_GROWTH", 1_000_000);
  const graph = new HierarchicalNSW("ip", DIM);
  graph.initIndex({ maxElements: most, m: 16, efConstruction: 200 });
  await using exact = await VectorIndex.create({ dim: DIM, kind: "exact" });
  const queries = clusteredVectors(QUERIES, DIM, 2, SHAPE);
  const results: NativeGrowth[] = [];
  let rows = 0;
  let buildSeconds = 0;
  for (const size of SIZES.filter((each) => each <= most)) {
    const vectors = clusteredVectors(size - rows, DIM, size, SHAPE);
    const from = cpuUsage();
    for (let i = 0; i < size - rows; i++) {
      graph.addPoint(Array.from(vectors.subarray(i * DIM, (i + 1) * DIM)), rows + i);
    }
    const { user, system } = cpuUsage(from);
    buildSeconds += (user + system) / 1e6;
    const first = rows;
    await exact.add(
      Array.from({ length: size - rows }, (_, i) => first + i),
      vectors,
    );
    rows = size;
    if (rows < FIRST) continue;
    const truth = (await exact.searchMany(queries, { k: K })).map((hits) => new Set(hits.keys));
    results.push({ rows, buildSeconds, ...measureNative(graph, queries, truth) });
  }
  keep("growth-native", results);
  keepNativeGrowth(results);
  printNativeGrowth();
}

/** Measures a native graph at the shortest beam that finds .99 of the ten nearest, or at the longest. */
export function measureNative(
  graph: NativeGraph,
  queries: Float32Array,
  truth: readonly Set<number>[],
): Omit<NativeGrowth, "rows"> {
  const count = queries.length / DIM;
  // What its caller has to convert is part of what it takes.
  const search = (i: number) =>
    graph.searchKnn(Array.from(queries.subarray(i * DIM, (i + 1) * DIM)), K).neighbors;
  let efSearch = 0;
  let recall = 0;
  for (efSearch of EFFORTS) {
    graph.setEf(efSearch);
    recall = recallOf(
      Array.from({ length: count }, (_, i) => search(i)),
      truth,
    );
    if (recall >= RECALL) break;
  }
  const times = timesOf(3 * count, (i) => search(i % count));
  const cached = timesOf(count * ASKED, (i) => search(Math.floor(i / ASKED)));
  return {
    efSearch,
    recall,
    p50Us: quantile(times, 0.5),
    p99Us: quantile(times, 0.99),
    cachedUs: quantile(cached, 0.5),
  };
}

/** Keeps what was measured beside other engines' curves. */
export function keepNativeGrowth(results: readonly NativeGrowth[]): void {
  const stored: Stored = {
    machine: machine(),
    engine: "hnswlib-node 3.0.0, m 16, efConstruction 200, one thread",
    results,
  };
  writeFileSync(FILE, `${JSON.stringify(stored, undefined, 2)}\n`);
}

/** Prints what is kept, if anything is. */
export function printNativeGrowth(): void {
  if (!existsSync(FILE)) return;
  const { machine: its, engine, results } = JSON.parse(readFileSync(FILE, "utf8")) as Stored;
  console.log(`\nthe same rows, ${engine}, as measured on ${its.date}, ${its.node}`);
  printTable(
    ["rows", "built s", "ef", "recall", "p50 µs", "p99 µs", "in cache µs", "× the first"],
    results.map((each) => [
      String(each.rows),
      each.buildSeconds?.toFixed(0) ?? "–",
      String(each.efSearch),
      each.recall.toFixed(4),
      each.p50Us.toFixed(0),
      each.p99Us.toFixed(0),
      each.cachedUs.toFixed(0),
      (each.p50Us / results[0].p50Us).toFixed(2),
    ]),
  );
}
