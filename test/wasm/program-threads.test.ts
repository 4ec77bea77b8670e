import { expect, test } from "vitest";
import { runModule } from "../support/process.ts";
import { BUILDS } from "../support/runtime.ts";

// A pool takes the build of its process, so each build has a process of its own.

/** Three epochs of a network of two layers, with everything that threads could disagree about. */
const TRAINING = `
import { Heap } from "#dist/wasm/heap.js";
import { Pool } from "#dist/pool/pool.js";
import { Program } from "#dist/wasm/network/program.js";
import { fillRandom, seededRandom } from "#dist/util/random.js";
import { createHash } from "node:crypto";

const SAMPLES = 83;
const ROWS = 16;
const INPUTS = 40;
const WIDTH = 136;
const CLASSES = 8;
const EPOCHS = 3;

async function train(threads, pool) {
  const heap = new Heap(8 << 20);
  const random = seededRandom(17);
  const floats = (count) => fillRandom(heap.f32(count), random);
  const order = heap.u32(SAMPLES).map((_, i) => i);
  const orderOnHeap = heap.u32(SAMPLES);
  orderOnHeap.set(order);
  const labels = heap.u32(SAMPLES);
  labels.forEach((_, i) => (labels[i] = (i * 5) % CLASSES));
  const samples = floats(SAMPLES * INPUTS);
  const steps = EPOCHS * Math.ceil(SAMPLES / ROWS);
  const schedule = heap.f32(4 * steps);
  for (let t = 0; t < steps; t++) {
    schedule.set([0.01 / (1 - 0.9 ** (t + 1)), 1 / Math.sqrt(1 - 0.999 ** (t + 1)), 0.01, 0], 4 * t);
  }
  const outcomes = heap.f32(2 * steps);
  const program = new Program(heap, {
    threads, rows: ROWS, order: orderOnHeap, schedule, outcomes, seed: 3, operations: 32,
  });
  program.samples = SAMPLES;
  const matrix = (rows, cols, values = heap.f32(rows * cols)) => ({ values, stride: cols });
  const learned = (rows, cols) => {
    const values = floats(rows * cols);
    values.forEach((value, i) => (values[i] = value / Math.sqrt(rows)));
    const like = () => heap.f32(rows * cols);
    return { ...matrix(rows, cols, values), gradients: matrix(rows, cols), first: like(), second: like() };
  };
  const first = learned(INPUTS, WIDTH);
  const second = learned(WIDTH, CLASSES);
  const bias = learned(1, WIDTH);
  const gain = heap.f32(WIDTH).fill(1);
  const batch = matrix(ROWS, INPUTS);
  const sums = matrix(ROWS, WIDTH);
  const even = matrix(ROWS, WIDTH);
  const normal = matrix(ROWS, WIDTH);
  const bent = matrix(ROWS, WIDTH);
  const inverse = heap.f32(ROWS);
  const logits = matrix(ROWS, CLASSES);
  const wrong = matrix(ROWS, CLASSES);
  const back = matrix(ROWS, WIDTH);
  const backSums = matrix(ROWS, WIDTH);
  const weights = heap.f32(SAMPLES).fill(1);
  const found = heap.f32(2 * ROWS);
  const parts = heap.f32(48);
  const meeting = (add) => { add(); program.meet(); };

  meeting(() => program.add(1, [samples, INPUTS, batch.values, INPUTS, INPUTS]));
  meeting(() => program.product(batch, first, { rows: 0, cols: WIDTH, depth: INPUTS }, sums, bias.values));
  meeting(() => program.add(11, [sums.values, WIDTH, WIDTH, gain, heap.f32(WIDTH), normal.values, inverse, even.values]));
  const dropping = [WIDTH, WIDTH, 2, 2 ** 30, { real: 4 / 3 }, 9];
  meeting(() => program.add(9, [even.values, bent.values, ...dropping]));
  meeting(() => program.product(bent, second, { rows: 0, cols: CLASSES, depth: WIDTH }, logits));
  meeting(() => program.add(13, [0, logits.values, CLASSES, CLASSES, labels, 1, weights, { real: 0.1 }, wrong.values, found]));
  program.add(14, [found]);
  program.product(bent, wrong, { rows: WIDTH, cols: CLASSES, depth: 0, transposeLeft: true }, second.gradients);
  meeting(() => program.product(wrong, second, { rows: 0, cols: WIDTH, depth: CLASSES, transposeRight: true }, back));
  meeting(() => program.add(10, [even.values, back.values, ...dropping]));
  meeting(() => program.add(12, [back.values, WIDTH, WIDTH, gain, normal.values, inverse, backSums.values]));
  program.add(15, [backSums.values, 0, WIDTH, WIDTH, bias.gradients.values]);
  meeting(() => program.product(batch, backSums, { rows: INPUTS, cols: WIDTH, depth: 0, transposeLeft: true }, first.gradients));
  const all = [first, second, bias];
  all.forEach((each, i) => program.add(17, [each.gradients.values, each.values.length, parts.subarray(16 * i), 0]));
  program.meet();
  meeting(() => program.add(18, [parts, 3, { real: 0.5 }]));
  for (const each of all) {
    program.add(16, [each.values, each.gradients.values, each.first, each.second, each.values.length, { real: 1 }, { real: 0.01 }]);
  }
  program.meet();

  for (let epoch = 0; epoch < EPOCHS; epoch++) {
    const step = epoch * program.batches;
    if (pool === undefined) program.run(0, program.batches, step);
    else {
      const jobs = program.jobs(0, program.batches, step);
      const done = await Promise.all(jobs.map((job) => pool.run(heap, job)));
      if (done.some((count) => count !== program.batches)) throw new Error("steps are missing");
    }
  }
  if (!(outcomes.at(-2) / 3 < outcomes[0] / 16)) throw new Error("nothing was learned");
  const hash = createHash("sha256");
  for (const array of [...all.map(({ values }) => values), outcomes]) hash.update(new Uint8Array(array.slice().buffer));
  return hash.digest("hex");
}

const hashes = [await train(1)];
for (const threads of [1, 2, 4]) {
  const pool = new Pool(threads);
  hashes.push(await train(threads, pool));
  await pool.close();
}
console.log(new Set(hashes).size, hashes.length);
`;

