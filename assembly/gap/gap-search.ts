import { branch } from "./gap-branch";
import { chooseFree } from "./gap-choose";
import { priceMembers } from "./gap-prices";
import { AGENTS, COSTS, SIZES, TASKS } from "./gap-problem";
import {
  ACCEPTED,
  AGENT_OF,
  BOUND,
  BREADTH,
  CHEAPEST,
  COST,
  drawUnit,
  FOUND,
  FREE,
  FREE_COUNT,
  IS_FOUND,
  IS_WHOLE,
  LEAST,
  LOADS,
  MEMBER_COUNT,
  MOST_MEMBERS,
  PROBLEM,
  THRESHOLD,
} from "./gap-search-state";
import { listWays } from "./gap-ways";

const MOST_NODES: u32 = 6000; // of one neighborhood
const FEWER: f64 = 0.03; // agents take part after one that was too large to be searched to the end,
const MORE: f64 = 0.01; // and so many more after others: about every fifth is not
const LOOSER: f64 = 1.02; // the threshold after a neighborhood without another plan,
const TIGHTER: f64 = 0.75; // and after one with: about every fifteenth has one
const DEVIATION: f64 = 0.2; // of what is left to the bound, how far a plan may be from the cheapest

/**
 * Looks for a cheaper plan. Again and again it frees the tasks of a few agents and finds the best plan for those, all
 * else staying as it is, by branch and bound; a plan a little dearer is taken too, so that the search goes on.
 *
 * @param search as drawn in gap-search-state.ts, with a plan that fits, and its cheapest
 * @param work   how much is done in this call, about: in nodes of the branching
 *
 * Source: Shaw, Using constraint programming and local search methods to solve vehicle routing problems, 1998 (large
 * neighborhoods); Dueck, New optimization heuristics: the great deluge algorithm and the record-to-record travel,
 * 1993 (what is accepted).
 */
export function gap_search_f64(search: usize, work: u32): void {
  const problem = <usize>load<u32>(search, PROBLEM);
  const tasks = load<u32>(problem, TASKS);
  const agents = load<u32>(problem, AGENTS);
  const most = <f64>min(<u32>MOST_MEMBERS, agents - 1);
  for (let done: u32 = 0; done < work;) {
    const gap = load<f64>(search, LEAST) - load<f64>(search, BOUND);
    if (gap <= 0) return;
    chooseFree(search);
    priceMembers(search);
    listWays(search);
    const nodes = searchFree(search, gap);
    const count = load<u32>(search, FREE_COUNT);
    done += nodes + tasks / 8 + 4 * count * load<u32>(search, MEMBER_COUNT);
    const breadth = load<f64>(search, BREADTH);
    const share = <f64>nodes / <f64>MOST_NODES;
    const next = nodes < MOST_NODES ? breadth + MORE * (1 - share) : breadth - FEWER;
    store<f64>(search, min(most, max(min<f64>(2, most), next)), BREADTH);
  }
}

/** Searches one neighborhood, takes what is found, and returns how many nodes that took. */
function searchFree(search: usize, gap: f64): u32 {
  const isWhole = load<u32>(search, IS_WHOLE) == 1;
  const tiny = isWhole ? 0.5 : 1e-9 * gap;
  const threshold = min(load<f64>(search, THRESHOLD), DEVIATION * gap);
  const dearer = threshold * (0.5 + 0.5 * drawUnit(search));
  const room = load<f64>(search, LEAST) + DEVIATION * gap - load<f64>(search, COST);
  const limit = costOfFree(search) + min(dearer, room);
  const nodes = branch(search, isWhole ? Math.floor(limit) + tiny : limit, tiny, MOST_NODES);
  if (load<u32>(search, IS_FOUND) == 1) {
    takeFound(search);
    store<f64>(search, threshold * TIGHTER, THRESHOLD);
    store<f64>(search, load<f64>(search, ACCEPTED) + 1, ACCEPTED);
  } else {
    store<f64>(search, max(threshold, 1e-3 * gap) * LOOSER, THRESHOLD);
  }
  return nodes;
}

/** What the free tasks cost as they are. */
function costOfFree(search: usize): f64 {
  const problem = <usize>load<u32>(search, PROBLEM);
  const tasks = <usize>load<u32>(problem, TASKS);
  const costs = <usize>load<u32>(problem, COSTS);
  const agentOf = <usize>load<u32>(search, AGENT_OF);
  const free = <usize>load<u32>(search, FREE);
  const count = <usize>load<u32>(search, FREE_COUNT);
  let cost: f64 = 0;
  for (let i: usize = 0; i < count; i++) {
    const task = <usize>load<u32>(free + (i << 2));
    const agent = <usize>load<u32>(agentOf + (task << 2));
    cost += load<f64>(costs + ((agent * tasks + task) << 3));
  }
  return cost;
}

/** Makes the plan what was found; loads and cost are added anew, so that errors of rounding do not add up. */
function takeFound(search: usize): void {
  const problem = <usize>load<u32>(search, PROBLEM);
  const tasks = <usize>load<u32>(problem, TASKS);
  const costs = <usize>load<u32>(problem, COSTS);
  const sizes = <usize>load<u32>(problem, SIZES);
  const agentOf = <usize>load<u32>(search, AGENT_OF);
  const loads = <usize>load<u32>(search, LOADS);
  const free = <usize>load<u32>(search, FREE);
  const found = <usize>load<u32>(search, FOUND);
  const count = <usize>load<u32>(search, FREE_COUNT);
  for (let i: usize = 0; i < count; i++) {
    const task = <usize>load<u32>(free + (i << 2));
    store<u32>(agentOf + (task << 2), load<u32>(found + (i << 2)));
  }
  memory.fill(loads, 0, (<usize>load<u32>(problem, AGENTS)) << 3);
  let cost: f64 = 0;
  for (let task: usize = 0; task < tasks; task++) {
    const agent = <usize>load<u32>(agentOf + (task << 2));
    const pair = (agent * tasks + task) << 3;
    cost += load<f64>(costs + pair);
    store<f64>(loads + (agent << 3), load<f64>(loads + (agent << 3)) + load<f64>(sizes + pair));
  }
  store<f64>(search, cost, COST);
  if (cost >= load<f64>(search, LEAST)) return;
  store<f64>(search, cost, LEAST);
  memory.copy(<usize>load<u32>(search, CHEAPEST), agentOf, tasks << 2);
}
