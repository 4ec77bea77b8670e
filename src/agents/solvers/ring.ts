/** Who has which task, where work is handed on in one direction. */
export interface RingPlan {
  /** The agent of each task, −1 if none. */
  readonly agents: Int32Array;
  readonly cost: number;
  /** Whether no plan does more tasks, or as many at less cost. */
  readonly isProven: boolean;
}

interface Best {
  readonly cost: Float64Array;
  /** Where the agent's run of tasks begins, or −1: the task before is left undone. */
  readonly from: Int32Array;
}

const SKIPPED = -1;

const SLACK = 1e-9; // of sums of sizes

/**
 * The cheapest plan in which agents stand in line and each has one run of neighboring tasks, which may be
 * empty. A run passes over tasks that its agent can't have, by itself or because they are larger than its capacity;
 * others are left undone only between two runs, and as few as can be. Where every task has an agent that could have
 * it, and has one, no plan is cheaper; where some are left undone, one that leaves tasks out of a run for their size
 * might do more.
 *
 * With f(a, i), the least cost of the first i tasks by the first a agents, and S, sums of a's costs:
 *
 *     f(a, i) = min( f(a, i − 1) + undone,  S(i) + min over k of f(a − 1, k) − S(k) )
 *
 * where S counts what a run passes over as undone, over the k from which a's run fits its capacity; those slide on
 * with i, so that the minimum is kept by a queue and the whole takes O(agents · tasks).
 *
 * @param cost f64[tasks × agents], row-major; +Infinity where an agent can't do a task
 * @param sizes of tasks, above 0
 */
export function solveRing(
  cost: Float64Array,
  tasks: number,
  agents: number,
  capacities: readonly number[],
  sizes: ArrayLike<number>,
): RingPlan {
  const undone = undoneCost(cost, tasks);
  const first = Float64Array.from({ length: tasks + 1 }, (_, i) => i * undone);
  const steps: Best[] = [{ cost: first, from: new Int32Array(tasks + 1).fill(SKIPPED) }];
  // Of each agent, Infinity for what it can't do or has no room for.
  const costsOf = Array.from({ length: agents }, (_, agent) =>
    Float64Array.from({ length: tasks }, (_, i) =>
      sizes[i] <= capacities[agent] + SLACK ? cost[i * agents + agent] : Infinity,
    ),
  );
  costsOf.forEach((costs, agent) => {
    steps.push(nextBest(steps[agent].cost, costs, sizes, capacities[agent], undone));
  });
  return readBack(steps, costsOf, tasks);
}

function nextBest(
  before: Float64Array,
  costs: Float64Array,
  sizes: ArrayLike<number>,
  capacity: number,
  undone: number,
): Best {
  const tasks = costs.length;
  const best = new Float64Array(tasks + 1);
  const from = new Int32Array(tasks + 1);
  const sums = new Float64Array(tasks + 1);
  const sizeSums = new Float64Array(tasks + 1);
  // Beginnings of runs that may still be best, by rising before − sum.
  const queue = new Int32Array(tasks + 1);
  let head = 0;
  let tail = 0;
  const value = (k: number): number => before[k] - sums[k];
  for (let i = 0; i <= tasks; i++) {
    if (i > 0) {
      const isAble = costs[i - 1] < Infinity;
      sums[i] = sums[i - 1] + (isAble ? costs[i - 1] : undone);
      sizeSums[i] = sizeSums[i - 1] + (isAble ? sizes[i - 1] : 0);
    }
    while (tail > head && value(queue[tail - 1]) >= value(i)) tail--;
    queue[tail++] = i;
    while (sizeSums[i] - sizeSums[queue[head]] > capacity + SLACK) head++;
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
  costsOf: readonly Float64Array[],
  tasks: number,
): RingPlan {
  const plan = new Int32Array(tasks).fill(-1);
  let total = 0;
  let at = tasks;
  for (let step = costsOf.length; step > 0;) {
    const from = steps[step].from[at];
    if (from === SKIPPED) {
      at--;
      continue;
    }
    for (; at > from; at--) {
      const cost = costsOf[step - 1][at - 1];
      if (cost === Infinity) continue;
      plan[at - 1] = step - 1;
      total += cost;
    }
    step--;
  }
  const isDone = (task: number): boolean =>
    plan[task] !== -1 || costsOf.every((costs) => costs[task] === Infinity);
  return { agents: plan, cost: total, isProven: plan.every((_, task) => isDone(task)) };
}

/** More than any plan can save. */
function undoneCost(cost: Float64Array, tasks: number): number {
  let most = 0;
  for (const each of cost) if (each < Infinity) most = Math.max(most, Math.abs(each));
  return 1 + 2 * tasks * most;
}
