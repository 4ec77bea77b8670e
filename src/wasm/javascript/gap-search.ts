import { gapAt, type PlainGap } from "./gap-bound.ts";
import { chooseFree, listWays, priceMembers } from "./gap-free.ts";
import type { Views } from "./turn.ts";

// The twin of assembly/gap/gap-search.ts and assembly/gap/gap-branch.ts: the same numbers in the same order, so that plans
// are the same.

const MOST_NODES = 6000; // these six as in assembly/gap/gap-search.ts
const FEWER = 0.03;
const MORE = 0.01;
const LOOSER = 1.02;
const TIGHTER = 0.75;
const DEVIATION = 0.2;
const MOST_MEMBERS = 12; // as in assembly/gap/gap-search-state.ts
const MOST_FREE = 256;

/** Where a free task can go. */
export interface Way {
  readonly rank: number;
  readonly size: number;
  readonly cost: number;
  readonly agent: number;
}

/** A search as drawn in assembly/gap/gap-search-state.ts; ways stand in arrays, since nobody else reads them. */
export interface PlainSearch {
  readonly problem: PlainGap;
  readonly agentOf: Uint32Array;
  readonly cheapest: Uint32Array;
  readonly loads: Float64Array;
  readonly prices: Float64Array;
  readonly homes: Uint32Array;
  readonly isMember: Int8Array;
  readonly free: Uint32Array;
  readonly regrets: Float64Array;
  readonly found: Uint32Array;
  readonly rooms: Float64Array;
  readonly local: Float64Array;
  readonly localBest: Float64Array;
  readonly needs: Float64Array;
  /** Cost, least, bound, breadth, threshold, accepted. */
  readonly numbers: Float64Array;
  readonly isWhole: boolean;
  members: number[];
  freeCount: number;
  ways: Way[][];
  /** First ranks of the tasks after each free task, added up. */
  rests: number[];
  /** As good as random, from 0 up to 1. */
  readonly draw: () => number;
}

function searchAt(views: Views, address: number): PlainSearch {
  const { words, doubles, bytes } = views;
  const word = words.subarray(address / 4, address / 4 + 64);
  const problem = gapAt(views, word[0]);
  const { tasks, agents } = problem;
  const f64 = (i: number, length: number): Float64Array =>
    doubles.subarray(word[i] / 8, word[i] / 8 + length);
  const u32 = (i: number, length: number): Uint32Array =>
    words.subarray(word[i] / 4, word[i] / 4 + length);
  return {
    problem,
    agentOf: u32(2, tasks),
    cheapest: u32(3, tasks),
    loads: f64(4, agents),
    prices: f64(5, agents),
    homes: u32(6, tasks),
    isMember: bytes.subarray(word[7], word[7] + agents),
    members: [],
    free: u32(9, MOST_FREE),
    regrets: f64(10, MOST_FREE),
    found: u32(13, MOST_FREE),
    rooms: f64(14, agents),
    local: f64(15, agents),
    localBest: f64(16, agents),
    needs: f64(17, agents),
    numbers: doubles.subarray(address / 8 + 12, address / 8 + 18),
    isWhole: word[20] === 1,
    freeCount: 0,
    ways: [],
    rests: [],
    draw: () => {
      let state = word[1];
      state ^= state << 13;
      state ^= state >>> 17;
      state ^= state << 5;
      word[1] = state;
      return word[1] / 4_294_967_296;
    },
  };
}

/** The twin of `gap_search_f64`. */
export function searchPlans(views: Views, address: number, work: number): void {
  const search = searchAt(views, address);
  const { numbers, problem } = search;
  const most = Math.min(MOST_MEMBERS, problem.agents - 1);
  for (let done = 0; done < work;) {
    const gap = numbers[1] - numbers[2];
    if (gap <= 0) return;
    chooseFree(search);
    priceMembers(search);
    listWays(search);
    const nodes = searchFree(search, gap);
    done += nodes + Math.floor(problem.tasks / 8) + 4 * search.freeCount * search.members.length;
    const breadth = numbers[3];
    const next = nodes < MOST_NODES ? breadth + MORE * (1 - nodes / MOST_NODES) : breadth - FEWER;
    numbers[3] = Math.min(most, Math.max(Math.min(2, most), next));
  }
}

