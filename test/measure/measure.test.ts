import { expect, test } from "vitest";
import { measureSearch } from "#dist/measure/vector.js";
import { measureKernels } from "#dist/measure/kernels.js";
import { measureMemory } from "#dist/measure/memory.js";
import { measureStrings } from "#dist/measure/strings.js";
import { time } from "#dist/measure/timing.js";
import { detectFeatures } from "#dist/wasm/build.js";

// That the measured work is right and complete; how long it takes is for the benches.

test("kernels are measured by every contender, on every distance, with raw samples", async () => {
  const results = await measureKernels({ dims: [48], footprints: [48 * 4 * 33], timeMs: 1 });
  const contenders = new Set(results.map(({ contender }) => contender));
  const expected = ["javascript", "javascript, four sums", "scalar wasm", "scalar wasm, four sums"];
  const simd = detectFeatures().relaxedSimd ? ["simd", "relaxed simd"] : ["simd"];
  expect([...contenders]).toEqual([...expected, ...simd]);
  expect(results.length).toBe(3 * contenders.size);
  for (const { rows, dim, samples, medianMs, gibPerSecond, rowsPerSecond } of results) {
    expect([rows, dim]).toEqual([33, 48]);
    expect(samples.length).toBeGreaterThan(0);
    expect(samples).toContainEqual(expect.any(Number));
    expect(rowsPerSecond).toBeCloseTo((33 / medianMs) * 1000, 0);
    expect(gibPerSecond).toBeCloseTo((rowsPerSecond * 48 * 4) / 2 ** 30, 6);
  }
});

test("strings are measured by every contender, and all give the same answers", async () => {
  const results = await measureStrings({ lengths: [90], sizes: [1024], timeMs: 1 });
  const subjects = results.map(({ subject, of }) => `${subject}, ${of}`);
  expect(new Set(subjects)).toEqual(
    new Set([
      "n-grams, prose, 90 characters",
      "n-grams, code, 90 characters",
      "checksum, 1 KiB",
      "encryption, 1 KiB",
    ]),
  );
  expect(results.length).toBe(3 + 3 + 4 + 4);
  for (const { samples, bytesPerSecond } of results) {
    expect(samples.length).toBeGreaterThan(0);
    expect(bytesPerSecond).toBeGreaterThan(0);
  }
});

test("search is measured with its recall, beside the native peer or why it is missing", async () => {
  const report = await measureSearch({ rows: 200, dim: 20, threads: 1, timeMs: 5 });
  expect(report).toMatchObject({ rows: 200, dim: 20, k: 10, threads: 1 });
  expect(report.results.length + report.missing.length).toBe(5);
  for (const { recall, queriesPerSecond } of report.results) {
    expect(recall).toBe(1);
    expect(queriesPerSecond).toBeGreaterThan(0);
  }
});

test("a store is measured over every operation, and leaves nothing behind", async () => {
  const report = await measureMemory({ entries: 60, timeMs: 5 });
  expect(report.operations.map(({ name }) => name)).toEqual([
    "open and close",
    "open and first search",
    "store",
    "retrieve",
    "search glob",
    "search lexical",
    "search semantic",
    "search hybrid",
  ]);
  expect(report.fileBytes).toBeGreaterThan(0);
});

test("a task that fails has no time", async () => {
  const failing = {
    name: "failing",
    run: () => {
      throw new Error("broken");
    },
  };
  await expect(time([failing], { timeMs: 1 })).rejects.toThrow("broken");
});
