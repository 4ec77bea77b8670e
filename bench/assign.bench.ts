// How fast are the solvers of assignment beside other packages and C++, and how near do they come to optima
// that are known?

import assert from "node:assert/strict";
import { argv, cpuUsage } from "node:process";
import { solveAssignmentWithDuals, solveGeneralizedAssignment } from "#dist/index.js";
import { measureLinear, measureTasks, uniformCosts } from "#dist/measure/assign.js";
import { median } from "#dist/measure/timing.js";
import { benchGapKernels, benchHard, benchObjectives } from "./support/assign-parts.js";
import { benchKinds } from "./support/assign-kinds.js";
import { measureCompiled, measurePackages } from "./support/assign-peers.js";
import { knownGaps, knownLinear } from "./support/orlib.js";
import { keep, printTable, setting, spread } from "./support/report.js";

const PARTS = {
  dense: benchDense,
  kinds: benchKinds,
  orlib: benchKnown,
  gap: benchGap,
  hard: benchHard,
  "gap-kernels": benchGapKernels,
  tasks: benchTasks,
  objectives: benchObjectives,
};

/** Runs and prints the benches of assignment, or those named. */
export async function benchAssign(): Promise<void> {
  const named = Object.entries(PARTS).filter(([name]) => argv.includes(name));
  for (const [, run] of named.length > 0 ? named : Object.entries(PARTS)) await run();
}

async function benchDense(): Promise<void> {
  const size = setting("BENCH_ASSIGN_SIZE", 2000);
  const cost = uniformCosts(size);
  const results = await measureLinear({ size, cost, timeMs: 10 * setting("BENCH_MS", 300) });
  keep("linear assignment", results);
  const [, kernel] = results;
  const total = solveAssignmentWithDuals(cost, size, size).cost;
  console.log(`\nlinear assignment, uniform costs, ${size} × ${size}, one thread`);
  const share = (value?: number): string => (value === undefined ? "" : percent(value));
  const rows = results.map((each) => [
    ...[each.contender, spread(each.medianMs, each.deviationMs), each.rowsPerSecond.toFixed(0)],
    ...[share(each.shareOfReading), (each.medianMs / kernel.medianMs).toFixed(2)],
  ]);
  const compiled = measureCompiled(cost, size, 9);
  const peers = measurePackages(cost, size, 3, setting("BENCH_PEER_SECONDS", 120));
  for (const peer of compiled === undefined ? peers : [compiled, ...peers]) {
    if (peer.ms.length === 0) {
      rows.push([peer.name, "not done in time", "", "", ""]);
      continue;
    }
    assert.ok(
      Math.abs(peer.total - total) <= 1e-9 * total,
      `${peer.name}: ${peer.total}, ${total}`,
    );
    const ms = median(peer.ms);
    const deviation = median(peer.ms.map((each) => Math.abs(each - ms)));
    const rate = ((1000 * size) / ms).toFixed(0);
    rows.push([peer.name, spread(ms, deviation), rate, "", (ms / kernel.medianMs).toFixed(2)]);
  }
  keep("linear assignment peers", [compiled, ...peers]);
  printTable(["", "ms", "rows/s", "of reading", "× kernel's time"], rows);
}

function benchKnown(): void {
  const problems = knownLinear();
  console.log("\nlinear assignment, OR-Library");
  if (problems.length === 0) console.log("  left out: ../shared/data is not here");
  const rows = problems.map(({ name, size, cost, optimum }) => {
    const samples = Array.from({ length: 9 }, () => {
      const began = performance.now();
      const { cost: total } = solveAssignmentWithDuals(cost, size, size);
      assert.equal(total, optimum, name);
      return performance.now() - began;
    });
    return [name, `${optimum}`, `${optimum}`, median(samples).toFixed(3)];
  });
  printTable(["", "optimum", "found", "ms"], rows);
}

function benchGap(): void {
  const files = knownGaps();
  console.log("\ngeneralised assignment, OR-Library gap1 to gap12, five of each");
  if (files.length === 0) console.log("  left out: ../shared/data is not here");
  const all: { distance: number; gap: number; ms: number }[] = [];
  const rows = files.map(({ file, instances }) => {
    const found = instances.map(({ name, optimum, ...problem }) => {
      const began = cpuUsage().user;
      const { cost, bound, gap, unassigned } = solveGeneralizedAssignment(problem);
      const ms = (cpuUsage().user - began) / 1000;
      assert.ok(bound <= optimum && optimum <= cost && unassigned.length === 0, name);
      return { distance: (cost - optimum) / -optimum, gap, ms };
    });
    all.push(...found);
    const [{ agents, tasks }] = instances;
    return [`${file}, ${agents} agents, ${tasks} tasks`, ...summary(found)];
  });
  keep("generalised assignment", all);
  if (all.length > 0) rows.push(["all", ...summary(all)]);
  const columns = [
    "mean from optimum",
    "worst",
    "mean proven gap",
    "worst",
    "proven",
    "worst, processor",
  ];
  printTable(["", ...columns], rows);
}

function summary(found: readonly { distance: number; gap: number; ms: number }[]): string[] {
  const mean = (values: readonly number[]): number =>
    values.reduce((sum, value) => sum + value, 0) / values.length;
  const distances = found.map(({ distance }) => distance);
  const gaps = found.map(({ gap }) => gap);
  return [
    ...[percent(mean(distances), 3), percent(Math.max(...distances), 2)],
    ...[percent(mean(gaps), 3), percent(Math.max(...gaps), 2)],
    `${gaps.filter((gap) => gap === 0).length} of ${found.length}`,
    Math.max(...found.map(({ ms }) => ms)).toFixed(0),
  ];
}

async function benchTasks(): Promise<void> {
  const results = await measureTasks({ timeMs: 5 * setting("BENCH_MS", 300) });
  keep("tasks", results);
  const [{ tasks, agents }] = results;
  console.log(`\n${tasks} tasks, ${agents} agents; again: one in a hundred of each has changed`);
  printTable(
    ["", "ms", "moved"],
    results.map((each) => [
      ...[each.work, spread(each.medianMs, each.deviationMs)],
      each.work === "assigned" ? "" : `${each.moved}`,
    ]),
  );
}

function percent(share: number, digits = 0): string {
  return `${(100 * share).toFixed(digits)} %`;
}
