import type { GapOnHeap } from "./gap.ts";
import { arrayBytes, type Heap } from "./heap.ts";
import type { Job } from "./kernels.ts";

const MOST_FREE = 256; // this and the next as in assembly/gap-search-state.ts
const MOST_MEMBERS = 12;
const TASK_WAY_WORDS = 8 * (MOST_MEMBERS + 1);
const LEVEL_WORDS = 6;
const NUMBERS = 96; // byte where the numbers begin

/** A search for cheaper plans on a heap, as drawn in assembly/gap-search-state.ts. */
export interface GapSearch {
  /** u32[tasks], the agent of each task in the plan as it is. */
  readonly agentOf: Uint32Array;
  /** u32[tasks], the same of the cheapest plan. */
  readonly cheapest: Uint32Array;
  /** f64[agents], sizes of each agent's tasks. */
  readonly loads: Float64Array;
  /** f64[agents], prices of a unit of room; 0 of nobody. */
  readonly prices: Float64Array;
  /** u32[tasks], the agent where cost and price of room are least. */
  readonly homes: Uint32Array;
  /** f64[6]: cost of the plan, of the cheapest, a lower bound, breadth, threshold and how often the plan changed. */
  readonly numbers: Float64Array;
  readonly words: Uint32Array;
}

/** Bytes of heap that `layOutGapSearch` takes. */
export function gapSearchBytes(tasks: number, agents: number): number {
  const inAgents = 6 * arrayBytes(2 * agents) + arrayBytes(agents) + arrayBytes(agents / 4 + 1);
  const inFree = 2 * arrayBytes(MOST_FREE) + arrayBytes(2 * MOST_FREE);
  const levels = arrayBytes(MOST_FREE * TASK_WAY_WORDS) + arrayBytes(MOST_FREE * LEVEL_WORDS);
  return 3 * arrayBytes(tasks) + inAgents + inFree + levels + 256;
}

/**
 * Lays out a search of a problem. The caller writes the plan, which must fit, twice, its loads, prices and homes.
 * @param seed a whole number; the same seed searches the same way
 * @throws {StigmergyError} OUT_OF_HEAP when it does not fit
 */
export function layOutGapSearch(
  heap: Heap,
  { tasks, agents, words: problem }: GapOnHeap,
  { seed, isWhole }: { readonly seed: number; readonly isWhole: boolean },
): GapSearch {
  const words = heap.u32(64);
  const agentOf = heap.u32(tasks);
  const cheapest = heap.u32(tasks);
  const loads = heap.f64(agents);
  const prices = heap.f64(agents);
  const homes = heap.u32(tasks);
  const places = [
    ...[agentOf, cheapest, loads, prices, homes, heap.i8(agents), heap.u32(agents)],
    ...[heap.u32(MOST_FREE), heap.f64(MOST_FREE), heap.u32(MOST_FREE * TASK_WAY_WORDS)],
    ...[heap.u32(MOST_FREE * LEVEL_WORDS), heap.u32(MOST_FREE), heap.f64(agents)],
    ...[heap.f64(agents), heap.f64(agents), heap.f64(agents)],
  ].map((array) => heap.addressOf(array));
  const random = Math.imul(seed, 0x9e3779b1) ^ 0x2545f491 || 1;
  words.set([heap.addressOf(problem), random, ...places, 0, 0, isWhole ? 1 : 0]);
  const numbers = new Float64Array(words.buffer, words.byteOffset + NUMBERS, 6).fill(0);
  return { agentOf, cheapest, loads, prices, homes, numbers, words };
}

/** The job that goes on with a search, for about so many nodes of its branching. */
export function searchGap(heap: Heap, { words }: GapSearch, work: number): Job<"gap_search_f64"> {
  return { kernel: "gap_search_f64", args: [heap.addressOf(words), work] };
}
