import { StigmergyError } from "../errors.ts";
import { measureLinear } from "../measure/assign.ts";
import { measureKernels } from "../measure/kernels.ts";
import { measureInference, measureTraining } from "../measure/neural.ts";
import { measureProduct } from "../measure/product.ts";
import { measureStrings, type StringSubject } from "../measure/strings.ts";
import { ratioOf, type Effort, type Timing } from "../measure/timing.ts";
import { detectFeatures, whyBuild, type KernelBuild, type KernelFeatures } from "../wasm/build.ts";
import { processKernels } from "../wasm/compile.ts";
import { measuring, thisMachine, toldSamples, type Machine } from "./measured.ts";

/** What the kernels of an operation give here, measured. */
export interface Optimization {
  /** One of `OPERATIONS`, or "all". */
  readonly operation: string;
  /** What runs the kernels in this process, and why that. */
  readonly build: KernelBuild;
  readonly reason: string;
  readonly features: KernelFeatures;
  /** By piece of work: how many times as long each other contender takes as the kernels. */
  readonly ratios: Readonly<Record<string, Readonly<Record<string, number>>>>;
  /** By piece of work and contender: milliseconds of calls, evenly spaced when there were many. */
  readonly samples: Readonly<Record<string, Readonly<Record<string, readonly number[]>>>>;
  /** By piece of work: what bounds it, and how much of that the kernels reach. */
  readonly limits: Readonly<Record<string, { readonly of: Limit; readonly percent: number }>>;
  readonly machine: Machine;
}

type Limit = "arithmetic alone" | "bandwidth of the cache" | "reading every cost once";

/** One piece of work: contenders, the kernels in use among them. */
interface Comparison {
  readonly work: string;
  readonly timings: readonly Timing[];
  readonly kernels: Timing;
  readonly limit?: { readonly of: Limit; readonly share: number };
}

const MATRIX = 160; // rows and columns: a call of the slowest loop holds the thread for some 10 ms
const ASSIGNED = 256;
const TRAINED_ROWS = 128;
const ANSWERED = 128;
const TEXT_LENGTH = 600;
const CHECKED_BYTES = 65_536;
const DIM = 768;
const CACHED_BYTES = 524_288;

type Compare = (effort: Effort) => Promise<readonly Comparison[]>;

/** Each operation, and how long a contender at it is timed, so that it takes some two seconds. */
const KNOWN: Readonly<Record<string, { readonly timeMs: number; readonly compare: Compare }>> = {
  "neural-training": { timeMs: 300, compare: compareTraining },
  "neural-inference": { timeMs: 300, compare: compareInference },
  "vector-search": { timeMs: 60, compare: compareDistances },
  text: { timeMs: 200, compare: (effort) => compareStrings("n-grams", effort) },
  checksum: { timeMs: 150, compare: (effort) => compareStrings("checksum", effort) },
  matrix: { timeMs: 150, compare: compareProducts },
  assignment: { timeMs: 300, compare: compareAssignment },
};

/** The operations whose kernels can be measured. */
export const OPERATIONS: readonly string[] = Object.keys(KNOWN);

const SYNONYMS: Readonly<Record<string, string>> = {
  training: "neural-training",
  train: "neural-training",
  "neural-train": "neural-training",
  neural: "neural-training",
  "neural-network": "neural-training",
  inference: "neural-inference",
  predict: "neural-inference",
  prediction: "neural-inference",
  "neural-predict": "neural-inference",
  vector: "vector-search",
  vectors: "vector-search",
  search: "vector-search",
  similarity: "vector-search",
  distance: "vector-search",
  distances: "vector-search",
  string: "text",
  strings: "text",
  hashing: "text",
  "n-grams": "text",
  ngrams: "text",
  checksums: "checksum",
  hash: "checksum",
  integrity: "checksum",
  matrices: "matrix",
  "matrix-multiply": "matrix",
  "matrix-multiplication": "matrix",
  matmul: "matrix",
  product: "matrix",
  assign: "assignment",
  "agent-assign": "assignment",
};

/**
 * Warms the kernels of an operation, by running them in this process, and measures what they give over
 * JavaScript and scalar WebAssembly. The thread is shared with whatever else runs on it meanwhile.
 *
 * @param operation any case, words joined by - or _ or blanks; none for all, at half the time each
 * @throws {StigmergyError} INVALID_INPUT for an unknown one, NOT_SUPPORTED where kernels are
 * switched off
 * @throws the reason of the signal
 */
