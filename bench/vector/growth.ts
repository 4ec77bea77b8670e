// How the time of a query grows with the rows: it should grow as their logarithm does.

import { VectorIndex } from "#dist/index.js";
import { clusteredVectors } from "#dist/measure/clustered.js";
import { keep, printTable, setting } from "../support/report.js";

const DIM = 128;
const SIZES = [10_000, 30_000, 100_000, 300_000, 1_000_000];
const QUERIES = 500;

/** Runs and prints queries of one index while it grows to 1,000,000 rows. */
export async function benchGrowth(): Promise<void> {
  const most = setting("BENCH_GROWTH", 1_000_000);
  const sizes = SIZES.filter((size) => size <= most);
  const shape = { clusters: 2000, unit: true };
  const queries = clusteredVectors(QUERIES, DIM, 2, shape);
  const queryOf = (i: number): Float32Array => queries.subarray(i * DIM, (i + 1) * DIM);
  await using index = await VectorIndex.create({ dim: DIM });
  const results = [];
  let rows = 0;
  let seconds = 0;
  for (const size of sizes) {
    const vectors = clusteredVectors(size - rows, DIM, size, shape);
    const begin = performance.now();
    await index.add(
      Array.from({ length: size - rows }, (_, i) => rows + i),
      vectors,
    );
    await index.optimize();
    seconds += (performance.now() - begin) / 1000;
    rows = size;
    const before = index.stats().work?.hops ?? 0;
    for (let i = 0; i < QUERIES; i++) index.search(queryOf(i));
    const hops = ((index.stats().work?.hops ?? 0) - before) / QUERIES;
    const times = Array.from({ length: 3 * QUERIES }, (_, i) => {
      const from = performance.now();
      index.search(queryOf(i % QUERIES));
      return performance.now() - from;
    }).toSorted((a, b) => a - b);
    const { kind, efSearch, recall, bytes, segments } = index.stats();
    results.push({
      rows,
      kind,
      seconds,
      efSearch,
      recall,
      hops,
      segments,
      bytesPerRow: bytes / rows,
      p50Us: 1000 * times[times.length >> 1],
      p99Us: 1000 * times[Math.floor(times.length * 0.99)],
    });
  }
  keep("growth", results);
  console.log(`\ngrowth, rows × ${DIM}, cosine, k 10, by default`);
  printTable(
    ["rows", "by", "built s", "ef", "recall", "hops", "p50 µs", "p99 µs", "µs / ln rows", "B/row"],
    results.map((each) => [
      String(each.rows),
      each.kind,
      each.seconds.toFixed(1),
      String(each.efSearch ?? "–"),
      each.recall?.toFixed(3) ?? "–",
      each.hops.toFixed(0),
      each.p50Us.toFixed(0),
      each.p99Us.toFixed(0),
      (each.p50Us / Math.log(each.rows)).toFixed(1),
      each.bytesPerRow.toFixed(0),
    ]),
  );
}
