// How much faster are the SIMD kernels than plain JavaScript and scalar WebAssembly, and how far
// from what the memory gives?

import { measureKernels, type KernelResult } from "#dist/measure/kernels.js";
import { keep, printTable, setting, spread } from "./support/report.js";

const BASELINES = [
  "javascript",
  "javascript, four sums",
  "scalar wasm",
  "scalar wasm, four sums",
] as const;

/** Runs and prints the kernel benches. */
export async function benchKernels(): Promise<void> {
  const results = await measureKernels({ timeMs: setting("BENCH_MS", 300) });
  keep("kernels", results);
  const groups = new Map<string, KernelResult[]>();
  for (const each of results) {
    const group = groups.get(groupOf(each));
    if (group === undefined) groups.set(groupOf(each), [each]);
    else group.push(each);
  }
  console.log("\nkernels: one query against rows, ms a call (median ± median deviation)");
  for (const [group, of] of groups) {
    console.log(`\n${group}`);
    const msOf = (name: string) => of.find(({ contender }) => contender === name)?.medianMs ?? NaN;
    printTable(
      ["", "ms", "Mrows/s", "GiB/s", "of bandwidth", "× JS", "× JS 4", "× scalar", "× scalar 4"],
      of.map((each) => [
        each.contender,
        spread(each.medianMs, each.deviationMs),
        (each.rowsPerSecond / 1e6).toFixed(2),
        each.gibPerSecond.toFixed(2),
        `${(100 * each.shareOfBandwidth).toFixed(0)} %`,
        ...BASELINES.map((name) => (msOf(name) / each.medianMs).toFixed(1)),
      ]),
    );
  }
}

function groupOf({ kernel, dim, rows }: KernelResult): string {
  const mib = (rows * dim * 4) / 2 ** 20;
  return `${kernel}, dim ${dim}, ${rows} rows (${mib.toFixed(1)} MiB)`;
}
