import type { GapOnHeap } from "./gap.ts";
import type { Heap } from "../heap.ts";
import type { Job } from "../abi/kernels.ts";
import { layoutBytes, type Layout } from "../layout.ts";

const WORDS = 64;
const MOST_FREE = 256; // this and the next as in assembly/gap/gap-search-state.ts
const MOST_MEMBERS = 12;
const TASK_WAY_WORDS = 8 * (MOST_MEMBERS + 1);
const LEVEL_WORDS = 6;
const NUMBERS = 96; // byte where the numbers begin

/** A search for cheaper plans on a heap, as drawn in assembly/gap/gap-search-state.ts. */
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
  return layoutBytes((layout) => void placeAll(layout, tasks, agents));
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
  const { words, ...arrays } = placeAll(heap, tasks, agents);
  const { agentOf, cheapest, loads, prices, homes } = arrays;
  const places = Object.values(arrays).map((array) => heap.addressOf(array));
  const random = Math.imul(seed, 0x9e3779b1) ^ 0x2545f491 || 1;
  words.set([heap.addressOf(problem), random, ...places, 0, 0, isWhole ? 1 : 0]);
  const numbers = new Float64Array(words.buffer, words.byteOffset + NUMBERS, 6).fill(0);
  return { agentOf, cheapest, loads, prices, homes, numbers, words };
}

/** The job that goes on with a search, for about so many nodes of its branching. */
export function searchGap(heap: Heap, { words }: GapSearch, work: number): Job<"gap_search_f64"> {
  return { kernel: "gap_search_f64", args: [heap.addressOf(words), work] };
}

/** Behind `words`, arrays are in the order of their addresses there. */
function placeAll(layout: Layout, tasks: number, agents: number) {
  return {
    words: layout.u32(WORDS),
    agentOf: layout.u32(tasks),
    cheapest: layout.u32(tasks),
    loads: layout.f64(agents),
    prices: layout.f64(agents),
    homes: layout.u32(tasks),
    isMember: layout.i8(agents),
    members: layout.u32(agents),
    free: layout.u32(MOST_FREE),
    regrets: layout.f64(MOST_FREE),
    ways: layout.u32(MOST_FREE * TASK_WAY_WORDS),
    levels: layout.u32(MOST_FREE * LEVEL_WORDS),
    found: layout.u32(MOST_FREE),
    rooms: layout.f64(agents),
    local: layout.f64(agents),
    localBest: layout.f64(agents),
    needs: layout.f64(agents),
  };
}
