import {
  CHOICES,
  CORE,
  COSTS,
  MULTIPLIERS,
  OPEN,
  SIZES,
  SPLIT,
  TASKS,
  VALUES,
  WEIGHTS,
} from "./gap-problem";

// Passes over one agent's row of costs and sizes, two tasks at a time. Items are open tasks with a value above 0: what
// the multiplier is above the cost. Sums are made in two lanes, of even and of odd tasks, which are added at the end.

/** Of `split`: sizes of all items. */
export const ALL_SIZES: usize = 0;
/** Sizes of items of more value for their size than the lower price. */
export const LOW_SIZES: usize = 8;
/** Sizes of items of more value for their size than the higher price. */
export const HIGH_SIZES: usize = 16;
/** Values of all items. */
export const ALL_VALUES: usize = 24;
/** Values of items of more value for their size than the higher price. */
export const HIGH_VALUES: usize = 32;
/** The lower of two prices between which items run out of room. */
export const LOW_PRICE: usize = 40;
/** The higher one. */
export const HIGH_PRICE: usize = 48;
/** Value for size of the first item that does not fit. */
export const PRICE: usize = 56;
/** What items are worth when that one is packed in part. */
export const RELAXED: usize = 64;
/** What a better set is worth. */
export const FOUND: usize = 72;
/** 1 when a search has found a better set. */
export const IS_BETTER: usize = 80;

/** Adds up sizes and values of an agent's items that are worth more than prices of room, in `split`. */
export function splitItems(problem: usize, agent: usize, low: f64, high: f64): void {
  const tasks = <usize>load<u32>(problem, TASKS);
  const first = agent * tasks;
  const open = <usize>load<u32>(problem, OPEN) + first;
  const costs = <usize>load<u32>(problem, COSTS) + (first << 3);
  const sizes = <usize>load<u32>(problem, SIZES) + (first << 3);
  const multipliers = <usize>load<u32>(problem, MULTIPLIERS);
  const zero = f64x2.splat(0);
  const low_f64x2 = f64x2.splat(low);
  const high_f64x2 = f64x2.splat(high);
  let allSizes = zero;
  let lowSizes = zero;
  let highSizes = zero;
  let allValues = zero;
  let highValues = zero;
  for (let task: usize = 0; task < tasks; task += 2) {
    const isItem = itemsAt(open, costs, multipliers, task, tasks);
    if (!v128.any_true(isItem)) continue;
    const at = task << 3;
    const value = f64x2.sub(v128.load(multipliers + at), v128.load(costs + at));
    const size = v128.load(sizes + at);
    const isLow = v128.and(isItem, f64x2.gt(value, f64x2.mul(low_f64x2, size)));
    const isHigh = v128.and(isItem, f64x2.gt(value, f64x2.mul(high_f64x2, size)));
    allSizes = f64x2.add(allSizes, v128.and(isItem, size));
    lowSizes = f64x2.add(lowSizes, v128.and(isLow, size));
    highSizes = f64x2.add(highSizes, v128.and(isHigh, size));
    allValues = f64x2.add(allValues, v128.and(isItem, value));
    highValues = f64x2.add(highValues, v128.and(isHigh, value));
  }
  const split = <usize>load<u32>(problem, SPLIT);
  store<f64>(split, sumOf(allSizes), ALL_SIZES);
  store<f64>(split, sumOf(lowSizes), LOW_SIZES);
  store<f64>(split, sumOf(highSizes), HIGH_SIZES);
  store<f64>(split, sumOf(allValues), ALL_VALUES);
  store<f64>(split, sumOf(highValues), HIGH_VALUES);
}

function sumOf(lanes: v128): f64 {
  return f64x2.extract_lane(lanes, 0) + f64x2.extract_lane(lanes, 1);
}

/** All bits of the lanes of two tasks that are items; of the one after the last never. */
function itemsAt(open: usize, costs: usize, multipliers: usize, task: usize, tasks: usize): v128 {
  const at = task << 3;
  const isItem = f64x2.gt(v128.load(multipliers + at), v128.load(costs + at));
  const isFirst = <i64>load<u8>(open + task);
  const isSecond = task + 1 < tasks ? <i64>load<u8>(open + task, 1) : 0;
  return v128.and(isItem, i64x2.replace_lane(i64x2.splat(-isFirst), 1, -isSecond));
}

/**
 * Lists items worth more than a lower price and no more than a higher one, in the order of tasks: values, sizes and,
 * in `core`, tasks. Returns how many there are.
 */
export function listBetween(problem: usize, agent: usize, low: f64, high: f64): usize {
  const tasks = <usize>load<u32>(problem, TASKS);
  const first = agent * tasks;
  const open = <usize>load<u32>(problem, OPEN) + first;
  const costs = <usize>load<u32>(problem, COSTS) + (first << 3);
  const sizes = <usize>load<u32>(problem, SIZES) + (first << 3);
  const multipliers = <usize>load<u32>(problem, MULTIPLIERS);
  const low_f64x2 = f64x2.splat(low);
  const high_f64x2 = f64x2.splat(high);
  let count: usize = 0;
  for (let task: usize = 0; task < tasks; task += 2) {
    const at = task << 3;
    const value = f64x2.sub(v128.load(multipliers + at), v128.load(costs + at));
    const size = v128.load(sizes + at);
    const isHigh = f64x2.gt(value, f64x2.mul(high_f64x2, size));
    const isLow = f64x2.gt(value, f64x2.mul(low_f64x2, size));
    const isBetween = v128.andnot(isLow, isHigh);
    if (!v128.any_true(isBetween)) continue;
    const found = v128.and(isBetween, itemsAt(open, costs, multipliers, task, tasks));
    count = listLanes(problem, count, task, value, size, found);
  }
  return count;
}

