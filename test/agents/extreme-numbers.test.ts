import { describe, expect, test } from "vitest";
import {
  AssignmentSolver,
  solveAssignmentWithDuals,
  solveBalancedAssignment,
  solveBottleneckAssignment,
  solveGeneralizedAssignment,
} from "#dist/index.js";
import { seededRandom } from "../support/random.ts";

type Draw = (random: () => number) => number;

const ODD = [1e300, -1e300, 1e-300, -0, 0, 1, -1, 5];
const COSTS: Record<string, Draw> = {
  whole: (random) => Math.floor(30 * random()) - 10,
  real: (random) => 20 * random() - 5,
  huge: (random) => (random() - 0.5) * 2e300,
  tiny: (random) => (random() - 0.5) * 1e-300,
  mixed: (random) => ODD[Math.floor(ODD.length * random())],
  equal: () => 7,
  nothing: () => -0,
  "large whole": (random) => Math.floor(random() * 2 ** 52),
};
const SIZES: Record<string, Draw> = {
  nothing: () => 0,
  whole: (random) => Math.floor(6 * random()),
  real: (random) => 5 * random(),
  tiny: (random) => random() * 1e-300,
  huge: (random) => random() * 1e300,
  mixed: (random) => [0, 1e-300, 1, 1e300, 3][Math.floor(5 * random())],
};
const SEEDS = 12;

interface Found {
  readonly count: number;
  readonly cost: number;
  readonly most: number;
}

/**
 * The best of every way to give tasks to agents: as many as can be, then what `isBetter` says. Sizes of an agent's
 * tasks stay within rooms.
 */
function tryAll(
  cost: Float64Array,
  [tasks, agents]: readonly [number, number],
  { rooms, sizeOf }: { rooms: number[]; sizeOf: (task: number, agent: number) => number },
  isBetter: (a: Found, b: Found) => boolean,
): Found {
  let best: Found = { count: -1, cost: Infinity, most: Infinity };
  const left = [...rooms];
  const go = (task: number, now: Found): void => {
    if (task === tasks) {
      const isMore = now.count > best.count || (now.count === best.count && isBetter(now, best));
      if (isMore) best = now;
      return;
    }
    go(task + 1, now);
    for (let agent = 0; agent < agents; agent++) {
      const own = cost[task * agents + agent];
      const size = sizeOf(task, agent);
      if (own === Infinity || size > left[agent]) continue;
      const before = left[agent];
      left[agent] -= size;
      const count = now.count + 1;
      const sum = now.cost + own;
      go(task + 1, { count, cost: sum, most: Math.max(now.most, own) });
      left[agent] = before;
    }
  };
  go(0, { count: 0, cost: 0, most: -Infinity });
  return best;
}

function drawCosts(name: string, seed: number) {
  const random = seededRandom(977 * seed + name.length);
  const tasks = Math.floor(6 * random());
  const agents = Math.floor(4 * random());
  const draw = COSTS[name];
  const cost = Float64Array.from({ length: tasks * agents }, () =>
    random() < 0.2 ? Infinity : draw(random),
  );
  const finite = cost.filter((each) => each < Infinity).map(Math.abs);
  const rounding = 1e-9 * tasks * finite.reduce((a, b) => Math.max(a, b), 0);
  return { random, tasks, agents, cost, rounding };
}

const isCheaper = (a: Found, b: Found): boolean => a.cost < b.cost;
const seeds = Array.from({ length: SEEDS }, (_, i) => i + 1);

