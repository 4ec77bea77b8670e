import {
  ALL_SIZES,
  ALL_VALUES,
  chooseAbove,
  FOUND,
  HIGH_PRICE,
  HIGH_SIZES,
  HIGH_VALUES,
  IS_BETTER,
  listBetween,
  listCore,
  LOW_PRICE,
  LOW_SIZES,
  PRICE,
  RELAXED,
  splitItems,
} from "./gap-items";
import {
  AGENTS,
  CHOICES,
  CHOSEN,
  CORE,
  COUNTS,
  MULTIPLIERS,
  NUMBERS,
  REACHES,
  ROOM_PRICES,
  ROOMS,
  SPLIT,
  STEPS,
  TASKS,
  VALUES,
  WEIGHTS,
  WIDTHS,
  WORTHS,
} from "./gap-problem";
import { searchCore, sortItems } from "./knapsack";

/** Byte, among the numbers of an ascent, of what an agent's bound may be too high. */
const TOLERANCE: usize = 56;
const MOST_CORE: usize = 40; // items that are searched
const FEW: usize = 8; // items around a price: fewer and more than
const MANY: usize = 32; // these make the band wider and narrower
const WIDER: f64 = 8; // times its width a band goes on beyond where it was
const WIDEST: f64 = 0.5; // of a price, to both sides

/**
 * The Lagrangian bound of a generalised assignment problem, where each agent packs its own knapsack of open
 * pairs and a task may be packed by several agents or by none. Choices, counts, worths, prices, widths
 * and steps are written.
 *
 *     L(u) = Σ u[t] − Σ over agents of max { Σ (u[t] − cost) x[t] : Σ size · x[t] ≤ room }
 *
 * @param problem as drawn in gap-problem.ts; `prices` are those of the last bound, or 0: what is looked at closely are
 *   the items that a price about as high leaves undecided
 * @returns the bound. Rounding: one of f64 for each task and each item packed
 *
 * Source: Fisher, Jaikumar and Van Wassenhove, A multiplier adjustment method for the generalized assignment
 * problem, 1986; Balas and Zemel, An algorithm for large zero-one knapsack problems, 1980 (the core).
 */
export function gap_bound_f64(problem: usize): f64 {
  store<u32>(problem, 0, STEPS);
  return boundOf(problem);
}

/** The bound, whose steps are added to those before. */
export function boundOf(problem: usize): f64 {
  const tasks = <usize>load<u32>(problem, TASKS);
  const agents = <usize>load<u32>(problem, AGENTS);
  const multipliers = <usize>load<u32>(problem, MULTIPLIERS);
  const worths = <usize>load<u32>(problem, WORTHS);
  let bound: f64 = 0;
  for (let task: usize = 0; task < tasks; task++) bound += load<f64>(multipliers + (task << 3));
  memory.fill(<usize>load<u32>(problem, COUNTS), 0, tasks << 2);
  for (let agent: usize = 0; agent < agents; agent++) {
    const worth = pack(problem, agent);
    store<f64>(worths + (agent << 3), worth);
    bound -= worth;
    countChoices(problem, agent);
  }
  return bound;
}

/**
 * One agent's knapsack, and what it is worth: a little more where it would take too long to know.
 *
 * Items of much value for their size are in, those of little are out. Between two prices about where the last one was
 * they are packed in order, which gives the price: value for size of the first that does not fit. Then better sets are
 * searched that differ in items near that price: a set that differs in another is worth no more than the relaxation
 * without what that item gains or loses.
 */
function pack(problem: usize, agent: usize): f64 {
  const room = load<f64>(<usize>load<u32>(problem, ROOMS) + (agent << 3));
  const prices = <usize>load<u32>(problem, ROOM_PRICES) + (agent << 3);
  const split = <usize>load<u32>(problem, SPLIT);
  if (!findBand(problem, agent, room)) {
    store<f64>(prices, 0);
    choose(problem, agent, 0, 0, 0);
    return load<f64>(split, ALL_VALUES);
  }
  const high = load<f64>(split, HIGH_PRICE);
  const count = listBetween(problem, agent, load<f64>(split, LOW_PRICE), high);
  adaptWidth(problem, agent, count);
  const best = packInOrder(problem, count, room);
  store<f64>(prices, load<f64>(split, PRICE));
  choose(problem, agent, high, 0, count);
  return searchNear(problem, agent, room, best);
}

/**
 * Searches for sets worth more than the first by more than the tolerance, farther from the price as long as it takes;
 * returns what none is worth more than.
 */
function searchNear(problem: usize, agent: usize, room: f64, first: f64): f64 {
  const split = <usize>load<u32>(problem, SPLIT);
  const reaches = <usize>load<u32>(problem, REACHES) + (agent << 3);
  const price = load<f64>(split, PRICE);
  const relaxed = load<f64>(split, RELAXED);
  const tolerance = load<f64>(<usize>load<u32>(problem, NUMBERS), TOLERANCE);
  const tiny = max(1e-12 * relaxed, tolerance);
  let best = first;
  let margin = relaxed - best - tiny;
  if (margin <= tiny) return tolerance > 0 ? relaxed : best;
  let reach = min(margin, load<f64>(reaches));
  while (margin > tiny) {
    let count = listCore(problem, agent, price, reach);
    let isMost = false;
    for (; count > MOST_CORE && reach > tiny; isMost = true) {
      reach *= 0.5;
      count = listCore(problem, agent, price, reach);
    }
    const left = room - load<f64>(split, HIGH_SIZES);
    if (left < 0) return relaxed; // by rounding
    const settled = load<f64>(split, HIGH_VALUES);
    sortItems(problem, count);
    const more = searchCore(problem, count, left, best - settled, tiny, relaxed - settled);
    if (load<f64>(split, IS_BETTER) == 1) {
      choose(problem, agent, price, reach, count);
      best = settled + load<f64>(split, FOUND);
      margin = relaxed - best - tiny;
    }
    store<f64>(reaches, max(2 * margin, tiny));
    if (settled + more > best) return relaxed; // it grew too long
    if (reach >= margin) return best + tolerance;
    store<f64>(reaches, reach);
    if (isMost || count > MOST_CORE / 2) return max(best + tolerance, relaxed - reach);
    reach = min(margin, 3 * reach);
  }
  return best + tolerance;
}

