import { expect, test } from "vitest";
import { runModule } from "../support/process.ts";

/** A thread of a training ends in the middle of it: once for each number of threads and shape. */
const ENDING = `
import process from "node:process";
import { Trainer } from "#dist/neural/training/trainer.js";
import { seededRandom } from "#dist/util/random.js";

const threadsBegun = [];
process.on("worker", (worker) => threadsBegun.push(worker));
const random = seededRandom(5);
const SAMPLES = 400;
const INPUTS = 32;
const CLASSES = 9;
const dense = Float32Array.from({ length: SAMPLES * INPUTS }, () => random() - 0.5);
const labels = Uint32Array.from({ length: SAMPLES }, () => Math.floor(random() * CLASSES));

for (const hidden of [[64], [24, 16]]) {
  for (const threads of [1, 2, 4]) {
    threadsBegun.length = 0;
    const trainer = new Trainer({
      shape: { dense: INPUTS, features: 0, hidden, outputs: CLASSES, activation: "relu", normalize: false, wide: false },
      samples: { count: SAMPLES, dense },
      targets: { kind: "softmax", labels, smoothing: 0 },
      weights: new Float32Array(SAMPLES).fill(1),
      learning: Uint32Array.from({ length: SAMPLES }, (_, i) => i),
      heldOut: new Uint32Array(0),
      batchSize: 16, seed: 1, threads, epochs: 5000, learningRate: 0.001, warmUp: 0, decay: "constant",
      drops: { features: 0, hidden: 0 }, weightDecay: 0, tableRate: 1, clip: 0,
    });
    await trainer.epoch();
    const training = (async () => {
      for (let epoch = 1; epoch < 5000; epoch++) await trainer.epoch();
    })();
    void threadsBegun.at(-1).terminate();
    console.log(threads, await training.catch(({ code }) => code));
    // What was begun anew does not go on where the others left.
    console.log(await trainer.epoch().catch(({ code }) => code));
    await trainer.close();
  }
}
`;

test("a training whose thread ends says so, whatever the threads, and no other waits for it", async () => {
  const { code, stdout, stderr } = await runModule(ENDING);
  const lines = [1, 2, 4].flatMap((threads) => [`${threads} WORKER_DIED`, "WORKER_DIED"]);
  const expected = [...lines, ...lines].map((line) => `${line}\n`).join("");
  expect({ code, stdout, stderr }).toEqual({ code: 0, stdout: expected, stderr: "" });
});
