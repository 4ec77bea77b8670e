import { readdirSync } from "node:fs";
import { expect, onTestFinished, test, vi } from "vitest";
import { testFolder } from "../support/folder.ts";
import { connectInMemory, type TestClient } from "../support/mcp.ts";
import { runCli } from "../support/process.ts";
import { testStore } from "../support/store.ts";

// That what is told was measured; how fast it is is for the benches.

async function connected(): Promise<TestClient> {
  return connectInMemory(await testStore());
}

type Numbers = Record<string, Record<string, number>>;
type Samples = Record<string, Record<string, number[]>>;

function expectSamples(samples: readonly number[]): void {
  expect(samples.length).toBeGreaterThan(0);
  for (const sample of samples) {
    expect(Number.isFinite(sample)).toBe(true);
    expect(sample).toBeGreaterThan(0);
  }
}

test("wasm_optimize warms the guide's operation and tells ratios, samples, build and machine", async () => {
  const { call } = await connected();
  const { data, isError, text } = await call("wasm_optimize", { operation: "neural-training" });
  expect(isError).toBe(false);
  expect(JSON.parse(text)).toEqual(data);
  expect(data).toMatchObject({
    success: true,
    operation: "neural-training",
    build: expect.stringMatching(/^(simd|relaxed)$/),
    reason: expect.stringContaining("fastest"),
    features: { simd: true, threads: true },
    machine: { node: process.versions.node, cpu: expect.any(String), threads: expect.any(Number) },
  });
  const [[work, ratios]] = Object.entries(data.ratios as Numbers);
  expect(Object.keys(data.ratios as Numbers)).toEqual([work]);
  expect(ratios.javascript).toBeGreaterThan(0);
  const samples = (data.samples as Samples)[work];
  expect(Object.keys(samples).length).toBe(Object.keys(ratios).length + 1);
  for (const each of Object.values(samples)) expectSamples(each);
  const limit = (data.limits as Record<string, { of: string; percent: number }>)[work];
  expect(limit.percent).toBeGreaterThan(0);
});

test.each([
  ["Vector_Search", "vector-search", 3],
  ["matmul", "matrix", 1],
  ["checksums", "checksum", 1],
  ["agent_assign", "assignment", 1],
])("wasm_optimize understands %s", async (asked, operation, works) => {
  const { call } = await connected();
  const { data } = await call("wasm_optimize", { operation: asked });
  expect(data).toMatchObject({ success: true, operation });
  const ratios = Object.values(data.ratios as Numbers);
  expect(ratios.length).toBe(works);
  for (const each of ratios) {
    expect(Object.keys(each)).toContainEqual(expect.stringMatching(/^javascript/));
    for (const ratio of Object.values(each)) expect(ratio).toBeGreaterThan(0);
  }
});

test("an operation that is unknown is an error that names those that are", async () => {
  const { call } = await connected();
  for (const [operation, code] of [
    ["quantum-annealing", "INVALID_INPUT"],
    ["toString", "INVALID_INPUT"],
    ["", "INVALID_INPUT"],
  ]) {
    const { isError, text } = await call("wasm_optimize", { operation });
    expect({ isError, ...JSON.parse(text) }, operation).toMatchObject({ isError: true, code });
    for (const known of ["neural-training", "vector-search", "matrix"]) {
      expect(text).toContain(known);
    }
  }
});

test("benchmark_run measures every suite of comprehensive, and leaves nothing behind", async () => {
  const { call } = await connected();
  const temporary = testFolder();
  vi.stubEnv("TMPDIR", temporary);
  onTestFinished(() => void vi.unstubAllEnvs());
  const { data, isError } = await call("benchmark_run", { suite: "comprehensive", iterations: 2 });
  expect(isError).toBe(false);
  expect(readdirSync(temporary)).toEqual([]);
  const results = data.results as Record<string, { work: string; samples: number[] }[]>;
  expect(Object.keys(results)).toEqual(["kernels", "vector", "memory", "neural", "assign"]);
  for (const [suite, benchmarks] of Object.entries(results)) {
    expect(benchmarks.length, suite).toBeGreaterThan(3);
    for (const benchmark of benchmarks) {
      expectSamples(benchmark.samples);
      const calls = benchmark.samples.length;
      expect(benchmark).toMatchObject({ calls, medianMs: expect.any(Number) });
      // The first search is cold: there is only one.
      const isOnce = (benchmark as { contender?: string }).contender === "open and first search";
      expect(calls).toBe(isOnce ? 1 : 2);
    }
  }
  expect(data).toMatchObject({
    suite: "comprehensive",
    machine: { node: process.versions.node },
    versions: { stigmergy: expect.stringMatching(/^\d/), v8: process.versions.v8 },
  });
  const missing = data.missing as { suite: string; reason: string }[];
  expect(missing.map(({ suite }) => suite)).toContain("swarm");
});

