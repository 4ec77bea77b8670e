import { ASCENT, GAP_STEPS } from "../abi/gap-numbers.ts";
import type { GapOnHeap } from "../assignment/gap.ts";
import { chooseItems, listBetween, listCore, splitItems, type Split } from "./gap-items.ts";
import { searchCore, sortItems } from "./knapsack.ts";
import type { Views } from "./turn.ts";

// The twin of assembly/gap/gap-bound.ts: every f64 is made by the same operations in the same order, so that bounds and
// choices are the same to the bit.

const MOST_CORE = 40; // these five as in assembly/gap/gap-bound.ts
const FEW = 8;
const MANY = 32;
const WIDER = 8;
const WIDEST = 0.5;
const WORDS = 32;

const CLOSES = 31; // 1 when there is room for what closing pairs needs

/** A problem as drawn in assembly/gap/gap-problem.ts, with what its kernels work in. */
export interface PlainGap extends GapOnHeap {
  readonly ratios: Float64Array;
  readonly values: Float64Array;
  readonly weights: Float64Array;
  readonly chosen: Int8Array;
  readonly path: Int8Array;
  readonly smallest: Float64Array;
  readonly core: Uint32Array;
}

interface Band {
  readonly low: number;
  readonly high: number;
  readonly split: Split;
}

/** The problem at an address. */
export function gapAt({ words, doubles, bytes }: Views, problem: number): PlainGap {
  const word = words.subarray(problem / 4, problem / 4 + WORDS);
  const [tasks, agents] = word;
  const pairs = tasks * agents;
  const closes = word[CLOSES] === 1;
  const f64 = (i: number, length: number): Float64Array =>
    doubles.subarray(word[i] / 8, word[i] / 8 + length);
  const u32 = (i: number, length: number): Uint32Array =>
    words.subarray(word[i] / 4, word[i] / 4 + length);
  const i8 = (i: number, length: number): Int8Array => bytes.subarray(word[i], word[i] + length);
  return {
    tasks,
    agents,
    costs: f64(2, pairs),
    sizes: f64(3, pairs),
    rooms: f64(4, agents),
    open: i8(5, pairs),
    multipliers: f64(6, tasks),
    counts: u32(7, tasks),
    choices: i8(8, pairs),
    orders: u32(9, closes ? pairs : 0),
    worths: f64(10, agents),
    ratios: f64(11, tasks),
    values: f64(12, tasks + 1),
    weights: f64(13, tasks),
    chosen: i8(14, tasks),
    path: i8(15, tasks),
    plan: u32(16, tasks),
    loads: f64(17, agents),
    items: u32(19, agents),
    prices: f64(20, agents),
    smallest: f64(21, tasks + 16),
    core: u32(22, tasks),
    direction: f64(23, tasks),
    kept: f64(24, tasks),
    numbers: f64(25, 10),
    penalties: f64(26, closes ? pairs : 0),
    widths: f64(27, agents),
    reaches: f64(29, agents),
    words: word,
  };
}

/** The twin of `gap_bound_f64`. */
export function boundAt(views: Views, address: number): number {
  const problem = gapAt(views, address);
  problem.words[GAP_STEPS] = 0;
  return boundOf(problem);
}

/** The bound, whose steps are added to those before. */
export function boundOf(problem: PlainGap): number {
  const { tasks, agents, multipliers, counts, choices, worths } = problem;
  let bound = 0;
  for (let task = 0; task < tasks; task++) bound += multipliers[task];
  counts.fill(0);
  for (let agent = 0; agent < agents; agent++) {
    worths[agent] = pack(problem, agent);
    bound -= worths[agent];
    for (let task = 0; task < tasks; task++) counts[task] += choices[agent * tasks + task];
  }
  return bound;
}

