import { expect, test } from "vitest";
import { solveBalancedAssignment } from "#dist/agents/solvers/balanced-assignment.js";
import { solveBottleneckAssignment } from "#dist/agents/solvers/bottleneck-assignment.js";
import { bruteForceAssignment, makeCosts } from "../support/assignment.ts";
import { seededRandom } from "../support/random.ts";

test("the dearest pair is as cheap as trying everything finds, and of such the total is least", () => {
  const random = seededRandom(31);
  for (let round = 0; round < 200; round++) {
    const rows = Math.floor(random() * 6);
    const columns = Math.floor(random() * 6);
    const kind = (["whole", "real", "equal"] as const)[round % 3];
    const cost = makeCosts(random, rows * columns, { kind, forbidden: round % 2 === 0 ? 0 : 0.4 });
    const best = bruteForceAssignment(cost, rows, columns);
    const found = solveBottleneckAssignment(cost, rows, columns);
    expect(found.assigned).toBe(best.assigned);
    expect(found.bottleneck).toBe(best.assigned === 0 ? -Infinity : best.bottleneck);
    const within = cost.map((each) => (each > best.bottleneck ? Infinity : each));
    expect(found.cost).toBeCloseTo(bruteForceAssignment(within, rows, columns).cost, 9);
  }
});

test("no pair less is enough: below the dearest pair of a large problem fewer can be served", () => {
  const random = seededRandom(8);
  for (const [rows, columns, forbidden] of [
    [150, 150, 0],
    [90, 140, 0.5],
    [140, 90, 0.9],
    [120, 120, 0.985],
  ]) {
    for (const kind of ["whole", "real"] as const) {
      const cost = makeCosts(random, rows * columns, { kind, forbidden });
      const found = solveBottleneckAssignment(cost, rows, columns);
      const pairs = [...found.columns].flatMap((column, row) =>
        column < 0 ? [] : cost[row * columns + column],
      );
      expect(pairs).toHaveLength(found.assigned);
      expect(Math.max(...pairs)).toBe(found.bottleneck);
      expect(new Set(found.columns.filter((column) => column >= 0)).size).toBe(found.assigned);
      expect(mostServed(cost, rows, columns, (each) => each < Infinity)).toBe(found.assigned);
      const below = mostServed(cost, rows, columns, (each) => each < found.bottleneck);
      expect(below).toBeLessThan(found.assigned);
    }
  }
});

/** Rows that can have a column of their own among allowed pairs, one augmenting path at a time. */
function mostServed(
  cost: Float64Array,
  rows: number,
  columns: number,
  isAllowed: (cost: number) => boolean,
): number {
  const rowOf = new Int32Array(columns).fill(-1);
  const serve = (row: number, seen: Uint8Array): boolean => {
    for (let column = 0; column < columns; column++) {
      if (seen[column] === 1 || !isAllowed(cost[row * columns + column])) continue;
      seen[column] = 1;
      if (rowOf[column] !== -1 && !serve(rowOf[column], seen)) continue;
      rowOf[column] = row;
      return true;
    }
    return false;
  };
  let served = 0;
  for (let row = 0; row < rows; row++) if (serve(row, new Uint8Array(columns))) served++;
  return served;
}

test("the busiest agent is done as early as trying everything finds, and that is proven", () => {
  const random = seededRandom(13);
  for (let round = 0; round < 120; round++) {
    const tasks = Math.floor(random() * 8);
    const agents = 1 + Math.floor(random() * 3);
    const times = makeCosts(random, tasks * agents, { kind: "whole", forbidden: 0.2 }).map(
      (each) => each + (round % 2 === 0 ? 1 : random()),
    );
    const found = solveBalancedAssignment({ times, tasks, agents });
    expect(found.makespan).toBeCloseTo(leastMakespan(times, tasks, agents), 9);
    expect(found.gap).toBeLessThan(1e-9);
    const loads = new Float64Array(agents);
    found.agents.forEach(
      (agent, task) => agent >= 0 && (loads[agent] += times[task * agents + agent]),
    );
    loads.forEach((load, agent) => expect(found.loads[agent]).toBeCloseTo(load, 9));
    for (const task of found.unassigned) {
      expect(times.subarray(task * agents, (task + 1) * agents).every((t) => t === Infinity)).toBe(
        true,
      );
    }
  }
});

function leastMakespan(times: Float64Array, tasks: number, agents: number): number {
  let best = Infinity;
  const loads = new Float64Array(agents);
  const go = (task: number): void => {
    if (task === tasks) {
      best = Math.min(best, Math.max(...loads));
      return;
    }
    let isPossible = false;
    for (let agent = 0; agent < agents; agent++) {
      const time = times[task * agents + agent];
      if (time === Infinity) continue;
      isPossible = true;
      loads[agent] += time;
      go(task + 1);
      loads[agent] -= time;
    }
    if (!isPossible) go(task + 1);
  };
  go(0);
  return best;
}

test("many tasks are balanced within what is proven, and nobody could take one from the busiest", () => {
  const random = seededRandom(3);
  for (const [tasks, agents] of [
    [500, 20],
    [3000, 50],
  ]) {
    const times = new Float64Array(tasks * agents).map(() => 10 + random() * 90);
    const found = solveBalancedAssignment({ times, tasks, agents });
    const { makespan, bound, gap, loads } = found;
    expect(makespan).toBeGreaterThanOrEqual(bound);
    expect(gap).toBeLessThan(0.03);
    const own = new Float64Array(agents);
    found.agents.forEach((agent, task) => (own[agent] += times[task * agents + agent]));
    own.forEach((load, agent) => expect(loads[agent]).toBeCloseTo(load, 6));
    expect(Math.max(...loads)).toBe(makespan);
    found.agents.forEach((agent, task) => {
      if (loads[agent] < makespan) return;
      for (let to = 0; to < agents; to++) {
        if (to === agent) continue;
        expect(loads[to] + times[task * agents + to]).toBeGreaterThanOrEqual(makespan * 0.999_999);
      }
    });
  }
  const negative = expect.objectContaining({ code: "INVALID_INPUT" });
  expect(() =>
    solveBalancedAssignment({ times: Float64Array.of(-1), tasks: 1, agents: 1 }),
  ).toThrow(negative);
});

test("tasks of whole times are done at a whole time at the earliest", () => {
  const times = new Float64Array(6).fill(1);
  const { makespan, bound } = solveBalancedAssignment({ times, tasks: 3, agents: 2, effort: 0 });
  expect([makespan, bound]).toEqual([2, 2]);
});

test("schedules of many short tasks come within some hundredths of what is proven", () => {
  const random = seededRandom(11);
  for (const [tasks, agents, most] of [
    [2000, 100, 0.06],
    [200, 10, 0.025],
  ]) {
    const times = Float64Array.from(
      { length: tasks * agents },
      () => 1 + Math.floor(100 * random()),
    );
    expect(solveBalancedAssignment({ times, tasks, agents }).gap).toBeLessThan(most);
  }
});