test("benchmark_run takes the other server's names, and as many iterations as asked for", async () => {
  const { call } = await connected();
  const { data } = await call("benchmark_run", { type: "wasm", iterations: 3 });
  expect(data).toMatchObject({ success: true, suite: "kernels" });
  const { kernels } = data.results as Record<string, { samples: number[] }[]>;
  expect(kernels.map(({ samples }) => samples.length)).toEqual(kernels.map(() => 3));
});

test("a suite that is unknown, or not there yet, is an error that names those that are", async () => {
  const { call } = await connected();
  for (const [args, code] of [
    [{ suite: "quantum" }, "INVALID_INPUT"],
    [{ type: "constructor" }, "INVALID_INPUT"],
    [{ type: "swarm" }, "NOT_SUPPORTED"],
    [{ type: "agent" }, "NOT_SUPPORTED"],
    [{ type: "task", iterations: 5 }, "NOT_SUPPORTED"],
  ] as const) {
    const { isError, text } = await call("benchmark_run", args);
    expect({ isError, ...JSON.parse(text) }, text).toMatchObject({ isError: true, code });
    for (const known of ["kernels", "vector", "memory", "neural", "comprehensive"]) {
      expect(text).toContain(known);
    }
  }
  for (const args of [
    { iterations: 0 },
    { iterations: 1.5 },
    { suite: "vector", type: "memory" },
  ]) {
    expect(await call("benchmark_run", args)).toMatchObject({ isError: true });
  }
});

test("where kernels are switched off they can't be made warm, and the rest is measured without them", async () => {
  const env = { STIGMERGY_WASM: "off" };
  const cwd = testFolder();
  const refused = await runCli(["wasm", "optimize", "matrix", "--json"], { cwd, env });
  expect(refused.code).toBe(2);
  expect(JSON.parse(refused.stdout)).toMatchObject({ error: { code: "NOT_SUPPORTED" } });
  expect(refused.stderr).toContain("STIGMERGY_WASM is off");
  const args = ["benchmark", "run", "--suite", "vector", "--iterations", "1", "--json"];
  const { code, stdout } = await runCli(args, { cwd, env });
  expect(code).toBe(0);
  expect(JSON.parse(stdout)).toMatchObject({
    suite: "vector",
    versions: { kernels: "off" },
  });
});

test("the command line prints what was measured as a table, and an unknown suite is wrong use", async () => {
  const cwd = testFolder();
  const found = await runCli(["wasm", "optimize", "checksum"], { cwd });
  expect(found.stdout).toMatch(/\nchecksum, 64 KiB\n {2}kernels, × as fast as/);
  const run = await runCli(["benchmark", "run", "--suite", "vector", "--iterations", "1"], { cwd });
  expect(run.stdout).toMatch(/exact, search +\d+\.\d{4} +0\.0000 +1\n/);
  const unknown = await runCli(["benchmark", "run", "--suite", "quantum"], { cwd });
  expect([unknown.code, unknown.stdout]).toEqual([2, ""]);
  expect(unknown.stderr).toContain("comprehensive");
});

test("two measurements do not disturb one another, and a cancelled one ends", async () => {
  const { client, call } = await connected();
  const asked = new AbortController();
  const endless = client.callTool(
    { name: "benchmark_run", arguments: { suite: "kernels", iterations: 1000 } },
    { signal: asked.signal, timeout: 100_000 },
  );
  const next = call("benchmark_run", { suite: "vector", iterations: 1 });
  asked.abort(new Error("enough"));
  await expect(endless).rejects.toThrow("enough");
  expect((await next).data).toMatchObject({ success: true, suite: "vector" });
});
