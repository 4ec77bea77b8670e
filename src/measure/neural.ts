import { Network } from "../neural/network/network.ts";
import { quantizeNetwork } from "../neural/model/quantize.ts";
import { shufflerOf } from "../neural/training/epoch-loop.ts";
import { Trainer } from "../neural/training/trainer.ts";
import { TrainingHeap, type TrainerSettings } from "../neural/training/training-heap.ts";
import { Pool } from "../pool/pool.ts";
import { bindKernels, compileKernels, processKernels } from "../wasm/compile.ts";
import { Heap } from "../wasm/heap.ts";
import type { Job } from "../wasm/abi/kernels.ts";
import { peakArithmetic, PEAK_OPERANDS } from "../wasm/probe.ts";
import type { Program } from "../wasm/network/program.ts";
import { contest, type Contender } from "./contest.ts";
import { labeledRows, NETWORK } from "./labeled-rows.ts";
import { ratioOf, type Effort, type Task, type Timing } from "./timing.ts";

/** How a training is measured; each default is what `npm run bench` uses. */
export interface TrainingMeasureOptions extends Effort {
  /** Rows of an epoch; default 15,000. */
  readonly rows?: number;
  /** Rows of a step; default 128. */
  readonly batch?: number;
  /** Numbers of threads; default 1 and 2. */
  readonly threads?: readonly number[];
}

/** One contender at an epoch of training. */
export interface TrainingResult extends Timing {
  /** "javascript", or the build of the kernels in use and how many threads run it. */
  readonly contender: string;
  readonly rowsPerSecond: number;
  /** Of the products alone, forward and back, in thousand millions a second. */
  readonly gflops: number;
  /** How many times as fast as JavaScript on one thread, turn by turn. */
  readonly overJavaScript: number;
  /** As many times as fast as the first number of threads. */
  readonly overFirst: number;
  /**
   * Of kernels: the time that the products alone would take at the peak, over that of the epoch. The peak is arithmetic
   * whose operands are all at hand, on as many threads, in the same turns. The rest is all else that an epoch does.
   */
  readonly shareOfPeak?: number;
  /** How many times as fast the peak is as on the first number of threads: the limit of `overFirst`. */
  readonly peakOverFirst?: number;
}

/** How answering is measured; each default is what `npm run bench` uses. */
export interface InferenceMeasureOptions extends Effort {
  /** Inputs of a call; default 1,000. */
  readonly inputs?: number;
}

/** One contender at the answers of a network for dense inputs, on one thread. */
export interface InferenceResult extends Timing {
  readonly contender: string;
  readonly inputsPerSecond: number;
  readonly overJavaScript: number;
  /** Of f32 kernels: the time that the products alone would take at the peak, over that of the answers. */
  readonly shareOfPeak?: number;
}

/** Epochs that a schedule has: more than any effort asks for. */
const MOST_EPOCHS = 4096;
/** Sums of many steps, each of which rounds differently. */
const LOSS_TOLERANCE = 1e-3;
/** What 8 bits for each value cost, as a share of the largest output. */
const INT8_TOLERANCE = 0.05;
const INFERENCE_BATCH = 64;
const PEAK = "arithmetic alone";

/**
 * Times epochs of training on seeded rows: the trainer on threads, and the same program, value for
 * value, by its twin in JavaScript. The losses of the first epoch are held against one another.
 */
export async function measureTraining({
  rows = 15_000,
  batch = 128,
  threads = [1, 2],
  ...effort
}: TrainingMeasureOptions = {}): Promise<TrainingResult[]> {
  const settings = trainingOf(rows, batch);
  const trainers = threads.map((count) => new Trainer({ ...settings, threads: count }));
  const { build } = processKernels();
  const pools = build === "off" ? [] : threads.map((count) => new Pool(count));
  try {
    const contenders = [
      inJavaScript(settings),
      ...trainers.map((trainer, i) => byTrainer(trainer, nameOf(threads[i]))),
    ];
    const operations = rows * operationsOfRow();
    const arithmetic = pools.map((pool, i) => arithmeticOf(operations, pool, threads[i]));
    const all = await contest(`an epoch of ${rows} rows`, [...contenders, ...arithmetic], effort);
    const timings = all.slice(0, contenders.length);
    const peaks = all.slice(contenders.length);
    return timings.map((timing, i) => ({
      ...timing,
      ...shareOf(peaks[i - 1], timing),
      ...(i > 0 && i <= peaks.length ? { peakOverFirst: ratioOf(peaks[0], peaks[i - 1]) } : {}),
      contender: timing.name,
      rowsPerSecond: (rows / timing.medianMs) * 1000,
      gflops: (rows * operationsOfRow()) / timing.medianMs / 1e6,
      overJavaScript: ratioOf(timings[0], timing),
      overFirst: ratioOf(timings[1], timing),
    }));
  } finally {
    await Promise.all([...trainers, ...pools].map((each) => each.close()));
  }
}

