// How fast do networks learn and answer, beside plain JavaScript, what the processor can do, and
// TensorFlow.js? And how often are they right?

import { argv } from "node:process";
import { measureInference, measureTraining } from "#dist/measure/neural.js";
import { measureProduct, type ProductResult } from "#dist/measure/product.js";
import { measureTextModel } from "#dist/measure/text-model.js";
import { median, ratioOf } from "#dist/measure/timing.js";
import { benchAccuracy } from "./neural/accuracy.js";
import { benchFolds } from "./neural/folds.js";
import { benchLearning } from "./neural/learning.js";
import { keep, printTable, setting, spread } from "./support/report.js";
import { measureTfjs, type TfjsMeasure } from "./support/tfjs.js";

const PARTS = {
  products: benchProducts,
  epochs: benchEpochs,
  inference: benchInference,
  text: benchText,
  accuracy: benchAccuracy,
  learning: benchLearning,
};
/** Takes a quarter of an hour and more, and so is run when it is named. */
const LONG_PARTS = { folds: benchFolds };
const BATCH = 128;
const INPUTS = 1000;
const TFJS_SIZE = 512;
const TFJS_ROWS = 15_000;

let peer: Promise<TfjsMeasure | undefined> | undefined;

/** Runs and prints the benches of networks, or those named. */
export async function benchNeural(): Promise<void> {
  const all = Object.entries({ ...PARTS, ...LONG_PARTS });
  const named = all.filter(([name]) => argv.includes(name));
  for (const [, run] of named.length > 0 ? named : Object.entries(PARTS)) await run();
}

async function benchProducts(): Promise<void> {
  const size = setting("BENCH_SIZE", TFJS_SIZE);
  const results = await measureProduct({ size, timeMs: 3 * setting("BENCH_MS", 300) });
  keep("products", results);
  console.log(`\nproduct of matrices, f32, ${size} × ${size} × ${size}, one thread`);
  const plain = (["javascript, by elements", "javascript, by rows", "scalar wasm"] as const).map(
    (name) => results.find(({ contender }) => contender === name) as ProductResult,
  );
  const rows = results.map((each) => [
    ...[each.contender, spread(each.medianMs, each.deviationMs), each.gflops.toFixed(1)],
    peakText(each),
    ...plain.map((slow) => ratioOf(slow, each).toFixed(1)),
  ]);
  const tfjs = size === TFJS_SIZE ? await tfjsMeasure() : undefined;
  if (tfjs !== undefined) {
    const ms = median(tfjs.matmul512Ms);
    const gflops = (2 * size ** 3) / ms / 1e6;
    const over = plain.map(({ medianMs }) => (medianMs / ms).toFixed(1));
    rows.push([peerName(tfjs), ms.toFixed(3), gflops.toFixed(1), "", ...over]);
  }
  printTable(["", "ms", "GFLOP/s", "of peak", "× JS, elements", "× JS, rows", "× scalar"], rows);
}

async function benchEpochs(): Promise<void> {
  const rows = setting("BENCH_EPOCH_ROWS", TFJS_ROWS);
  const timeMs = 10 * setting("BENCH_MS", 300);
  const results = await measureTraining({ rows, batch: BATCH, timeMs });
  keep("epochs", results);
  console.log(`\nan epoch of training, ${rows} rows × 256 → 256 → 150, batches of ${BATCH}`);
  const lines = results.map((each) => [
    ...[each.contender, spread(each.medianMs, each.deviationMs)],
    ...[each.rowsPerSecond.toFixed(0), each.gflops.toFixed(1)],
    ...[peakText(each), each.overJavaScript.toFixed(1), each.overFirst.toFixed(2)],
    each.peakOverFirst?.toFixed(2) ?? "",
  ]);
  const tfjs = rows === TFJS_ROWS ? await tfjsMeasure() : undefined;
  if (tfjs !== undefined) {
    const line = (name: string, seconds: readonly number[]): string[] => {
      const ms = 1000 * median(seconds);
      const over = [results[0].medianMs / ms, results[1].medianMs / ms];
      return [
        ...[name, ms.toFixed(1), ((rows / ms) * 1000).toFixed(0)],
        ((results[0].gflops * results[0].medianMs) / ms).toFixed(1),
        ...["", over[0].toFixed(1), over[1].toFixed(2), ""],
      ];
    };
    lines.push(line(`${peerName(tfjs)}, by hand`, tfjs.epochSeconds));
    lines.push(line(`${peerName(tfjs)}, optimizer.minimize`, tfjs.plainEpochSeconds));
  }
  const columns = ["", "ms", "rows/s", "GFLOP/s", "of peak", "× JS", "× 1 thread", "limit"];
  printTable(columns, lines);
}

async function benchInference(): Promise<void> {
  const results = await measureInference({ inputs: INPUTS, timeMs: setting("BENCH_MS", 300) });
  keep("inference", results);
  console.log(`\nanswers of 256 → 256 → 150 for ${INPUTS} inputs, one thread`);
  const lines = results.map((each) => [
    ...[each.contender, spread(each.medianMs, each.deviationMs)],
    ...[each.inputsPerSecond.toFixed(0), peakText(each), each.overJavaScript.toFixed(1)],
  ]);
  const tfjs = await tfjsMeasure();
  if (tfjs !== undefined) {
    const ms = median(tfjs.inferMs);
    const over = (results[0].medianMs / ms).toFixed(1);
    lines.push([peerName(tfjs), ms.toFixed(3), ((INPUTS / ms) * 1000).toFixed(0), "", over]);
  }
  printTable(["", "ms", "inputs/s", "of peak", "× JS"], lines);
}

async function benchText(): Promise<void> {
  const report = await measureTextModel({ timeMs: setting("BENCH_MS", 300) });
  keep("text model", report);
  const { texts, labels, features, trainSeconds, accuracy, predict } = report;
  console.log(`\na model of ${texts} seeded texts, ${labels} labels, one thread`);
  printTable(
    ["", "features", "s to model", "right of others", "ms a prediction"],
    [
      [
        ...["PatternModel", `${features}`, trainSeconds.toFixed(2), percent(accuracy)],
        spread(predict.medianMs, predict.deviationMs),
      ],
    ],
  );
}

/** Measured once, in a process of its own; undefined where it is not installed. */
async function tfjsMeasure(): Promise<TfjsMeasure | undefined> {
  peer ??= measureTfjs(BATCH).then((measure) => {
    keep("TensorFlow.js", measure);
    return measure;
  });
  return peer;
}

function peerName({ name, version }: TfjsMeasure): string {
  return `${name} ${version}`;
}

function peakText({ shareOfPeak }: { readonly shareOfPeak?: number }): string {
  return shareOfPeak === undefined ? "" : percent(shareOfPeak);
}

function percent(share: number): string {
  return `${(100 * share).toFixed(0)} %`;
}
