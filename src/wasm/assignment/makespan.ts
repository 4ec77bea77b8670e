import type { Heap } from "../heap.ts";
import type { Job } from "../abi/kernels.ts";
import { layoutBytes, type Layout } from "../layout.ts";

const WORDS = 10;

/** Tasks that agents do one after the other, on a heap, as drawn in assembly/assignment/makespan.ts. */
export interface MakespanOnHeap {
  readonly tasks: number;
  readonly agents: number;
  /** Values of `times` from task to task. */
  readonly stride: number;
  /** f64[tasks][stride], how long an agent takes; +Infinity where it can't, and beyond the last. */
  readonly times: Float64Array;
  /** f64[stride], weights of agents, from 0. */
  readonly weights: Float64Array;
  /** u32[tasks], the agent of each task. */
  readonly agentOf: Uint32Array;
  /** f64[stride], how long each agent is busy. */
  readonly loads: Float64Array;
  readonly words: Uint32Array;
}

/** Bytes of heap that `layOutMakespan` takes. */
export function makespanBytes(tasks: number, agents: number): number {
  return layoutBytes((layout) => void placeAll(layout, tasks, agents));
}

/**
 * Lays out tasks that no agent can do yet, all with the first. The caller writes times and weights.
 * @throws {StigmergyError} OUT_OF_HEAP when it does not fit
 */
export function layOutMakespan(heap: Heap, tasks: number, agents: number): MakespanOnHeap {
  const { words, ...arrays } = placeAll(heap, tasks, agents);
  const { times, weights, agentOf, loads } = arrays;
  times.fill(Infinity);
  weights.fill(1);
  agentOf.fill(0);
  const stride = strideOf(agents);
  const addresses = Object.values(arrays).map((array) => heap.addressOf(array));
  words.set([tasks, agents, stride, ...addresses]);
  return { tasks, agents, stride, times, weights, agentOf, loads, words };
}

/** Behind `words`, arrays are in the order of their addresses there. */
function placeAll(layout: Layout, tasks: number, agents: number) {
  const stride = strideOf(agents);
  return {
    words: layout.u32(WORDS),
    times: layout.f64(tasks * stride),
    weights: layout.f64(stride),
    agentOf: layout.u32(tasks),
    loads: layout.f64(stride),
    own: layout.u32(tasks),
    ownTimes: layout.f64(tasks),
    column: layout.f64(tasks + 1),
  };
}

/** Two f64 values fill a vector, so that rows are of an even number. */
function strideOf(agents: number): number {
  return agents + (agents & 1);
}

/** The job that adds up what tasks weigh where each weighs least; `loads` are what agents would have. */
export function weighTasks(heap: Heap, { words }: MakespanOnHeap): Job<"makespan_weigh_f64"> {
  return { kernel: "makespan_weigh_f64", args: [heap.addressOf(words)] };
}

/** The job that makes the schedule in `agentOf` better, in so many looks at pairs; up to 2³¹. */
export function descendMakespan(
  heap: Heap,
  { words }: MakespanOnHeap,
  mostLooks: number,
): Job<"makespan_descend_f64"> {
  return { kernel: "makespan_descend_f64", args: [heap.addressOf(words), mostLooks] };
}
