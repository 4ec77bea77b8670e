import { expect, test } from "vitest";
import { solveBalancedAssignment } from "#dist/agents/balanced-assignment.js";
import { solveBottleneckAssignment } from "#dist/agents/bottleneck-assignment.js";
import { bruteForceAssignment, makeCosts } from "../support/assignment.ts";
import { seededRandom } from "../support/random.ts";

test("the dearest pair is as cheap as trying everything finds, and of such the total is least", () => {
  const random = seededRandom(31);
  for (let round = 0; round < 200; round++) {
    const [rows, columns] = [Math.floor(random() * 6), Math.floor(random() * 6)];
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

test("the busiest agent is done as early as trying everything finds, and that is proven", () => {
  const random = seededRandom(13);
  for (let round = 0; round < 120; round++) {
    const [tasks, agents] = [Math.floor(random() * 8), 1 + Math.floor(random() * 3)];
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

test("a hundred agents and two thousand tasks are balanced within what is proven", () => {
  const random = seededRandom(3);
  const [tasks, agents] = [500, 20];
  const times = new Float64Array(tasks * agents).map(() => 10 + random() * 90);
  const { makespan, bound, gap } = solveBalancedAssignment({ times, tasks, agents });
  expect(makespan).toBeGreaterThanOrEqual(bound);
  expect(gap).toBeLessThan(0.05);
  const negative = expect.objectContaining({ code: "INVALID_INPUT" });
  expect(() =>
    solveBalancedAssignment({ times: Float64Array.of(-1), tasks: 1, agents: 1 }),
  ).toThrow(negative);
});
