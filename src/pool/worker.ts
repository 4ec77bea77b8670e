import { workerData } from "node:worker_threads";
import { bindKernels, type CompiledKernels, type Run } from "../wasm/kernels.ts";
import type { PoolReply, PoolRequest } from "./pool.ts";

const kernels: CompiledKernels = workerData;

// Held weakly: a memory that its owner has dropped is freed here too, at the next collection, and
// one still in use is bound again for the price of an instance.
const bound = new Map<number, WeakRef<Run>>();

/** The whole worker: a job is a kernel and its numbers, and the data is already shared. */
export default function runJob({ heap, memory, job }: PoolRequest): PoolReply {
  let run = bound.get(heap)?.deref();
  if (run === undefined) {
    run = bindKernels(kernels, memory);
    bound.set(heap, new WeakRef(run));
    dropDead();
  }
  try {
    return { result: run(job) };
  } catch (error) {
    // A trap travels as words: thrown, it would arrive as an error of no class.
    return { trap: error instanceof Error ? error.message : String(error) };
  }
}

function dropDead(): void {
  for (const [heap, run] of bound) if (run.deref() === undefined) bound.delete(heap);
}
