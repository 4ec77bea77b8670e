import { AGENTS } from "./gap-problem";
import {
  AGENT_OF,
  FOUND,
  FREE,
  FREE_COUNT,
  IS_FOUND,
  LEVEL,
  LEVELS,
  LEVEL_END,
  LEVEL_REST,
  LEVEL_SUM,
  LOCAL_BEST,
  MEMBERS,
  MEMBER_COUNT,
  PROBLEM,
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
 * Gives free tasks to members so that they cost less than `limit`, as little as can be; the plan as it is does not
 * count. Depth first, each task's best way first; a way is given up when its rank, and the least of what comes
 * after it, leave no room below the limit.
 *
 * @param tiny      by how much less the next plan must cost than the one found
 * @param mostNodes where it ends, with the best found by then
 * @returns how many nodes there were
 */
export function branch(search: usize, limit: f64, tiny: f64, mostNodes: u32): u32 {
  const count = <usize>load<u32>(search, FREE_COUNT);
  store<u32>(search, 0, IS_FOUND);
  if (count == 0) return 1;
  const ways = <usize>load<u32>(search, WAYS);
  const first = <usize>load<u32>(search, LEVELS);
  const last = first + (count - 1) * LEVEL;
  const worth = roomsWorth(search);
  let most = limit + worth;
  let nodes: u32 = 0;
  let level = first;
  let begin = ways; // the ways of this level
  store<u32>(level, <u32>begin);
  store<f64>(level, 0, LEVEL_SUM);
  while (true) {
    const way = <usize>load<u32>(level);
    const sum = load<f64>(level, LEVEL_SUM) + load<f64>(way);
    const isOpen = way < <usize>load<u32>(level, LEVEL_END) && nodes < mostNodes;
    if (isOpen && sum + load<f64>(level, LEVEL_REST) < most) {
      store<u32>(level, <u32>(way + WAY));
      const room = <usize>load<u32>(way, WAY_ROOM);
      const left = load<f64>(room) - load<f64>(way, WAY_SIZE);
      if (left < 0) continue;
      nodes++;
      if (level < last) {
        store<f64>(room, left);
        level += LEVEL;
        begin += TASK_WAYS;
        store<u32>(level, <u32>begin);
        store<f64>(level, sum, LEVEL_SUM);
        continue;
      }
      const cost = costOfWays(search);
      if (cost < limit && !isPlan(search)) {
        limit = cost - tiny;
        most = limit + worth;
        noteFound(search);
      }
      continue;
    }
    if (level == first) return nodes;
    level -= LEVEL;
    begin -= TASK_WAYS;
    const taken = <usize>load<u32>(level) - WAY;
    const room = <usize>load<u32>(taken, WAY_ROOM);
    store<f64>(room, load<f64>(room) + load<f64>(taken, WAY_SIZE));
  }
}

/** What the room of all members is worth by local prices. */
function roomsWorth(search: usize): f64 {
  const nobody = <usize>load<u32>(<usize>load<u32>(search, PROBLEM), AGENTS) - 1;
  const members = <usize>load<u32>(search, MEMBERS);
  const count = <usize>load<u32>(search, MEMBER_COUNT);
  const prices = <usize>load<u32>(search, LOCAL_BEST);
  const rooms = <usize>load<u32>(search, ROOMS_LEFT);
  let worth: f64 = 0;
  for (let i: usize = 0; i < count; i++) {
    const agent = <usize>load<u32>(members + (i << 2));
    if (agent == nobody) continue;
    worth += load<f64>(prices + (agent << 3)) * load<f64>(rooms + (agent << 3));
  }
  return worth;
}

/** What the ways taken cost. */
function costOfWays(search: usize): f64 {
  const levels = <usize>load<u32>(search, LEVELS);
  const count = <usize>load<u32>(search, FREE_COUNT);
  let cost: f64 = 0;
  for (let i: usize = 0; i < count; i++) {
    cost += load<f64>(<usize>load<u32>(levels + i * LEVEL) - WAY, WAY_COST);
  }
  return cost;
}

/** Whether the ways taken are the plan as it is. */
function isPlan(search: usize): bool {
  const levels = <usize>load<u32>(search, LEVELS);
  const agentOf = <usize>load<u32>(search, AGENT_OF);
  const free = <usize>load<u32>(search, FREE);
  const count = <usize>load<u32>(search, FREE_COUNT);
  for (let i: usize = 0; i < count; i++) {
    const agent = load<u32>(<usize>load<u32>(levels + i * LEVEL) - WAY, WAY_AGENT);
    const task = <usize>load<u32>(free + (i << 2));
    if (agent != load<u32>(agentOf + (task << 2))) return false;
  }
  return true;
}

/** Keeps the agents of the ways taken. */
function noteFound(search: usize): void {
  const levels = <usize>load<u32>(search, LEVELS);
  const found = <usize>load<u32>(search, FOUND);
  const count = <usize>load<u32>(search, FREE_COUNT);
  for (let i: usize = 0; i < count; i++) {
    const way = <usize>load<u32>(levels + i * LEVEL) - WAY;
    store<u32>(found + (i << 2), load<u32>(way, WAY_AGENT));
  }
  store<u32>(search, 1, IS_FOUND);
}
