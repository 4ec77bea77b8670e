import { expect, test } from "vitest";
import { AssignmentSolver } from "#dist/agents/solvers/assignment-solver.js";
import { solveAssignmentWithDuals } from "#dist/agents/solvers/linear-assignment.js";
import { seededRandom } from "../support/random.ts";

const UNDONE = 1e5;

test("plans after any changes are as cheap as those found anew, whatever moves cost", () => {
  const random = seededRandom(9);
  const below = (n: number): number => Math.floor(random() * n);
  for (let round = 0; round < 150; round++) {
    const switchingCost = round % 3 === 0 ? 0 : random() * 20;
    const draw = (): number => {
      if (round % 2 === 1 && random() < 0.3) return Infinity;
      return round % 5 === 0 ? below(5) : random() * 100;
    };
    const list = (count: number): number[] => Array.from({ length: count }, draw);
    const capacities = Array.from({ length: 1 + below(5) }, () => below(5));
    const rows: (number[] | undefined)[] = Array.from({ length: below(14) }, () =>
      list(capacities.length),
    );
    const homes = rows.map(() => -1);
    const solver = new AssignmentSolver({
      cost: Float64Array.from(rows.flatMap((row) => row ?? [])),
      tasks: rows.length,
      agents: capacities.length,
      capacities,
      switchingCost,
    });
    for (let step = 0; step < 8; step++) {
      const plan = solver.solve();
      const live = [...rows.keys()].filter((task) => rows[task] !== undefined);
      const { total, least } = compare(plan.agents, live, rows, homes, capacities, switchingCost);
      expect(total).toBeCloseTo(least, 3);
      expect(plan.unassigned).toEqual(live.filter((task) => plan.agents[task] < 0));
      expect(plan.moved).toEqual(
        live.filter((task) => homes[task] >= 0 && plan.agents[task] !== homes[task]),
      );
      rows.forEach((row, task) => (homes[task] = row === undefined ? -1 : plan.agents[task]));
      for (let change = 0; change < 2; change++) {
        const task = live.length > 0 ? live[below(live.length)] : -1;
        const agent = below(capacities.length);
        const kind = below(6);
        if (kind === 0) {
          const row = list(capacities.length);
          const added = solver.addTask(row);
          rows[added] = row;
          homes[added] = -1;
        } else if (kind === 1 && rows[task] !== undefined) {
          solver.removeTask(task);
          rows[task] = undefined;
          homes[task] = -1;
        } else if (kind === 2 && rows[task] !== undefined) {
          rows[task] = list(capacities.length);
          solver.setTask(task, rows[task] ?? []);
        } else if (kind === 3) {
          const costs = list(rows.length);
          capacities.push(below(4));
          solver.addAgent(costs, capacities.at(-1) ?? 0);
          rows.forEach((row, i) => row?.push(costs[i]));
        } else if (kind === 4) {
          capacities[agent] = below(5);
          solver.setAgent(agent, { capacity: capacities[agent] });
        } else {
          const costs = list(rows.length);
          solver.setAgent(agent, { costs });
          rows.forEach((row, i) => row !== undefined && (row[agent] = costs[i]));
        }
      }
    }
  }
});

/** What a plan costs, with moves and what is left undone, beside the least by linear assignment. */
function compare(
  agents: Int32Array,
  live: readonly number[],
  rows: readonly (readonly number[] | undefined)[],
  homes: readonly number[],
  capacities: readonly number[],
  switchingCost: number,
): { total: number; least: number } {
  const full = live.map((task) => {
    const isHome = (agent: number): boolean => homes[task] < 0 || homes[task] === agent;
    const own = (rows[task] ?? []).map((cost, a) => cost + (isHome(a) ? 0 : switchingCost));
    return [...own, UNDONE + (homes[task] < 0 ? 0 : switchingCost)];
  });
  const seats = [...capacities, live.length].flatMap((capacity, agent) =>
    Array.from({ length: Math.min(capacity, live.length) }, () => agent),
  );
  const cost = Float64Array.from(full.flatMap((row) => seats.map((agent) => row[agent])));
  const loads = capacities.map(() => 0);
  let total = 0;
  live.forEach((task, i) => {
    total += full[i][agents[task] < 0 ? capacities.length : agents[task]];
    if (agents[task] >= 0) loads[agents[task]]++;
  });
  loads.forEach((load, agent) => expect(load).toBeLessThanOrEqual(capacities[agent]));
  return { total, least: solveAssignmentWithDuals(cost, live.length, seats.length).cost };
}

