import { AGENTS, ROOMS, SIZES, TASKS } from "./gap-problem";
import {
  AGENT_OF,
  BREADTH,
  drawBelow,
  drawUnit,
  FREE,
  FREE_COUNT,
  HOMES,
  IS_MEMBER,
  LOADS,
  MEMBERS,
  MEMBER_COUNT,
  MOST_FREE,
  MOST_MEMBERS,
  PROBLEM,
  ROOMS_LEFT,
} from "./gap-search-state";

const RELATED = 0.8; // share of members that are chosen because tasks want to go there, or come from there

/**
 * Chooses agents that take part, about `breadth` of them and nobody among them, and frees their tasks: all, or as
 * many as there is place for, drawn at random.
 */
export function chooseFree(search: usize): void {
  const problem = <usize>load<u32>(search, PROBLEM);
  const agents = load<u32>(problem, AGENTS);
  const isMember = <usize>load<u32>(search, IS_MEMBER);
  const nobody = agents - 1;
  memory.fill(isMember, 0, agents);
  const most = min(<u32>MOST_MEMBERS, nobody);
  const count = min(most, <u32>(load<f64>(search, BREADTH) + drawUnit(search)));
  store<u32>(search, 0, MEMBER_COUNT);
  for (let i: u32 = 0; i < count; i++) {
    let agent = nobody;
    if (i > 0 && drawUnit(search) < RELATED) agent = relatedAgent(search);
    while (agent == nobody || load<u8>(isMember + agent) == 1) agent = drawBelow(search, nobody);
    join(search, agent);
  }
  join(search, nobody);
  freeTasks(search);
}

function join(search: usize, agent: u32): void {
  const count = load<u32>(search, MEMBER_COUNT);
  store<u8>(<usize>load<u32>(search, IS_MEMBER) + agent, 1);
  store<u32>(<usize>load<u32>(search, MEMBERS) + ((<usize>count) << 2), agent);
  store<u32>(search, count + 1, MEMBER_COUNT);
}

/** One of the agents where tasks of members want to go, or whose tasks want to go to members; nobody if none. */
function relatedAgent(search: usize): u32 {
  const problem = <usize>load<u32>(search, PROBLEM);
  const tasks = <usize>load<u32>(problem, TASKS);
  const nobody = load<u32>(problem, AGENTS) - 1;
  const agentOf = <usize>load<u32>(search, AGENT_OF);
  const homes = <usize>load<u32>(search, HOMES);
  const isMember = <usize>load<u32>(search, IS_MEMBER);
  let seen: u32 = 0;
  let agent = nobody;
  for (let at: usize = 0, end = tasks << 2; at < end; at += 4) {
    const from = load<u32>(agentOf + at);
    const home = load<u32>(homes + at);
    const isFrom = load<u8>(isMember + from);
    if (isFrom == load<u8>(isMember + home)) continue;
    const other = isFrom == 1 ? home : from;
    if (other == nobody) continue;
    seen++;
    if (drawBelow(search, seen) == 0) agent = other;
  }
  return agent;
}

function freeTasks(search: usize): void {
  const problem = <usize>load<u32>(search, PROBLEM);
  const tasks = <usize>load<u32>(problem, TASKS);
  const agentOf = <usize>load<u32>(search, AGENT_OF);
  const isMember = <usize>load<u32>(search, IS_MEMBER);
  const free = <usize>load<u32>(search, FREE);
  let seen: u32 = 0;
  for (let task: usize = 0; task < tasks; task++) {
    if (load<u8>(isMember + load<u32>(agentOf + (task << 2))) == 0) continue;
    seen++;
    let place = seen - 1;
    if (seen > <u32>MOST_FREE) {
      place = drawBelow(search, seen);
      if (place >= <u32>MOST_FREE) continue;
    }
    store<u32>(free + ((<usize>place) << 2), <u32>task);
  }
  const count = min(seen, <u32>MOST_FREE);
  store<u32>(search, count, FREE_COUNT);
  makeRoom(search, problem);
}

/** Members have the room that their other tasks leave. */
function makeRoom(search: usize, problem: usize): void {
  const tasks = <usize>load<u32>(problem, TASKS);
  const rooms = <usize>load<u32>(problem, ROOMS);
  const sizes = <usize>load<u32>(problem, SIZES);
  const agentOf = <usize>load<u32>(search, AGENT_OF);
  const loads = <usize>load<u32>(search, LOADS);
  const left = <usize>load<u32>(search, ROOMS_LEFT);
  const members = <usize>load<u32>(search, MEMBERS);
  const memberCount = <usize>load<u32>(search, MEMBER_COUNT);
  for (let i: usize = 0; i < memberCount; i++) {
    const at = (<usize>load<u32>(members + (i << 2))) << 3;
    store<f64>(left + at, load<f64>(rooms + at) - load<f64>(loads + at));
  }
  const free = <usize>load<u32>(search, FREE);
  const count = <usize>load<u32>(search, FREE_COUNT);
  for (let i: usize = 0; i < count; i++) {
    const task = <usize>load<u32>(free + (i << 2));
    const agent = <usize>load<u32>(agentOf + (task << 2));
    const size = load<f64>(sizes + ((agent * tasks + task) << 3));
    store<f64>(left + (agent << 3), load<f64>(left + (agent << 3)) + size);
  }
}
