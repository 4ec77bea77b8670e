// The process that measures: node child.js [BATCH]. Checks answers, then prints one line of JSON.

import { argv, version as node } from "node:process";
import * as tf from "@tensorflow/tfjs-core";
import { NETWORK, labeledRows } from "../support/neural-data.js";
import type { TfjsMeasure } from "../support/tfjs.js";
import { openBackend } from "./backend.js";
import { batchesOf, hiddenOf, logitsOf, lossOf, newNetwork } from "./network.js";
import type { Batch, Network } from "./network.js";
import { checkProduct, timeProduct } from "./product.js";
import { samples } from "./samples.js";
import { fastStep, plainStep, type Step } from "./training.js";

const ROWS = 15_000;
const INFERRED = 1000;
const EPOCHS = 7;
const PLAIN_EPOCHS = 3;
/** How far apart the losses of both ways may be, as they round differently. */
const LOSS_TOLERANCE = 0.01;
const CHANCE_LOSS = Math.log(NETWORK.classes);
/** What an epoch leaves of the loss, at most. */
const LEARNED = 0.9;

const backend = await openBackend();
checkProduct();
const matmul512Ms = timeProduct();

const batch = Number(argv[2] ?? 128);
const data = labeledRows(ROWS);
const batches = batchesOf(data, batch);
const lossBefore = lossOf(newNetwork(), batches);
train(fastStep, 1); // a warm-up
const fast = train(fastStep, EPOCHS);
const plain = train(plainStep, PLAIN_EPOCHS);
const isSame = Math.abs(fast.loss - plain.loss) < LOSS_TOLERANCE * plain.loss;
// What has not learned knows no more than chance does.
const isUnlearned = lossBefore > CHANCE_LOSS;
if (!(isUnlearned && isSame && fast.loss < LEARNED * lossBefore)) {
  const after = `${fast.loss} after an epoch, ${plain.loss} by minimize`;
  throw new Error(`loss: ${lossBefore} before, ${after}`);
}

const measure: TfjsMeasure = {
  name: "TensorFlow.js wasm",
  ...backend,
  node,
  batch,
  matmul512Ms,
  epochSeconds: fast.seconds,
  plainEpochSeconds: plain.seconds,
  lossBefore,
  lossAfter: fast.loss,
  plainLossAfter: plain.loss,
  inferMs: timeInference(fast.network),
};
console.log(JSON.stringify(measure));

/** Seconds of first epochs, each of a new network, and the last of these with its loss. */
function train(
  stepOf: (network: Network) => Step,
  epochs: number,
): { readonly seconds: number[]; readonly network: Network; readonly loss: number } {
  const seconds: number[] = [];
  for (;;) {
    const network = newNetwork();
    const step = stepOf(network);
    const started = performance.now();
    for (const each of batches) step(each);
    seconds.push((performance.now() - started) / 1000);
    if (seconds.length === epochs) return { seconds, network, loss: lossOf(network, batches) };
  }
}

function timeInference(network: Network): number[] {
  const [first]: Batch[] = batchesOf(data, INFERRED);
  return samples(() => {
    tf.tidy(() => {
      logitsOf(network, hiddenOf(network, first.rows));
    });
  });
}