test("prices prove a large plan, and one changed task in a hundred moves few others", () => {
  const random = seededRandom(4);
  const tasks = 2000;
  const agents = 40;
  const cost = new Float64Array(tasks * agents).map(() => Math.floor(random() * 1000));
  const capacities = Array.from({ length: agents }, () => tasks / agents);
  const solver = new AssignmentSolver({ cost, tasks, agents, capacities, switchingCost: 50 });
  const plan = solver.solve();
  expect(plan.moved).toEqual([]);
  let dual = -plan.prices.reduce((sum, price, agent) => sum + price * capacities[agent], 0);
  for (let task = 0; task < tasks; task++) {
    let least = Infinity;
    for (let a = 0; a < agents; a++) {
      least = Math.min(least, cost[task * agents + a] + plan.prices[a]);
    }
    dual += least;
  }
  expect(plan.cost).toBe(dual);
  for (let task = 0; task < tasks; task += 100) {
    solver.setTask(
      task,
      Array.from({ length: agents }, () => Math.floor(random() * 1000)),
    );
  }
  const next = solver.solve();
  expect(next.unassigned).toEqual([]);
  expect(next.moved.length).toBeLessThan(3 * (tasks / 100));
  // Nothing has changed: nothing moves, whatever is equal.
  expect(solver.solve()).toMatchObject({ agents: next.agents, cost: next.cost, moved: [] });
});

test("with equal costs whoever is at work stays, though moving costs nothing", () => {
  const solver = new AssignmentSolver({
    cost: new Float64Array(60).fill(5),
    tasks: 20,
    agents: 3,
    capacities: [10, 10, 10],
    running: Array.from({ length: 20 }, (_, i) => i % 2),
  });
  expect(solver.solve()).toMatchObject({ moved: [], cost: 100, unassigned: [] });
  solver.setAgent(0, { capacity: 7 });
  expect(solver.solve().moved).toHaveLength(3);
  solver.setAgent(0, { capacity: 10 });
  expect(solver.solve().moved).toEqual([]);
});

test("tasks without room, or that nobody can do, are named; a price for leaving them decides what is worth it", () => {
  const options = { tasks: 4, agents: 1, capacities: [2] };
  const cost = Float64Array.of(9, Infinity, 3, 4);
  expect(new AssignmentSolver({ cost, ...options }).solve()).toMatchObject({
    agents: Int32Array.of(-1, -1, 0, 0),
    unassigned: [0, 1],
    cost: 7,
  });
  const plan = new AssignmentSolver({ cost, ...options, unassignedCost: 3.5 }).solve();
  expect(plan).toMatchObject({ unassigned: [0, 1, 3], cost: 3 });
  const nobody = new AssignmentSolver({
    cost: new Float64Array(0),
    tasks: 3,
    agents: 0,
    capacities: [],
  });
  expect(nobody.solve()).toMatchObject({ unassigned: [0, 1, 2], cost: 0 });
});

test("what makes no sense is refused and changes nothing", () => {
  const make = (change: object) => () =>
    new AssignmentSolver({
      cost: Float64Array.of(1, 2),
      tasks: 2,
      agents: 1,
      capacities: [2],
      ...change,
    });
  const invalid = expect.objectContaining({ code: "INVALID_INPUT" });
  expect(make({ cost: Float64Array.of(1, NaN) })).toThrow(invalid);
  expect(make({ capacities: [-1] })).toThrow(invalid);
  expect(make({ capacities: [1.5] })).toThrow(invalid);
  expect(make({ switchingCost: -1 })).toThrow(invalid);
  expect(make({ capacities: [1, 2] })).toThrow(expect.objectContaining({ code: "DIMENSION" }));
  expect(make({ running: [0, 1] })).toThrow(expect.objectContaining({ code: "NOT_FOUND" }));
  const solver = make({})();
  const before = solver.solve();
  expect(() => solver.setTask(0, [NaN])).toThrow(invalid);
  expect(() => solver.setTask(0, [1, 2])).toThrow(expect.objectContaining({ code: "DIMENSION" }));
  const absent = expect.objectContaining({ code: "NOT_FOUND" });
  expect(() => solver.setTask(2, [1])).toThrow(absent);
  expect(() => solver.removeTask(-1)).toThrow(absent);
  expect(() => solver.setAgent(1, { capacity: 1 })).toThrow(absent);
  expect(() => solver.addAgent([1, 2], -2)).toThrow(invalid);
  expect(solver.solve()).toEqual(before);
});
