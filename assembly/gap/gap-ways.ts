import { AGENTS, COSTS, SIZES, TASKS } from "./gap-problem";
import {
  FREE,
  FREE_COUNT,
  LEVEL,
  LEVELS,
  LEVEL_END,
  LEVEL_REST,
  LOCAL_BEST,
  MEMBERS,
  MEMBER_COUNT,
  PROBLEM,
  REGRETS,
  ROOMS_LEFT,
  TASK_WAYS,
  WAY,
  WAYS,
  WAY_AGENT,
  WAY_COST,
  WAY_ROOM,
  WAY_SIZE,
} from "./gap-search-state";

/**
 * Where each free task can go among members, by cost and price of room, the best first. Tasks that lose most by
 * their second way come first: those hardly ever take it, so that what is tried is decided by the few others.
 */
export function listWays(search: usize): void {
  const free = <usize>load<u32>(search, FREE);
  const count = <usize>load<u32>(search, FREE_COUNT);
  const regrets = <usize>load<u32>(search, REGRETS);
  const ways = <usize>load<u32>(search, WAYS);
  for (let i: usize = 0; i < count; i++) {
    const task = load<u32>(free + (i << 2));
    const regret = regretOf(search, task);
    let hole = i;
    for (; hole > 0 && load<f64>(regrets + ((hole - 1) << 3)) < regret; hole--) {
      store<u32>(free + (hole << 2), load<u32>(free + ((hole - 1) << 2)));
      store<f64>(regrets + (hole << 3), load<f64>(regrets + ((hole - 1) << 3)));
    }
    store<u32>(free + (hole << 2), task);
    store<f64>(regrets + (hole << 3), regret);
  }
  let rest: f64 = 0;
  for (let i = count; i > 0;) {
    i--;
    listOne(search, i, rest);
    rest += load<f64>(ways + i * TASK_WAYS);
  }
}

/** By what the second best way of a task is dearer; +Infinity if there is none. */
function regretOf(search: usize, task: u32): f64 {
  const problem = <usize>load<u32>(search, PROBLEM);
  const tasks = <usize>load<u32>(problem, TASKS);
  const costs = <usize>load<u32>(problem, COSTS);
  const sizes = <usize>load<u32>(problem, SIZES);
  const members = <usize>load<u32>(search, MEMBERS);
  const memberCount = <usize>load<u32>(search, MEMBER_COUNT);
  const prices = <usize>load<u32>(search, LOCAL_BEST);
  const rooms = <usize>load<u32>(search, ROOMS_LEFT);
  let least: f64 = Infinity;
  let second: f64 = Infinity;
  for (let i: usize = 0; i < memberCount; i++) {
    const agent = <usize>load<u32>(members + (i << 2));
    const pair = (agent * tasks + <usize>task) << 3;
    const size = load<f64>(sizes + pair);
    if (size > load<f64>(rooms + (agent << 3))) continue;
    const rank = load<f64>(costs + pair) + load<f64>(prices + (agent << 3)) * size;
    if (rank < least) {
      second = least;
      least = rank;
    } else if (rank < second) {
      second = rank;
    }
  }
  return second == Infinity ? second : second - least;
}

/** The ways of the i-th free task, nobody's always among them, and its level: `rest` is the least of those after it. */
function listOne(search: usize, i: usize, rest: f64): void {
  const problem = <usize>load<u32>(search, PROBLEM);
  const tasks = <usize>load<u32>(problem, TASKS);
  const task = <usize>load<u32>(<usize>load<u32>(search, FREE) + (i << 2));
  const costs = <usize>load<u32>(problem, COSTS);
  const sizes = <usize>load<u32>(problem, SIZES);
  const members = <usize>load<u32>(search, MEMBERS);
  const memberCount = <usize>load<u32>(search, MEMBER_COUNT);
  const prices = <usize>load<u32>(search, LOCAL_BEST);
  const rooms = <usize>load<u32>(search, ROOMS_LEFT);
  const first = <usize>load<u32>(search, WAYS) + i * TASK_WAYS;
  let end = first;
  for (let k: usize = 0; k < memberCount; k++) {
    const agent = <usize>load<u32>(members + (k << 2));
    const pair = (agent * tasks + task) << 3;
    const size = load<f64>(sizes + pair);
    const cost = load<f64>(costs + pair);
    const room = rooms + (agent << 3);
    if (cost == Infinity || size > load<f64>(room)) continue;
    const rank = cost + load<f64>(prices + (agent << 3)) * size;
    let hole = end;
    for (; hole > first && load<f64>(hole - WAY) > rank; hole -= WAY) {
      memory.copy(hole, hole - WAY, WAY);
    }
    store<f64>(hole, rank);
    store<f64>(hole, size, WAY_SIZE);
    store<f64>(hole, cost, WAY_COST);
    store<u32>(hole, <u32>room, WAY_ROOM);
    store<u32>(hole, <u32>agent, WAY_AGENT);
    end += WAY;
  }
  const level = <usize>load<u32>(search, LEVELS) + i * LEVEL;
  store<u32>(level, <u32>end, LEVEL_END);
  store<f64>(level, rest, LEVEL_REST);
}