/** Adds what an agent has chosen to the counts. */
function countChoices(problem: usize, agent: usize): void {
  const tasks = <usize>load<u32>(problem, TASKS);
  const choices = <usize>load<u32>(problem, CHOICES) + agent * tasks;
  const counts = <usize>load<u32>(problem, COUNTS);
  const whole = tasks & ~7;
  for (let task: usize = 0; task < whole; task += 8) {
    if (load<u64>(choices + task) == 0) continue;
    for (let i = task; i < task + 8; i++) {
      const count = counts + (i << 2);
      store<u32>(count, load<u32>(count) + <u32>load<u8>(choices + i));
    }
  }
  for (let i = whole; i < tasks; i++) {
    const count = counts + (i << 2);
    store<u32>(count, load<u32>(count) + <u32>load<u8>(choices + i));
  }
}

/** An agent chooses items that gain `margin` more than their room costs, and of those listed the ones marked. */
function choose(problem: usize, agent: usize, price: f64, margin: f64, count: usize): void {
  const tasks = <usize>load<u32>(problem, TASKS);
  const choices = <usize>load<u32>(problem, CHOICES) + agent * tasks;
  const chosen = <usize>load<u32>(problem, CHOSEN);
  const listed = <usize>load<u32>(problem, CORE);
  memory.fill(choices, 0, tasks);
  chooseAbove(problem, agent, price, margin);
  for (let i: usize = 0; i < count; i++) {
    store<u8>(choices + <usize>load<u32>(listed + (i << 2)), load<u8>(chosen + i));
  }
}

/** Finds two prices between which items run out of room, in `split`; false when there is room for all. */
function findBand(problem: usize, agent: usize, room: f64): bool {
  const split = <usize>load<u32>(problem, SPLIT);
  const before = load<f64>(<usize>load<u32>(problem, ROOM_PRICES) + (agent << 3));
  const widths = <usize>load<u32>(problem, WIDTHS) + (agent << 3);
  let width = load<f64>(widths);
  let low = before * (1 - width);
  let high = before == 0 ? Infinity : before * (1 + width);
  while (true) {
    splitItems(problem, agent, low, high);
    if (load<f64>(split, ALL_SIZES) <= room) return false;
    if (load<f64>(split, HIGH_SIZES) > room) {
      low = high;
      high *= 1 + WIDER * width;
    } else if (low > 0 && load<f64>(split, LOW_SIZES) <= room) {
      high = low;
      low = width < WIDEST ? max<f64>(0, low * (1 - WIDER * width)) : 0;
    } else {
      break;
    }
    width = min<f64>(WIDEST, 2 * width);
  }
  store<f64>(widths, width);
  store<f64>(split, low, LOW_PRICE);
  store<f64>(split, high, HIGH_PRICE);
  return true;
}

/** The next band is wider where few items were in this one, and narrower where there were many. */
function adaptWidth(problem: usize, agent: usize, count: usize): void {
  const widths = <usize>load<u32>(problem, WIDTHS) + (agent << 3);
  const width = load<f64>(widths);
  if (count > MANY) store<f64>(widths, width * max<f64>(0.1, <f64>MANY / (1.4 * <f64>count)));
  else if (count < FEW) store<f64>(widths, min<f64>(WIDEST, 1.4 * width));
}

/**
 * Packs listed items in order of value for size, those that do not fit left out, beside those above them. Marks them in
 * `chosen`, writes price and relaxation to `split` and returns what all is worth.
 */
function packInOrder(problem: usize, count: usize, room: f64): f64 {
  sortItems(problem, count);
  const values = <usize>load<u32>(problem, VALUES);
  const sizes = <usize>load<u32>(problem, WEIGHTS);
  const chosen = <usize>load<u32>(problem, CHOSEN);
  const split = <usize>load<u32>(problem, SPLIT);
  let left = room - load<f64>(split, HIGH_SIZES);
  let best = load<f64>(split, HIGH_VALUES);
  let relaxed: f64 = -1;
  let price: f64 = 0;
  for (let i: usize = 0; i < count; i++) {
    const size = load<f64>(sizes + (i << 3));
    const value = load<f64>(values + (i << 3));
    const fits = size <= left;
    store<u8>(chosen + i, fits ? 1 : 0);
    if (fits) {
      left -= size;
      best += value;
    } else if (relaxed < 0) {
      price = min(value / size, f64.MAX_VALUE);
      relaxed = best + price * left;
    }
  }
  store<f64>(split, price, PRICE);
  // Where all fits after all, that is by rounding.
  store<f64>(split, relaxed < 0 ? best : relaxed, RELAXED);
  return best;
}