function pack(problem: PlainGap, agent: number): number {
  const { rooms, prices, widths } = problem;
  const band = findBand(problem, agent, rooms[agent]);
  if (typeof band === "number") {
    prices[agent] = 0;
    chooseItems(problem, agent, 0, 0, 0);
    return band;
  }
  const { low, high, split } = band;
  const count = listBetween(problem, agent, low, high);
  const width = widths[agent];
  if (count > MANY) widths[agent] = width * Math.max(0.1, MANY / (1.4 * count));
  else if (count < FEW) widths[agent] = Math.min(WIDEST, 1.4 * width);
  const packed = packInOrder(problem, count, rooms[agent], split);
  prices[agent] = packed.price;
  chooseItems(problem, agent, high, 0, count);
  return searchNear(problem, agent, packed);
}

/** What all items are worth where there is room for them. */
function findBand(problem: PlainGap, agent: number, room: number): Band | number {
  const { prices, widths } = problem;
  const before = prices[agent];
  let width = widths[agent];
  let low = before * (1 - width);
  let high = before === 0 ? Infinity : before * (1 + width);
  for (;;) {
    const split = splitItems(problem, agent, low, high);
    if (split.allSizes <= room) return split.allValues;
    if (split.highSizes > room) {
      low = high;
      high *= 1 + WIDER * width;
    } else if (low > 0 && split.lowSizes <= room) {
      high = low;
      low = width < WIDEST ? Math.max(0, low * (1 - WIDER * width)) : 0;
    } else {
      widths[agent] = width;
      return { low, high, split };
    }
    width = Math.min(WIDEST, 2 * width);
  }
}

interface Packed {
  readonly best: number;
  readonly price: number;
  readonly relaxed: number;
}

function packInOrder(
  problem: PlainGap,
  count: number,
  room: number,
  { highSizes, highValues }: Split,
): Packed {
  const { values, weights: sizes, chosen } = problem;
  sortItems(problem, count);
  let left = room - highSizes;
  let best = highValues;
  let relaxed = -1;
  let price = 0;
  for (let i = 0; i < count; i++) {
    const fits = sizes[i] <= left;
    chosen[i] = fits ? 1 : 0;
    if (fits) {
      left -= sizes[i];
      best += values[i];
    } else if (relaxed < 0) {
      price = Math.min(values[i] / sizes[i], Number.MAX_VALUE);
      relaxed = best + price * left;
    }
  }
  return { best, price, relaxed: relaxed < 0 ? best : relaxed };
}

function searchNear(
  problem: PlainGap,
  agent: number,
  { best: first, price, relaxed }: Packed,
): number {
  const { numbers, reaches, rooms } = problem;
  const tolerance = numbers[ASCENT.tolerance];
  const tiny = Math.max(1e-12 * relaxed, tolerance);
  let best = first;
  let margin = relaxed - best - tiny;
  if (margin <= tiny) return tolerance > 0 ? relaxed : best;
  let reach = Math.min(margin, reaches[agent]);
  while (margin > tiny) {
    let core = listCore(problem, agent, price, reach);
    let isMost = false;
    for (; core.count > MOST_CORE && reach > tiny; isMost = true) {
      reach *= 0.5;
      core = listCore(problem, agent, price, reach);
    }
    const left = rooms[agent] - core.sizes;
    if (left < 0) return relaxed;
    const { count, values: settled } = core;
    sortItems(problem, count);
    const limits = { room: left, known: best - settled, tiny, relaxed: relaxed - settled };
    const { most, found } = searchCore(problem, count, limits);
    if (found !== undefined) {
      chooseItems(problem, agent, price, reach, count);
      best = settled + found;
      margin = relaxed - best - tiny;
    }
    reaches[agent] = Math.max(2 * margin, tiny);
    if (settled + most > best) return relaxed;
    if (reach >= margin) return best + tolerance;
    reaches[agent] = reach;
    if (isMost || count > MOST_CORE / 2) return Math.max(best + tolerance, relaxed - reach);
    reach = Math.min(margin, 3 * reach);
  }
  return best + tolerance;
}
