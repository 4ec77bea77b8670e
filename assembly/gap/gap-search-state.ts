// What a search for cheaper plans works in.

// At an address, addresses and sizes as u32 words, then numbers as f64. `TASKS`, `COSTS` and so on of the problem
// are read from gap-problem.ts.
//
//    0  problem    as drawn in gap-problem.ts
//    4  random     the state of the numbers that are drawn; not 0
//    8  agentOf    u32[tasks], the plan
//   12  cheapest   u32[tasks], the cheapest plan so far
//   16  loads      f64[agents], sizes of each agent's tasks
//   20  prices     f64[agents], of a unit of room; 0 of nobody
//   24  homes      u32[tasks], the agent where cost and price of room are least
//   28  isMember   u8[agents], 1 of those whose tasks are free
//   32  members    u32[agents], which those are, nobody the last
//   36  free       u32[MOST_FREE], free tasks, in the order in which they are given to agents
//   40  regrets    f64[MOST_FREE], what the second way of each has more than the first
//   44  ways       Way[MOST_FREE][MOST_MEMBERS + 1], where each can go, the best first
//   48  levels     Level[MOST_FREE], where the branching stands, a level for each free task
//   52  found      u32[MOST_FREE], agents of free tasks in the best plan found
//   56  rooms      f64[agents], what members have left
//   60  local      f64[agents], prices among members
//   64  localBest  f64[agents], those of the best bound
//   68  needs      f64[agents], sizes that members would have at those prices
//   72  freeCount
//   76  memberCount
//   80  isWhole    1 when every cost is a whole number
//   84  isFound    1 when the last neighborhood had another plan
//   96  cost       f64, of the plan
//  104  least      f64, of the cheapest plan
//  112  bound      f64, no plan costs less
//  120  breadth    f64, how many agents take part, on average
//  128  threshold  f64, how much dearer a plan may become at once
//  136  accepted   f64, how often the plan has changed
//
//  Way    0 rank f64, cost and price of room   8 size f64   16 cost f64   24 address in `rooms` u32   28 agent u32
//  Level  0 address of the next way u32   4 of the end of the ways u32   8 sum f64, ranks of the ways taken before
//         16 rest f64, first ranks of the tasks after it

/** Address of the problem. */
export const PROBLEM: usize = 0;
/** State of the random numbers. */
export const RANDOM: usize = 4;
/** Address of the plan. */
export const AGENT_OF: usize = 8;
/** Address of the cheapest plan. */
export const CHEAPEST: usize = 12;
/** Address of the loads. */
export const LOADS: usize = 16;
/** Address of the prices. */
export const PRICES: usize = 20;
/** Address of where tasks would go by price. */
export const HOMES: usize = 24;
/** Address of who takes part. */
export const IS_MEMBER: usize = 28;
/** Address of the list of those. */
export const MEMBERS: usize = 32;
/** Address of the free tasks. */
export const FREE: usize = 36;
/** Address of what their second ways have more. */
export const REGRETS: usize = 40;
/** Address of where they can go. */
export const WAYS: usize = 44;
/** Address of where the branching stands. */
export const LEVELS: usize = 48;
/** Address of the agents found. */
export const FOUND: usize = 52;
/** Address of the room that is left. */
export const ROOMS_LEFT: usize = 56;
/** Address of the prices among members. */
export const LOCAL: usize = 60;
/** Address of the best of those. */
export const LOCAL_BEST: usize = 64;
/** Address of what members would have. */
export const NEEDS: usize = 68;
/** How many tasks are free. */
export const FREE_COUNT: usize = 72;
/** How many agents take part, nobody among them. */
export const MEMBER_COUNT: usize = 76;
/** Whether costs are whole. */
export const IS_WHOLE: usize = 80;
/** Whether a plan was found. */
export const IS_FOUND: usize = 84;
/** Cost of the plan. */
export const COST: usize = 96;
/** Cost of the cheapest plan. */
export const LEAST: usize = 104;
/** What no plan costs less than. */
export const BOUND: usize = 112;
/** How many agents take part on average. */
export const BREADTH: usize = 120;
/** How much dearer a plan may become. */
export const THRESHOLD: usize = 128;
/** How often the plan has changed. */
export const ACCEPTED: usize = 136;

/** Most tasks that are free at once. */
export const MOST_FREE: usize = 256;
/** Most agents that take part at once, nobody beside them. */
export const MOST_MEMBERS: usize = 12;
/** Bytes of a way. */
export const WAY: usize = 32;
/** Bytes of a task's ways. */
export const TASK_WAYS: usize = (MOST_MEMBERS + 1) * WAY;
/** A way's size. */
export const WAY_SIZE: usize = 8;
/** A way's cost. */
export const WAY_COST: usize = 16;
/** Address of the room that a way takes. */
export const WAY_ROOM: usize = 24;
/** A way's agent. */
export const WAY_AGENT: usize = 28;

/** Bytes of a level. */
export const LEVEL: usize = 24;
/** Where the ways of a level end. */
export const LEVEL_END: usize = 4;
/** Ranks of the ways taken before a level. */
export const LEVEL_SUM: usize = 8;
/** First ranks of the tasks after a level. */
export const LEVEL_REST: usize = 16;

/** A number below `count`, as good as random. Source: Marsaglia, Xorshift RNGs, 2003. */
export function drawBelow(search: usize, count: u32): u32 {
  return <u32>(drawUnit(search) * <f64>count);
}

/** A number from 0 up to 1, as good as random. */
export function drawUnit(search: usize): f64 {
  let state = load<u32>(search, RANDOM);
  state ^= state << 13;
  state ^= state >>> 17;
  state ^= state << 5;
  store<u32>(search, state, RANDOM);
  return <f64>state * (1 / <f64>4294967296);
}
