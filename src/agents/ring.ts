/** Who has which task, where work is handed on in one direction. */
export interface RingPlan {
  /** The agent of each task, −1 if none. */
  readonly agents: Int32Array;
  readonly cost: number;
}

interface Best {
  readonly cost: Float64Array;
  /** Where the agent's run of tasks begins, or −1: the task before is left undone. */
  readonly from: Int32Array;
}

const SKIPPED = -1;

/**
 * The cheapest plan in which agents stand in line and each has one run of neighboring tasks, which may be
 * empty. Tasks are left undone only between two runs, and as few as can be.
 *
 * With f(a, i), the least cost of the first i tasks by the first a agents, and S, sums of a's costs:
 *
 *     f(a, i) = min( f(a, i − 1) + undone,  S(i) + min over k of f(a − 1, k) − S(k) )
 *
 * over the k from which a's run fits its capacity; those slide on with i, so that the minimum is kept by a
 * queue and the whole takes O(agents · tasks).
 *
 * @param cost f64[tasks × agents], row-major; +Infinity where an agent can't do a task
 * @param sizes of tasks, above 0
 */
export function solveRing(
  cost: Float64Array,
  tasks: number,
  agents: number,
  capacities: ArrayLike<number>,
  sizes: ArrayLike<number>,
): RingPlan {
  const undone = undoneCost(cost, tasks);
  const sizeSums = new Float64Array(tasks + 1);
  for (let i = 0; i < tasks; i++) sizeSums[i + 1] = sizeSums[i] + sizes[i];
  const first = Float64Array.from({ length: tasks + 1 }, (_, i) => i * undone);
  const steps: Best[] = [{ cost: first, from: new Int32Array(tasks + 1).fill(SKIPPED) }];
  for (let agent = 0; agent < agents; agent++) {
    const costs = Float64Array.from({ length: tasks }, (_, i) => cost[i * agents + agent]);
    steps.push(nextBest(steps[agent].cost, costs, sizeSums, capacities[agent], undone));
  }
  return readBack(steps, cost, tasks, agents);
}

function nextBest(
  before: Float64Array,
  costs: Float64Array,
  sizeSums: Float64Array,
  capacity: number,
  undone: number,
): Best {
  const tasks = costs.length;
  const best = new Float64Array(tasks + 1);
  const from = new Int32Array(tasks + 1);
  const sums = new Float64Array(tasks + 1);
  // Beginnings of runs that may still be best, by rising before − sum.
  const queue = new Int32Array(tasks + 1);
  let [head, tail] = [0, 0];
  const value = (k: number): number => before[k] - sums[k];
  for (let i = 0; i <= tasks; i++) {
    if (i > 0) {
      if (costs[i - 1] === Infinity) head = tail; // no run goes on across it
      sums[i] = sums[i - 1] + (costs[i - 1] === Infinity ? 0 : costs[i - 1]);
    }
    while (tail > head && value(queue[tail - 1]) >= value(i)) tail--;
    queue[tail++] = i;
    while (sizeSums[i] - sizeSums[queue[head]] > capacity) head++;
    best[i] = value(queue[head]) + sums[i];
    from[i] = queue[head];
    if (i > 0 && best[i - 1] + undone < best[i]) {
      best[i] = best[i - 1] + undone;
      from[i] = SKIPPED;
    }
  }
  return { cost: best, from };
}

function readBack(
  steps: readonly Best[],
  cost: Float64Array,
  tasks: number,
  agents: number,
): RingPlan {
  const plan = new Int32Array(tasks).fill(-1);
  let total = 0;
  let at = tasks;
  for (let step = agents; step > 0;) {
    const from = steps[step].from[at];
    if (from === SKIPPED) {
      at--;
      continue;
    }
    for (; at > from; at--) {
      plan[at - 1] = step - 1;
      total += cost[(at - 1) * agents + step - 1];
    }
    step--;
  }
  return { agents: plan, cost: total };
}

/** More than any plan can save. */
function undoneCost(cost: Float64Array, tasks: number): number {
  let most = 0;
  for (const each of cost) if (each < Infinity) most = Math.max(most, Math.abs(each));
  return 1 + 2 * tasks * most;
}
