import { GAP_STEPS } from "../abi/gap-numbers.ts";
import type { Heap } from "../heap.ts";
import type { Job } from "../abi/kernels.ts";
import { layoutBytes, type Layout } from "../layout.ts";

const WORDS = 32;
const NUMBERS = 10;
const SPLIT = 12;
const WIDTH = 0.05; // of a band of prices, at first

/** A generalised assignment problem on a heap, as drawn in assembly/gap/gap-problem.ts. */
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
  return layoutBytes((layout) => void placeAll(layout, tasks, agents, closes));
}

/**
 * Lays out a problem where every pair is open and multipliers are 0. The caller writes costs, sizes and rooms.
 * @param closes whether `closeGap` is to be run
 * @throws {StigmergyError} OUT_OF_HEAP when it does not fit
 */
export function layOutGap(heap: Heap, tasks: number, agents: number, closes = true): GapOnHeap {
  const placed = placeAll(heap, tasks, agents, closes);
  const { words, ...arrays } = placed;
  arrays.open.fill(1);
  for (const array of [arrays.multipliers, arrays.ratios, arrays.prices]) array.fill(0);
  arrays.items.fill(0);
  arrays.numbers.fill(0);
  arrays.widths.fill(WIDTH);
  arrays.reaches.fill(Infinity);
  const addresses = Object.values(arrays).map((array) => heap.addressOf(array));
  const before = GAP_STEPS - 2; // of the words, two are the sizes
  words.set([tasks, agents, ...addresses.slice(0, before)]);
  words[GAP_STEPS] = 0;
  words.set(addresses.slice(before), GAP_STEPS + 1);
  words[WORDS - 1] = closes ? 1 : 0;
  return { tasks, agents, ...placed };
}

/** Behind `words`, arrays are in the order of their addresses there. */
function placeAll(layout: Layout, tasks: number, agents: number, closes: boolean) {
  const pairs = tasks * agents;
  return {
    words: layout.u32(WORDS),
    costs: layout.f64(pairs),
    sizes: layout.f64(pairs),
    rooms: layout.f64(agents),
    open: layout.i8(pairs),
    multipliers: layout.f64(tasks),
    counts: layout.u32(tasks),
    choices: layout.i8(pairs),
    orders: layout.u32(closes ? pairs : 0),
    worths: layout.f64(agents),
    ratios: layout.f64(tasks),
    values: layout.f64(tasks + 1),
    weights: layout.f64(tasks),
    chosen: layout.i8(tasks),
    path: layout.i8(tasks),
    plan: layout.u32(tasks),
    loads: layout.f64(agents),
    items: layout.u32(agents),
    prices: layout.f64(agents),
    smallest: layout.f64(tasks + 16),
    core: layout.u32(tasks),
    direction: layout.f64(tasks),
    kept: layout.f64(tasks),
    numbers: layout.f64(NUMBERS),
    penalties: layout.f64(closes ? pairs : 0),
    widths: layout.f64(agents),
    split: layout.f64(SPLIT),
    reaches: layout.f64(agents),
    options: layout.f64(2 * pairs),
  };
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
