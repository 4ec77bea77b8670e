import { AGENTS, COSTS, SIZES, TASKS } from "./gap-problem";
import {
  FREE,
  FREE_COUNT,
  LOCAL,
  LOCAL_BEST,
  MEMBERS,
  MEMBER_COUNT,
  NEEDS,
  PRICES,
  PROBLEM,
  ROOMS_LEFT,
} from "./gap-search-state";

const ROUNDS = 16;
const STEP: f64 = 0.1; // of a price, for room that is wanted twice as much as there is
const SLOWER: f64 = 0.6; // steps after a round without a better bound

/**
 * Prices of room among the members that bound from below what their free tasks cost, better than those of the
 * whole problem do, in `localBest`.
 *
 * Source: Held, Wolfe and Crowder, Validation of subgradient optimization, 1974, with steps in proportion to prices.
 */
export function priceMembers(search: usize): void {
  const problem = <usize>load<u32>(search, PROBLEM);
  const nobody = <usize>load<u32>(problem, AGENTS) - 1;
  const members = <usize>load<u32>(search, MEMBERS);
  const memberCount = <usize>load<u32>(search, MEMBER_COUNT);
  const prices = <usize>load<u32>(search, PRICES);
  const rooms = <usize>load<u32>(search, ROOMS_LEFT);
  const local = <usize>load<u32>(search, LOCAL);
  const best = <usize>load<u32>(search, LOCAL_BEST);
  const needs = <usize>load<u32>(search, NEEDS);
  for (let i: usize = 0; i < memberCount; i++) {
    const at = (<usize>load<u32>(members + (i << 2))) << 3;
    store<f64>(local + at, load<f64>(prices + at));
    store<f64>(best + at, load<f64>(prices + at));
  }
  let most: f64 = -Infinity;
  let step = STEP;
  for (let round = 0; round < ROUNDS; round++) {
    const value = boundOfPrices(search, problem);
    const isBetter = value > most;
    if (isBetter) most = value;
    else step *= SLOWER;
    for (let i: usize = 0; i < memberCount; i++) {
      const agent = <usize>load<u32>(members + (i << 2));
      if (agent == nobody) continue;
      const at = agent << 3;
      if (isBetter) store<f64>(best + at, load<f64>(local + at));
      const room = load<f64>(rooms + at);
      const lack = (load<f64>(needs + at) - room) / (room + 1e-300);
      const change = min<f64>(1, max<f64>(-1, lack)) * step;
      store<f64>(local + at, load<f64>(best + at) * (1 + change));
    }
  }
}

/** What free tasks cost at least, room being paid for; `needs` is what members would have. */
function boundOfPrices(search: usize, problem: usize): f64 {
  const tasks = <usize>load<u32>(problem, TASKS);
  const nobody = <usize>load<u32>(problem, AGENTS) - 1;
  const costs = <usize>load<u32>(problem, COSTS);
  const sizes = <usize>load<u32>(problem, SIZES);
  const members = <usize>load<u32>(search, MEMBERS);
  const memberCount = <usize>load<u32>(search, MEMBER_COUNT);
  const rooms = <usize>load<u32>(search, ROOMS_LEFT);
  const local = <usize>load<u32>(search, LOCAL);
  const needs = <usize>load<u32>(search, NEEDS);
  let value: f64 = 0;
  for (let i: usize = 0; i < memberCount; i++) {
    const agent = <usize>load<u32>(members + (i << 2));
    store<f64>(needs + (agent << 3), 0);
    if (agent != nobody) value -= load<f64>(local + (agent << 3)) * load<f64>(rooms + (agent << 3));
  }
  const free = <usize>load<u32>(search, FREE);
  const freeCount = <usize>load<u32>(search, FREE_COUNT);
  for (let i: usize = 0; i < freeCount; i++) {
    const task = <usize>load<u32>(free + (i << 2));
    let least: f64 = Infinity;
    let size: f64 = 0;
    let to: usize = 0;
    for (let k: usize = 0; k < memberCount; k++) {
      const agent = <usize>load<u32>(members + (k << 2));
      const pair = (agent * tasks + task) << 3;
      const own = load<f64>(sizes + pair);
      const rank = load<f64>(costs + pair) + load<f64>(local + (agent << 3)) * own;
      if (rank >= least) continue;
      least = rank;
      size = own;
      to = agent << 3;
    }
    value += least;
    store<f64>(needs + to, load<f64>(needs + to) + size);
  }
  return value;
}
