import assert from "node:assert/strict";
import {
  solveAssignment,
  solveBalancedAssignment,
  solveBottleneckAssignment,
  solveGeneralizedAssignment,
} from "#dist/index.js";
import { uniformCosts } from "#dist/measure/assign.js";
import { gapInstance } from "#dist/measure/gap-instances.js";
import { median } from "#dist/measure/timing.js";
import { seededRandom } from "#dist/util/random.js";
import { measureGapKernels } from "./gap-kernels.js";
import { measureObjectiveKernels } from "./objective-kernels.js";
import { keep, printTable, setting, spread } from "./report.js";

/** How much faster are the kernels of generalised assignment than their twins in JavaScript? */
export async function benchGapKernels(): Promise<void> {
  const timeMs = 2 * setting("BENCH_MS", 300);
  const results = [
    ...(await measureGapKernels("C", 10, 200, timeMs)),
    ...(await measureGapKernels("D", 20, 200, timeMs)),
  ];
  keep("generalised assignment kernels", results);
  console.log(
    `\nkernels of generalised assignment (${results[0].build}) and their twins in JavaScript`,
  );
  printTable(
    ["", "problem", "kernel, ms", "javascript, ms", "×"],
    results.map(({ kernel, problem, wasm, javascript, ratio }) => [
      ...[kernel, problem, spread(wasm.medianMs, wasm.deviationMs)],
      ...[spread(javascript.medianMs, javascript.deviationMs), ratio.toFixed(2)],
    ]),
  );
}

const TYPES = ["A", "B", "C", "D", "E"] as const;
const SEEDS = 3;
/** Types of the large problems, one each of 10,000 tasks for 100 agents. */
const LARGE = ["C", "D"] as const;

/** How near do plans of hard problems come to what is proven, and how long does that take? */
export function benchHard(): void {
  solveGeneralizedAssignment(gapInstance("D", 10, 100, 99)); // what is compiled late is compiled now
  const rows = TYPES.flatMap((type) =>
    [100, 200].map((tasks) => {
      const found = [5, 10, 20].flatMap((agents) =>
        Array.from({ length: SEEDS }, (_, seed) => solveTimed(type, agents, tasks, seed + 1)),
      );
      return hardRow(type, tasks, "5, 10 and 20", found);
    }),
  );
  for (const type of LARGE) {
    rows.push(hardRow(type, 10_000, "100", [solveTimed(type, 100, 10_000, 1)]));
  }
  console.log(
    `\ngeneralised assignment, types of Chu and Beasley and of Laguna, seeded, ${SEEDS} each, large ones 1`,
  );
  const columns = [
    "mean gap proven, %",
    "worst",
    "proven",
    "median ms",
    "worst ms",
    "worst, processor",
  ];
  printTable(["", ...columns], rows);
}

/** A row of the table: how far plans of some problems are from what is proven, and how long they took. */
function hardRow(type: string, tasks: number, agents: string, found: Solved[]): string[] {
  keep(`generalised assignment, type ${type}, ${tasks} tasks`, found);
  const gaps = found.map(({ gap }) => gap);
  return [
    `${type}, ${tasks} tasks, ${agents} agents`,
    ((100 * gaps.reduce((sum, gap) => sum + gap, 0)) / gaps.length).toFixed(3),
    (100 * Math.max(...gaps)).toFixed(2),
    `${gaps.filter((gap) => gap === 0).length} of ${gaps.length}`,
    median(found.map(({ ms }) => ms)).toFixed(0),
    Math.max(...found.map(({ ms }) => ms)).toFixed(0),
    Math.max(...found.map(({ cpuMs }) => cpuMs)).toFixed(0),
  ];
}

type Solved = ReturnType<typeof solveTimed>;

function solveTimed(type: (typeof TYPES)[number], agents: number, tasks: number, seed: number) {
  const name = `${type.toLowerCase()}${String(agents).padStart(2, "0")}${tasks}-${seed}`;
  const problem = gapInstance(type, agents, tasks, seed);
  const began = performance.now();
  const user = process.cpuUsage().user;
  const { gap, bound, cost, loads, unassigned } = solveGeneralizedAssignment(problem);
  const ms = performance.now() - began;
  const cpuMs = (process.cpuUsage().user - user) / 1000;
  assert.ok(bound <= cost && unassigned.length === 0, name);
  loads.forEach((load, agent) => assert.ok(load <= problem.capacities[agent], name));
  return { name, gap, ms, cpuMs };
}

/** How long do the bottleneck and the least makespan take, beside the least total? */
export async function benchObjectives(): Promise<void> {
  console.log("\nbottleneck assignment, uniform costs, and the least total of the same");
  printTable(
    ["", "bottleneck, processor's ms", "least total"],
    [100, 500, 1000, 2000].map((size) => {
      const cost = uniformCosts(size);
      const { bottleneck, columns, assigned } = solveBottleneckAssignment(cost, size, size);
      assert.equal(assigned, size);
      assert.ok(columns.every((column, row) => cost[row * size + column] <= bottleneck));
      return [
        `${size} × ${size}`,
        timed(() => solveBottleneckAssignment(cost, size, size)),
        timed(() => solveAssignment(cost, size, size)),
      ];
    }),
  );
  console.log("\nleast makespan, times uniform from 10 to 100");
  printTable(
    ["", "processor's ms", "gap proven, %"],
    [
      [100, 10],
      [500, 20],
      [2000, 100],
      [10_000, 100],
    ].map(([tasks, agents]) => {
      const random = seededRandom(3);
      const times = Float64Array.from({ length: tasks * agents }, () => 10 + 90 * random());
      const { gap, makespan, bound } = solveBalancedAssignment({ times, tasks, agents });
      assert.ok(bound <= makespan);
      return [
        `${tasks} tasks, ${agents} agents`,
        timed(() => solveBalancedAssignment({ times, tasks, agents })),
        (100 * gap).toFixed(2),
      ];
    }),
  );
  console.log("\ntheir kernels and the twins in JavaScript");
  const rows = await measureObjectiveKernels(2 * setting("BENCH_MS", 300));
  keep("kernels of other objectives", rows);
  printTable(["", "kernel, ms", "javascript, ms", "×"], rows);
}

/** Of a processor's time, which others on the machine change least. */
function timed(run: () => unknown): string {
  const samples = Array.from({ length: 5 }, () => {
    const began = process.cpuUsage();
    run();
    const { user, system } = process.cpuUsage(began);
    return (user + system) / 1000;
  });
  const middle = median(samples);
  return spread(middle, median(samples.map((each) => Math.abs(each - middle))));
}
