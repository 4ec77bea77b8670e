import { detectFeatures, type KernelBuild } from "../wasm/build.ts";
import { cosine, dot, l2sq } from "../wasm/vectors/distance.ts";
import { Heap } from "../wasm/heap.ts";
import { bindKernels, compileFile, compileKernels, exportsOf } from "../wasm/compile.ts";
import type { Kernels } from "../wasm/abi/kernels.ts";
import { readBytes } from "../wasm/probe.ts";
import { fillRandom, seededRandom } from "../util/random.ts";
import { plainKernels } from "./plain-kernels.ts";
import { time, type Effort, type Timing } from "./timing.ts";

/** What computes distances in a comparison. */
export type Contender =
  | "javascript"
  | "javascript, four sums"
  | "scalar wasm"
  | "scalar wasm, four sums"
  | "simd"
  | "relaxed simd";

/** What to measure; each default is what `npm run bench` uses. */
export interface KernelMeasureOptions extends Effort {
  /** Default 128, 384, 768 and 1536. */
  readonly dims?: readonly number[];
  /** Bytes of rows that one call reads; default 512 KiB (in cache) and 128 MiB (in memory). */
  readonly footprints?: readonly number[];
}

/** One contender on one distance, dim and footprint. */
export interface KernelResult extends Timing {
  readonly kernel: "l2sq" | "dot" | "cosine";
  readonly contender: Contender;
  readonly dim: number;
  readonly rows: number;
  readonly rowsPerSecond: number;
  /** Rows read, in GiB a second. */
  readonly gibPerSecond: number;
  /** Of what reading the same bytes and doing nothing reaches in the same run, 0 to about 1. */
  readonly shareOfBandwidth: number;
}

const DISTANCES = { l2sq, dot, cosine } as const;
const KIB = 1024;
const MOST_DIFFERENCE = 1e-4; // of contenders' answers, relative: they sum in different orders

/** Times the distance kernels against plain JavaScript and scalar WebAssembly, answers checked. */
export async function measureKernels({
  dims = [128, 384, 768, 1536],
  footprints = [512 * KIB, 128 * KIB * KIB],
  ...effort
}: KernelMeasureOptions = {}): Promise<KernelResult[]> {
  const results: KernelResult[] = [];
  for (const footprint of footprints) {
    const heap = new Heap(footprint + 4 * KIB * KIB);
    const contenders = bindContenders(heap.memory);
    const mark = heap.usedBytes;
    for (const dim of dims) {
      heap.release(mark);
      const rowCount = Math.floor(footprint / (dim * 4));
      const random = seededRandom(42);
      const query = fillRandom(heap.f32(dim), random);
      const rows = fillRandom(heap.f32(rowCount * dim), random);
      const out = heap.f32(rowCount);
      const bandwidth = await readRate(heap, rows, effort);
      for (const kernel of ["l2sq", "dot", "cosine"] as const) {
        const args: Parameters<Distance> = DISTANCES[kernel](heap, query, rows, out).args;
        const name = `${kernel}_f32` as const;
        checkAnswers(contenders, name, args, out);
        const timings = await time(
          [...contenders].map(([contender, kernels]) => ({
            name: contender,
            run: () => kernels[name](...args),
          })),
          effort,
        );
        for (const timing of timings) {
          const bytesPerSecond = (rows.byteLength / timing.medianMs) * 1000;
          results.push({
            ...timing,
            kernel,
            contender: timing.name as Contender,
            dim,
            rows: rowCount,
            rowsPerSecond: (rowCount / timing.medianMs) * 1000,
            gibPerSecond: bytesPerSecond / 2 ** 30,
            shareOfBandwidth: bytesPerSecond / bandwidth,
          });
        }
      }
    }
  }
  return results;
}

/** The distance kernels of one contender; all take the same arguments. */
type Distance = Kernels["l2sq_f32"];
type DistanceKernels = Readonly<Record<"l2sq_f32" | "dot_f32" | "cosine_f32", Distance>>;

function bindContenders(memory: WebAssembly.Memory): Map<Contender, DistanceKernels> {
  const scalar = exportsOf(compileFile("baseline.wasm"), memory) as Record<string, Distance>;
  const contenders = new Map<Contender, DistanceKernels>([
    ["javascript", plainKernels(memory)],
    ["javascript, four sums", kernelsOf("off", memory)],
    ["scalar wasm", scalar as unknown as DistanceKernels],
    [
      "scalar wasm, four sums",
      {
        l2sq_f32: scalar.l2sq_unrolled_f32,
        dot_f32: scalar.dot_unrolled_f32,
        cosine_f32: scalar.cosine_unrolled_f32,
      },
    ],
    ["simd", kernelsOf("simd", memory)],
  ]);
  if (detectFeatures().relaxedSimd) {
    contenders.set("relaxed simd", kernelsOf("relaxed", memory));
  }
  return contenders;
}

function kernelsOf(build: KernelBuild, memory: WebAssembly.Memory): DistanceKernels {
  const run = bindKernels(compileKernels(build), memory);
  return {
    l2sq_f32: (...args) => run({ kernel: "l2sq_f32", args }),
    dot_f32: (...args) => run({ kernel: "dot_f32", args }),
    cosine_f32: (...args) => run({ kernel: "cosine_f32", args }),
  };
}

async function readRate(heap: Heap, rows: Float32Array, effort: Effort): Promise<number> {
  const whole = rows.subarray(0, rows.length - (rows.length % 16));
  const job = readBytes(heap, whole);
  // Not by whatever build is in use: what memory gives is asked of a kernel, also where those are off.
  const run = bindKernels(compileKernels("simd"), heap.memory);
  const [{ medianMs }] = await time([{ name: "read", run: () => run(job) }], effort);
  return (whole.byteLength / medianMs) * 1000;
}

function checkAnswers(
  contenders: ReadonlyMap<Contender, DistanceKernels>,
  kernel: keyof DistanceKernels,
  args: Parameters<Distance>,
  out: Float32Array,
): void {
  let expected: Float32Array | undefined;
  for (const [contender, kernels] of contenders) {
    out.fill(NaN);
    kernels[kernel](...args);
    if (expected === undefined) expected = out.slice();
    const worst = out.reduce((most, value, i) => {
      const reference = (expected as Float32Array)[i];
      return Math.max(most, Math.abs(value - reference) / (1 + Math.abs(reference)));
    }, 0);
    if (!(worst <= MOST_DIFFERENCE)) {
      throw new Error(`${contender} ${kernel}: an answer differs by ${worst}`);
    }
  }
}
