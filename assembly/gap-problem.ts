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
//   36  orders       u32[agents][tasks], tasks by value for their size, the best first
//   40  worths       f64[agents], of what each agent has chosen
//   44  ratios       f64[tasks], value for size of one agent's tasks
//   48  values       f64[tasks], of those that have any, in order
//   52  weights      f64[tasks], their sizes
//   56  chosen       u8[tasks], 1 of those in the best knapsack
//   60  path         u8[tasks], the same of the one being looked at
//   64  agentOf      u32[tasks], a plan that is made better
//   68  loads        f64[agents], sizes of each agent's tasks in it
//   72  steps        how many steps the knapsacks of the last bound took

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
