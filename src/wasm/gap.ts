import { GAP_STEPS } from "./gap-numbers.ts";
import { arrayBytes, type Heap } from "./heap.ts";
import type { Job } from "./kernels.ts";

const WORDS = 32;
const NUMBERS = 10;
const SPLIT = 12;
const WIDTH = 0.05; // of a band of prices, at first

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
  /** u32[agents][tasks], tasks that an agent gains by, the most for their size first; empty unless pairs are closed. */
  readonly orders: Uint32Array;
  /** u32[agents], how many those are. */
  readonly items: Uint32Array;
  /** f64[agents], of what each agent has chosen. */
  readonly worths: Float64Array;
  /** f64[agents], what a unit of room with an agent is worth; 0 where there is room for all that it gains by. */
  readonly prices: Float64Array;
  /** f64[agents], how far around that, in parts of it, items are put in order. */
  readonly widths: Float64Array;
  /** f64[agents], how far from it, in value, items had to be searched. */
  readonly reaches: Float64Array;
  /** u32[tasks], the agent of each task in a plan that `descendGap` makes better. */
  readonly plan: Uint32Array;
  /** f64[agents], sizes of each agent's tasks in it. */
  readonly loads: Float64Array;
  /** f64[tasks], where an ascent goes. */
  readonly direction: Float64Array;
  /** f64[tasks], the multipliers of its best bound. */
  readonly kept: Float64Array;
  /** f64[10], numbers of an ascent, at the places of `ASCENT`. */
  readonly numbers: Float64Array;
  /** f64[agents][tasks], by what pairs raise the bound; empty unless they are to be closed. */
  readonly penalties: Float64Array;
  readonly words: Uint32Array;
}

/** Bytes of heap that `layOutGap` takes; `closes` tells whether pairs are to be closed. */
export function gapBytes(tasks: number, agents: number, closes = true): number {
  const pairs = tasks * agents;
  const flags = 2 * arrayBytes(pairs / 4 + 1) + 2 * arrayBytes(tasks / 4 + 1);
  const inPairs = (closes ? 3 : 2) * arrayBytes(2 * pairs) + arrayBytes(closes ? pairs : 0);
  const options = arrayBytes(4 * pairs);
  const inTasks = 7 * arrayBytes(2 * tasks + 32) + 3 * arrayBytes(tasks);
  const inAgents = 6 * arrayBytes(2 * agents) + arrayBytes(agents);
  return (
    options +
    flags +
    inPairs +
    inTasks +
    inAgents +
    256 +
    arrayBytes(2 * NUMBERS) +
    arrayBytes(2 * SPLIT)
  );
}

/**
 * Lays out a problem where every pair is open and multipliers are 0. The caller writes costs, sizes and rooms.
 * @param closes whether `closeGap` is to be run
 * @throws {StigmergyError} OUT_OF_HEAP when it does not fit
 */
export function layOutGap(heap: Heap, tasks: number, agents: number, closes = true): GapOnHeap {
  const pairs = tasks * agents;
  const words = heap.u32(WORDS);
  const problem = {
    costs: heap.f64(pairs),
    sizes: heap.f64(pairs),
    rooms: heap.f64(agents),
    open: heap.i8(pairs).fill(1),
    multipliers: heap.f64(tasks).fill(0),
    counts: heap.u32(tasks),
    choices: heap.i8(pairs),
    orders: heap.u32(closes ? pairs : 0),
    worths: heap.f64(agents),
  };
  const scratch = [
    ...[heap.f64(tasks).fill(0), heap.f64(tasks + 1), heap.f64(tasks)],
    ...[heap.i8(tasks), heap.i8(tasks)],
  ];
  const own = { plan: heap.u32(tasks), loads: heap.f64(agents) };
  const items = heap.u32(agents).fill(0);
  const prices = heap.f64(agents).fill(0);
  const smallest = heap.f64(tasks + 16);
  const core = heap.u32(tasks);
  const direction = heap.f64(tasks);
  const kept = heap.f64(tasks);
  const numbers = heap.f64(NUMBERS).fill(0);
  const penalties = heap.f64(closes ? pairs : 0);
  const widths = heap.f64(agents).fill(WIDTH);
  const split = heap.f64(SPLIT);
  const reaches = heap.f64(agents).fill(Infinity);
  const options = heap.f64(2 * pairs);
  const place = (array: ArrayBufferView): number => heap.addressOf(array);
  words.set([tasks, agents, ...Object.values(problem).map(place), ...scratch.map(place)]);
  words.set([place(own.plan), place(own.loads), 0], GAP_STEPS - 2);
  words.set([items, prices, smallest, core, direction, kept, numbers].map(place), GAP_STEPS + 1);
  words.set([penalties, widths, split, reaches, options].map(place), GAP_STEPS + 8);
  words[WORDS - 1] = closes ? 1 : 0;
  const more = { items, prices, widths, reaches, direction, kept, numbers, penalties };
  return { tasks, agents, ...problem, ...own, ...more, words };
}

/**
 * The job that packs every agent's knapsack and returns the Lagrangian bound of `multipliers`. Counts, choices,
 * orders and worths are written.
 */
export function boundGap(heap: Heap, { words }: GapOnHeap): Job<"gap_bound_f64"> {
  return { kernel: "gap_bound_f64", args: [heap.addressOf(words)] };
}

/**
 * The job that raises the bound for so many rounds, from `multipliers` and `numbers`; it returns how many there were,
 * fewer when nothing is left to gain.
 */
export function ascendGap(heap: Heap, { words }: GapOnHeap, rounds: number): Job<"gap_ascend_f64"> {
  return { kernel: "gap_ascend_f64", args: [heap.addressOf(words), rounds] };
}

/** The job that makes a plan of what agents have chosen, in `plan` and `loads`. */
export function repairGap(heap: Heap, { words }: GapOnHeap): Job<"gap_repair_f64"> {
  return { kernel: "gap_repair_f64", args: [heap.addressOf(words)] };
}

/**
 * The job that writes by what pairs raise the bound, and closes those in `open` that raise it by `most` or more. The
 * problem must have room for `penalties`.
 */
export function closeGap(heap: Heap, { words }: GapOnHeap, most: number): Job<"gap_close_f64"> {
  return { kernel: "gap_close_f64", args: [heap.addressOf(words), most] };
}

/** The job that moves tasks of `plan`, and exchanges two, as long as that lowers the cost and everything fits. */
export function descendGap(heap: Heap, { words }: GapOnHeap): Job<"gap_descend_f64"> {
  return { kernel: "gap_descend_f64", args: [heap.addressOf(words)] };
}
