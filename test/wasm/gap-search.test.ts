import { describe, expect, test } from "vitest";
import { descendGap, type GapOnHeap } from "#dist/wasm/assignment/gap.js";
import { gapSearchBytes, layOutGapSearch, searchGap } from "#dist/wasm/assignment/gap-search.js";
import type { Heap } from "#dist/wasm/heap.js";
import type { Run } from "#dist/wasm/abi/kernels.js";
import { costOf, expectToFit, largeProblem, loadsOf } from "../support/gap.ts";
import { BUILDS } from "../support/runtime.ts";

// Plans that are made better: by single moves, and by searches for whole new ones.

describe.each(["B", "D", "E"] as const)("type %s", (type) => {
  test("every build makes a plan better by the same moves, until none is left that helps", () => {
    const results = BUILDS.map((build) => {
      const { heap, run, problem } = largeProblem(build, type, 6, 40);
      const before = costOf(problem, problem.plan);
      run(descendGap(heap, problem));
      expect(costOf(problem, problem.plan)).toBeLessThan(before);
      expectToFit(problem, problem.plan);
      expectNoBetterMove(problem);
      return [...problem.plan];
    });
    for (const result of results) expect(result).toEqual(results[0]);
  });

  test("every build searches the same way: plans fit, are never dearer, and not below the bound", () => {
    const results = BUILDS.map((build) => {
      const { heap, run, problem } = largeProblem(build, type, 6, 40);
      run(descendGap(heap, problem));
      return [1, 2].map((seed) => searchFrom(heap, run, problem, seed));
    });
    for (const result of results) expect(result).toEqual(results[0]);
    expect(results[0][0]).not.toEqual(results[0][1]);
  });
});

test("of more than 2,000 tasks only single ones are moved, and every build does the same", () => {
  const results = BUILDS.map((build) => {
    const { heap, run, problem } = largeProblem(build, "C", 3, 2001);
    problem.rooms.forEach((room, agent) => (problem.rooms[agent] = 2 * room));
    const before = costOf(problem, problem.plan);
    run(descendGap(heap, problem));
    expect(costOf(problem, problem.plan)).toBeLessThan(before);
    expectToFit(problem, problem.plan);
    return [...problem.plan];
  });
  for (const result of results) expect(result).toEqual(results[0]);
});

test("more tasks than are freed at once, one agent alone and nobody alone are searched too", () => {
  for (const [agents, tasks] of [
    [2, 700],
    [1, 20],
    [0, 5],
  ]) {
    const results = BUILDS.map((build) => {
      const { heap, run, problem } = largeProblem(build, "C", agents, tasks);
      return searchFrom(heap, run, problem, 3);
    });
    for (const result of results) expect(result).toEqual(results[0]);
  }
});

function searchFrom(heap: Heap, run: Run, problem: GapOnHeap, seed: number) {
  const begin = heap.usedBytes;
  const search = layOutGapSearch(heap, problem, { seed, isWhole: true });
  expect(heap.usedBytes - begin).toBeLessThanOrEqual(gapSearchBytes(problem.tasks, problem.agents));
  const cost = costOf(problem, problem.plan);
  for (const into of [search.agentOf, search.cheapest]) into.set(problem.plan);
  search.loads.set(problem.loads);
  search.prices.fill(1).fill(0, problem.agents - 1);
  search.homes.set(problem.plan.map((_, task) => task % problem.agents));
  search.numbers.set([cost, cost, cost / 2, 3]);
  for (let slice = 0; slice < 3; slice++) {
    run(searchGap(heap, search, 20_000));
    const [own, least] = search.numbers;
    expect(own).toBe(costOf(problem, search.agentOf));
    expect(least).toBe(costOf(problem, search.cheapest));
    expect(least).toBeLessThanOrEqual(cost);
    expectToFit(problem, search.agentOf);
    expectToFit(problem, search.cheapest);
  }
  return [...search.agentOf, ...search.cheapest, ...search.numbers];
}

function expectNoBetterMove(problem: GapOnHeap): void {
  const { tasks, agents, plan, rooms } = problem;
  const cost = costOf(problem, plan);
  const fits = (other: Uint32Array): boolean =>
    loadsOf(problem, other).every((load, agent) => load <= rooms[agent]);
  for (let a = 0; a < tasks; a++) {
    for (let agent = 0; agent < agents; agent++) {
      const other = plan.slice();
      other[a] = agent;
      expect(fits(other) && costOf(problem, other) < cost).toBe(false);
    }
    for (let b = a + 1; b < tasks; b++) {
      const other = plan.slice();
      [other[a], other[b]] = [other[b], other[a]];
      expect(fits(other) && costOf(problem, other) < cost).toBe(false);
    }
  }
}