/** Times a network's answers, values in and out of its heap included: f32, 8 bits, and JavaScript's. */
export async function measureInference({
  inputs = 1000,
  ...effort
}: InferenceMeasureOptions = {}): Promise<InferenceResult[]> {
  const { rows } = labeledRows(inputs);
  const settings = trainingOf(inputs, INFERENCE_BATCH);
  const place = new TrainingHeap({
    ...settings,
    learning: new Uint32Array(0),
    heldOut: settings.learning,
  });
  const network = Network.zeros(settings.shape);
  network.tensors.copyFrom(place.tensors);
  const small = quantizeNetwork(network);
  const { build } = processKernels();
  const samples = { count: inputs, dense: rows };
  const { inputs: width, hidden, classes } = NETWORK;
  const operations = 2 * inputs * (width * hidden + hidden * classes);
  const all = await contest(
    `answers for ${inputs} inputs`,
    [
      {
        name: "javascript",
        run: runnerOf(place.heap, place.looking),
        answer: () => unpadded(place, NETWORK.classes),
      },
      answering(`${build}, f32`, () => network.forward(samples)),
      ...(build === "off" ? [] : [answering(`${build}, 8 bits`, () => small.forward(samples))]),
      ...peakOf(operations),
    ],
    effort,
  );
  const timings = all.filter(({ name }) => name !== PEAK);
  return timings.map((timing, i) => ({
    ...timing,
    ...(i === 1 ? shareOf(all[timings.length], timing) : {}),
    contender: timing.name,
    inputsPerSecond: (inputs / timing.medianMs) * 1000,
    overJavaScript: ratioOf(timings[0], timing),
  }));
}

function trainingOf(rows: number, batchSize: number): TrainerSettings {
  const { inputs, hidden, classes } = NETWORK;
  const data = labeledRows(rows);
  return {
    shape: {
      dense: inputs,
      features: 0,
      hidden: [hidden],
      outputs: classes,
      activation: "relu",
      normalize: false,
      wide: false,
    },
    samples: { count: rows, dense: data.rows },
    targets: { kind: "softmax", labels: Uint32Array.from(data.labels), smoothing: 0 },
    weights: new Float32Array(rows).fill(1),
    learning: Uint32Array.from({ length: rows }, (_, i) => i),
    heldOut: new Uint32Array(0),
    batchSize,
    seed: 1,
    threads: 1,
    epochs: MOST_EPOCHS,
    learningRate: 1e-3,
    warmUp: 0,
    decay: "constant",
    drops: { features: 0, hidden: 0 },
    weightDecay: 0,
    tableRate: 1,
    clip: 0,
  };
}

/** Multiplications and additions of the products: forward, and back to weights and to what was hidden. */
function operationsOfRow(): number {
  const { inputs, hidden, classes } = NETWORK;
  return 2 * (2 * inputs * hidden + 3 * hidden * classes);
}

/** As many operations on what is at hand, by the build in use; nothing when that is JavaScript. */
function peakOf(operations: number): Task[] {
  if (processKernels().build === "off") return [];
  const { heap, job } = arithmeticJob(operations);
  return [{ name: PEAK, run: () => heap.run(job) }];
}

/** The same, shared out over the threads of a pool. */
function arithmeticOf(operations: number, pool: Pool, threads: number): Task {
  const parts = Array.from({ length: threads }, () => arithmeticJob(operations / threads));
  return {
    name: `${PEAK}, ${threads}`,
    run: () => Promise.all(parts.map(({ heap, job }) => pool.run(heap, job))),
  };
}

function arithmeticJob(operations: number): { readonly heap: Heap; readonly job: Job } {
  const heap = new Heap(PEAK_OPERANDS * 4);
  return {
    heap,
    job: peakArithmetic(heap, heap.f32(PEAK_OPERANDS).fill(0.5), operations),
  };
}

function shareOf(peak: Timing | undefined, timing: Timing): { readonly shareOfPeak?: number } {
  return peak === undefined ? {} : { shareOfPeak: ratioOf(peak, timing) };
}

function nameOf(threads: number): string {
  return `${processKernels().build}, ${threads} ${threads === 1 ? "thread" : "threads"}`;
}

function byTrainer(trainer: Trainer, name: string): Contender {
  let loss = NaN;
  return {
    name,
    run: async () => {
      ({ loss } = await trainer.epoch());
    },
    answer: () => [loss],
    tolerance: LOSS_TOLERANCE,
  };
}

/** An epoch of the trainer's program, in the same order of samples, by the kernels' twins. */
function inJavaScript(settings: TrainerSettings): Contender {
  const { heap, learning } = new TrainingHeap(settings);
  const { length } = settings.learning;
  const shuffle = shufflerOf({ samples: length, together: 1, seed: settings.seed });
  const { batches, outcomes } = learning;
  const run = bindKernels(compileKernels("off"), heap.memory);
  let epoch = 0;
  return {
    name: "javascript",
    run: () => {
      shuffle(learning.order);
      const [job] = learning.jobs(0, batches, epoch++ * batches);
      run(job);
    },
    answer: () => {
      const sums = outcomes.subarray((epoch - 1) * batches * 2, epoch * batches * 2);
      const loss = sums.reduce((sum, each, i) => (i % 2 === 0 ? sum + each : sum), 0);
      return [loss / settings.learning.length];
    },
  };
}

/** Goes once through the samples of a program, by the kernels' twins. */
function runnerOf(heap: Heap, program: Program): () => void {
  const run = bindKernels(compileKernels("off"), heap.memory);
  const [job] = program.jobs(0, program.batches, 0);
  return () => void run(job);
}

function answering(name: string, forward: () => Float32Array): Contender {
  let outputs: Float32Array = new Float32Array(0);
  const tolerance = name.endsWith("8 bits") ? INT8_TOLERANCE : 1e-4;
  return { name, run: () => (outputs = forward()), answer: () => outputs, tolerance };
}

function unpadded({ heldOut, heldOutStride }: TrainingHeap, width: number): Float32Array {
  return heldOut.filter((_, i) => i % heldOutStride < width);
}
