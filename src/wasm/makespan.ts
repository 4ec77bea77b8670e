import { arrayBytes, type Heap } from "./heap.ts";
import type { Job } from "./kernels.ts";

/** Tasks that agents do one after the other, on a heap, as drawn in assembly/makespan.ts. */
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
  const stride = agents + (agents & 1);
  const inTasks = 2 * arrayBytes(tasks) + 2 * arrayBytes(2 * tasks + 2);
  return arrayBytes(2 * tasks * stride) + 2 * arrayBytes(2 * stride) + inTasks + 128;
}

/**
 * Lays out tasks that no agent can do yet, all with the first. The caller writes times and weights.
 * @throws {StigmergyError} OUT_OF_HEAP when it does not fit
 */
export function layOutMakespan(heap: Heap, tasks: number, agents: number): MakespanOnHeap {
  const stride = agents + (agents & 1);
  const words = heap.u32(10);
  const times = heap.f64(tasks * stride).fill(Infinity);
  const weights = heap.f64(stride).fill(1);
  const agentOf = heap.u32(tasks).fill(0);
  const loads = heap.f64(stride);
  const own = heap.u32(tasks);
  const ownTimes = heap.f64(tasks);
  const column = heap.f64(tasks + 1);
  const arrays = [times, weights, agentOf, loads, own, ownTimes, column];
  words.set([tasks, agents, stride, ...arrays.map((array) => heap.addressOf(array))]);
  return { tasks, agents, stride, times, weights, agentOf, loads, words };
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
