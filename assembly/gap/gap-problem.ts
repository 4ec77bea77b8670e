// How a generalised assignment problem stands in memory. Constants are byte offsets of the words.

// u32 words at an address; a pair of an agent and a task has the number agent · tasks + task.
//
//    0  tasks
//    4  agents       the last one stands for nobody and has room for all
//    8  costs        f64[agents][tasks]; +Infinity where a task can't be done
//   12  sizes        f64[agents][tasks]
//   16  rooms        f64[agents], capacities; +Infinity of nobody
//   20  open         u8[agents][tasks], 1 of pairs that bounds may choose
//   24  multipliers  f64[tasks], what it is worth that a task is done
//   28  counts       u32[tasks], how many agents have chosen a task
//   32  choices      u8[agents][tasks], which those are
//   36  orders       u32[agents][tasks], tasks that an agent gains by, those of most value for their size first, where
//                    pairs are closed
//   40  worths       f64[agents], of what each agent has chosen
//   44  ratios       f64[tasks], value for size of one agent's tasks while they are put in order; else 0
//   48  values       f64[tasks + 1], of items that are listed; sums of them; ranks of choices
//   52  weights      f64[tasks], their sizes; what tasks that wait lose by it
//   56  chosen       u8[tasks], 1 of those of them in the best knapsack
//   60  path         u8[tasks], the same of the one being looked at
//   64  agentOf      u32[tasks], a plan that is made better
//   68  loads        f64[agents], sizes of each agent's tasks in it
//   72  steps        how many steps the knapsacks of the last bound, or ascent, took
//   76  items        u32[agents], how many tasks stand in each of the orders
//   80  prices       f64[agents], what a unit of room with an agent is worth; 0 where there is room for all items
//   84  smallest     f64[tasks + 16], least size from an item on; value for size; where tasks that wait can go; sums
//                    of sizes
//   88  core         u32[tasks], tasks of the items that are listed; tasks that wait; places in an order
//   92  direction    f64[tasks], where an ascent goes; what is lost without those who chose a task
//   96  kept         f64[tasks], multipliers of its best bound
//  100  numbers      f64[10], of an ascent, as drawn in gap-ascent.ts
//  104  penalties    f64[agents][tasks], by what pairs raise the bound, where they are closed
//  108  widths       f64[agents], how far around its last price, in parts of it, an agent's items are put in order
//  112  split        f64[12], sums and prices of one agent, as named in gap-items.ts
//  116  reaches      f64[agents], how far from its price, in value, an agent's items had to be searched
//  120  options      f64[tasks][agents][2], rank and size of tasks that wait, with each agent

/** How many tasks. */
export const TASKS: usize = 0;
/** How many agents, nobody among them. */
export const AGENTS: usize = 4;
/** Address of the costs. */
export const COSTS: usize = 8;
/** Address of the sizes. */
export const SIZES: usize = 12;
/** Address of the capacities. */
export const ROOMS: usize = 16;
/** Address of which pairs are open. */
export const OPEN: usize = 20;
/** Address of the multipliers. */
export const MULTIPLIERS: usize = 24;
/** Address of how often tasks are chosen. */
export const COUNTS: usize = 28;
/** Address of what agents have chosen. */
export const CHOICES: usize = 32;
/** Address of the tasks of each agent in order. */
export const ORDERS: usize = 36;
/** Address of what each agent's choice is worth. */
export const WORTHS: usize = 40;
/** Address of value for size. */
export const RATIOS: usize = 44;
/** Address of the values of items. */
export const VALUES: usize = 48;
/** Address of their sizes. */
export const WEIGHTS: usize = 52;
/** Address of the best knapsack. */
export const CHOSEN: usize = 56;
/** Address of the knapsack being looked at. */
export const PATH: usize = 60;
/** Address of a plan. */
export const PLAN: usize = 64;
/** Address of its loads. */
export const PLAN_LOADS: usize = 68;
/** How many steps knapsacks took. */
export const STEPS: usize = 72;
/** Address of how many tasks stand in order. */
export const ITEMS: usize = 76;
/** Address of the prices of room. */
export const ROOM_PRICES: usize = 80;
/** Address of least sizes. */
export const SMALLEST: usize = 84;
/** Address of the items that are searched. */
export const CORE: usize = 88;
/** Address of where an ascent goes. */
export const DIRECTION: usize = 92;
/** Address of its best multipliers. */
export const KEPT: usize = 96;
/** Address of its numbers. */
export const NUMBERS: usize = 100;
/** Address of the penalties of pairs. */
export const PENALTIES: usize = 104;
/** Address of how wide bands of prices are. */
export const WIDTHS: usize = 108;
/** Address of sums of one agent. */
export const SPLIT: usize = 112;
/** Address of how far searches had to go. */
export const REACHES: usize = 116;
/** Address of where tasks that wait could go. */
export const OPTIONS: usize = 120;