describe.each(Object.keys(COSTS))("costs: %s", (name) => {
  test.each(Object.keys(SIZES))("sizes: %s; plans are those that trying all finds", (sizeName) => {
    for (const seed of seeds) {
      const { random, tasks, agents, cost, rounding } = drawCosts(name, seed);
      const sizes = Array.from({ length: tasks * agents }, () => SIZES[sizeName](random));
      const total = sizes.reduce((sum, each) => sum + each, 0);
      // No room, room for just a fair share, and room for some.
      const capacities = Array.from({ length: agents }, () =>
        random() < 0.2 ? 0 : random() < 0.5 ? total / agents : 2 * SIZES[sizeName](random),
      );
      const slack = 1e-9 * Math.max(0, ...capacities);
      const sizeOf = (task: number, agent: number): number => sizes[task * agents + agent];
      const rooms = capacities.map((capacity) => capacity + slack);
      const best = tryAll(cost, [tasks, agents], { rooms, sizeOf }, isCheaper);
      const problem = { cost, sizes, capacities, tasks, agents };
      const found = solveGeneralizedAssignment({ ...problem, effort: 300 });
      expect(tasks - found.unassigned.length).toBe(best.count);
      expect(Math.abs(found.cost - best.cost)).toBeLessThanOrEqual(rounding);
      expect(found.bound).toBeLessThanOrEqual(found.objective);
      expect(found.gap).toBeLessThan(1e-6);
      const loads = capacities.map(() => 0);
      found.agents.forEach((agent, task) => agent >= 0 && (loads[agent] += sizeOf(task, agent)));
      loads.forEach((load, agent) => {
        expect(load).toBeLessThanOrEqual((rooms[agent] + slack) * (1 + 1e-12));
        expect(Math.abs(found.loads[agent] - load)).toBeLessThanOrEqual(1e-9 * load + slack);
      });
    }
  });

  test("linear, bottleneck and least makespan are what trying all finds, also by one task an agent", () => {
    for (const seed of seeds) {
      const { tasks, agents, cost, rounding } = drawCosts(name, seed);
      const one = { rooms: Array.from({ length: agents }, () => 1), sizeOf: () => 1 };
      const cheapest = tryAll(cost, [tasks, agents], one, isCheaper);
      const linear = solveAssignmentWithDuals(cost, tasks, agents);
      expect(linear.assigned).toBe(cheapest.count);
      expect(Math.abs(linear.cost - cheapest.cost)).toBeLessThanOrEqual(rounding);
      const capacities = one.rooms;
      const units = new AssignmentSolver({ cost, tasks, agents, capacities }).solve();
      expect(tasks - units.unassigned.length).toBe(cheapest.count);
      expect(Math.abs(units.cost - cheapest.cost)).toBeLessThanOrEqual(rounding);

      const narrow = tryAll(cost, [tasks, agents], one, (a, b) =>
        a.most === b.most ? a.cost < b.cost : a.most < b.most,
      );
      const bottleneck = solveBottleneckAssignment(cost, tasks, agents);
      expect(bottleneck.assigned).toBe(narrow.count);
      if (narrow.count > 0) expect(bottleneck.bottleneck).toBe(narrow.most);
      expect(Math.abs(bottleneck.cost - narrow.cost)).toBeLessThanOrEqual(rounding);

      const times = cost.map(Math.abs);
      const balanced = solveBalancedAssignment({ times, tasks, agents });
      const least = shortestMakespan(times, tasks, agents);
      expect(Math.abs(balanced.makespan - least)).toBeLessThanOrEqual(1e-9 * least);
      expect(balanced.bound).toBeLessThanOrEqual(balanced.makespan);
      expect(balanced.gap).toBeLessThan(1e-9);
    }
  });
});

function shortestMakespan(times: Float64Array, tasks: number, agents: number): number {
  let best = Infinity;
  const loads = new Float64Array(agents);
  const go = (task: number): void => {
    if (task === tasks) {
      best = Math.min(best, Math.max(0, ...loads));
      return;
    }
    let isPossible = false;
    for (let agent = 0; agent < agents; agent++) {
      const time = times[task * agents + agent];
      if (time === Infinity) continue;
      isPossible = true;
      const before = loads[agent];
      loads[agent] += time;
      go(task + 1);
      loads[agent] = before;
    }
    if (!isPossible) go(task + 1);
  };
  go(0);
  return best;
}