function searchFree(search: PlainSearch, gap: number): number {
  const { numbers, isWhole, problem, agentOf, free, freeCount } = search;
  const tiny = isWhole ? 0.5 : 1e-9 * gap;
  const threshold = Math.min(numbers[4], DEVIATION * gap);
  const dearer = threshold * (0.5 + 0.5 * search.draw());
  const room = numbers[1] + DEVIATION * gap - numbers[0];
  let cost = 0;
  for (let i = 0; i < freeCount; i++) {
    cost += problem.costs[agentOf[free[i]] * problem.tasks + free[i]];
  }
  const limit = cost + Math.min(dearer, room);
  const { nodes, isFound } = branch(search, isWhole ? Math.floor(limit) + tiny : limit, tiny);
  if (isFound) {
    takeFound(search);
    numbers[4] = threshold * TIGHTER;
    numbers[5]++;
  } else {
    numbers[4] = Math.max(threshold, 1e-3 * gap) * LOOSER;
  }
  return nodes;
}

function branch(
  search: PlainSearch,
  mostCost: number,
  tiny: number,
): { nodes: number; isFound: boolean } {
  const { ways, rests, rooms, found, agentOf, free, freeCount } = search;
  if (freeCount === 0) return { nodes: 1, isFound: false };
  const worth = roomsWorth(search);
  let limit = mostCost;
  let most = limit + worth;
  let isFound = false;
  let nodes = 0;
  let level = 0;
  const next = new Uint32Array(freeCount);
  const sums = new Float64Array(freeCount);
  for (;;) {
    const way = next[level] < ways[level].length ? ways[level][next[level]] : undefined;
    if (way !== undefined && nodes < MOST_NODES && sums[level] + way.rank + rests[level] < most) {
      next[level]++;
      const left = rooms[way.agent] - way.size;
      if (left < 0) continue;
      nodes++;
      if (level < freeCount - 1) {
        rooms[way.agent] = left;
        sums[level + 1] = sums[level] + way.rank;
        next[++level] = 0;
        continue;
      }
      let cost = 0;
      let isPlan = true;
      for (let i = 0; i < freeCount; i++) {
        const taken = ways[i][next[i] - 1];
        cost += taken.cost;
        isPlan &&= taken.agent === agentOf[free[i]];
      }
      if (cost < limit && !isPlan) {
        limit = cost - tiny;
        most = limit + worth;
        isFound = true;
        for (let i = 0; i < freeCount; i++) found[i] = ways[i][next[i] - 1].agent;
      }
      continue;
    }
    if (level === 0) return { nodes, isFound };
    level--;
    const { agent, size } = ways[level][next[level] - 1];
    rooms[agent] += size;
  }
}

function roomsWorth({ problem, members, localBest, rooms }: PlainSearch): number {
  let worth = 0;
  for (const agent of members) {
    if (agent !== problem.agents - 1) worth += localBest[agent] * rooms[agent];
  }
  return worth;
}

function takeFound(search: PlainSearch): void {
  const { problem, agentOf, cheapest, loads, free, freeCount, found, numbers } = search;
  const { tasks, costs, sizes } = problem;
  for (let i = 0; i < freeCount; i++) agentOf[free[i]] = found[i];
  loads.fill(0);
  let cost = 0;
  for (let task = 0; task < tasks; task++) {
    const pair = agentOf[task] * tasks + task;
    cost += costs[pair];
    loads[agentOf[task]] += sizes[pair];
  }
  numbers[0] = cost;
  if (cost >= numbers[1]) return;
  numbers[1] = cost;
  cheapest.set(agentOf);
}
