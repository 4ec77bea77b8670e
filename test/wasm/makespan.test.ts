import { describe, expect, test } from "vitest";
import type { KernelBuild } from "#dist/wasm/build.js";
import {
  descendMakespan,
  layOutMakespan,
  makespanBytes,
  weighTasks,
} from "#dist/wasm/assignment/makespan.js";
import { seededRandom } from "../support/random.ts";
import { BUILDS, testRuntime } from "../support/runtime.ts";

/** Tasks of whole or real times, some of which some agents can't do; the first agent can do all. */
function randomProblem(build: KernelBuild, tasks: number, agents: number) {
  const { heap, run } = testRuntime(build, 1 << 20);
  const begin = heap.usedBytes;
  const problem = layOutMakespan(heap, tasks, agents);
  expect(heap.usedBytes - begin).toBeLessThanOrEqual(makespanBytes(tasks, agents));
  const random = seededRandom(31 * tasks + agents);
  for (let task = 0; task < tasks; task++) {
    for (let agent = 0; agent < agents; agent++) {
      const time = 10 + 90 * random();
      const isWhole = tasks % 2 === 0;
      const can = agent === 0 || random() < 0.85;
      problem.times[task * problem.stride + agent] = can
        ? isWhole
          ? Math.floor(time)
          : time
        : Infinity;
    }
  }
  return { heap, run, problem, random };
}

describe.each([
  [0, 1],
  [1, 1],
  [7, 2],
  [40, 3],
  [61, 7],
  [200, 16],
  [333, 25],
])("%i tasks, %i agents", (tasks, agents) => {
  test("tasks are weighed where they weigh least, and every build gives the same", () => {
    const results = BUILDS.map((build) => {
      const { heap, run, problem, random } = randomProblem(build, tasks, agents);
      const found: unknown[] = [];
      for (let round = 0; round < 3; round++) {
        for (let agent = 0; agent < agents; agent++) {
          // Equal weights, and one of nothing.
          problem.weights[agent] = round === 0 ? 1 / agents : round * agent === 6 ? 0 : random();
        }
        const sum = run(weighTasks(heap, problem));
        let expected = 0;
        for (let task = 0; task < tasks; task++) {
          let least = Infinity;
          for (let agent = 0; agent < agents; agent++) {
            const time = problem.times[task * problem.stride + agent];
            if (time < Infinity) least = Math.min(least, problem.weights[agent] * time);
          }
          expected += least;
        }
        expect(sum).toBe(expected);
        const weighed = problem.loads.reduce(
          (all, load, agent) => all + (agent < agents ? load * problem.weights[agent] : 0),
          0,
        );
        expect(weighed).toBeCloseTo(sum, 8);
        found.push(sum, [...problem.loads]);
      }
      return found;
    });
    for (const result of results) expect(result).toEqual(results[0]);
  });

  test("schedules get better until neither a move nor an exchange helps, in every build the same", () => {
    const results = BUILDS.map((build) => {
      const { heap, run, problem } = randomProblem(build, tasks, agents);
      const { times, stride, agentOf, loads } = problem;
      const total = Array.from({ length: tasks }, (_, i) => times[i * stride]);
      run(descendMakespan(heap, problem, 1)); // one step
      expect(Math.max(...loads)).toBeLessThanOrEqual(total.reduce((a, b) => a + b, 0));
      const afterOne = [...agentOf];
      run(descendMakespan(heap, problem, 50_000_000));
      const own = new Float64Array(agents);
      agentOf.forEach((agent, task) => (own[agent] += times[task * stride + agent]));
      own.forEach((load, agent) => expect(loads[agent]).toBeCloseTo(load, 8));
      const longest = Math.max(...loads);
      const busiest = loads.indexOf(longest);
      const limit = longest * (1 - 1e-9);
      agentOf.forEach((agent, task) => {
        if (agent !== busiest) return;
        const without = longest - times[task * stride + busiest];
        for (let to = 0; to < agents; to++) {
          if (to === busiest) continue;
          const there = loads[to] + times[task * stride + to];
          expect(Math.max(without, there)).toBeGreaterThanOrEqual(limit);
        }
        agentOf.forEach((to, other) => {
          if (to === busiest) return;
          const here = without + times[other * stride + busiest];
          const there = loads[to] - times[other * stride + to] + times[task * stride + to];
          expect(Math.max(here, there)).toBeGreaterThanOrEqual(limit);
        });
      });
      return [afterOne, [...agentOf], [...loads]];
    });
    for (const result of results) expect(result).toEqual(results[0]);
  });
});
