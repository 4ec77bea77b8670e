import { workerData } from "node:worker_threads";
import { messageOf } from "../errors.ts";
import { bindKernels, type CompiledKernels } from "../wasm/compile.ts";
import type { Run } from "../wasm/abi/kernels.ts";
import { runnableOf, takeRounds } from "../wasm/network/series.ts";
import type { PoolReply, PoolRequest } from "./pool.ts";

const kernels: CompiledKernels = workerData;

// A thread holds on to every memory that it has seen, until it ends.
const bound = new Map<number, Run>();

/** The whole worker: a job is a kernel and its numbers, and the data is already shared. */
export default function runJobs(requests: readonly PoolRequest[]): PoolReply {
  try {
    return { results: requests.map(answer) };
  } catch (error) {
    // A trap travels as words: thrown, it would arrive as an error of no class.
    return { trap: messageOf(error) };
  }
}

function answer({ heap, memory, work }: PoolRequest): unknown {
  let run = bound.get(heap);
  if (run === undefined) bound.set(heap, (run = bindKernels(kernels, memory)));
  return "kernel" in work ? run(work) : takeRounds(run, runnableOf(work));
}
