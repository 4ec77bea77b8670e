// How fast are search by every row and by codes beside hnswlib-node's native brute force?

import { measureSearch } from "#dist/measure/vector.js";
import { keep, printTable, setting, spread } from "./support/report.js";

/** Runs and prints the search bench. */
export async function benchVector(): Promise<void> {
  const report = await measureSearch({
    rows: setting("BENCH_ROWS", 10_000),
    dim: setting("BENCH_DIM", 768),
    timeMs: 5 * setting("BENCH_MS", 300),
  });
  keep("vector", report);
  const { rows, dim, k, threads, results, missing } = report;
  console.log(`\nsearch, ${rows} rows × ${dim}, k ${k}, l2sq, ${threads} threads`);
  printTable(
    ["", "ms a call", "queries/s", `recall@${k}`],
    results.map((each) => [
      each.name,
      spread(each.medianMs, each.deviationMs),
      each.queriesPerSecond.toFixed(0),
      each.recall.toFixed(4),
    ]),
  );
  for (const reason of missing) console.log(`  missing: ${reason}`);
}
