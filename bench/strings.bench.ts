// Where do kernels for strings and bytes earn their keep, and by how much is OpenSSL faster than code of
// our own?

import { measureStrings, type StringResult } from "#dist/measure/strings.js";
import { keep, printTable, setting, spread } from "./support/report.js";

/** Runs and prints the benches of strings, checksums and encryption. */
export async function benchStrings(): Promise<void> {
  const results = await measureStrings({ timeMs: setting("BENCH_MS", 300) });
  keep("strings", results);
  console.log("\nstrings: hashes of texts, checksums and encryption (median ± median deviation)");
  for (const [group, of] of groupsOf(results)) {
    console.log(`\n${group}`);
    printTable(
      ["", "ms", "MB/s", "Mwords/s", "× the first"],
      of.map((each: StringResult) => [
        each.contender,
        spread(each.medianMs, each.deviationMs),
        (each.bytesPerSecond / 1e6).toFixed(each.bytesPerSecond < 1e9 ? 1 : 0),
        each.wordsPerSecond === undefined ? "" : (each.wordsPerSecond / 1e6).toFixed(2),
        (of[0].medianMs / each.medianMs).toFixed(2),
      ]),
    );
  }
}

function groupsOf(results: readonly StringResult[]): Map<string, StringResult[]> {
  const groups = new Map<string, StringResult[]>();
  for (const each of results) {
    const name = `${each.subject}, ${each.of}`;
    groups.set(name, [...(groups.get(name) ?? []), each]);
  }
  return groups;
}
