import assert from "node:assert/strict";
import { solveAssignment, solveAssignmentWithDuals } from "#dist/index.js";
import { seededRandom } from "#dist/util/random.js";
import { measureCompiled } from "./assign-peers.js";
import { keep, printTable, setting } from "./report.js";

type CostAt = (i: number, j: number) => number;

const COPIES = 10; // kinds of agents, of which there are many each
const CALLS = 5;

/** Costs of square problems by their structure, from those that random starts suit to the hardest that are known. */
const KINDS: Readonly<Record<string, (size: number, random: () => number) => CostAt>> = {
  "uniform, whole from 1 to 10": (_, random) => () => 1 + Math.floor(10 * random()),
  "uniform, whole from 1 to 100": (_, random) => () => 1 + Math.floor(100 * random()),
  "uniform, real": (_, random) => random,
  "distances in a plane": (size, random) => {
    const at = Float64Array.from({ length: 4 * size }, random);
    return (i, j) => Math.hypot(at[4 * i] - at[4 * j + 2], at[4 * i + 1] - at[4 * j + 3]);
  },
  "agents of ten kinds": (size, random) => {
    const costs = Float64Array.from({ length: size * COPIES }, random);
    return (i, j) => costs[i * COPIES + (j % COPIES)];
  },
  "prices of rows and columns, and noise": (size, random) => {
    const prices = Float64Array.from({ length: 2 * size }, () => 100 * random());
    return (i, j) => prices[i] + prices[size + j] + random();
  },
  "a triangle is dear": (_, random) => (i, j) => (j > i ? 1e6 : random()),
  "the larger place": () => Math.max,
  "the smaller place": () => Math.min,
  "products of places": () => (i, j) => (i + 1) * (j + 1),
  "… below 0": () => (i, j) => -(i + 1) * (j + 1),
  "… and noise": (size, random) => (i, j) => (i + 1) * (j + 1) + size * random(),
};

/** Which structures of costs take us longer than C++? */
export function benchKinds(): void {
  const size = setting("BENCH_KINDS_SIZE", 1000);
  const rows = Object.entries(KINDS).map(([name, make]) => {
    const at = make(size, seededRandom(7));
    const cost = Float64Array.from({ length: size * size }, (_, k) =>
      at(Math.floor(k / size), k % size),
    );
    const ms = Math.min(...Array.from({ length: CALLS }, () => spent(cost, size)));
    const compiled = measureCompiled(cost, size, CALLS);
    if (compiled === undefined) return [name, ms.toFixed(1), "", ""];
    const total = solveAssignmentWithDuals(cost, size, size).cost;
    assert.ok(Math.abs(compiled.total - total) <= 1e-9 * Math.abs(total), name);
    const least = Math.min(...compiled.ms);
    keep(`linear assignment, ${name}`, { size, ms, compiledMs: least });
    return [name, ms.toFixed(1), least.toFixed(1), (ms / least).toFixed(2)];
  });
  console.log(
    `\nlinear assignment by the structure of costs, ${size} × ${size}, the least of five`,
  );
  printTable(["", "ms", "C++", "×"], rows);
}

function spent(cost: Float64Array, size: number): number {
  const began = performance.now();
  solveAssignment(cost, size, size);
  return performance.now() - began;
}
