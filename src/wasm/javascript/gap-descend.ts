import { gapAt, type PlainGap } from "./gap-bound.ts";
import type { Views } from "./turn.ts";

// The twin of assembly/gap/gap-descend.ts.

const TINY = 1e-12;
const MOST_EXCHANGED = 2000;

/** The twin of `gap_descend_f64`. */
export function descendPlan(views: Views, address: number): void {
  const problem = gapAt(views, address);
  while (moveTasks(problem) || (problem.tasks <= MOST_EXCHANGED && exchangeTasks(problem)));
}

function moveTasks({ tasks, agents, costs, sizes, rooms, plan, loads }: PlainGap): boolean {
  let isMoved = false;
  for (let task = 0; task < tasks; task++) {
    for (let to = 0; to < agents; to++) {
      const from = plan[task];
      const pair = from * tasks + task;
      const other = to * tasks + task;
      if (!(costs[pair] - costs[other] > TINY)) continue;
      const there = loads[to] + sizes[other];
      if (there > rooms[to]) continue;
      loads[from] -= sizes[pair];
      loads[to] = there;
      plan[task] = to;
      isMoved = true;
    }
  }
  return isMoved;
}

function exchangeTasks({ tasks, costs, sizes, rooms, plan, loads }: PlainGap): boolean {
  let isMoved = false;
  for (let a = 0; a < tasks; a++) {
    for (let b = a + 1; b < tasks; b++) {
      const ofA = plan[a];
      const ofB = plan[b];
      if (ofA === ofB) continue;
      const x = ofA * tasks;
      const y = ofB * tasks;
      if (!(costs[x + a] + costs[y + b] - costs[y + a] - costs[x + b] > TINY)) continue;
      const here = loads[ofA] - sizes[x + a] + sizes[x + b];
      if (here > rooms[ofA]) continue;
      const there = loads[ofB] - sizes[y + b] + sizes[y + a];
      if (there > rooms[ofB]) continue;
      loads[ofA] = here;
      loads[ofB] = there;
      plan[a] = ofB;
      plan[b] = ofA;
      isMoved = true;
    }
  }
  return isMoved;
}
