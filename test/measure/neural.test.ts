import { expect, test } from "vitest";
import { contest } from "#dist/measure/contest.js";
import { measureInference, measureTraining } from "#dist/measure/neural.js";
import { measureProduct, productContenders } from "#dist/measure/product.js";
import { measureTextModel } from "#dist/measure/text-model.js";
import { ratioOf, time } from "#dist/measure/timing.js";
import { detectFeatures } from "#dist/wasm/build.js";

// That the measured work is right and complete; how long it takes is for the benches.

test("products are measured by every contender, kernels beside what registers allow", async () => {
  const results = await measureProduct({ size: 48, calls: 2 });
  expect(results.map(({ contender }) => contender)).toEqual(productContenders());
  for (const { contender, samples, turns, gflops, medianMs, shareOfPeak } of results) {
    expect([samples.length, turns.length]).toEqual([2, 2]);
    expect(gflops).toBeCloseTo((2 * 48 ** 3) / medianMs / 1e6, 6);
    if (!contender.endsWith("simd")) expect(shareOfPeak).toBeUndefined();
    else expect(shareOfPeak).toBeGreaterThan(0);
  }
  const some = await measureProduct({ size: 16, calls: 1, contenders: ["simd"] });
  expect(some.map(({ contender }) => contender)).toEqual(["simd"]);
  const relaxed = productContenders().includes("relaxed simd");
  expect(relaxed).toBe(detectFeatures().relaxedSimd);
});

test("training is measured on one thread and on two, and all come to the same loss", async () => {
  const results = await measureTraining({ rows: 300, batch: 64, calls: 1 });
  expect(results.map(({ contender }) => contender)).toEqual([
    "javascript",
    expect.stringMatching(/^(simd|relaxed), 1 thread$/),
    expect.stringMatching(/^(simd|relaxed), 2 threads$/),
  ]);
  expect(results[0].overJavaScript).toBe(1);
  expect(results[1].overFirst).toBe(1);
  for (const { samples, rowsPerSecond, gflops, overJavaScript, overFirst } of results) {
    expect(samples.length).toBe(1);
    for (const rate of [rowsPerSecond, gflops, overJavaScript, overFirst]) {
      expect(rate).toBeGreaterThan(0);
    }
  }
});

test("answers are measured in f32, in 8 bits and by JavaScript, for every input", async () => {
  const results = await measureInference({ inputs: 100, calls: 3 });
  expect(results.map(({ contender }) => contender)).toEqual([
    "javascript",
    expect.stringMatching(/, f32$/),
    expect.stringMatching(/, 8 bits$/),
  ]);
  for (const { inputsPerSecond, medianMs } of results) {
    expect(inputsPerSecond).toBeCloseTo(100_000 / medianMs, 6);
  }
});

test("a model of texts is measured once it is shown to have learned", async () => {
  const report = await measureTextModel({ texts: 240, epochs: 4, calls: 5 });
  expect(report).toMatchObject({ texts: 240, labels: 12 });
  expect(report.features).toBeGreaterThan(100);
  expect(report.predict.samples.length).toBe(5);
  await expect(measureTextModel({ texts: 12, epochs: 1, calls: 1 })).rejects.toThrow("right");
});

test("a contender that computes something else is named instead of timed", async () => {
  const right = { name: "right", run: () => undefined, answer: () => [1, 2] };
  const far = { name: "far", run: () => undefined, answer: () => [1, 2.1] };
  await expect(contest("sums", [right, far], { calls: 1 })).rejects.toThrow("sums, far");
  await contest("sums", [right, { ...far, tolerance: 0.06 }], { calls: 1 });
  for (const answer of [[1], [], [1, NaN], [NaN, 2], [1, 2, 3]]) {
    const wrong = { ...far, answer: () => answer };
    await expect(contest("sums", [right, wrong], { calls: 1 })).rejects.toThrow("sums, far");
  }
});

test("a contender that does nothing is not taken for one that found what stood there", async () => {
  const out = new Float32Array(2);
  const writing = { run: () => out.fill(3), answer: () => out, clear: () => out.fill(NaN) };
  const idle = { ...writing, name: "idle", run: () => undefined };
  const contenders = [{ ...writing, name: "first" }, idle];
  await expect(contest("writing", contenders, { calls: 1 })).rejects.toThrow("writing, idle");
});

test("tasks have their calls in turns, each as many as asked for, and others have the thread between", async () => {
  const calls: string[] = [];
  const task = (name: string) => ({ name, run: () => calls.push(name) });
  let others = 0;
  let counting = setImmediate(function count() {
    others++;
    counting = setImmediate(count);
  });
  const timings = await time([task("a"), task("b"), task("c")], { calls: 4 });
  clearImmediate(counting);
  expect(calls.join("")).toBe("abcabccbaabccba");
  expect(others).toBeGreaterThanOrEqual(12);
  expect(timings.map(({ name, samples }) => [name, samples.length])).toEqual([
    ["a", 4],
    ["b", 4],
    ["c", 4],
  ]);
});

test("timing ends early with the reason of its signal", async () => {
  const asked = new AbortController();
  let calls = 0;
  const task = { name: "task", run: () => (++calls === 3 ? asked.abort(new Error("enough")) : 0) };
  const { signal } = asked;
  await expect(time([task], { calls: 100, signal })).rejects.toThrow("enough");
  expect(calls).toBe(3);
});

test("a ratio is the median of what the turns say, which noise in one of them does not move", () => {
  const timing = (...turns: number[]) => {
    return { name: "", medianMs: 0, deviationMs: 0, samples: turns, turns };
  };
  expect(ratioOf(timing(10, 1000, 30), timing(5, 500, 1))).toBe(2);
});
