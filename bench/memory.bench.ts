// What does each operation of a store cost, and what does opening it?

import { measureMemory } from "#dist/measure/memory.js";
import { keep, printTable, setting, spread } from "./support/report.js";

/** Runs and prints the store bench. */
export async function benchMemory(): Promise<void> {
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
