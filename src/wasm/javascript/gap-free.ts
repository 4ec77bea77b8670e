import type { PlainSearch, Way } from "./gap-search.ts";

// The twins of assembly/gap/gap-choose.ts, assembly/gap/gap-prices.ts and assembly/gap/gap-ways.ts.

const MOST_FREE = 256; // this and the next as in assembly/gap/gap-search-state.ts
const MOST_MEMBERS = 12;
const RELATED = 0.8; // as in assembly/gap/gap-choose.ts
const ROUNDS = 16; // these three as in assembly/gap/gap-prices.ts
const STEP = 0.1;
const SLOWER = 0.6;

/** Chooses agents that take part, and frees their tasks. */
export function chooseFree(search: PlainSearch): void {
  const { problem, isMember, numbers, draw } = search;
  const nobody = problem.agents - 1;
  isMember.fill(0);
  const most = Math.min(MOST_MEMBERS, nobody);
  const count = Math.min(most, Math.floor(numbers[3] + draw()));
  search.members = [];
  const join = (agent: number): void => {
    isMember[agent] = 1;
    search.members.push(agent);
  };
  for (let i = 0; i < count; i++) {
    let agent = nobody;
    if (i > 0 && draw() < RELATED) agent = relatedAgent(search);
    while (agent === nobody || isMember[agent] === 1) agent = Math.floor(draw() * nobody);
    join(agent);
  }
  join(nobody);
  freeTasks(search);
}

function relatedAgent({ problem, agentOf, homes, isMember, draw }: PlainSearch): number {
  const nobody = problem.agents - 1;
  let seen = 0;
  let agent = nobody;
  for (let task = 0; task < problem.tasks; task++) {
    const from = agentOf[task];
    const home = homes[task];
    if (isMember[from] === isMember[home]) continue;
    const other = isMember[from] === 1 ? home : from;
    if (other === nobody) continue;
    seen++;
    if (Math.floor(draw() * seen) === 0) agent = other;
  }
  return agent;
}

function freeTasks(search: PlainSearch): void {
  const { problem, agentOf, isMember, free, rooms, loads, members, draw } = search;
  let seen = 0;
  for (let task = 0; task < problem.tasks; task++) {
    if (isMember[agentOf[task]] === 0) continue;
    seen++;
    let place = seen - 1;
    if (seen > MOST_FREE) {
      place = Math.floor(draw() * seen);
      if (place >= MOST_FREE) continue;
    }
    free[place] = task;
  }
  search.freeCount = Math.min(seen, MOST_FREE);
  for (const agent of members) rooms[agent] = problem.rooms[agent] - loads[agent];
  for (let i = 0; i < search.freeCount; i++) {
    const agent = agentOf[free[i]];
    rooms[agent] += problem.sizes[agent * problem.tasks + free[i]];
  }
}

/** Prices of room among the members, in `localBest`. */
export function priceMembers(search: PlainSearch): void {
  const { problem, members, prices, rooms, local, localBest, needs } = search;
  for (const agent of members) local[agent] = localBest[agent] = prices[agent];
  let most = -Infinity;
  let step = STEP;
  for (let round = 0; round < ROUNDS; round++) {
    const value = boundOfPrices(search);
    const isBetter = value > most;
    if (isBetter) most = value;
    else step *= SLOWER;
    for (const agent of members) {
      if (agent === problem.agents - 1) continue;
      if (isBetter) localBest[agent] = local[agent];
      const lack = (needs[agent] - rooms[agent]) / (rooms[agent] + 1e-300);
      const change = Math.min(1, Math.max(-1, lack)) * step;
      local[agent] = localBest[agent] * (1 + change);
    }
  }
}

function boundOfPrices(search: PlainSearch): number {
  const { problem, members, free, freeCount, rooms, local, needs } = search;
  const { tasks, agents, costs, sizes } = problem;
  let value = 0;
  for (const agent of members) {
    needs[agent] = 0;
    if (agent !== agents - 1) value -= local[agent] * rooms[agent];
  }
  for (let i = 0; i < freeCount; i++) {
    let least = Infinity;
    let size = 0;
    let to = 0;
    for (const agent of members) {
      const pair = agent * tasks + free[i];
      const rank = costs[pair] + local[agent] * sizes[pair];
      if (rank >= least) continue;
      least = rank;
      size = sizes[pair];
      to = agent;
    }
    value += least;
    needs[to] += size;
  }
  return value;
}

/** Where each free task can go, those that lose most by their second way first. */
export function listWays(search: PlainSearch): void {
  const { free, freeCount, regrets } = search;
  for (let i = 0; i < freeCount; i++) {
    const task = free[i];
    const regret = regretOf(search, task);
    let hole = i;
    for (; hole > 0 && regrets[hole - 1] < regret; hole--) {
      free[hole] = free[hole - 1];
      regrets[hole] = regrets[hole - 1];
    }
    free[hole] = task;
    regrets[hole] = regret;
  }
  search.ways = Array.from({ length: freeCount }, (_, i) => waysOf(search, free[i]));
  search.rests = Array<number>(freeCount).fill(0);
  for (let i = freeCount - 1; i > 0; i--) {
    search.rests[i - 1] = search.rests[i] + search.ways[i][0].rank;
  }
}

function regretOf(search: PlainSearch, task: number): number {
  const { problem, members, localBest, rooms } = search;
  let least = Infinity;
  let second = Infinity;
  for (const agent of members) {
    const pair = agent * problem.tasks + task;
    const size = problem.sizes[pair];
    if (size > rooms[agent]) continue;
    const rank = problem.costs[pair] + localBest[agent] * size;
    if (rank < least) [least, second] = [rank, least];
    else if (rank < second) second = rank;
  }
  return second === Infinity ? second : second - least;
}

function waysOf({ problem, members, localBest, rooms }: PlainSearch, task: number): Way[] {
  const ways: Way[] = [];
  for (const agent of members) {
    const pair = agent * problem.tasks + task;
    const cost = problem.costs[pair];
    const size = problem.sizes[pair];
    if (cost === Infinity || size > rooms[agent]) continue;
    ways.push({ rank: cost + localBest[agent] * size, size, cost, agent });
  }
  // Equal ones stay in the order of members.
  return ways.sort((a, b) => a.rank - b.rank);
}
