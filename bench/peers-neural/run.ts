// Measures TensorFlow.js alone: npm --prefix bench/peers-neural start [-- BATCH].

import { argv } from "node:process";
import { printMachine, printTable, spread } from "../support/report.js";
import { measureTfjs } from "../support/tfjs.js";

printMachine();
const measure = await measureTfjs(Number(argv[2] ?? 128));
if (measure !== undefined) {
  const { name, version, node, simd, threads, batch } = measure;
  console.log(
    `\n${name} ${version}, Node ${node}, ${simd ? "SIMD" : "no SIMD"}, threads: ${threads}`,
  );
  const row = (what: string, samples: readonly number[], rate: (median: number) => string) => {
    const middle = median(samples);
    const deviation = median(samples.map((each) => Math.abs(each - middle)));
    return [what, spread(middle, deviation), `${samples.length}`, rate(middle)];
  };
  const rows = (count: number, seconds: number) => `${Math.round(count / seconds)} rows/s`;
  printTable(
    ["", "median", "samples", "rate"],
    [
      row("product 512 × 512 × 512, ms", measure.matmul512Ms, (ms) => {
        return `${((2 * 512 ** 3) / ms / 1e6).toFixed(1)} GFLOP/s`;
      }),
      row(`epoch, batch ${batch}, s`, measure.epochSeconds, (s) => rows(15_000, s)),
      row("… by minimize, s", measure.plainEpochSeconds, (s) => rows(15_000, s)),
      row("inference of 1,000 rows, ms", measure.inferMs, (ms) => rows(1000, ms / 1000)),
    ],
  );
  const losses = [measure.lossBefore, measure.lossAfter, measure.plainLossAfter];
  const [before, after, plain] = losses.map((loss) => loss.toFixed(4));
  console.log(`  loss ${before} before, ${after} after an epoch, ${plain} by minimize`);
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)];
}
