// How fast is vector search: at equal recall beside other engines, by codes beside brute force, and
// over the life and growth of an index?

import { spawnSync } from "node:child_process";
import { argv } from "node:process";
import { measureSearch } from "#dist/measure/vector.js";
import { keep, printTable, setting, spread } from "./support/report.js";
import { benchAnswers } from "./vector/answers.js";
import { benchChoices } from "./vector/choices.js";
import { benchCurves } from "./vector/curves.js";
import { benchEvenGrowth, benchGrowth } from "./vector/growth.js";
import { benchNativeGrowth } from "./vector/growth-native.js";
import { benchLife } from "./vector/life.js";
import { benchLimit } from "./vector/limit.js";
import { benchMany } from "./vector/many.js";
import { benchPrecision } from "./vector/precision.js";

const PARTS = {
  curves: benchCurves,
  precision: benchPrecision,
  scans: benchScans,
  many: benchMany,
  life: benchLife,
  growth: benchGrowth,
  limit: benchLimit,
};
/** Of them, those that run only when they are named. */
const ONLY_NAMED = {
  answers: benchAnswers,
  choices: benchChoices,
  "growth-even": benchEvenGrowth,
  "growth-native": benchNativeGrowth,
};

/** Runs and prints the search benches, or those named; `--full` measures other engines first. */
export async function benchVector(): Promise<void> {
  if (argv.includes("--full")) spawnSync("npm", ["run", "bench:peers"], { stdio: "inherit" });
  const all = Object.entries({ ...PARTS, ...ONLY_NAMED });
  const named = all.filter(([name]) => argv.includes(name));
  for (const [, run] of named.length > 0 ? named : Object.entries(PARTS)) await run();
}

async function benchScans(): Promise<void> {
  const report = await measureSearch({
    rows: setting("BENCH_ROWS", 100_000),
    dim: setting("BENCH_DIM", 768),
    timeMs: 5 * setting("BENCH_MS", 300),
  });
  keep("scans", report);
  const { rows, dim, k, threads, results, missing } = report;
  console.log(`\nscans, ${rows} rows × ${dim}, k ${k}, l2sq, ${threads} threads`);
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
