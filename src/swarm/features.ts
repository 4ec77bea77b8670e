import { arch, availableParallelism, cpus, freemem, platform, release, totalmem } from "node:os";
import process from "node:process";
import { loadDriver } from "../memory/file/driver.ts";
import { detectFeatures, type KernelBuild, type KernelFeatures } from "../wasm/build.ts";
import { MAX_HEAP_BYTES } from "../wasm/heap.ts";
import { processKernels } from "../wasm/compile.ts";

/** What this process can use, found by asking the runtime. */
export interface Features {
  readonly wasm: {
    /** What runs the kernels; `off` is JavaScript. */
    readonly build: KernelBuild;
    readonly threads: boolean;
    /** Most bytes of one shared memory. */
    readonly mostBytes: number;
  };
  readonly simd: Pick<KernelFeatures, "simd" | "relaxedSimd">;
  readonly memory: {
    readonly totalBytes: number;
    readonly freeBytes: number;
    readonly processBytes: number;
    /** What reads and writes the store. */
    readonly sqlite: string;
  };
  readonly platform: {
    readonly node: string;
    readonly v8: string;
    readonly system: string;
    readonly cpu: string;
    readonly parallelism: number;
  };
}

/**
 * Finds what this process can use.
 * @throws {StigmergyError} KERNELS_MISSING, DEPENDENCY_MISSING or INVALID_SETTING
 */
export async function findFeatures(): Promise<Features> {
  const { simd, relaxedSimd, threads } = detectFeatures();
  return {
    wasm: { build: processKernels().build, threads, mostBytes: MAX_HEAP_BYTES },
    simd: { simd, relaxedSimd },
    memory: {
      totalBytes: totalmem(),
      freeBytes: freemem(),
      processBytes: process.memoryUsage.rss(),
      sqlite: (await loadDriver()).name,
    },
    platform: {
      node: process.versions.node,
      v8: process.versions.v8,
      system: `${platform()} ${release()} ${arch()}`,
      cpu: cpus()[0]?.model ?? "unknown",
      parallelism: availableParallelism(),
    },
  };
}
