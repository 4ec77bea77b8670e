import { detectFeatures, type KernelBuild } from "#dist/wasm/build.js";
import { Heap } from "#dist/wasm/heap.js";
import { bindKernels, compileKernels } from "#dist/wasm/compile.js";
import type { Run } from "#dist/wasm/abi/kernels.js";

/** Every build that this runtime can run: all must keep the same contracts. */
export const BUILDS: readonly KernelBuild[] = detectFeatures().relaxedSimd
  ? ["simd", "relaxed", "off"]
  : ["simd", "off"];

const compiled = new Map(BUILDS.map((build) => [build, compileKernels(build)]));

/** A fresh heap, and what runs jobs on it by one build. */
export function testRuntime(build: KernelBuild, bytes = 1 << 20): { heap: Heap; run: Run } {
  const kernels = compiled.get(build);
  if (kernels === undefined) throw new Error(`this runtime has no build ${build}`);
  const heap = new Heap(bytes);
  return { heap, run: bindKernels(kernels, heap.memory) };
}