/**
 * Lists items that a price tells apart by less than `margin` from those that are in or out, as `listBetween` does,
 * in the order of tasks. In `split`, `HIGH_SIZES` and `HIGH_VALUES` become those of the others that are in.
 */
export function listCore(problem: usize, agent: usize, price: f64, margin: f64): usize {
  const tasks = <usize>load<u32>(problem, TASKS);
  const first = agent * tasks;
  const open = <usize>load<u32>(problem, OPEN) + first;
  const costs = <usize>load<u32>(problem, COSTS) + (first << 3);
  const sizes = <usize>load<u32>(problem, SIZES) + (first << 3);
  const multipliers = <usize>load<u32>(problem, MULTIPLIERS);
  const price_f64x2 = f64x2.splat(price);
  const least = f64x2.splat(-margin);
  const most = f64x2.splat(margin);
  let highSizes = f64x2.splat(0);
  let highValues = f64x2.splat(0);
  let count: usize = 0;
  for (let task: usize = 0; task < tasks; task += 2) {
    const at = task << 3;
    const value = f64x2.sub(v128.load(multipliers + at), v128.load(costs + at));
    const size = v128.load(sizes + at);
    const gain = f64x2.sub(value, f64x2.mul(price_f64x2, size));
    const isNear = f64x2.gt(gain, least);
    if (!v128.any_true(isNear)) continue;
    const isItem = v128.and(isNear, itemsAt(open, costs, multipliers, task, tasks));
    if (!v128.any_true(isItem)) continue;
    const isIn = v128.and(isItem, f64x2.ge(gain, most));
    highSizes = f64x2.add(highSizes, v128.and(isIn, size));
    highValues = f64x2.add(highValues, v128.and(isIn, value));
    const isCore = v128.andnot(isItem, isIn);
    count = listLanes(problem, count, task, value, size, isCore);
  }
  const split = <usize>load<u32>(problem, SPLIT);
  store<f64>(split, sumOf(highSizes), HIGH_SIZES);
  store<f64>(split, sumOf(highValues), HIGH_VALUES);
  return count;
}

/** Lists those of two tasks whose lanes are set. */
function listLanes(
  problem: usize,
  first: usize,
  task: usize,
  value: v128,
  size: v128,
  isListed: v128,
): usize {
  let count = first;
  if (i64x2.extract_lane(isListed, 0) != 0) {
    const own = f64x2.extract_lane(value, 0);
    count = list(problem, count, task, own, f64x2.extract_lane(size, 0));
  }
  if (i64x2.extract_lane(isListed, 1) != 0) {
    const own = f64x2.extract_lane(value, 1);
    count = list(problem, count, task + 1, own, f64x2.extract_lane(size, 1));
  }
  return count;
}

function list(problem: usize, count: usize, task: usize, value: f64, size: f64): usize {
  store<f64>(<usize>load<u32>(problem, VALUES) + (count << 3), value);
  store<f64>(<usize>load<u32>(problem, WEIGHTS) + (count << 3), size);
  store<u32>(<usize>load<u32>(problem, CORE) + (count << 2), <u32>task);
  return count + 1;
}

/** Marks items as chosen that gain at least `margin` more than their room costs at a price. */
export function chooseAbove(problem: usize, agent: usize, price: f64, margin: f64): void {
  const tasks = <usize>load<u32>(problem, TASKS);
  const first = agent * tasks;
  const open = <usize>load<u32>(problem, OPEN) + first;
  const costs = <usize>load<u32>(problem, COSTS) + (first << 3);
  const sizes = <usize>load<u32>(problem, SIZES) + (first << 3);
  const multipliers = <usize>load<u32>(problem, MULTIPLIERS);
  const choices = <usize>load<u32>(problem, CHOICES) + first;
  const price_f64x2 = f64x2.splat(price);
  const most = f64x2.splat(margin);
  for (let task: usize = 0; task < tasks; task += 2) {
    const at = task << 3;
    const value = f64x2.sub(v128.load(multipliers + at), v128.load(costs + at));
    const paid = f64x2.mul(price_f64x2, v128.load(sizes + at));
    const isIn = margin == 0 ? f64x2.gt(value, paid) : f64x2.ge(f64x2.sub(value, paid), most);
    if (!v128.any_true(isIn)) continue;
    const found = v128.and(isIn, itemsAt(open, costs, multipliers, task, tasks));
    if (i64x2.extract_lane(found, 0) != 0) store<u8>(choices + task, 1);
    if (i64x2.extract_lane(found, 1) != 0) store<u8>(choices + task, 1, 1);
  }
}
