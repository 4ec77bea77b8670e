import { StigmergyError } from "../errors.ts";
import { measureLinear, measureTasks } from "../measure/assign.ts";
import { measureKernels } from "../measure/kernels.ts";
import { measureMemory } from "../measure/memory.ts";
import { measureInference, measureTraining } from "../measure/neural.ts";
import { measureProduct } from "../measure/product.ts";
import { measureStrings } from "../measure/strings.ts";
import { measureTextModel } from "../measure/text-model.ts";
import type { Effort, Timing } from "../measure/timing.ts";
import { measureSearch } from "../measure/vector.ts";
import {
  measuring,
  theseVersions,
  thisMachine,
  toldSamples,
  toNanoseconds,
  type Machine,
  type Versions,
} from "./measured.ts";

/** One contender at one piece of work. */
export interface Benchmark {
  readonly work: string;
  readonly contender: string;
  readonly medianMs: number;
  /** Median absolute deviation. */
  readonly deviationMs: number;
  /** Calls that were timed. */
  readonly calls: number;
  /** Milliseconds of each call; without `iterations` at most 64 of them, evenly spaced. */
  readonly samples: readonly number[];
  /** Of a search: share of the true nearest that were found. */
  readonly recall?: number;
}

/** What a run of suites found. */
export interface BenchmarkReport {
  readonly suite: string;
  /** By suite. */
  readonly results: Readonly<Record<string, readonly Benchmark[]>>;
  /** What was asked for and can't be measured, and why. */
  readonly missing: readonly { readonly suite: string; readonly reason: string }[];
  readonly machine: Machine;
  readonly versions: Versions;
  readonly seconds: number;
}

/** How suites are run. */
export interface BenchmarkOptions {
  /** Calls of each contender; default as many as fit 60 ms. */
  readonly iterations?: number | undefined;
  readonly signal?: AbortSignal | undefined;
}

const DEFAULT_MS = 60;
const ROWS = 2000; // of 384 values: an answer by JavaScript holds the thread for a few ms
const DIM = 384;
const ENTRIES = 300;

type Measure = (effort: Effort) => Promise<Benchmark[]>;
type Tell = (work: string, timing: Timing & { readonly recall?: number }) => Benchmark;

/** What each suite measures, small enough for a server that others ask meanwhile. */
const KNOWN: Readonly<Record<string, Measure>> = {
  async kernels(effort) {
    const tell = teller(effort);
    const distances = await measureKernels({ dims: [768], footprints: [524_288], ...effort });
    const products = await measureProduct({ size: 160, ...effort });
    const strings = await measureStrings({ lengths: [600], sizes: [65_536], ...effort });
    return [
      ...distances.map((each) => tell(`${each.kernel}, ${each.rows} rows × ${each.dim}`, each)),
      ...products.map((each) => tell(`product, ${each.size} × ${each.size}`, each)),
      ...strings.map((each) => tell(`${each.subject}, ${each.of}`, each)),
    ];
  },
  async vector(effort) {
    const tell = teller(effort);
    const { results, rows, dim } = await measureSearch({ rows: ROWS, dim: DIM, ...effort });
    return results.map((each) => tell(`the 10 nearest of ${rows} × ${dim}`, each));
  },
  async memory(effort) {
    const tell = teller(effort);
    const { operations, entries } = await measureMemory({ entries: ENTRIES, ...effort });
    return operations.map((each) => tell(`a store of ${entries} entries`, each));
  },
  async neural(effort) {
    const tell = teller(effort);
    const training = await measureTraining({ rows: 128, ...effort });
    const inference = await measureInference({ inputs: 128, ...effort });
    const text = await measureTextModel({ texts: 240, epochs: 4, ...effort });
    return [
      ...training.map((each) => tell("training on 128 rows of 256 values", each)),
      ...inference.map((each) => tell("answers for 128 inputs of 256 values", each)),
      tell(`one prediction from text, ${text.labels} labels`, text.predict),
    ];
  },
  async assign(effort) {
    const tell = teller(effort);
    const linear = await measureLinear({ size: 208, ...effort });
    const tasks = await measureTasks({ tasks: 1000, agents: 20, ...effort });
    return [
      ...linear.map((each) => tell(`${each.size} rows and columns`, each)),
      ...tasks.map((each) => tell(`${each.tasks} tasks, ${each.agents} agents`, each)),
    ];
  },
};

const NOT_YET: Readonly<Record<string, string>> = {
  swarm: "there are no swarms in this version",
  agent: "what agents do is not measured; assign measures who is given which task",
  task: "there are no tasks in this version",
};

const ALL = "comprehensive";
const SYNONYMS: Readonly<Record<string, string>> = {
  all: ALL,
  full: ALL,
  wasm: "kernels",
  kernel: "kernels",
  simd: "kernels",
  vectors: "vector",
  search: "vector",
  store: "memory",
  assignment: "assign",
};

/** Suites that can be asked for, those of every name among them. */
const SUITES: readonly string[] = [...Object.keys(KNOWN), ALL];

/**
 * Measures this machine: raw samples, and on what. One run at a time in this process; the thread is
 * shared with whatever else runs on it meanwhile.
 *
 * @param suite any case; default "comprehensive": all that there are
 * @throws {StigmergyError} INVALID_INPUT for an unknown suite or no number, NOT_SUPPORTED for one that is not there yet
 * @throws the reason of the signal
 */
export async function runBenchmarks(
  suite: string = ALL,
  { iterations, signal }: BenchmarkOptions = {},
): Promise<BenchmarkReport> {
  const wanted = suiteOf(suite);
  if (iterations !== undefined && !(Number.isInteger(iterations) && iterations >= 1)) {
    throw new StigmergyError(
      "INVALID_INPUT",
      `iterations: expected a whole number from 1, received ${iterations}`,
    );
  }
  const effort: Effort = {
    ...(iterations === undefined ? { timeMs: DEFAULT_MS } : { calls: iterations }),
    ...(signal === undefined ? {} : { signal }),
  };
  return measuring.run(async () => {
    const began = performance.now();
    const results: Record<string, Benchmark[]> = {};
    for (const name of wanted === ALL ? Object.keys(KNOWN) : [wanted]) {
      results[name] = await KNOWN[name](effort);
    }
    const left = wanted === ALL ? Object.entries(NOT_YET) : [];
    return {
      suite: wanted,
      results,
      missing: left.map(([name, reason]) => ({ suite: name, reason })),
      machine: thisMachine(),
      versions: theseVersions(),
      seconds: (performance.now() - began) / 1000,
    };
  });
}

function suiteOf(asked: string): string {
  const name = asked.trim().toLowerCase();
  const suite = SYNONYMS[name] ?? name;
  if (SUITES.includes(suite)) return suite;
  const known = SUITES.join(", ");
  if (Object.hasOwn(NOT_YET, suite)) {
    throw new StigmergyError(
      "NOT_SUPPORTED",
      `suite ${asked}: ${NOT_YET[suite]}; known are ${known}`,
    );
  }
  throw new StigmergyError("INVALID_INPUT", `suite: expected one of ${known}, received "${asked}"`);
}

function teller({ calls }: Effort): Tell {
  return (work, timing) => ({
    work,
    contender: timing.name,
    medianMs: toNanoseconds(timing.medianMs),
    deviationMs: toNanoseconds(timing.deviationMs),
    calls: timing.samples.length,
    samples: toldSamples(timing, calls),
    ...(timing.recall === undefined ? {} : { recall: timing.recall }),
  });
}
