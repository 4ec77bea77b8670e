import { availableParallelism, cpus } from "node:os";
import process from "node:process";
import type { Timing } from "../measure/timing.ts";
import { Mutex } from "../util/mutex.ts";
import { processKernels } from "../wasm/compile.ts";
import type { KernelBuild } from "../wasm/build.ts";
import { VERSION } from "./version.ts";

/** On what something was measured: a figure without it means nothing. */
export interface Machine {
  readonly cpu: string;
  readonly node: string;
  /** How many threads run at once. */
  readonly threads: number;
}

/** Of what it was measured. */
export interface Versions {
  readonly stigmergy: string;
  readonly node: string;
  readonly v8: string;
  readonly kernels: KernelBuild;
}

/** One piece of work at a time is measured in this process: two would measure one another. */
export const measuring: Mutex = new Mutex();

const MOST_SAMPLES = 64;
const NANOSECONDS = 1e6;

/** This machine. */
export function thisMachine(): Machine {
  return {
    cpu: cpus()[0]?.model.trim() ?? "unknown",
    node: process.versions.node,
    threads: availableParallelism(),
  };
}

/** What runs here. */
export function theseVersions(): Versions {
  const { node, v8 } = process.versions;
  return { stigmergy: VERSION, node, v8, kernels: processKernels().build };
}

/** Milliseconds of calls, to the nanosecond: all, or when they are many so many evenly spaced ones. */
export function toldSamples({ samples }: Timing, most: number = MOST_SAMPLES): number[] {
  const step = Math.max(1, samples.length / most);
  const count = Math.min(samples.length, most);
  return Array.from({ length: count }, (_, i) => toNanoseconds(samples[Math.floor(i * step)]));
}

/** Milliseconds without digits that no clock gives. */
export function toNanoseconds(ms: number): number {
  return Math.round(ms * NANOSECONDS) / NANOSECONDS;
}