export async function optimize(operation?: string, signal?: AbortSignal): Promise<Optimization> {
  const wanted = operation === undefined ? "all" : operationOf(operation);
  const names = wanted === "all" ? OPERATIONS : [wanted];
  const { build } = processKernels();
  const reason = whyBuild();
  if (build === "off") {
    throw new StigmergyError(
      "NOT_SUPPORTED",
      `kernels: switched off, ${reason}; start without it to use and measure them`,
    );
  }
  const comparisons = await measuring.run(async () => {
    const found: Comparison[] = [];
    for (const name of names) {
      const { timeMs, compare } = KNOWN[name];
      const effort = { timeMs: timeMs / (names.length > 1 ? 2 : 1) };
      found.push(...(await compare(signal === undefined ? effort : { ...effort, signal })));
    }
    return found;
  });
  const ratios: Record<string, Record<string, number>> = {};
  const samples: Record<string, Record<string, number[]>> = {};
  const limits: Record<string, { of: Limit; percent: number }> = {};
  for (const { work, timings, kernels, limit } of comparisons) {
    const others = timings.filter((each) => each !== kernels);
    ratios[work] = Object.fromEntries(others.map((each) => [each.name, ratioOf(each, kernels)]));
    samples[work] = Object.fromEntries(timings.map((each) => [each.name, toldSamples(each)]));
    if (limit !== undefined) limits[work] = { of: limit.of, percent: 100 * limit.share };
  }
  const features = detectFeatures();
  return {
    operation: wanted,
    build,
    reason,
    features,
    ratios,
    samples,
    limits,
    machine: thisMachine(),
  };
}

function operationOf(asked: string): string {
  const name = asked
    .trim()
    .toLowerCase()
    .replaceAll(/[\s_]+/g, "-");
  const operation = SYNONYMS[name] ?? name;
  if (operation === "all" || Object.hasOwn(KNOWN, operation)) return operation;
  const known = [...OPERATIONS, "all"].join(", ");
  throw new StigmergyError(
    "INVALID_INPUT",
    `operation: expected one of ${known}, received "${asked}"`,
  );
}

async function compareProducts(effort: Effort): Promise<Comparison[]> {
  const results = await measureProduct({ size: MATRIX, ...effort });
  const kernels = inUse(results);
  const limit = limitOf("arithmetic alone", kernels.shareOfPeak);
  return [{ work: `product of ${MATRIX} × ${MATRIX} f32`, timings: results, kernels, ...limit }];
}

async function compareAssignment(effort: Effort): Promise<Comparison[]> {
  const results = await measureLinear({ size: ASSIGNED, ...effort });
  const kernels = results[1];
  const limit = limitOf("reading every cost once", kernels.shareOfReading);
  return [{ work: `assignment of ${ASSIGNED} rows`, timings: results, kernels, ...limit }];
}

async function compareTraining(effort: Effort): Promise<Comparison[]> {
  const results = await measureTraining({ rows: TRAINED_ROWS, ...effort });
  const kernels = results[1];
  const limit = limitOf("arithmetic alone", kernels.shareOfPeak);
  return [{ work: `training on ${TRAINED_ROWS} rows`, timings: results, kernels, ...limit }];
}

async function compareInference(effort: Effort): Promise<Comparison[]> {
  const results = await measureInference({ inputs: ANSWERED, ...effort });
  const kernels = results[1];
  const limit = limitOf("arithmetic alone", kernels.shareOfPeak);
  return [{ work: `answers for ${ANSWERED} inputs`, timings: results, kernels, ...limit }];
}

async function compareDistances(effort: Effort): Promise<Comparison[]> {
  const results = await measureKernels({ dims: [DIM], footprints: [CACHED_BYTES], ...effort });
  return (["l2sq", "dot", "cosine"] as const).map((kernel) => {
    const timings = results.filter((each) => each.kernel === kernel);
    const kernels = inUse(timings);
    const limit = limitOf("bandwidth of the cache", kernels.shareOfBandwidth);
    return { work: `${kernel} of ${DIM} values`, timings, kernels, ...limit };
  });
}

async function compareStrings(subject: StringSubject, effort: Effort): Promise<Comparison[]> {
  const sizes = { lengths: [TEXT_LENGTH], sizes: [CHECKED_BYTES], subjects: [subject] };
  const results = await measureStrings({ ...sizes, ...effort });
  return [...new Set(results.map(({ of }) => of))].map((of) => {
    const timings = results.filter((each) => each.of === of);
    const kernels = timings.find(({ name }) => name.startsWith("kernel")) ?? timings[0];
    return { work: `${subject}, ${of}`, timings, kernels };
  });
}

/** The contender that the build in use is. */
function inUse<Of extends Timing>(timings: readonly Of[]): Of {
  const name = processKernels().build === "simd" ? "simd" : "relaxed simd";
  return timings.find((each) => each.name === name) as Of;
}

function limitOf(of: Limit, share: number | undefined): Pick<Comparison, "limit"> {
  return share === undefined ? {} : { limit: { of, share } };
}
