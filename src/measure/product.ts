import { fillRandom, seededRandom } from "../util/random.ts";
import { detectFeatures, type KernelBuild } from "../wasm/build.ts";
import { bindKernels, compileFile, compileKernels, exportsOf } from "../wasm/compile.ts";
import { Heap } from "../wasm/heap.ts";
import type { Job } from "../wasm/abi/kernels.ts";
import { product, PRODUCT_SCRATCH, type Matrix } from "../wasm/network/matrix.ts";
import { peakArithmetic, PEAK_OPERANDS } from "../wasm/probe.ts";
import { contest } from "./contest.ts";
import { productByElements, productByRows, type SquareProduct } from "./plain-product.ts";
import { ratioOf, type Effort, type Timing } from "./timing.ts";

/** What multiplies in a comparison. */
export type ProductContender =
  | "javascript, by elements"
  | "javascript, by rows"
  | "javascript, the kernel's twin"
  | "scalar wasm"
  | "simd"
  | "relaxed simd";

/** What to measure; each default is what `npm run bench` uses. */
export interface ProductMeasureOptions extends Effort {
  /** Rows, columns and depth, a multiple of 16; default 512. */
  readonly size?: number;
  /** Default all that this runtime has. */
  readonly contenders?: readonly ProductContender[];
}

/** One contender at the product of two square matrices, on one thread. */
export interface ProductResult extends Timing {
  readonly contender: ProductContender;
  readonly size: number;
  /** Multiplications and additions, in thousand millions a second. */
  readonly gflops: number;
  /**
   * Of kernels: the time that the product would take at the peak, over its own. The peak is arithmetic whose operands are
   * all at hand, by the same build, in the same turns.
   */
  readonly shareOfPeak?: number;
}

const BUILDS = { simd: "simd", "relaxed simd": "relaxed" } as const;

/** Times the product of matrices against loops in JavaScript and in scalar WebAssembly, answers checked. */
export async function measureProduct({
  size = 512,
  contenders = productContenders(),
  ...effort
}: ProductMeasureOptions = {}): Promise<ProductResult[]> {
  const heap = new Heap((3 * size * size + PRODUCT_SCRATCH + PEAK_OPERANDS) * 4 + 65_536);
  const random = seededRandom(42);
  const { ways, out } = waysOf(heap, size, random);
  const operands = heap.f32(PEAK_OPERANDS);
  fillRandom(operands, random);
  const arithmetic = peakArithmetic(heap, operands, 2 * size ** 3);
  const peaks = contenders
    .filter((name) => name in BUILDS)
    .map((name) => ({
      name: peakName(name),
      run: byKernel(heap, BUILDS[name as keyof typeof BUILDS], arithmetic),
    }));
  const timings = await contest(
    `product of ${size} × ${size}`,
    [
      ...contenders.map((name) => ({
        name,
        run: ways[name](),
        answer: () => out,
        clear: () => out.fill(NaN),
      })),
      ...peaks,
    ],
    effort,
  );
  return timings.slice(0, contenders.length).map((timing, i) => {
    const contender = contenders[i];
    const peak = timings.find(({ name }) => name === peakName(contender));
    return {
      ...timing,
      contender,
      size,
      gflops: (2 * size ** 3) / timing.medianMs / 1e6,
      ...(peak === undefined ? {} : { shareOfPeak: ratioOf(peak, timing) }),
    };
  });
}

/** Every contender that this runtime has, the plain loops first. */
export function productContenders(): ProductContender[] {
  return [
    ...(["javascript, by elements", "javascript, by rows"] as const),
    ...(["javascript, the kernel's twin", "scalar wasm", "simd"] as const),
    ...(detectFeatures().relaxedSimd ? (["relaxed simd"] as const) : []),
  ];
}

/** How each contender multiplies two random matrices, and where it writes. */
function waysOf(heap: Heap, size: number, random: () => number) {
  const matrix = (): Matrix => ({ values: heap.f32(size * size), stride: size });
  const left = matrix();
  const right = matrix();
  const out = matrix();
  fillRandom(left.values, random);
  fillRandom(right.values, random);
  const job = product(
    heap,
    left,
    right,
    { rows: size, cols: size, depth: size },
    undefined,
    heap.f32(PRODUCT_SCRATCH),
    out,
  );
  const inJavaScript = (multiply: SquareProduct) => () =>
    multiply(left.values, right.values, out.values, size);
  const ways: Readonly<Record<ProductContender, () => () => unknown>> = {
    "javascript, by elements": () => inJavaScript(productByElements),
    "javascript, by rows": () => inJavaScript(productByRows),
    "javascript, the kernel's twin": () => byKernel(heap, "off", job),
    "scalar wasm": () => inScalarWasm(heap, left, right, out, size),
    simd: () => byKernel(heap, "simd", job),
    "relaxed simd": () => byKernel(heap, "relaxed", job),
  };
  return { ways, out: out.values };
}

function byKernel(heap: Heap, build: KernelBuild, job: Job): () => unknown {
  const run = bindKernels(compileKernels(build), heap.memory);
  return () => run(job);
}

function inScalarWasm(heap: Heap, left: Matrix, right: Matrix, out: Matrix, size: number) {
  const scalar = exportsOf(compileFile("baseline.wasm"), heap.memory) as {
    product_f32: (...args: readonly number[]) => void;
  };
  const [a, b, c] = [left, right, out].map(({ values }) => heap.addressOf(values));
  return () => scalar.product_f32(a, b, size, size, size, c);
}

function peakName(contender: ProductContender): string {
  return `${contender}, arithmetic alone`;
}
