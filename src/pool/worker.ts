import { workerData } from "node:worker_threads";
import { bindKernels, type CompiledKernels } from "../wasm/compile.ts";
import type { Run } from "../wasm/kernels.ts";
import type { PoolReply, PoolRequest } from "./pool.ts";

const kernels: CompiledKernels = workerData;

// A thread holds on to every memory that it has seen, until it ends.
const bound = new Map<number, Run>();

/** The whole worker: a job is a kernel and its numbers, and the data is already shared. */
export default function runJob({ heap, memory, job }: PoolRequest): PoolReply {
  let run = bound.get(heap);
  if (run === undefined) bound.set(heap, (run = bindKernels(kernels, memory)));
  try {
    return { result: run(job) };
  } catch (error) {
    // A trap travels as words: thrown, it would arrive as an error of no class.
    return { trap: error instanceof Error ? error.message : String(error) };
  }
}