const STOPPING = `
import { Heap } from "#dist/wasm/heap.js";
import { Pool } from "#dist/pool/pool.js";
import { Program } from "#dist/wasm/network/program.js";

const pool = new Pool(2);
const heap = new Heap(1 << 20);
const program = new Program(heap, {
  threads: 3, rows: 1, seed: 1, operations: 2,
  order: heap.u32(4), schedule: heap.f32(0), outcomes: heap.f32(0),
});
program.samples = 4;
const counter = heap.f32(4);
program.add(22, [counter, heap.f32(4).fill(1), 4], 1);
program.meet();
program.add(22, [counter, heap.f32(4).fill(1), 4], 1);
program.meet();
// The third never comes.
const jobs = program.jobs(0, 4, 0).slice(1);
const running = jobs.map((job) => pool.run(heap, job));
// The last thread has the only row: once it has added it, it waits.
while (counter[0] === 0) await new Promise(setImmediate);
program.stop();
console.log(...(await Promise.all(running)), ...counter);
await pool.close();
`;

const NAPPING = `
import { Heap } from "#dist/wasm/heap.js";
import { Pool } from "#dist/pool/pool.js";
import { Program } from "#dist/wasm/network/program.js";

const STEPS = 6;
const LOSSES = 2 ** 21;
const heap = new Heap(64 << 20);
const outcomes = heap.f32(2 * STEPS);
const program = new Program(heap, {
  threads: 2, rows: 2, seed: 1, operations: 2,
  order: heap.u32(2 * STEPS), schedule: heap.f32(0), outcomes,
});
program.samples = 2 * STEPS;
// The first thread alone sums losses, for longer than the second turns round; then the second, which
// has the second row, copies all the sums that there are.
program.add(14, [heap.f32(2 * LOSSES).fill(1)], LOSSES);
program.meet();
const copies = heap.f32(2 * STEPS * outcomes.length);
program.add(21, [outcomes, 0, copies, outcomes.length, outcomes.length]);
program.meet();
const pool = new Pool(2);
await Promise.all(program.jobs(0, STEPS, 0).map((job) => pool.run(heap, job)));
await pool.close();
for (let step = 0; step < STEPS; step++) {
  const row = copies.subarray((2 * step + 1) * outcomes.length, (2 * step + 2) * outcomes.length);
  console.log(row.filter((sum, i) => i % 2 === 0 && sum > 0).length);
}
`;

test.each(BUILDS)("one, two and four threads learn the same bits, build %s", async (build) => {
  const { code, stdout, stderr } = await runModule(TRAINING, { env: { STIGMERGY_WASM: build } });
  expect({ code, stdout, stderr }).toEqual({ code: 0, stdout: "1 4\n", stderr: "" });
});

test.each(BUILDS)("threads that wait for one that never comes leave, build %s", async (build) => {
  const { code, stdout, stderr } = await runModule(STOPPING, { env: { STIGMERGY_WASM: build } });
  expect({ code, stdout, stderr }).toEqual({ code: 0, stdout: "0 0 1 1 1 1\n", stderr: "" });
});

test.each(BUILDS)(
  "a thread that naps waits for the others all the same, build %s",
  async (build) => {
    const { code, stdout, stderr } = await runModule(NAPPING, { env: { STIGMERGY_WASM: build } });
    expect({ code, stdout, stderr }).toEqual({ code: 0, stdout: "1\n2\n3\n4\n5\n6\n", stderr: "" });
  },
);
