import { gapAt } from "./gap-bound.ts";
import type { Views } from "./turn.ts";

// The twin of assembly/gap/gap-repair.ts.

const NONE = 0xffff_ffff;

interface Waiting {
  readonly task: number;
  readonly best: number;
  readonly next: number;
  readonly regret: number;
}

/** The twin of `gap_repair_f64`. */
export function repairChoices(views: Views, address: number): void {
  const problem = gapAt(views, address);
  const { tasks, agents, costs, sizes, rooms, prices, choices, plan, loads, values } = problem;
  const rankOf = (task: number, agent: number): number =>
    costs[agent * tasks + task] + prices[agent] * sizes[agent * tasks + task];
  const fits = (task: number, agent: number): boolean =>
    loads[agent] + sizes[agent * tasks + task] <= rooms[agent];
  const place = (task: number, agent: number): void => {
    loads[agent] += sizes[agent * tasks + task];
    plan[task] = agent;
  };
  const optionsOf = (task: number): Waiting => {
    let least = Infinity;
    let second = Infinity;
    let best = agents - 1;
    let next = NONE;
    for (let agent = 0; agent < agents; agent++) {
      const rank = rankOf(task, agent);
      if (rank >= second || !fits(task, agent)) continue;
      if (rank < least) {
        second = least;
        next = least < Infinity ? best : NONE;
        least = rank;
        best = agent;
      } else [second, next] = [rank, agent];
    }
    return { task, best, next, regret: least === Infinity ? Infinity : second - least };
  };
  plan.fill(NONE);
  for (let agent = 0; agent < agents; agent++) {
    for (let task = 0; task < tasks; task++) {
      if (choices[agent * tasks + task] === 0) continue;
      const rank = rankOf(task, agent);
      if (plan[task] !== NONE && rank >= values[task]) continue;
      values[task] = rank;
      plan[task] = agent;
    }
  }
  loads.fill(0);
  const open: number[] = [];
  for (let task = 0; task < tasks; task++) {
    const agent = plan[task];
    if (agent !== NONE && fits(task, agent)) place(task, agent);
    else open.push(task);
  }
  const waiting = open.map(optionsOf);
  let last = NONE;
  while (waiting.length > 0) {
    let worst = -Infinity;
    let at = 0;
    for (let i = 0; i < waiting.length; i++) {
      const { task, best, next } = waiting[i];
      if ((best === last || next === last) && !fits(task, last)) waiting[i] = optionsOf(task);
      if (waiting[i].regret <= worst) continue;
      worst = waiting[i].regret;
      at = i;
    }
    last = waiting[at].best;
    place(waiting[at].task, last);
    const end = waiting.pop() as Waiting;
    if (at < waiting.length) waiting[at] = end;
  }
}
