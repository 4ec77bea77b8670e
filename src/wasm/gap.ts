import { arrayBytes, type Heap } from "./heap.ts";
import type { Job } from "./kernels.ts";

/** The word that counts the steps of the knapsacks of the last bound. */
export const GAP_STEPS = 18;

/** A generalised assignment problem on a heap, as drawn in assembly/gap-problem.ts. */
export interface GapOnHeap {
  readonly tasks: number;
  /** The last one stands for nobody. */
  readonly agents: number;
  /** f64[agents][tasks], +Infinity where a task can't be done. */
  readonly costs: Float64Array;
  /** f64[agents][tasks], from 0. */
  readonly sizes: Float64Array;
  /** f64[agents], from 0; +Infinity of nobody. */
  readonly rooms: Float64Array;
  /** i8[agents][tasks], 1 of pairs that bounds may choose. */
  readonly open: Int8Array;
  /** f64[tasks], what it is worth that a task is done. */
  readonly multipliers: Float64Array;
  /** u32[tasks], how many agents have chosen a task. */
  readonly counts: Uint32Array;
  /** i8[agents][tasks], 1 where they have. */
  readonly choices: Int8Array;
  /** u32[agents][tasks], tasks by value for their size, the best first. */
  readonly orders: Uint32Array;
  /** f64[agents], of what each agent has chosen. */
  readonly worths: Float64Array;
  /** u32[tasks], the agent of each task in a plan that `descendGap` makes better. */
  readonly plan: Uint32Array;
  /** f64[agents], sizes of each agent's tasks in it. */
  readonly loads: Float64Array;
  readonly words: Uint32Array;
}

/** Bytes of heap that `layOutGap` takes. */
export function gapBytes(tasks: number, agents: number): number {
  const pairs = tasks * agents;
  const flags = 2 * arrayBytes(pairs / 4 + 1) + 2 * arrayBytes(tasks / 4 + 1);
  const numbers = 2 * arrayBytes(2 * pairs) + 4 * arrayBytes(2 * tasks);
  return (
    flags + numbers + arrayBytes(pairs) + 2 * arrayBytes(tasks) + 3 * arrayBytes(2 * agents) + 128
  );
}

/**
 * Lays out a problem where every pair is open and multipliers are 0. The caller writes costs, sizes and rooms.
 * @throws {StigmergyError} OUT_OF_HEAP when it does not fit
 */
export function layOutGap(heap: Heap, tasks: number, agents: number): GapOnHeap {
  const pairs = tasks * agents;
  const words = heap.u32(GAP_STEPS + 1);
  const problem = {
    ...{ costs: heap.f64(pairs), sizes: heap.f64(pairs), rooms: heap.f64(agents) },
    ...{ open: heap.i8(pairs).fill(1), multipliers: heap.f64(tasks).fill(0) },
    ...{ counts: heap.u32(tasks), choices: heap.i8(pairs) },
    ...{ orders: heap.u32(pairs), worths: heap.f64(agents) },
  };
  const own = { plan: heap.u32(tasks), loads: heap.f64(agents) };
  const scratch = [
    heap.f64(tasks),
    heap.f64(tasks),
    heap.f64(tasks),
    heap.i8(tasks),
    heap.i8(tasks),
  ];
  for (let pair = 0; pair < pairs; pair++) problem.orders[pair] = pair % tasks;
  const places = [...Object.values(problem), ...scratch, ...Object.values(own)].map((array) =>
    heap.addressOf(array),
  );
  words.set([tasks, agents, ...places]);
  return { tasks, agents, ...problem, ...own, words };
}

/**
 * The job that packs every agent's knapsack and returns the Lagrangian bound of `multipliers`. Counts, choices,
 * orders and worths are written.
 */
export function boundGap(heap: Heap, { words }: GapOnHeap): Job<"gap_bound_f64"> {
  return { kernel: "gap_bound_f64", args: [heap.addressOf(words)] };
}

/** The job that moves tasks of `plan`, and exchanges two, as long as that lowers the cost and everything fits. */
export function descendGap(heap: Heap, { words }: GapOnHeap): Job<"gap_descend_f64"> {
  return { kernel: "gap_descend_f64", args: [heap.addressOf(words)] };
}
