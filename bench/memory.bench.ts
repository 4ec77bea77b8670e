// What does each operation of a store cost, beside its driver, sealed, shared and large?

import { argv } from "node:process";
import { measureMemory } from "#dist/measure/memory.js";
import { benchDriver } from "./memory/driver.js";
import { benchStoreGrowth } from "./memory/growth.js";
import { benchKills } from "./memory/kills.js";
import { benchSealing } from "./memory/sealing.js";
import { benchStarts } from "./memory/starts.js";
import { benchUpkeep } from "./memory/upkeep.js";
import { benchWatching } from "./memory/watching.js";
import { keep, printTable, setting, spread } from "./support/report.js";

const PARTS = {
  operations: benchOperations,
  driver: benchDriver,
  sealing: benchSealing,
  watching: benchWatching,
  kills: benchKills,
  large: benchStoreGrowth,
  starts: benchStarts,
  upkeep: benchUpkeep,
};

/** Runs and prints the store benches, or those named. */
export async function benchMemory(): Promise<void> {
  const named = Object.entries(PARTS).filter(([name]) => argv.includes(name));
  for (const [, run] of named.length > 0 ? named : Object.entries(PARTS)) await run();
}

async function benchOperations(): Promise<void> {
  const report = await measureMemory({
    entries: setting("BENCH_ENTRIES", 10_000),
    timeMs: 3 * setting("BENCH_MS", 300),
  });
  keep("memory", report);
  const { entries, fileBytes, operations } = report;
  const mib = (fileBytes / 2 ** 20).toFixed(1);
  console.log(`\nmemory store, ${entries} entries of 60 words, ${mib} MiB of files`);
  printTable(
    ["", "ms", "a second"],
    operations.map(({ name, medianMs, deviationMs }) => [
      name,
      spread(medianMs, deviationMs),
      (1000 / medianMs).toFixed(medianMs > 100 ? 1 : 0),
    ]),
  );
}
