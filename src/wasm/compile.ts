import { readFileSync } from "node:fs";
import { instantiateSync } from "@assemblyscript/loader";
import { StigmergyError } from "../errors.ts";
import { chooseBuild, type KernelBuild } from "./build.ts";
import { javascriptKernels } from "./javascript/kernels.ts";
import type { Kernels, Run } from "./abi/kernels.ts";

/** The build in use and its compiled code, which threads share; `off` has none. */
export interface CompiledKernels {
  readonly build: KernelBuild;
  readonly module: WebAssembly.Module | undefined;
}

const FILES = { relaxed: "kernels.relaxed.wasm", simd: "kernels.wasm" } as const;

const compiled = new Map<KernelBuild, CompiledKernels>();
let chosen: CompiledKernels | undefined;

/** The kernels of this process, chosen by `chooseBuild` and compiled on the first call. */
export function processKernels(): CompiledKernels {
  chosen ??= compileKernels(chooseBuild());
  return chosen;
}

/**
 * One build of the kernels, compiled on the first call: whoever runs it warms the same code.
 * @throws {StigmergyError} KERNELS_MISSING when its file is not there
 */
export function compileKernels(build: KernelBuild): CompiledKernels {
  const known = compiled.get(build);
  if (known !== undefined) return known;
  const module = build === "off" ? undefined : compileFile(FILES[build]);
  const kernels = { build, module };
  compiled.set(build, kernels);
  return kernels;
}

/**
 * Compiles a module of build/.
 * @throws {StigmergyError} KERNELS_MISSING when its file is not there
 */
export function compileFile(file: string): WebAssembly.Module {
  try {
    return new WebAssembly.Module(readFileSync(new URL(`../../build/${file}`, import.meta.url)));
  } catch (cause) {
    throw new StigmergyError(
      "KERNELS_MISSING",
      `kernels: expected build/${file} beside dist/; reinstall the package, or run npm run build; a bundler must leave stigmergy out of the bundle (external)`,
      { cause },
    );
  }
}

/** Binds compiled kernels to a memory, for the calling thread. */
export function bindKernels(compiled: CompiledKernels, memory: WebAssembly.Memory): Run {
  return runnerOf(callableKernels(compiled, memory));
}

/** Runs jobs by kernels that are bound to a memory. */
export function runnerOf(kernels: unknown): Run {
  // `never`, because Job already ties each kernel to its arguments and its result.
  const call = kernels as Record<string, (...args: readonly number[]) => never>;
  return ({ kernel, args }) => call[kernel](...args);
}

/**
 * Compiled kernels over a memory, to be called by name with addresses of that memory. They check nothing: this
 * is for what is asked so often that a `Job` each time would be felt.
 */
export function callableKernels(
  { module }: CompiledKernels,
  memory: WebAssembly.Memory,
): Partial<Kernels> {
  return module === undefined ? javascriptKernels(memory) : exportsOf(module, memory);
}

/**
 * The exports of a module over a memory. The loader's own `exports` wrap every function to pass an
 * argument count that these kernels do not have; the instance's are called directly.
 */
export function exportsOf(
  module: WebAssembly.Module,
  memory: WebAssembly.Memory,
): Record<string, unknown> {
  return instantiateSync(module, { env: { memory } }).instance.exports;
}
